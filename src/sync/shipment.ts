import type { DscoOrder } from "../dsco/order.ts";
import type { NewShipment } from "../dsco/reports.ts";
import type { LingxingOrder } from "../lingxing/orders.ts";
import type { OutboundOrder } from "../lingxing/outbound.ts";
import { type Decided, decideAbsence, describeStanding, LINGXING_STATUS, standingOf, type Wait } from "./lingxing-standing.ts";
import { listed } from "./listed.ts";
import { serviceLevelOf, warehouseOf } from "./order-reading.ts";
import { departuresOf, hasPending, type SkuMap } from "./outbound-goods.ts";
import { decideShipDate, type ShipDateSource } from "./ship-date.ts";
import { type Contents, type Parcel, readContents, toParcels } from "./shipment-contents.ts";
import { addUp, fillLines, type OpenLine, readLines, wantedPieces } from "./shipment-lines.ts";
import {
  isCancelledInPart,
  isInSeveralParcels,
  isInUnknownParcels,
  isOverShipped,
  isReportedOtherwise,
  isShippedByPlatform,
  isUnclear,
  isUnmapped,
  isUnreadable,
} from "./shipment-tasks.ts";

export interface ShipmentRules {
  readonly dateSource: ShipDateSource;
  readonly multiPackage: "manual" | "send";
  readonly skuMap: SkuMap | undefined;
}

export interface ShipmentFacts {
  readonly platformOrderNo: string;
  readonly now: Date;
  /** Undefined when ipass never pushed it: a person closed that stage. */
  readonly pushedAt?: Date | undefined;
  /** Since when the stage has been waiting. */
  readonly waitingSince: Date | undefined;
  /**
   * By platform number, the orders that share outbound orders with this one; `siblingNumbers` tells which are needed. One that is not
   * given is not ours, and what left for it cannot be told from what left for this one.
   */
  readonly siblings?: ReadonlyMap<string, DscoOrder> | undefined;
}

export type ShipmentDecision =
  | {
      readonly do: "send";
      /** What DSCO does not have yet. */
      readonly shipments: readonly NewShipment[];
      /** All numbers the order went out under, reported before or not. */
      readonly trackingNumbers: readonly string[];
    }
  | Wait
  /** With the tracking numbers where DSCO has them all already. */
  | (Decided & { readonly trackingNumbers?: readonly string[] });

/**
 * Whether and how an order's shipment can be reported (POST /order/shipment/batch/small): once everything that is wanted has left, and
 * only what is certain. `found` is everything Lingxing has under the number, deleted ones included; `outbound` the outbound orders that
 * bear it.
 */
export function decideShipment(
  order: DscoOrder,
  found: readonly LingxingOrder[],
  outbound: readonly OutboundOrder[],
  rules: ShipmentRules,
  facts: ShipmentFacts,
): ShipmentDecision {
  const { lines, missing } = readLines(order);
  if (missing.length > 0) return isUnreadable(missing);
  const { alive, cancelled } = standingOf(found);
  const departures = departuresOf(facts.platformOrderNo, alive, outbound);
  if (departures.length === 0) {
    if (lines.every(({ open }) => open === 0)) return notNeeded("every line is cancelled or rejected");
    if (isShipped(order)) return notNeeded(`shipped at DSCO before anything left in Lingxing; packages: ${listed(numbersAtDsco(order))}`);
  }

  const absence = decideAbsence(found, "ship", facts);
  if (absence !== undefined) return absence;
  if (alive.some(({ status }) => status === LINGXING_STATUS.shippedByPlatform)) return isShippedByPlatform(alive);
  const unshipped = alive.filter(({ status }) => status !== LINGXING_STATUS.shipped);
  if (unshipped.length === alive.length) return { do: "wait", reason: describeStanding(unshipped) };
  if (departures.length === 0) return { do: "wait", reason: "shipped in Lingxing, but no outbound order has left yet" };

  const contents = readContents(lines, departures, rules.skuMap, facts.siblings ?? new Map(), facts.platformOrderNo);
  if (contents.unknown.length > 0) return isUnmapped(contents.unknown);
  if (contents.over.length > 0) return isOverShipped(contents.over);
  const untracked = departures.filter(({ trackingNumbers }) => trackingNumbers.length === 0);
  if (untracked.length > 0)
    return { do: "wait", reason: `no tracking number yet for ${listed(untracked.map((one) => one.outbound.woNumber))}` };
  const mayGrow = unshipped.length > 0 || hasPending(facts.platformOrderNo, alive, outbound);
  const incomplete = decideIncomplete(contents, mayGrow, cancelled);
  if (incomplete !== undefined) return incomplete;

  const trackingNumbers = [...new Set(departures.flatMap((departure) => departure.trackingNumbers))];
  const reported = new Set(order.packages.map((parcel) => spelling(parcel.trackingNumber)));
  const unreported = trackingNumbers.filter((number) => !reported.has(spelling(number)));
  if (unreported.length === 0) return { do: "outcome", outcome: { to: "done", how: "adopted" }, trackingNumbers };
  if (trackingNumbers.length > 1 && rules.multiPackage === "manual") return isInSeveralParcels(trackingNumbers, unreported);
  const parcels = toParcels(lines, departures, contents);
  if (parcels === undefined) return isInUnknownParcels(trackingNumbers, unreported);
  const fresh = toFresh(lines, parcels, new Set(unreported));
  if (isShipped(order) || exceedsAtDsco(lines, fresh)) return isReportedOtherwise(numbersAtDsco(order), unreported);

  const shipments: NewShipment[] = [];
  for (const parcel of fresh) {
    const left = parcel.departures.map((departure) => departure.outbound);
    const date = decideShipDate(left, rules.dateSource, { ...facts, orders: alive });
    if (date.do !== "date") return date;
    shipments.push(toShipment(order, parcel, date.shipDate));
  }
  return { do: "send", shipments, trackingNumbers };
}

/** Less than is wanted has left, or this order's share of it cannot be told; undefined when all is there. */
function decideIncomplete({ short, unclear }: Contents, mayGrow: boolean, cancelled: readonly LingxingOrder[]): Wait | Decided | undefined {
  const soFar = `shipped so far: ${listed(short)}`;
  if (unclear !== undefined) return mayGrow && short.length > 0 ? { do: "wait", reason: soFar } : isUnclear(unclear, short);
  if (short.length === 0) return undefined;
  // Only a part that is cancelled could still bring the rest: to wait is to wait for ever.
  return !mayGrow && cancelled.length > 0 ? isCancelledInPart(short, cancelled) : { do: "wait", reason: soFar };
}

interface FreshParcel extends Parcel {
  readonly lines: NewShipment["lines"];
}

/**
 * The parcels DSCO does not have yet. Lines are filled over all parcels first, so that a parcel holds the same lines whichever others
 * have been reported by then.
 */
function toFresh(lines: readonly OpenLine[], parcels: readonly Parcel[], unreported: ReadonlySet<string>): FreshParcel[] {
  const pieces = parcels.map((parcel) => parcel.pieces);
  const filled = fillLines(lines, pieces);
  return parcels
    .map((parcel, index) => ({ ...parcel, lines: filled[index] ?? [] }))
    .filter(({ trackingNumber }) => unreported.has(trackingNumber));
}

/** Whether DSCO would then count more as shipped than is wanted: somebody has reported these goods under another number. */
function exceedsAtDsco(lines: readonly OpenLine[], fresh: readonly FreshParcel[]): boolean {
  const counted = addUp(lines.map(({ key, line }) => [key, line.shippedQuantity ?? 0]));
  const wanted = wantedPieces(lines);
  const sent = addUp(fresh.flatMap(({ pieces }) => [...pieces]));
  return [...sent].some(([key, count]) => count + (counted.get(key) ?? 0) > (wanted.get(key) ?? 0));
}

/** What the retailer asked for comes before what DSCO made of it. */
function toShipment(order: DscoOrder, { trackingNumber, lines }: FreshParcel, shipDate: Date | undefined): NewShipment {
  return {
    trackingNumber,
    shipDate,
    shipCarrier: order.requestedShipCarrier ?? order.shipCarrier,
    shipMethod: order.requestedShipMethod ?? order.shipMethod,
    shippingServiceLevelCode: serviceLevelOf(order),
    warehouseCode: warehouseOf(order) ?? warehouseOfLines(order),
    lines,
  };
}

/** Some retailers name the warehouse on the lines only. */
function warehouseOfLines({ lineItems }: DscoOrder): string | undefined {
  const [code, ...others] = new Set(lineItems.map(({ warehouseCode }) => warehouseCode));
  return others.length === 0 ? code : undefined;
}

function isShipped({ dscoStatus, lifecycle }: DscoOrder): boolean {
  return dscoStatus === "shipped" || (lifecycle === "completed" && dscoStatus !== "cancelled");
}

function numbersAtDsco({ packages }: DscoOrder): string[] {
  return packages.map(({ trackingNumber }) => trackingNumber).filter((number) => number !== "");
}

/** Carriers' numbers are the same in either case, and what is typed in at DSCO may be in the other one. */
export function spelling(trackingNumber: string): string {
  return trackingNumber.trim().toUpperCase();
}

function notNeeded(reason: string): Decided {
  return { do: "outcome", outcome: { to: "notNeeded", reason } };
}
