import type { CatalogItem } from "../catalog.ts";
import { type Answer, type CallName, type Endpoint, jsonAnswer, type Limit, type SandboxRequest } from "../endpoint.ts";
import type { SandboxCredentials, SandboxSettings } from "../options.ts";
import { acknowledge } from "./acknowledge.ts";
import { DscoDialect } from "./answers.ts";
import { DscoAuth } from "./auth.ts";
import { ChangeLog } from "./change-log.ts";
import type { DscoContext } from "./context.ts";
import { getInventory, updateBatch, updateOne } from "./inventory.ts";
import { Inventory } from "./inventory-state.ts";
import { getInvoices, InvoiceBook, invoiceBatch, invoiceOne } from "./invoices.ts";
import { OrderBook } from "./order-book.ts";
import { OrderReads } from "./order-reads.ts";
import { shipBatch, shipOne } from "./shipments.ts";
import { warehousePages } from "./warehouses.ts";

/** DSCO's base path. */
export const DSCO_PREFIX = "/dsco/api/v3";

export interface DscoSandbox extends DscoContext {
  readonly endpoints: readonly Endpoint[];
  /** Does what has become due of the queued batches. */
  settle(): void;
  /** The tokens in use are dead. */
  endTokens(): void;
}

/** DSCO as a supplier sees it, with the limits its documentation states; calls without a figure have no limit. */
export function createDsco(
  settings: SandboxSettings,
  credentials: SandboxCredentials,
  catalog: readonly CatalogItem[],
  now: () => Date,
): DscoSandbox {
  const dialect = new DscoDialect(now);
  const newLog = (): ChangeLog => new ChangeLog(dialect, settings, now);
  const context: DscoContext = {
    now,
    settings,
    dialect,
    catalog,
    book: new OrderBook(),
    inventory: new Inventory(catalog),
    invoices: new InvoiceBook(),
    orderLog: newLog(),
    inventoryLog: newLog(),
    invoiceLog: newLog(),
  };
  const settle = (): void => {
    context.orderLog.settle();
    context.inventoryLog.settle();
    context.invoiceLog.settle();
  };
  const auth = new DscoAuth(credentials, dialect, now);
  return { ...context, settle, endTokens: () => auth.endTokens(), endpoints: routes(context, auth, settle) };
}

type Handler = (request: SandboxRequest) => Answer;

function routes(dsco: DscoContext, auth: DscoAuth, settle: () => void): Endpoint[] {
  const route = (method: "GET" | "POST", path: string, call: CallName, limit: Limit, handler: Handler): Endpoint => ({
    vendor: "dsco",
    method,
    path,
    call,
    limit,
    handle: (request) => {
      auth.check(request);
      settle();
      return handler(request);
    },
  });
  const reads = new OrderReads(dsco);
  const none = {};
  return [
    { vendor: "dsco", method: "POST", path: "/oauth2/token", call: "token", limit: none, handle: (request) => auth.mint(request) },
    route("GET", "/hello", "hello", none, () => jsonAnswer(200, '{"hello":"World!"}')),
    route("GET", "/order/", "order_get", { perSecond: 10, perMinute: 500 }, (request) => reads.get(request)),
    route("GET", "/order/page", "order_page", { perSecond: 10, perMinute: 500 }, (request) => reads.page(request)),
    route("GET", "/order/log", "order_log", none, (request) => dsco.orderLog.answer(request)),
    route("POST", "/order/acknowledge", "ack", { perSecond: 15, perMinute: 1000 }, (request) => acknowledge(dsco, request)),
    route("POST", "/order/singleShipment", "ship", { perSecond: 15, perMinute: 300 }, (request) => shipOne(dsco, request)),
    route("POST", "/order/shipment/batch/small", "ship", none, (request) => shipBatch(dsco, request)),
    route("GET", "/inventory", "inventory_get", { perSecond: 15, perMinute: 300 }, (request) => getInventory(dsco, request)),
    route("GET", "/inventory/log", "inventory_log", none, (request) => dsco.inventoryLog.answer(request)),
    route("POST", "/inventory/singleItem", "inventory", { perSecond: 5, perMinute: 300 }, (request) => updateOne(dsco, request)),
    route("POST", "/inventory/batch/small", "inventory", none, (request) => updateBatch(dsco, request)),
    route("GET", "/invoice", "invoice_get", { perSecond: 15, perMinute: 1000 }, (request) => getInvoices(dsco, request)),
    route("POST", "/invoice", "invoice", { perSecond: 15, perMinute: 1000 }, (request) => invoiceOne(dsco, request)),
    route("POST", "/invoice/batch/small", "invoice", none, (request) => invoiceBatch(dsco, request)),
    route("GET", "/invoice/log", "invoice_log", none, (request) => dsco.invoiceLog.answer(request)),
    route("GET", "/warehouse/page", "dsco_warehouses", none, warehousePages(dsco)),
  ];
}
