import { createHash } from "node:crypto";
import type { StockLevel } from "../sync/stock.ts";
import { type Db, select } from "./db.ts";
import { type EventSource, EventStore } from "./event-store.ts";
import { StockStore } from "./stock-store.ts";

const KEY_LENGTH = 64;
const MOST_EVENTS = 100;

/** What happened to the stock of one SKU. */
export interface StockEvent {
  readonly sku: string;
  readonly event: "stock_confirmed" | "stock_refused" | "stock_unanswered";
  readonly requestId: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface StockEventRow {
  readonly at: Date;
  readonly event: string;
  readonly trace_id: string;
  readonly request_id: string | null;
  readonly actor: string | null;
  readonly detail: unknown;
}

/** The changes of each SKU stand among the events of orders, under a key no order has. */
export class StockHistory {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async add(events: readonly StockEvent[], source: EventSource, at: Date): Promise<void> {
    await new EventStore(this.#db).add(
      events.map(({ sku, event, requestId, detail }) => ({ dscoOrderId: keyOf(sku), stage: undefined, event, requestId, detail })),
      source,
      at,
    );
  }

  /** How a SKU stands and what last happened to it, newest first; undefined for one that was never sent. */
  async find(sku: string): Promise<{ level: StockLevel; events: readonly StockEventRow[] } | undefined> {
    const level = (await new StockStore(this.#db).find([sku])).get(sku);
    const rows = await select<Omit<StockEventRow, "detail"> & { detail: string | null }>(
      this.#db,
      "SELECT at, event, trace_id, request_id, actor, detail FROM order_event WHERE dsco_order_id = ? ORDER BY id DESC LIMIT ?",
      [keyOf(sku), MOST_EVENTS],
    );
    if (level === undefined || (level.cells.length === 0 && rows.length === 0)) return undefined;
    return { level, events: rows.map((row) => ({ ...row, detail: row.detail === null ? {} : (JSON.parse(row.detail) as unknown) })) };
  }
}

/** A long SKU does not fit the column; the beginning of its hash then stands for it. */
function keyOf(sku: string): string {
  const key = `stock:${sku}`;
  if (Array.from(key).length <= KEY_LENGTH) return key;
  return `stock:#${createHash("sha256")
    .update(sku)
    .digest("hex")
    .slice(0, KEY_LENGTH - 7)}`;
}
