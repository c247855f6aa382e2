import { idText, type JsonObject, objectsIn } from "../json.ts";

/** When several ids name an item, the first of these that is given counts. */
const ITEM_IDS = ["dscoItemId", "sku", "partnerSku", "upc", "ean"] as const;

export function namesAnItem(line: Readonly<Record<string, unknown>>): boolean {
  return ITEM_IDS.some((key) => isGiven(line[key]));
}

/** The order's line that a shipment or invoice line means: by item id, and by line number where that is given. */
export function findLine(order: JsonObject, line: JsonObject): JsonObject | undefined {
  const key = ITEM_IDS.find((candidate) => isGiven(line[candidate]));
  return objectsIn(order.lineItems).find(
    (ordered) =>
      (key === undefined || idText(ordered[key]) === idText(line[key])) &&
      (!isGiven(line.lineNumber) || ordered.lineNumber === line.lineNumber),
  );
}

/** What is still to be shipped of a line when nothing has been yet. */
export function shippableQuantity(line: JsonObject): number {
  return Number(line.quantity) - Number(line.cancelledQuantity ?? 0) - Number(line.rejectedQuantity ?? 0);
}

export function describeLine(line: JsonObject): string {
  const key = ITEM_IDS.find((candidate) => isGiven(line[candidate]));
  return `line ${String(line.lineNumber ?? "?")} (${key ?? "no item id"} ${key === undefined ? "" : idText(line[key])})`;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
