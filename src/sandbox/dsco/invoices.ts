import * as z from "zod";
import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import { idText, isObject, type JsonObject, objectsIn, writeJson } from "../json.ts";
import { isoTime } from "../orders.ts";
import { type DscoContext, refusalFor } from "./context.ts";
import { describeLine, findLine, namesAnItem } from "./line-match.ts";
import { latestVersion } from "./order-book.ts";
import { DscoQuery } from "./query.ts";
import { IsoTime, namesAnOrder, OptionalText } from "./shapes.ts";

const KEYS = ["dscoInvoiceId", "invoiceId", "poNumber", "supplierOrderNumber", "consumerOrderNumber", "trackingNumber"] as const;

export interface StoredInvoice {
  readonly invoice: JsonObject;
  readonly dscoOrderId: string;
  readonly visibleMs: number;
  /** Sent before the order was wholly shipped. The vendor takes it; retailers do not. */
  readonly beforeShipment: boolean;
}

/** DSCO's invoices. A number that comes twice is kept twice: nothing promises that it is unique. */
export class InvoiceBook {
  readonly invoices: StoredInvoice[] = [];
}

const TaxSchema = z.looseObject({ amount: z.number(), description: z.string().max(20), typeCode: z.string().max(10).nullish() });

const InvoiceLineSchema = z
  .looseObject({
    quantity: z.int(),
    unitPrice: z.number(),
    lineNumber: z.int().max(1_000_000).nullish(),
    sku: OptionalText,
    partnerSku: z.string().max(90).nullish(),
    extendedAmount: z.number().nullish(),
    taxes: z.array(TaxSchema).optional(),
  })
  .refine(namesAnItem, { message: "needs one of dscoItemId, sku, partnerSku, upc, ean" });

const InvoiceSchema = z
  .looseObject({
    invoiceId: z.string().min(1),
    totalAmount: z.number(),
    dscoOrderId: OptionalText,
    poNumber: OptionalText,
    supplierOrderNumber: OptionalText,
    invoiceDate: IsoTime.nullish(),
    currencyCode: OptionalText,
    lineItemsSubtotal: z.number().nullish(),
    numberOfLineItems: z.int().nullish(),
    lineItems: z.array(InvoiceLineSchema).optional(),
    taxes: z.array(TaxSchema).optional(),
    ship: z.looseObject({}).nullish(),
  })
  .refine(namesAnOrder, { message: "needs one of dscoOrderId, poNumber, supplierOrderNumber" });

/** POST /invoice: one, done before the answer, yet seen by GET only later. */
export function invoiceOne(dsco: DscoContext, request: SandboxRequest): Answer {
  const invoice = dsco.dialect.parse(InvoiceSchema, request.body) as JsonObject;
  const reason = dsco.invoiceLog.perform("singleInvoice", invoice, (object, atMs) => store(dsco, object, atMs));
  if (reason !== undefined) throw dsco.dialect.refuse(400, "VALIDATION_FAILED", reason);
  return dsco.dialect.created();
}

/** POST /invoice/batch/small. */
export function invoiceBatch(dsco: DscoContext, request: SandboxRequest): Answer {
  const batch = dsco.dialect.parse(z.array(InvoiceSchema).min(1), request.body);
  return dsco.invoiceLog.enqueue("createInvoiceSmallBatch", batch as JsonObject[], (object, atMs) => store(dsco, object, atMs));
}

/** GET /invoice: a list, empty when there is none. */
export function getInvoices(dsco: DscoContext, request: SandboxRequest): Answer {
  const query = new DscoQuery(request.query, dsco.dialect, ["key", "value"]);
  query.required("key");
  const key = query.oneOf("key", KEYS) ?? "invoiceId";
  const value = query.required("value");
  const now = dsco.now().getTime();
  const found = dsco.invoices.invoices.filter(({ invoice, visibleMs }) => visibleMs <= now && read(invoice, key) === value);
  return jsonAnswer(200, writeJson({ invoices: found.map(({ invoice }) => invoice) }));
}

function read(invoice: JsonObject, key: (typeof KEYS)[number]): string | undefined {
  const holder = key === "trackingNumber" ? invoice.ship : invoice;
  const value = isObject(holder) ? holder[key] : undefined;
  return value === undefined || value === null ? undefined : idText(value);
}

function store(dsco: DscoContext, invoice: JsonObject, atMs: number): string | undefined {
  const stored = dsco.book.findReferred(invoice);
  if (stored === undefined) return "no such order";
  const order = dsco.book.latest(stored);
  const dscoOrderId = idText(order.dscoOrderId);
  const refused = refusalFor(dsco.settings, dscoOrderId, String(order.poNumber), String(invoice.invoiceId));
  if (refused !== undefined) return refused;
  const { status } = latestVersion(stored);
  if (status === "cancelled") return "a cancelled order cannot be invoiced";
  const unknown = objectsIn(invoice.lineItems).find((line) => findLine(order, line) === undefined);
  if (unknown !== undefined) return `the order has no ${describeLine(unknown)}`;
  const expected = expectedCents(order, invoice) / 100;
  dsco.invoices.invoices.push({
    dscoOrderId,
    visibleMs: atMs + dsco.settings.readLagMs,
    beforeShipment: status !== "shipped",
    invoice: {
      ...invoice,
      dscoOrderId,
      poNumber: order.poNumber ?? null,
      consumerOrderNumber: order.consumerOrderNumber ?? null,
      dscoInvoiceId: String(55_501 + dsco.invoices.invoices.length),
      dscoExpectedOrderTotalAmount: expected,
      dscoExpectedOrderTotalDifference: Math.round((Number(invoice.totalAmount) - expected) * 100) / 100,
      createDate: isoTime(atMs),
    },
  });
  return undefined;
}

/** What the retailer expects to pay for the invoiced lines: shown to the supplier, never a reason to refuse. */
function expectedCents(order: JsonObject, invoice: JsonObject): number {
  return objectsIn(invoice.lineItems).reduce((sum, line) => {
    const cost = findLine(order, line)?.expectedCost;
    return sum + Math.round(Number(cost ?? 0) * 100) * Number(line.quantity);
  }, 0);
}
