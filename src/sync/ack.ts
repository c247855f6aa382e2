import type { DscoLineItem, DscoOrder } from "../dsco/order.ts";
import type { LingxingOrder } from "../lingxing/orders.ts";
import {
  type Decided,
  decideAbsence,
  describeStanding,
  doneCommand,
  LINGXING_STATUS,
  requeueCommand,
  standingOf,
  toPerson,
  type Wait,
} from "./lingxing-standing.ts";

export type AckDecision = { readonly do: "send" } | Wait | Decided;

export interface AckFacts {
  /** Undefined when ipass never pushed it: a person closed that stage. */
  readonly pushedAt: Date | undefined;
  readonly now: Date;
}

/** From the review on, the business stands by the order. */
const READY: readonly number[] = [LINGXING_STATUS.awaitingShipment, LINGXING_STATUS.shipped, LINGXING_STATUS.shippedByPlatform];

/**
 * Whether an order may be acknowledged to the retailer (POST /order/acknowledge): when everything Lingxing has under its number is
 * reviewed. `found` is all of that, deleted ones included.
 */
export function decideAck(found: readonly LingxingOrder[], order: DscoOrder, facts: AckFacts): AckDecision {
  // Whether Lingxing is ready makes no difference to what DSCO already has; the shipment looks at Lingxing for itself.
  if (isAcknowledged(order)) return { do: "outcome", outcome: { to: "done", how: "adopted" } };
  const absence = decideAbsence(found, "ack", facts);
  if (absence !== undefined) return absence;
  const { alive, cancelled } = standingOf(found);

  // One part of a split order is cancelled and others live. To acknowledge is to promise all of it, and this part will not leave: left
  // alone, the order would be promised and then wait for ever for goods. So a person decides, at once, while the retailer's deadline
  // lasts. Once DSCO too has cancelled something of it, that is what the part stood for, and the shipment counts the pieces.
  if (cancelled.length > 0 && !order.lineItems.some(isReduced)) {
    return toPerson({
      type: "lingxing_cancelled",
      cause: "a part of it is cancelled in Lingxing while DSCO still wants all of it",
      nextStep: `cancel those lines at DSCO or restore the part in Lingxing, then: ${requeueCommand("ack")}; if you acknowledged it at DSCO: ${doneCommand("ack")}`,
      detail: { global_order_nos: cancelled.map(({ globalOrderNo }) => globalOrderNo) },
    });
  }
  const unready = alive.filter(({ status }) => !READY.includes(status));
  return unready.length === 0 ? { do: "send" } : { do: "wait", reason: describeStanding(unready) };
}

/**
 * Whether DSCO counts the order as acknowledged; it sometimes does that by itself. Known without asking Lingxing. `dscoStatus` and its
 * successor `dscoLifecycle` have different words for it, and either may be the fresher one.
 */
export function isAcknowledged({ dscoStatus, lifecycle }: DscoOrder): boolean {
  if (dscoStatus === "cancelled") return false; // `completed` too, yet nobody acknowledged it
  return dscoStatus === "shipment_pending" || dscoStatus === "shipped" || lifecycle === "acknowledged" || lifecycle === "completed";
}

function isReduced({ status, cancelledQuantity = 0, rejectedQuantity = 0 }: DscoLineItem): boolean {
  return status === "cancelled" || status === "rejected" || cancelledQuantity > 0 || rejectedQuantity > 0;
}
