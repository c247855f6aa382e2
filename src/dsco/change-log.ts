import { parseLossless } from "../http/lossless-json.ts";
import { messagesText, scalarText } from "./messages.ts";
import { readDscoOrderId } from "./order.ts";
import type { LogEntry } from "./reports.ts";
import { WireLogEntry } from "./schemas.ts";

/** Reads one entry of a log from its text; undefined for one that does not say what became of what. */
export type ReadEntry = (text: string, redact: (text: string) => string) => LogEntry | undefined;

type Subject = Pick<LogEntry, "key" | "keyKind" | "about" | "trackingNumbers">;
type Payload = Readonly<Record<string, unknown>>;

const REASON_CHARS = 300;

/** An entry of GET /order/log. */
export const readOrderEntry: ReadEntry = (text, redact) => readEntry(text, redact, orderSubject);

/** An entry of GET /invoice/log. */
export const readInvoiceEntry: ReadEntry = (text, redact) => readEntry(text, redact, invoiceSubject);

function readEntry(
  text: string,
  redact: (text: string) => string,
  subjectOf: (payload: Payload, detail: string) => Subject | undefined,
): LogEntry | undefined {
  const read = WireLogEntry.safeParse(parsed(text));
  if (!read.success) return undefined;
  const { payload, dateProcessed, status, requestId, requestMethodDetail, results } = read.data;
  const subject = subjectOf(payload, detailText(requestMethodDetail));
  if (subject === undefined) return undefined;
  return { ...subject, status, processedAt: dateProcessed, requestId, reason: status === "failure" ? reasonOf(results, redact) : "" };
}

function parsed(text: string): unknown {
  try {
    return parseLossless(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // nested beyond all measure
    throw error;
  }
}

/**
 * Which order, and what was to be done with it. The payload echoes what was sent: `{id, type}` is an acknowledgement, with lines a
 * cancellation; `{<an order number>, shipments}` is a shipment; of a whole order only the name of the call tells.
 */
function orderSubject(payload: Payload, detail: string): Subject | undefined {
  if (Array.isArray(payload.shipments)) return withKey(payload, { about: "shipment", trackingNumbers: trackingNumbers(payload.shipments) });
  const called = aboutCall(detail);
  if (payload.id !== undefined && payload.type !== undefined) {
    const about = called ?? (payload.lineItems === undefined ? "acknowledgement" : undefined);
    return withKey(byType(payload), { about, trackingNumbers: [] });
  }
  const shipped = called === "shipment" && Array.isArray(payload.packages) ? payload.packages : [];
  return withKey(payload, { about: called, trackingNumbers: trackingNumbers(shipped) });
}

function invoiceSubject(payload: Payload): Subject | undefined {
  const key = scalarText(payload.invoiceId).trim();
  return key === "" ? undefined : { key, about: "invoice", trackingNumbers: [] };
}

/** `{id, type}` under the names that orders and shipments have for the same numbers. */
function byType({ id, type }: Payload): Payload {
  if (type === "DSCO_ORDER_ID") return { dscoOrderId: id };
  if (type === "PO_NUMBER") return { poNumber: id };
  return type === "SUPPLIER_ORDER_NUMBER" ? { supplierOrderNumber: id } : {};
}

function withKey(numbers: Payload, rest: Pick<Subject, "about" | "trackingNumbers">): Subject | undefined {
  const id = readDscoOrderId(numbers.dscoOrderId);
  if (id !== undefined) return { key: id, ...rest };
  for (const keyKind of ["poNumber", "supplierOrderNumber"] as const) {
    const key = scalarText(numbers[keyKind]).trim();
    if (key !== "") return { key, keyKind, ...rest };
  }
  return undefined;
}

/** The name of the call (acknowledgeOrders, createShipmentSmallBatch), or an object with details, whose texts then may name it. */
function detailText(detail: unknown): string {
  return typeof detail === "object" && detail !== null ? Object.values(detail).map(scalarText).join(" ") : scalarText(detail);
}

function aboutCall(detail: string): "acknowledgement" | "shipment" | undefined {
  if (/acknowledg/i.test(detail)) return "acknowledgement";
  return /shipment/i.test(detail) ? "shipment" : undefined;
}

function trackingNumbers(packages: readonly unknown[]): string[] {
  const numbers = packages.map((one) =>
    typeof one === "object" && one !== null && "trackingNumber" in one ? scalarText(one.trackingNumber) : "",
  );
  return [...new Set(numbers.map((number) => number.trim()).filter(Boolean))];
}

function reasonOf(results: unknown, redact: (text: string) => string): string {
  const line = redact(messagesText(results)).replace(/\s+/g, " ").trim();
  return line.length > REASON_CHARS ? `${line.slice(0, REASON_CHARS)}…` : line || "refused without a reason";
}
