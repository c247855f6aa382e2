import type { DscoLineItem, DscoOrder } from "../dsco/order.ts";

// How an order's fields are to be read, where DSCO has several for one thing.

/** What is still wanted of a line: ordered, less cancelled and rejected; undefined when it cannot be read. */
export function openQuantity(line: DscoLineItem): number | undefined {
  if (line.status === "cancelled" || line.status === "rejected") return 0;
  if (line.quantity === undefined || line.quantity < 0) return undefined;
  const taken = Math.max(0, line.cancelledQuantity ?? 0) + Math.max(0, line.rejectedQuantity ?? 0); // a negative one must not add
  return Math.max(0, line.quantity - taken);
}

/** What the retailer asked for comes before what DSCO made of it. */
export function warehouseOf(order: DscoOrder): string | undefined {
  return order.requestedWarehouseCode ?? order.shipWarehouseCode ?? order.dscoWarehouseCode;
}

export function serviceLevelOf(order: DscoOrder): string | undefined {
  return order.requestedShippingServiceLevelCode ?? order.shippingServiceLevelCode;
}

/** One name, or the two parts that older orders carry. */
export function recipientOf({ shipping }: DscoOrder): string | undefined {
  const joined = [shipping.firstName, shipping.lastName].filter((part) => part !== undefined).join(" ");
  return shipping.name ?? (joined === "" ? undefined : joined);
}

/** The lines that say something. The newer list comes first; a second line that stands only in the older field is kept. */
export function addressLinesOf({ shipping }: DscoOrder): string[] {
  const { address: given, address1, address2 } = shipping;
  const lines = given.length > 1 ? given : [given[0] ?? address1, address2 === given[0] ? undefined : address2];
  return lines.filter((line): line is string => line !== undefined && line !== "");
}
