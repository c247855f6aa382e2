import * as z from "zod";
import type { Answer, SandboxRequest } from "../endpoint.ts";
import { idText, type JsonObject, objectsIn } from "../json.ts";
import { type DscoContext, refusalFor } from "./context.ts";
import { describeLine, findLine, namesAnItem, shippableQuantity } from "./line-match.ts";
import { latestVersion } from "./order-book.ts";
import { IsoTime, namesAnOrder, OptionalText } from "./shapes.ts";

const LineSchema = z
  .looseObject({
    quantity: z.int().min(1),
    lineNumber: z.int().max(1_000_000).nullish(),
    sku: OptionalText,
    partnerSku: OptionalText,
    packageSpanFlag: z.boolean().nullish(),
  })
  .refine(namesAnItem, { message: "needs one of dscoItemId, sku, partnerSku, upc, ean" });

const ShipmentSchema = z.looseObject({
  trackingNumber: z.string().trim().min(1),
  lineItems: z.array(LineSchema).min(1),
  shipDate: IsoTime.nullish(),
  shipCarrier: OptionalText,
  shipMethod: OptionalText,
  shippingServiceLevelCode: OptionalText,
  warehouseCode: OptionalText,
  untracked: z.boolean().optional(),
});

const ShipmentsSchema = z
  .looseObject({
    dscoOrderId: OptionalText,
    poNumber: OptionalText,
    supplierOrderNumber: OptionalText,
    shipments: z.array(ShipmentSchema).min(1),
  })
  .refine(namesAnOrder, { message: "needs one of dscoOrderId, poNumber, supplierOrderNumber" });

/** POST /order/singleShipment: the shipments of one order, done before the answer. */
export function shipOne(dsco: DscoContext, request: SandboxRequest): Answer {
  const shipments = dsco.dialect.parse(ShipmentsSchema, request.body) as JsonObject;
  const reason = dsco.orderLog.perform("singleShipment", shipments, (object, atMs) => ship(dsco, object, atMs));
  if (reason !== undefined) throw dsco.dialect.refuse(400, "VALIDATION_FAILED", reason);
  return dsco.dialect.created();
}

/** POST /order/shipment/batch/small: many orders, each done or refused by itself, later. */
export function shipBatch(dsco: DscoContext, request: SandboxRequest): Answer {
  const batch = dsco.dialect.parse(z.array(ShipmentsSchema).min(1), request.body);
  return dsco.orderLog.enqueue("createShipmentSmallBatch", batch as JsonObject[], (object, atMs) => ship(dsco, object, atMs));
}

/**
 * A second shipment of the same goods is taken like the first, as the vendor promises nothing else: a client that sends
 * twice is seen by its packages. Quantities are judged within one object only.
 */
function ship(dsco: DscoContext, object: JsonObject, atMs: number): string | undefined {
  const stored = dsco.book.findReferred(object);
  if (stored === undefined) return "no such order";
  const order = dsco.book.latest(stored);
  const refused = refusalFor(dsco.settings, idText(order.dscoOrderId), String(order.poNumber));
  if (refused !== undefined) return refused;
  if (latestVersion(stored).status === "cancelled") return "a cancelled order cannot be shipped";
  const shipments = objectsIn(object.shipments);
  const problem = findProblem(order, shipments);
  if (problem !== undefined) return problem;
  const packages = objectsIn(order.packages);
  order.packages = [...packages, ...shipments.map((shipment, index) => toPackage(shipment, packages.length + index + 1))];
  for (const line of shipments.flatMap((shipment) => objectsIn(shipment.lineItems))) {
    const ordered = findLine(order, line);
    if (ordered !== undefined) ordered.shippedQuantity = Number(ordered.shippedQuantity ?? 0) + Number(line.quantity);
  }
  if (objectsIn(order.lineItems).every((line) => Number(line.shippedQuantity ?? 0) >= shippableQuantity(line))) {
    order.dscoStatus = "shipped";
    order.dscoLifecycle = "completed";
  }
  dsco.book.change(stored, order, atMs, atMs + dsco.settings.readLagMs);
  return undefined;
}

function findProblem(order: JsonObject, shipments: readonly JsonObject[]): string | undefined {
  const sent = new Map<JsonObject, { quantity: number; packages: Set<JsonObject>; flagged: boolean }>();
  for (const shipment of shipments) {
    for (const line of objectsIn(shipment.lineItems)) {
      const ordered = findLine(order, line);
      if (ordered === undefined) return `the order has no ${describeLine(line)}`;
      const sum = sent.get(ordered) ?? { quantity: 0, packages: new Set(), flagged: true };
      sum.quantity += Number(line.quantity);
      sum.packages.add(shipment);
      sum.flagged &&= line.packageSpanFlag === true;
      sent.set(ordered, sum);
    }
  }
  for (const [ordered, { quantity, packages, flagged }] of sent) {
    if (quantity > shippableQuantity(ordered))
      return `${describeLine(ordered)}: ${quantity} shipped, ${shippableQuantity(ordered)} ordered`;
    if (packages.size > 1 && !flagged) return `${describeLine(ordered)} is split over ${packages.size} packages without packageSpanFlag`;
  }
  return undefined;
}

/** What was sent as `lineItems` is read back as `items`. */
function toPackage({ lineItems, ...rest }: JsonObject, dscoPackageId: number): JsonObject {
  return { ...rest, dscoPackageId, items: lineItems ?? [] };
}
