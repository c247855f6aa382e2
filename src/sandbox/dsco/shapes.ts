import * as z from "zod";

/** Fields of request bodies that several calls share. */

export const OptionalText = z.string().nullish();

/** RFC 3339 with a zone. */
export const IsoTime = z.iso.datetime({ offset: true });

/** A reference to an order: one of its three numbers. */
export function namesAnOrder(body: Readonly<Record<string, unknown>>): boolean {
  return [body.dscoOrderId, body.poNumber, body.supplierOrderNumber].some((value) => typeof value === "string" && value !== "");
}
