import type { DscoOrder } from "../dsco/order.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { addressLinesOf, openQuantity, recipientOf } from "./order-reading.ts";

/** What an order is recognised by later, when somebody changes it after the push: independent of our settings. */
export function pushFingerprint(order: DscoOrder): string {
  const { shipping } = order;
  return fingerprintOf({
    name: recipientOf(order) ?? "",
    address: addressLinesOf(order).join("\n"),
    city: shipping.city ?? "",
    region: shipping.region ?? shipping.state ?? "",
    postal: shipping.postal ?? "",
    country: shipping.country ?? "",
    phone: shipping.phone ?? "",
    currency: order.currencyCode ?? "",
    prices: JSON.stringify(order.lineItems.map((line) => [line.consumerPrice, line.retailPrice, line.expectedCost])),
    // Only what the retailer asks for: what was shipped with, DSCO fills in itself.
    warehouse: order.requestedWarehouseCode ?? "",
    service_level: order.requestedShippingServiceLevelCode ?? "",
    [CHANGED_LINES]: JSON.stringify(order.lineItems.map((line) => [line.lineNumber, line.sku ?? line.partnerSku, openQuantity(line)])),
  });
}

/** The field whose change holds a shipment: what is in the parcel may be wrong. */
export const CHANGED_LINES = "lines";
