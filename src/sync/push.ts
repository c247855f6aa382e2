import countries from "i18n-iso-countries/index.js";
import type { DscoLineItem, DscoOrder } from "../dsco/order.ts";
import type { LingxingOrder, NewLingxingOrder } from "../lingxing/orders.ts";
import { listed, NAMED } from "./listed.ts";
import { fromCents, toCents } from "./money.ts";
import { addressLinesOf, openQuantity, recipientOf, serviceLevelOf, warehouseOf } from "./order-reading.ts";
import type { Outcome } from "./outcome.ts";

/** What the settings say about a push. */
export interface PushRules {
  readonly platformOrderNo: "dscoOrderId" | "poNumber";
  /** In order of preference. */
  readonly priceFields: readonly PriceField[];
  readonly storeId: string;
  readonly storeMap: ReadonlyMap<string, string> | undefined;
  readonly warehouseMap: ReadonlyMap<string, string> | undefined;
  readonly logisticsMap: ReadonlyMap<string, string> | undefined;
  /** One to one. A SKU that stands on neither side goes by the same name in both. */
  readonly skuMap: { readonly toDsco: ReadonlyMap<string, string>; readonly toLingxing: ReadonlyMap<string, string> } | undefined;
}

/** DSCO's prices of a line. */
export type PriceField = Extract<keyof DscoLineItem, `${string}Price${string}` | "expectedCost" | "msrp" | "map">;

export type PushDecision =
  | { readonly do: "create"; readonly order: NewLingxingOrder; readonly storeId: string; readonly platformOrderNo: string }
  | { readonly do: "outcome"; readonly outcome: Outcome };

/** What the column `platform_order_no` holds: a longer one would fail the claim of its whole batch. */
const NUMBER_LENGTH = 255;

/** Whether and how an order can be created in Lingxing (POST /pb/mp/order/v2/create), or what a person must correct first. */
export function decidePush(order: DscoOrder, rules: PushRules): PushDecision {
  const platformOrderNo = rules.platformOrderNo === "poNumber" ? order.poNumber : order.id;
  const lines = order.lineItems.map((line, index) => toLine(line, index, rules)).filter((line) => line.quantity !== 0);
  const country = countryCode(order.shipping.country);
  const missing = [
    ...(platformOrderNo === undefined ? ["poNumber"] : []),
    ...(platformOrderNo !== undefined && platformOrderNo.length > NUMBER_LENGTH ? [`poNumber (over ${NUMBER_LENGTH} characters)`] : []),
    ...(recipientOf(order) === undefined ? ["shipping.name"] : []),
    ...(addressLinesOf(order)[0] === undefined ? ["shipping.address"] : []),
    ...(order.shipping.city === undefined ? ["shipping.city"] : []),
    ...(country === undefined ? ["shipping.country"] : []),
    ...(order.lineItems.length === 0 ? ["lineItems"] : lines.length === 0 ? ["lineItems (every line is cancelled or rejected)"] : []),
    ...lines.flatMap((line) => line.missing),
  ];
  if (missing.length > 0 || platformOrderNo === undefined || country === undefined) {
    return toPerson(
      "bad_payload",
      `missing or unreadable: ${listed(missing)}`,
      "have the retailer correct the order at DSCO; the next pull brings it back by itself",
      { fields: missing.slice(0, NAMED) },
    );
  }

  const unmapped = [...lines.flatMap((line) => line.unmapped), ...unmappedStore(order, rules), ...unmappedRoute(order, rules)];
  if (unmapped.length > 0) {
    return toPerson(
      "missing_mapping",
      `no mapping for ${listed(unmapped)}`,
      'add it to the map, then: ipass order-state requeue <dscoOrderId> --stage push --reason "mapping added"',
      { unmapped: unmapped.slice(0, NAMED) },
    );
  }

  const [addressLine1 = "", addressLine2, addressLine3] = addressLinesOf(order);
  const created: NewLingxingOrder = {
    platformOrderNo,
    receiverName: recipientOf(order) ?? "",
    receiverCountryCode: country,
    city: order.shipping.city ?? "",
    addressLine1,
    addressLine2,
    addressLine3,
    stateOrRegion: order.shipping.region ?? order.shipping.state,
    postalCode: order.shipping.postal,
    receiverMobile: order.shipping.phone,
    amountCurrency: order.currencyCode ?? "USD",
    ...route(order, rules),
    items: lines.map((line) => ({ sku: line.sku, quantity: line.quantity, unitPrice: fromCents(line.cents) })),
  };
  return { do: "create", order: created, storeId: storeOf(order, rules) ?? rules.storeId, platformOrderNo };
}

/**
 * What a look-up by number says about an order that is in flight or has been sent before. Undefined: nothing of that number is
 * there. A number that stands in Lingxing only as deleted or cancelled is not ours to revive.
 */
export function decideFound(found: readonly LingxingOrder[]): Outcome | undefined {
  const alive = found.filter((order) => !order.deleted && order.status !== LINGXING_CANCELLED);
  const [adopted] = [...alive].sort((a, b) => splitRank(a) - splitRank(b) || compare(a.globalOrderNo, b.globalOrderNo));
  if (adopted !== undefined) return { to: "done", how: "adopted", globalOrderNo: adopted.globalOrderNo };
  if (found.length === 0) return undefined;
  return {
    to: "manual",
    type: "lingxing_cancelled",
    cause: "stands in Lingxing only as cancelled or deleted",
    nextStep: 'restore it in Lingxing and requeue it, or close it: ipass order-state done <dscoOrderId> --stage push --reason "…"',
    detail: { global_order_nos: found.map((order) => order.globalOrderNo) },
  };
}

/** Lingxing order status 7: cancelled, or not to be shipped. */
const LINGXING_CANCELLED = 7;

/** The original before the parts it was split into. */
function splitRank(order: LingxingOrder): number {
  return order.splitType === "1" ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly cents: number;
  readonly missing: readonly string[];
  readonly unmapped: readonly string[];
}

function toLine(line: DscoLineItem, index: number, rules: PushRules): Line {
  const name = `lineItems[${index}]`;
  const sku = line.sku ?? line.partnerSku;
  const quantity = openQuantity(line);
  const price = rules.priceFields.map((field) => toCents(line[field])).find((cents) => cents !== undefined && cents > 0);
  const local = sku === undefined ? undefined : toLingxingSku(sku, rules.skuMap);
  return {
    sku: local ?? "",
    quantity: quantity ?? -1, // unreadable: kept, so that the line is reported and not dropped
    cents: price ?? 0,
    missing: [
      ...(sku === undefined ? [`${name}.sku`] : []),
      ...(quantity === undefined ? [`${name}.quantity`] : []),
      ...(price === undefined ? [`${name}.${rules.priceFields.join("|")}`] : []),
    ],
    unmapped: sku !== undefined && local === undefined ? [`SKU ${sku}`] : [],
  };
}

/** Undefined when the map gives Lingxing's product of that name to another DSCO SKU. */
function toLingxingSku(dscoSku: string, map: PushRules["skuMap"]): string | undefined {
  return map?.toLingxing.get(dscoSku) ?? (map?.toDsco.has(dscoSku) ? undefined : dscoSku);
}

/** ISO 3166 alpha-2, which Lingxing demands; DSCO sends two or three letters. */
function countryCode(country: string | undefined): string | undefined {
  const code = country?.trim().toUpperCase();
  if (code === undefined || /^[A-Z]{2}$/.test(code)) return code;
  return /^[A-Z]{3}$/.test(code) ? countries.alpha3ToAlpha2(code) : undefined;
}

function storeOf(order: DscoOrder, rules: PushRules): string | undefined {
  return rules.storeMap === undefined || order.retailerId === undefined ? undefined : rules.storeMap.get(order.retailerId);
}

function unmappedStore(order: DscoOrder, rules: PushRules): string[] {
  if (rules.storeMap === undefined || storeOf(order, rules) !== undefined) return [];
  return [`retailer ${order.retailerId ?? "(none given)"} in IPASS_STORE_MAP_JSON`];
}

/** `wid` and `logistics_type_id` go together or not at all, so a map alone says nothing, and neither does an order that names no warehouse. */
function route(order: DscoOrder, rules: PushRules): { wid?: string; logisticsTypeId?: string } {
  const warehouse = warehouseOf(order);
  const level = serviceLevelOf(order);
  if (rules.warehouseMap === undefined || rules.logisticsMap === undefined || warehouse === undefined || level === undefined) return {};
  const wid = rules.warehouseMap.get(warehouse);
  const logisticsTypeId = rules.logisticsMap.get(`${warehouse}-${level}`);
  return wid === undefined || logisticsTypeId === undefined ? {} : { wid, logisticsTypeId };
}

function unmappedRoute(order: DscoOrder, rules: PushRules): string[] {
  const warehouse = warehouseOf(order);
  const level = serviceLevelOf(order);
  const unmapped = [];
  if (rules.warehouseMap !== undefined && warehouse !== undefined && !rules.warehouseMap.has(warehouse))
    unmapped.push(`warehouse ${warehouse} in IPASS_WAREHOUSE_MAP_JSON`);
  if (
    rules.logisticsMap !== undefined &&
    warehouse !== undefined &&
    level !== undefined &&
    !rules.logisticsMap.has(`${warehouse}-${level}`)
  ) {
    unmapped.push(`${warehouse}-${level} in IPASS_LOGISTICS_MAP_JSON`);
  }
  return unmapped;
}

function toPerson(
  type: "bad_payload" | "missing_mapping",
  cause: string,
  nextStep: string,
  detail: Readonly<Record<string, unknown>>,
): PushDecision {
  return { do: "outcome", outcome: { to: "manual", type, cause, nextStep, detail } };
}
