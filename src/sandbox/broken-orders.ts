import { bare, idText, isObject, type JsonObject, objectsIn } from "./json.ts";

/** How a retailer's order goes wrong, or is merely unusual, in real life. The last three are to be pushed like any other. */
export const BROKEN_KINDS = [
  "missing-address",
  "no-country",
  "no-lines",
  "no-sku",
  "zero-quantity",
  "no-recipient",
  "no-id",
  "cancel-requested",
  "cancelled",
  "test-order",
  "numeric-ids",
  "old-fields",
] as const;
export type BrokenKind = (typeof BROKEN_KINDS)[number];

/** Spoils the order in place. */
export function breakOrder(order: JsonObject, kind: BrokenKind): void {
  const shipping = isObject(order.shipping) ? order.shipping : {};
  switch (kind) {
    case "missing-address":
      shipping.address = null;
      break;
    case "no-country":
      delete shipping.country;
      break;
    case "no-lines":
      order.lineItems = [];
      break;
    case "no-sku":
      for (const line of objectsIn(order.lineItems)) {
        line.sku = null;
        delete line.partnerSku;
      }
      break;
    case "zero-quantity":
      for (const line of objectsIn(order.lineItems)) line.quantity = 0;
      break;
    case "no-recipient":
      shipping.name = "";
      break;
    case "no-id":
      delete order.dscoOrderId;
      break;
    case "cancel-requested":
      order.cancelRequested = true;
      order.cancelRequestedCode = "CXSC";
      break;
    case "cancelled":
      order.dscoStatus = "cancelled";
      break;
    case "test-order":
      order.testFlag = true;
      break;
    case "numeric-ids":
      useNumericIds(order);
      break;
    case "old-fields":
      useOldFields(shipping);
      for (const line of objectsIn(order.lineItems)) delete line.sku;
      break;
  }
}

/** Ids as bare numbers beyond 2^53, which JSON.parse would round. */
function useNumericIds(order: JsonObject): void {
  order.dscoOrderId = bare(`90071992${idText(order.dscoOrderId)}`);
  for (const line of objectsIn(order.lineItems)) line.dscoItemId = Number(line.dscoItemId);
}

/** The spelling DSCO calls deprecated and still sends. */
function useOldFields(shipping: JsonObject): void {
  const [firstName = "", ...rest] = String(shipping.name).split(" ");
  const [address1, address2] = Array.isArray(shipping.address) ? shipping.address : [];
  Object.assign(shipping, {
    firstName,
    lastName: rest.join(" "),
    address1: address1 ?? null,
    address2: address2 ?? null,
    state: shipping.region ?? null,
    address: null,
  });
  delete shipping.name;
  delete shipping.region;
}
