import { type DscoOrder, parseDscoOrder } from "../dsco/order.ts";
import type { NewOrderShipments } from "../dsco/reports.ts";
import type { LingxingOrder } from "../lingxing/orders.ts";
import type { OutboundOrder } from "../lingxing/outbound.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { LINGXING_STATUS } from "../sync/lingxing-standing.ts";
import { siblingNumbers } from "../sync/outbound-goods.ts";
import type { Outcome } from "../sync/outcome.ts";
import { decideShipment, type ShipmentRules, spelling } from "../sync/shipment.ts";
import { readEffects } from "./dsco-effects.ts";
import { type Decided, DscoReportPass, type Report, textIsGone } from "./dsco-report-pass.ts";
import { Freshness } from "./freshness.ts";
import type { Job, JobContext } from "./job.ts";
import { wakeFromLingxing } from "./lingxing-feed.ts";
import { lookUpInLingxing, withNumber } from "./lingxing-look-up.ts";

/** Most numbers in one wmsOrderList request; it is served one request at a time, so a group is one call per slice of time. */
const NUMBERS_PER_GROUP = 200;
const DAY_MS = 24 * 3600_000;
const SEPARATOR = ",";

type Needs = "dsco" | "pull" | "push" | "ship" | "lingxing" | "lingxingStore";

/** Tells DSCO the shipments of the orders that have left the warehouse whole. */
export const shipToDsco: Job<Needs> = {
  name: "ship_to_dsco",
  needs: ["dsco", "pull", "push", "ship", "lingxing", "lingxingStore"],
  run: (ctx) => new DscoReportPass(ctx, shipReport(ctx)).run(),
};

function shipReport(ctx: JobContext<Needs>): Report<NewOrderShipments> {
  const freshness = new Freshness(ctx);
  return {
    stage: "ship",
    about: "shipment",
    refresh: (orders) => freshness.refresh(orders),
    wake: () => wakeFromLingxing(ctx, "ship"),
    decide: (orders) => decide(ctx, orders),
    post: async (bodies) => (await ctx.dsco()).reports.ship(bodies),
    readLog: async (by) => (await ctx.dsco()).reports.orderLog(by),
    keyOf: ({ id }) => id,
    effects: async (orders) => {
      const standing = await readEffects(ctx, "ship", orders);
      return (order) => shippedAlready(order, standing(order));
    },
    done: () => ({}),
    plan: ({ body }) => ({ tracking_numbers: body.shipments.map(({ trackingNumber }) => trackingNumber).join(SEPARATOR) }),
  };
}

/** Every tracking number that was sent stands among the order's packages. */
function shippedAlready({ trackingNo }: StageOrder, order: DscoOrder | undefined): Outcome | undefined {
  const sent = trackingNo?.split(SEPARATOR) ?? [];
  const reported = new Set(order?.packages.map(({ trackingNumber }) => spelling(trackingNumber)));
  return sent.length > 0 && sent.every((number) => reported.has(spelling(number))) ? { to: "done", how: "adopted" } : undefined;
}

async function decide(ctx: JobContext<Needs>, due: readonly StageOrder[]): Promise<Decided<NewOrderShipments>[]> {
  const orders = due.map((order) => withNumber(ctx, order));
  const found = await lookUpInLingxing(ctx, orders);
  const left = orders.filter((order) => found(order).some((entry) => !entry.deleted && entry.status === LINGXING_STATUS.shipped));
  const outbound = await readOutbound(ctx, left, found);
  const siblings = await readSiblings(ctx, left, outbound);
  return orders.map((order) => decideOne(ctx, order, found(order), outbound(order), siblings));
}

/** By platform number, the orders of ours that share outbound orders with those that are due. */
interface Siblings {
  readonly known: ReadonlyMap<string, DscoOrder>;
  /** Those whose text was purged. */
  readonly textGone: ReadonlyMap<string, StageOrder>;
}

function decideOne(
  ctx: JobContext<Needs>,
  order: StageOrder,
  found: readonly LingxingOrder[],
  outbound: readonly OutboundOrder[],
  siblings: Siblings,
): Decided<NewOrderShipments> {
  const parsed = parseDscoOrder(order.raw);
  if (parsed === undefined) return textIsGone(order);
  const gone = siblingNumbers(order.platformOrderNo ?? "", outbound).flatMap((number) => siblings.textGone.get(number) ?? []);
  if (gone[0] !== undefined) return textIsGone(order, gone[0]);
  const rules: ShipmentRules = { ...ctx.config.ship, skuMap: ctx.config.push.skuMap };
  const facts = {
    platformOrderNo: order.platformOrderNo ?? "",
    now: ctx.now(),
    pushedAt: order.pushedAt,
    waitingSince: order.reachedAt,
    siblings: siblings.known,
  };
  const decision = decideShipment(parsed, found, outbound, rules, facts);
  if (decision.do === "wait") return { order, waitsFor: decision.reason };
  if (decision.do === "outcome") {
    const trackingNo = decision.trackingNumbers?.join(SEPARATOR);
    return {
      order,
      outcome: decision.outcome.to === "done" && trackingNo !== undefined ? { ...decision.outcome, trackingNo } : decision.outcome,
    };
  }
  const { shipments, trackingNumbers } = decision;
  const claim = { id: order.id, trackingNo: trackingNumbers.join(SEPARATOR) };
  return {
    order,
    claim,
    storeId: "",
    doubts: order.stage.doubts,
    body: { dscoOrderId: order.id, shipments },
    detail: { tracking_numbers: trackingNumbers },
  };
}

/** The outbound orders of those that Lingxing calls shipped, by number; orders of one time together, so that the spans stay short. */
async function readOutbound(
  ctx: JobContext<Needs>,
  orders: readonly StageOrder[],
  found: (order: StageOrder) => readonly LingxingOrder[],
): Promise<(order: StageOrder) => OutboundOrder[]> {
  const byNumber = new Map<string, OutboundOrder[]>();
  const dated = orders
    .filter(({ platformOrderNo }) => platformOrderNo !== undefined)
    .map((order) => ({ order, from: earliestOutbound(order) }))
    .sort((a, b) => a.from - b.from);
  for (let start = 0; start < dated.length; start += NUMBERS_PER_GROUP) {
    const group = dated.slice(start, start + NUMBERS_PER_GROUP);
    const lingxing = await ctx.lingxing();
    const query = {
      platformOrderNos: group.map(({ order }) => order.platformOrderNo ?? ""),
      createdFrom: new Date(group[0]?.from ?? 0),
      createdTo: ctx.now(),
      sid: ctx.config.lingxing.sid,
    };
    for (const outbound of await lingxing.outboundOrders(query)) {
      for (const number of outbound.platformOrderNos) byNumber.set(number, [...(byNumber.get(number) ?? []), outbound]);
    }
  }
  // A number may stand in several stores; the Lingxing order an outbound order belongs to tells whose it is.
  return (order) => {
    const ours = new Set(found(order).map(({ globalOrderNo }) => globalOrderNo));
    return (byNumber.get(order.platformOrderNo ?? "") ?? []).filter(
      ({ globalOrderNo, platformOrderNos }) => ours.has(globalOrderNo) || platformOrderNos.length > 1,
    );
  };
}

/** The day before the push, or before DSCO had the order where it stood in Lingxing earlier: no outbound order can be older. Unix ms. */
function earliestOutbound({ pushedAt, raw }: StageOrder): number {
  const createdAt = parseDscoOrder(raw)?.createdAt;
  const known = [pushedAt, createdAt].flatMap((time) => time?.getTime() ?? []);
  return (known.length === 0 ? 0 : Math.min(...known)) - DAY_MS;
}

/** Orders of ours that share an outbound order with one of these. */
async function readSiblings(
  ctx: JobContext<Needs>,
  orders: readonly StageOrder[],
  outbound: (order: StageOrder) => readonly OutboundOrder[],
): Promise<Siblings> {
  const numbers = orders.flatMap((order) =>
    siblingNumbers(order.platformOrderNo ?? "", outbound(order)).map((platformOrderNo) => ({
      storeId: order.storeId ?? ctx.config.lingxingStore.storeId,
      platformOrderNo,
    })),
  );
  const store = new OrderStore(ctx.db);
  const owners = await store.ownersOf(numbers);
  const siblings = await store.byIds("ship", [...owners.values()]);
  const known = new Map<string, DscoOrder>();
  const textGone = new Map<string, StageOrder>();
  for (const sibling of siblings) {
    const parsed = parseDscoOrder(sibling.raw);
    if (parsed === undefined) textGone.set(sibling.platformOrderNo ?? "", sibling);
    else known.set(sibling.platformOrderNo ?? "", parsed);
  }
  return { known, textGone };
}
