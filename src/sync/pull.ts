import { changedFields } from "./fingerprint.ts";
import type { Stage } from "./stage.ts";

/** What ipass has of an order already. */
export interface KnownOrder {
  readonly hash: string | undefined;
  readonly lastUpdate: Date | undefined;
  readonly cancelRequested: boolean;
  /** The fingerprint of what was pushed, once it was. */
  readonly pushed: string | undefined;
  /** Stages that wait for the retailer to correct it. */
  readonly badPayload: readonly Stage[];
}

/** What ipass reads out of a snapshot at once; everything else is read when it is needed. */
export interface PulledOrder {
  readonly id: string;
  readonly raw: string;
  readonly hash: string;
  readonly status: string;
  readonly poNumber: string | undefined;
  readonly lastUpdate: Date | undefined;
  readonly cancelRequested: boolean;
  readonly testFlag: boolean;
  readonly acknowledgeBy: Date | undefined;
  readonly shipBy: Date | undefined;
  /** Of what a push would send. */
  readonly fingerprint: string;
}

export type PullDecision =
  | { readonly do: "skip"; readonly reason: "unchanged" | "older" | "not_open" | "test_order" }
  | { readonly do: "add" }
  | {
      readonly do: "update";
      /** Fields that differ from what stands in Lingxing; empty when it was not pushed or is the same again. */
      readonly changedAfterPush: readonly string[];
      readonly wasPushed: boolean;
      /** Stages that may find it corrected. */
      readonly retry: readonly Stage[];
      readonly cancelRequestWithdrawn: boolean;
    };

/** DSCO's words for an order on which nothing is left to do. `completed` is the newer vocabulary and covers both. */
const CLOSED: ReadonlySet<string> = new Set(["shipped", "cancelled", "completed"]);

export function decidePull(
  order: PulledOrder,
  known: KnownOrder | undefined,
  rules: { readonly includeTestOrders: boolean },
): PullDecision {
  if (known === undefined) {
    if (order.testFlag && !rules.includeTestOrders) return { do: "skip", reason: "test_order" };
    return CLOSED.has(order.status) ? { do: "skip", reason: "not_open" } : { do: "add" };
  }
  if (known.hash === order.hash) return { do: "skip", reason: "unchanged" };
  if (known.lastUpdate !== undefined && order.lastUpdate !== undefined && order.lastUpdate < known.lastUpdate)
    return { do: "skip", reason: "older" };
  return {
    do: "update",
    changedAfterPush: known.pushed === undefined ? [] : changedFields(known.pushed, order.fingerprint),
    wasPushed: known.pushed !== undefined,
    retry: known.badPayload,
    cancelRequestWithdrawn: known.cancelRequested && !order.cancelRequested,
  };
}
