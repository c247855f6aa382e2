import * as z from "zod";
import type { Answer, SandboxRequest } from "../endpoint.ts";
import { idText, type JsonObject } from "../json.ts";
import { type DscoContext, refusalFor } from "./context.ts";
import { latestVersion } from "./order-book.ts";

const KEYS = { DSCO_ORDER_ID: "dscoOrderId", PO_NUMBER: "poNumber", SUPPLIER_ORDER_NUMBER: "supplierOrderNumber" } as const;

const AckSchema = z
  .looseObject({
    id: z.union([z.string().min(1), z.int()]),
    type: z.enum(["DSCO_ORDER_ID", "PO_NUMBER", "SUPPLIER_ORDER_NUMBER"]),
    supplierOrderNumber: z.string().optional(),
  })
  .refine(({ id, type }) => type !== "DSCO_ORDER_ID" || /^\d+$/.test(idText(id)), { message: "a DSCO_ORDER_ID is numeric", path: ["id"] });

const AckBatch = z.array(AckSchema).min(1);

/** POST /order/acknowledge: always a list; what becomes of each order is in /order/log. */
export function acknowledge(dsco: DscoContext, request: SandboxRequest): Answer {
  const batch = dsco.dialect.parse(AckBatch, request.body);
  return dsco.orderLog.enqueue("acknowledgeOrders", batch as JsonObject[], (object, atMs) =>
    acknowledgeOne(dsco, AckSchema.parse(object), atMs),
  );
}

/** An order that was acknowledged before is no failure: the vendor says nothing about repeats, and a repeat does no harm. */
function acknowledgeOne(dsco: DscoContext, ack: z.infer<typeof AckSchema>, atMs: number): string | undefined {
  const id = idText(ack.id);
  const stored = dsco.book.findAll(KEYS[ack.type], id)[0];
  if (stored === undefined) return `no order with ${ack.type} ${id}`;
  const order = dsco.book.latest(stored);
  const refused = refusalFor(dsco.settings, id, idText(order.dscoOrderId), String(order.poNumber));
  if (refused !== undefined) return refused;
  const { status } = latestVersion(stored);
  if (status === "cancelled") return "a cancelled order cannot be acknowledged";
  if (ack.supplierOrderNumber !== undefined) order.supplierOrderNumber = ack.supplierOrderNumber;
  if (status === "created") {
    order.dscoStatus = "shipment_pending";
    order.dscoLifecycle = "acknowledged";
  }
  dsco.book.change(stored, order, atMs, atMs + dsco.settings.readLagMs);
  return undefined;
}
