import type { LingxingOrder } from "../lingxing/orders.ts";
import { listed } from "./listed.ts";
import type { Outcome } from "./outcome.ts";
import type { Stage } from "./stage.ts";

/** Where an order stands in Lingxing (`status` of POST /pb/mp/order/v2/list). */
export const LINGXING_STATUS = { awaitingShipment: 5, shipped: 6, cancelled: 7, hidden: 8, shippedByPlatform: 9 } as const;

const STATUS_WORDS: Readonly<Record<number, string>> = {
  1: "syncing",
  2: "synced",
  3: "unpaid",
  4: "awaiting review",
  5: "awaiting shipment",
  6: "shipped",
  7: "cancelled",
  8: "hidden",
  9: "shipped by the platform",
};

/** A new order may take its time to show in the list; one that is still not there a day after the push is lost. */
const MISSING_AFTER_MS = 24 * 3600_000;

export interface Wait {
  readonly do: "wait";
  /** For people, such as `explain`. */
  readonly reason: string;
}
export interface Decided {
  readonly do: "outcome";
  readonly outcome: Outcome;
}
export type PersonsTask = Omit<Extract<Outcome, { to: "manual" }>, "to">;

/** All orders of one number: a split order has several, a merge leaves its deleted originals behind. */
export interface Standing {
  /** What is still to be done or was done: neither deleted nor cancelled, nor hidden beside one that is not. */
  readonly alive: readonly LingxingOrder[];
  /** At 7, not deleted: somebody decided that these goods do not leave. */
  readonly cancelled: readonly LingxingOrder[];
}

export function standingOf(found: readonly LingxingOrder[]): Standing {
  const present = found.filter((order) => !order.deleted);
  const notCancelled = present.filter(({ status }) => status !== LINGXING_STATUS.cancelled);
  const shown = notCancelled.filter(({ status }) => status !== LINGXING_STATUS.hidden);
  return {
    alive: shown.length > 0 ? shown : notCancelled,
    cancelled: present.filter(({ status }) => status === LINGXING_STATUS.cancelled),
  };
}

/** What follows when nothing of the number is alive; undefined when something is. */
export function decideAbsence(
  found: readonly LingxingOrder[],
  stage: Stage,
  facts: { readonly pushedAt?: Date | undefined; readonly now: Date },
): Wait | Decided | undefined {
  if (standingOf(found).alive.length > 0) return undefined;
  if (found.length > 0)
    return toPerson({
      type: "lingxing_cancelled",
      cause: "stands in Lingxing only as cancelled or deleted",
      nextStep: `cancel it at DSCO as well (the next pull brings that back), or restore it in Lingxing and then: ${requeueCommand(stage)}`,
      detail: { global_order_nos: found.map(({ globalOrderNo }) => globalOrderNo) },
    });
  // With no push to count from, nothing would ever end the wait.
  if (facts.pushedAt !== undefined && facts.now.getTime() - facts.pushedAt.getTime() < MISSING_AFTER_MS)
    return { do: "wait", reason: "not in Lingxing's order list yet" };
  return toPerson({
    type: "lingxing_missing",
    cause: "nothing stands in Lingxing under its number, a day after the push",
    nextStep: `look for it in Lingxing; once it is there: ${requeueCommand(stage)}; if it was dealt with elsewhere: ${doneCommand(stage)}`,
  });
}

export function toPerson(task: PersonsTask): Decided {
  return { do: "outcome", outcome: { to: "manual", ...task } };
}

export function requeueCommand(stage: Stage): string {
  return `ipass order-state requeue <dscoOrderId> --stage ${stage} --reason "…"`;
}

export function doneCommand(stage: Stage): string {
  return `ipass order-state done <dscoOrderId> --stage ${stage} --reason "…"`;
}

/** `Lingxing 1033… is awaiting review (4)`, for each. */
export function describeStanding(orders: readonly LingxingOrder[]): string {
  return listed(
    orders.map(({ globalOrderNo, status }) => `Lingxing ${globalOrderNo} is ${STATUS_WORDS[status] ?? "at an unknown status"} (${status})`),
  );
}
