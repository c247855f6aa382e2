import { OutageError, RefusedError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { toCents } from "../sync/money.ts";
import { type ReadEntry, readInvoiceEntry, readOrderEntry } from "./change-log.ts";
import { type LogQuery, LogReader } from "./log-reader.ts";
import { toWireAcknowledgement, toWireInvoice, toWireShipments } from "./report-bodies.ts";
import type { ChangeLog, DscoInvoice, NewAcknowledgement, NewInvoice, NewOrderShipments } from "./reports.ts";
import { InvoiceList, QueuedAnswer } from "./schemas.ts";
import { UNSTATED_READ, UNSTATED_WRITE } from "./unstated-limits.ts";
import { DSCO_OUTAGE_STEP } from "./vendor.ts";

/** A batch call as DSCO takes it: 5 MB of body, in the smaller reading. */
const BATCH = { method: "POST", write: true, timeoutMs: 60_000, limit: UNSTATED_WRITE, maxBodyBytes: 5_000_000 } as const;
const READ = { method: "GET", write: false, timeoutMs: 60_000 } as const;

export const ACKNOWLEDGE: Endpoint = {
  ...BATCH,
  name: "dsco.order_acknowledge",
  path: "/order/acknowledge",
  limit: { perSecond: 15, perMinute: 1_000 },
};
export const SHIP: Endpoint = { ...BATCH, name: "dsco.order_shipment", path: "/order/shipment/batch/small" };
export const INVOICE: Endpoint = { ...BATCH, name: "dsco.invoice_batch", path: "/invoice/batch/small" };
export const ORDER_LOG: Endpoint = { ...READ, name: "dsco.order_log", path: "/order/log", limit: UNSTATED_READ };
export const INVOICE_LOG: Endpoint = { ...READ, name: "dsco.invoice_log", path: "/invoice/log", limit: UNSTATED_READ };
export const FIND_INVOICES: Endpoint = {
  ...READ,
  name: "dsco.invoice",
  path: "/invoice", // without a slash, unlike /order/
  limit: { perSecond: 15, perMinute: 1_000 },
};

/** What goes back to DSCO. The batches are queued there (202): what becomes of each object is in a log, by the request id. */
export class DscoReportClient {
  readonly #http: HttpClient;
  readonly #deps: Pick<HttpDeps, "log" | "redact">;
  readonly #logs: LogReader;

  constructor(http: HttpClient, deps: Pick<HttpDeps, "log" | "redact">) {
    this.#http = http;
    this.#deps = deps;
    this.#logs = new LogReader(http, deps.log);
  }

  /** POST /order/acknowledge. @throws as HttpClient.call; InDoubtError also for an answer without a request id. */
  async acknowledge(orders: readonly NewAcknowledgement[]): Promise<{ requestId: string }> {
    return this.#queue(ACKNOWLEDGE, orders.map(toWireAcknowledgement));
  }

  /** POST /order/shipment/batch/small. @throws as `acknowledge`. */
  async ship(orders: readonly NewOrderShipments[]): Promise<{ requestId: string }> {
    return this.#queue(SHIP, orders.map(toWireShipments));
  }

  /** POST /invoice/batch/small. @throws as `acknowledge`. */
  async invoice(invoices: readonly NewInvoice[]): Promise<{ requestId: string }> {
    return this.#queue(INVOICE, invoices.map(toWireInvoice));
  }

  /** GET /order/log, all pages. Acknowledgements, shipments and whatever else happened to orders. @throws as HttpClient.call. */
  async orderLog(by: LogQuery): Promise<ChangeLog> {
    return this.#readLog(ORDER_LOG, by, readOrderEntry);
  }

  /** GET /invoice/log, all pages. @throws as HttpClient.call. */
  async invoiceLog(by: LogQuery): Promise<ChangeLog> {
    return this.#readLog(INVOICE_LOG, by, readInvoiceEntry);
  }

  /**
   * GET /invoice: the invoices with this number of ours, usually one or none. A new one is seen here only some time after it was taken.
   * @throws as HttpClient.call.
   */
  async findInvoices(invoiceId: string): Promise<readonly DscoInvoice[]> {
    const query = { key: "invoiceId", value: invoiceId };
    const answer = await unlessNotFound(this.#http.call(FIND_INVOICES, { query }, InvoiceList));
    const invoices = answer?.data.invoices ?? [];
    const found = invoices.filter((invoice) => invoice.invoiceId === invoiceId.trim());
    // Other invoices than the one asked for say nothing about ours: not "it does not exist".
    if (found.length === 0 && invoices.length > 0) {
      throw new OutageError("vendor", `${FIND_INVOICES.name}: other invoices than the one asked for`, DSCO_OUTAGE_STEP);
    }
    return found.map(({ invoiceId: id, dscoInvoiceId, dscoOrderId, totalAmount }) => ({
      invoiceId: id,
      dscoInvoiceId,
      dscoOrderId,
      totalCents: toCents(totalAmount),
    }));
  }

  async #queue(endpoint: Endpoint, body: readonly unknown[]): Promise<{ requestId: string }> {
    if (body.length === 0) throw new Error(`${endpoint.name}: an empty batch`);
    const { data } = await this.#http.call(endpoint, { body }, QueuedAnswer);
    return { requestId: data.requestId };
  }

  async #readLog(endpoint: Endpoint, by: LogQuery, read: ReadEntry): Promise<ChangeLog> {
    return this.#logs.read(endpoint, by, (text) => {
      const entry = read(text, this.#deps.redact);
      // Left out, its object is one the log says nothing about, and is looked up itself.
      if (entry === undefined) this.#deps.log.debug("dsco_log_entry_unreadable", { endpoint: endpoint.name, characters: text.length });
      return entry;
    });
  }
}

async function unlessNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RefusedError && error.code === "404") return undefined;
    throw error;
  }
}
