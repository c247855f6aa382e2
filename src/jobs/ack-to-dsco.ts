import { parseDscoOrder } from "../dsco/order.ts";
import type { NewAcknowledgement } from "../dsco/reports.ts";
import type { StageOrder } from "../store/order-store.ts";
import { decideAck, isAcknowledged } from "../sync/ack.ts";
import { readEffects } from "./dsco-effects.ts";
import { type Decided, DscoReportPass, type Report, textIsGone } from "./dsco-report-pass.ts";
import type { Job, JobContext } from "./job.ts";
import { wakeFromLingxing } from "./lingxing-feed.ts";
import { lookUpInLingxing, withNumber } from "./lingxing-look-up.ts";

type Needs = "dsco" | "pull" | "push" | "lingxing" | "lingxingStore";

/** Confirms to DSCO the orders that people in Lingxing have reviewed. */
export const ackToDsco: Job<Needs> = {
  name: "ack_to_dsco",
  needs: ["dsco", "pull", "push", "lingxing", "lingxingStore"],
  run: (ctx) => new DscoReportPass(ctx, ackReport(ctx)).run(),
};

function ackReport(ctx: JobContext<Needs>): Report<NewAcknowledgement> {
  return {
    stage: "ack",
    about: "acknowledgement",
    refresh: async () => false, // nothing is sent that a cancellation would make wrong: DSCO refuses it then
    wake: () => wakeFromLingxing(ctx, "ack"),
    decide: (orders) => decide(ctx, orders),
    post: async (bodies) => (await ctx.dsco()).reports.acknowledge(bodies),
    readLog: async (by) => (await ctx.dsco()).reports.orderLog(by),
    keyOf: ({ id }) => id,
    effects: async (orders) => {
      const standing = await readEffects(ctx, "ack", orders);
      return (order) => {
        const now = standing(order);
        return now !== undefined && isAcknowledged(now) ? { to: "done", how: "adopted" } : undefined;
      };
    },
    done: () => ({}),
    plan: () => ({}),
  };
}

async function decide(ctx: JobContext<Needs>, due: readonly StageOrder[]): Promise<Decided<NewAcknowledgement>[]> {
  const orders = due.map((order) => withNumber(ctx, order));
  const found = await lookUpInLingxing(ctx, orders);
  return orders.map((order) => {
    const parsed = parseDscoOrder(order.raw);
    if (parsed === undefined) return textIsGone(order);
    const decision = decideAck(found(order), parsed, { pushedAt: order.pushedAt, now: ctx.now() });
    if (decision.do === "outcome") return { order, outcome: decision.outcome };
    if (decision.do === "wait") return { order, waitsFor: decision.reason };
    return { order, claim: { id: order.id }, storeId: "", doubts: order.stage.doubts, body: { dscoOrderId: order.id } };
  });
}
