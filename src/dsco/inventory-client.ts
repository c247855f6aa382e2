import * as z from "zod";
import { RefusedError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { readStockEntry, type StockLogEntry } from "./inventory-log.ts";
import { type LogQuery, LogReader, type LogReading } from "./log-reader.ts";
import { QueuedAnswer } from "./schemas.ts";
import { UNSTATED_READ, UNSTATED_WRITE } from "./unstated-limits.ts";

export const INVENTORY_BATCH: Endpoint = {
  name: "dsco.inventory_batch",
  method: "POST",
  path: "/inventory/batch/small",
  write: true,
  timeoutMs: 60_000,
  limit: UNSTATED_WRITE,
  maxBodyBytes: 5_000_000, // 5 MB, in the smaller reading
};
export const INVENTORY_ITEM: Endpoint = {
  name: "dsco.inventory_item",
  method: "GET",
  path: "/inventory",
  write: false,
  timeoutMs: 60_000,
  limit: { perSecond: 15, perMinute: 300 },
};
export const INVENTORY_LOG: Endpoint = {
  name: "dsco.inventory_log",
  method: "GET",
  path: "/inventory/log",
  write: false,
  timeoutMs: 60_000,
  limit: UNSTATED_READ,
};

/** The stock of one SKU: every warehouse it is to have a figure in. */
export interface NewStock {
  readonly sku: string;
  readonly warehouses: readonly { readonly code: string; readonly quantity: number }[];
}

/** Stock at DSCO. A batch is queued there (202): what becomes of each item is in a log, by the request id. */
export class InventoryClient {
  readonly #http: HttpClient;
  readonly #logs: LogReader;
  readonly #redact: (text: string) => string;

  constructor(http: HttpClient, { log, redact }: Pick<HttpDeps, "log" | "redact">) {
    this.#http = http;
    this.#logs = new LogReader(http, log);
    this.#redact = redact;
  }

  /**
   * POST /inventory/batch/small: replaces the figures of these items. A SKU DSCO does not know is refused by itself, in the log.
   * @throws as HttpClient.call; InDoubtError also for an answer without a request id.
   */
  async send(items: readonly NewStock[]): Promise<{ requestId: string }> {
    if (items.length === 0) throw new Error(`${INVENTORY_BATCH.name}: an empty batch`);
    const { data } = await this.#http.call(INVENTORY_BATCH, { body: items.map(toWireItem) }, QueuedAnswer);
    return { requestId: data.requestId };
  }

  /** GET /inventory: whether DSCO knows this SKU of ours. @throws as HttpClient.call. */
  async knows(sku: string): Promise<boolean> {
    try {
      await this.#http.call(INVENTORY_ITEM, { query: { itemKey: "sku", value: sku } }, z.looseObject({}));
      return true;
    } catch (error) {
      if (error instanceof RefusedError && error.code === "404") return false;
      throw error;
    }
  }

  /** GET /inventory/log, all pages, of which only the entries about these SKUs are kept. @throws as HttpClient.call. */
  async log(by: LogQuery, skus: ReadonlySet<string>): Promise<LogReading<StockLogEntry>> {
    return this.#logs.read(INVENTORY_LOG, by, (text) => {
      const entry = readStockEntry(text, this.#redact);
      return entry !== undefined && skus.has(entry.sku) ? entry : undefined;
    });
  }
}

/** DSCO demands a status and a total although both follow from the warehouses, and refuses a total that is not their exact sum. */
function toWireItem({ sku, warehouses }: NewStock): Record<string, unknown> {
  const quantityAvailable = warehouses.reduce((sum, { quantity }) => sum + quantity, 0);
  return { sku, status: quantityAvailable > 0 ? "in-stock" : "out-of-stock", quantityAvailable, warehouses };
}
