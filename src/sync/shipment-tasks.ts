import type { LingxingOrder } from "../lingxing/orders.ts";
import { type Decided, doneCommand, requeueCommand, toPerson } from "./lingxing-standing.ts";
import { listed, NAMED } from "./listed.ts";

const requeue = requeueCommand("ship");
const done = doneCommand("ship");

/** What a shipment hands to a person. Causes bear no time and no count that changes by itself: one cause is one task. */

export function isUnreadable(fields: readonly string[]): Decided {
  return toPerson({
    type: "bad_payload",
    cause: `missing or unreadable: ${listed(fields)}`,
    nextStep: `have the retailer correct the order at DSCO; once it is pulled: ${requeue}`,
    detail: { fields: fields.slice(0, NAMED) },
  });
}

export function isShippedByPlatform(orders: readonly LingxingOrder[]): Decided {
  return toPerson({
    type: "shipped_by_platform",
    cause: "Lingxing has it as shipped by the platform, so no outbound order tells what left",
    nextStep: `report the shipment at DSCO by hand, then: ${done}`,
    detail: { global_order_nos: orders.map(({ globalOrderNo }) => globalOrderNo) },
  });
}

/** `missing_mapping`: the usual reason is a product whose pair is not in the map, and to add it is the cure. */
export function isUnmapped(skus: readonly string[]): Decided {
  return toPerson({
    type: "missing_mapping",
    cause: `the order has no line for what Lingxing shipped: ${listed(skus)}`,
    nextStep: `add the Lingxing SKU to IPASS_STOCK_SKU_TO_DSCO_SKU_JSON, then: ${requeue}; if other goods were sent, report at DSCO by hand and: ${done}`,
    detail: { lingxing_skus: skus.slice(0, NAMED) },
  });
}

/** `sync_failed`: both sides are readable and contradict each other. */
export function isOverShipped(figures: readonly string[]): Decided {
  return toPerson({
    type: "sync_failed",
    cause: `Lingxing shipped more than the order wants: ${listed(figures)}`,
    nextStep: `report at DSCO by hand what belongs to the order, then: ${done}; or correct the outbound order and: ${requeue}`,
    detail: { shipped_of_wanted: figures.slice(0, NAMED) },
  });
}

export function isUnclear(cause: string, figures: readonly string[]): Decided {
  return toPerson({
    type: "sync_failed",
    cause,
    nextStep: `report the shipment at DSCO by hand, then: ${done}; once the rest has left: ${requeue}`,
    detail: { shipped_of_wanted: figures.slice(0, NAMED) },
  });
}

export function isCancelledInPart(figures: readonly string[], cancelled: readonly LingxingOrder[]): Decided {
  return toPerson({
    type: "lingxing_cancelled",
    cause: `a part of it is cancelled in Lingxing and DSCO still wants it; shipped: ${listed(figures)}`,
    nextStep: `cancel the rest at DSCO, or restore the part in Lingxing, then: ${requeue}`,
    detail: { global_order_nos: cancelled.map(({ globalOrderNo }) => globalOrderNo), shipped_of_wanted: figures.slice(0, NAMED) },
  });
}

/** Several tracking numbers, and ipass is told to leave those to people. */
export function isInSeveralParcels(trackingNumbers: readonly string[], unreported: readonly string[]): Decided {
  return toPerson({
    type: "multi_shipment",
    cause: `it went out under several tracking numbers: ${listed(trackingNumbers)}`,
    nextStep: `report ${listed(unreported)} at DSCO by hand, or set IPASS_SHIP_MULTI_PACKAGE=send; then: ${requeue}`,
    detail: { tracking_numbers: trackingNumbers.slice(0, NAMED), unreported: unreported.slice(0, NAMED) },
  });
}

export function isInUnknownParcels(trackingNumbers: readonly string[], unreported: readonly string[]): Decided {
  return toPerson({
    type: "multi_shipment",
    cause: `which of its goods went out under which tracking number cannot be told: ${listed(trackingNumbers)}`,
    nextStep: `report ${listed(unreported)} at DSCO by hand, then: ${requeue}`,
    detail: { tracking_numbers: trackingNumbers.slice(0, NAMED), unreported: unreported.slice(0, NAMED) },
  });
}

/** `multi_shipment`: between the two sides there are more tracking numbers than goods. */
export function isReportedOtherwise(atDsco: readonly string[], unreported: readonly string[]): Decided {
  const numbers = atDsco.length === 0 ? "" : ` under ${listed(atDsco)}`;
  return toPerson({
    type: "multi_shipment",
    cause: `DSCO has its goods as shipped${numbers}; Lingxing shipped them under ${listed(unreported)}`,
    nextStep: `correct the tracking number at DSCO if Lingxing's is right, then: ${done}`,
    detail: { tracking_numbers_at_dsco: atDsco.slice(0, NAMED), unreported: unreported.slice(0, NAMED) },
  });
}
