import * as z from "zod";
import type { StockRow } from "../catalog.ts";
import type { Answer } from "../endpoint.ts";
import type { LingxingContext } from "./context.ts";
import { NonEmpty } from "./shapes.ts";

export const StockRequest = z.strictObject({
  wid: z
    .string()
    .regex(/^\d+(,\d+)*$/, "has to be warehouse ids with commas between")
    .optional(),
  offset: z.int().min(0).optional(),
  length: z.int().min(1).max(800, "length 最大值800").optional(),
  sku: NonEmpty.optional(),
});

/** A row to set or take away; what is left out of a known row stays. */
export interface StockEdit {
  readonly wid: number;
  readonly sku: string;
  readonly sellerId?: string | undefined;
  readonly fnsku?: string | undefined;
  readonly valid?: number | undefined;
  readonly remove?: boolean | undefined;
}

/** What lies in Lingxing's warehouses. Keeps its last selection: a hundred thousand rows are read in many pages. */
export class StockRoom {
  rows: StockRow[];
  #last: { key: string; rows: readonly StockRow[] } | undefined;

  constructor(rows: StockRow[]) {
    this.rows = rows;
  }

  select(wids: string | undefined, sku: string | undefined): readonly StockRow[] {
    const key = `${wids ?? "*"}/${sku ?? ""}`;
    if (this.#last?.key === key) return this.#last.rows;
    const wanted = wids === undefined ? undefined : new Set(wids.split(",").map(Number));
    // The vendor matches one SKU loosely.
    const part = sku?.toLowerCase();
    const rows = this.rows.filter((row) => (wanted?.has(row.wid) ?? true) && (part === undefined || row.sku.toLowerCase().includes(part)));
    this.#last = { key, rows };
    return rows;
  }

  /** Returns how many rows were touched. */
  edit(edits: readonly StockEdit[]): number {
    this.#last = undefined;
    return edits.reduce((touched, edit) => touched + this.#editOne(edit), 0);
  }

  #editOne({ wid, sku, sellerId, fnsku, valid, remove }: StockEdit): number {
    const isMeant = (row: StockRow): boolean =>
      row.wid === wid && row.sku === sku && (sellerId ?? row.sellerId) === row.sellerId && (fnsku ?? row.fnsku) === row.fnsku;
    const meant = this.rows.filter(isMeant);
    if (remove === true) {
      this.rows = this.rows.filter((row) => !isMeant(row));
      return meant.length;
    }
    const [first] = meant;
    if (first === undefined) {
      const productId = 90_000 + this.rows.length;
      this.rows.push({ wid, productId, sku, sellerId: sellerId ?? "0", fnsku: fnsku ?? "", valid: valid ?? 0, bad: 0, qc: 0, lock: 0 });
    } else if (valid !== undefined) {
      // One figure for a SKU that lies in several rows: the first row takes it, the others are emptied.
      for (const row of meant) row.valid = row === first ? valid : 0;
    }
    return Math.max(meant.length, 1);
  }
}

/** POST /erp/sc/routing/data/local_inventory/inventoryDetails: rows by warehouse, product, seller and FNSKU, not summed. */
export function listStock(lingxing: LingxingContext, body: z.infer<typeof StockRequest>): Answer {
  const found = lingxing.stock.select(body.wid, body.sku);
  const { offset = 0, length = 20 } = body;
  const rows = found.slice(offset, offset + length).map((row) =>
    JSON.stringify({
      wid: row.wid,
      product_id: row.productId,
      sku: row.sku,
      seller_id: row.sellerId,
      fnsku: row.fnsku,
      product_total: row.valid + row.bad + row.qc + row.lock,
      product_valid_num: row.valid,
      product_bad_num: row.bad,
      product_qc_num: row.qc,
      product_lock_num: row.lock,
      quantity_receive: "0",
      product_onway: 0,
      third_inventory: [],
    }),
  );
  return lingxing.dialect.erp(rows, found.length);
}
