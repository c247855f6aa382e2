import * as z from "zod";
import type { HttpClient } from "../http/client.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { canonicalBody } from "./canonical-body.ts";
import { READINGS } from "./order-list-reader.ts";

export const INVENTORY_DETAILS: Endpoint = {
  name: "lingxing.inventory_details",
  method: "POST",
  path: "/erp/sc/routing/data/local_inventory/inventoryDetails",
  write: false,
  timeoutMs: 130_000, // a request given up earlier holds the only bucket token for two minutes all the same
  limit: { exclusive: true },
};

/** The most the vendor takes. */
const PAGE_LENGTH = 800;

/** One row of Lingxing's stock. A SKU has one per warehouse, seller and FNSKU: they are to be summed. */
export interface StockRow {
  /** Empty when it could not be read. */
  readonly wid: string;
  /** Lingxing's own SKU; empty when there is none. Undefined when it could not be read: it may be any. */
  readonly sku: string | undefined;
  /** What can be sold; may be negative. Undefined when it could not be read. */
  readonly available: number | undefined;
}

/** What a reading came to. Only a complete one tells which SKUs are gone. */
export interface StockReading {
  readonly rows: number;
  readonly total: number;
  /** Every page was as long as it had to be, and the total stayed what it was. */
  readonly complete: boolean;
}

/** Begins a reading, the first one or a further one: what was taken before counts no more. Returns what takes the rows of each page. */
export type TakeRows = () => (rows: readonly StockRow[]) => void;

const Text = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim())
  .catch("");
const Sku = z
  .union([z.string(), z.number(), z.null().transform(() => "")])
  .transform((value) => String(value).trim())
  .optional()
  .catch(undefined);
const Figure = z
  .union([
    z.number().int(),
    z
      .string()
      .trim()
      .regex(/^-?\d+$/)
      .transform(Number)
      .pipe(z.number().int()),
  ])
  .optional()
  .catch(undefined);
/** An odd row is kept, as one that says nothing about its figure: dropped, its SKU would look as if it were gone. */
const StockEntry = z
  .object({ wid: Text, sku: Sku, product_valid_num: Figure })
  .catch({ wid: "", sku: undefined, product_valid_num: undefined })
  .transform(({ wid, sku, product_valid_num }): StockRow => ({ wid, sku, available: product_valid_num }));
const Total = z.union([z.number().int().min(0), z.string().trim().regex(/^\d+$/).transform(Number)]);

/** Without a total nobody could tell whether all rows came. */
const StockAnswer = z
  .object({ total: Total, data: z.array(StockEntry).nullish() })
  .refine(({ total, data }) => Array.isArray(data) || total === 0)
  .transform(({ total, data }) => ({ total, rows: data ?? [] }));

/** POST /erp/sc/routing/data/local_inventory/inventoryDetails, one request at a time. */
export class InventoryReader {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /**
   * Everything that lies in these warehouses, page by page, so that memory holds one page. Rows move while they are read: when the total
   * changes or a page is short, the reading starts over, a few times; the last one is reported as incomplete. @throws as HttpClient.call.
   */
  async read(wids: readonly string[], start: TakeRows): Promise<StockReading> {
    for (let reading = 1; ; reading++) {
      const last = reading === READINGS;
      const found = await this.#readPages(wids.join(","), start(), last);
      if (found.complete || last) return found;
    }
  }

  /**
   * Whether Lingxing has a row of this SKU in these warehouses. That it has none proves little: whether a SKU without stock has one is
   * documented nowhere. @throws as HttpClient.call.
   */
  async lists(wids: readonly string[], sku: string): Promise<boolean> {
    for (let offset = 0; ; offset += PAGE_LENGTH) {
      const body = canonicalBody({ wid: wids.join(","), sku, offset, length: PAGE_LENGTH });
      const { rows, total } = (await this.#http.call(INVENTORY_DETAILS, { body }, StockAnswer)).data;
      if (rows.some((row) => row.sku === sku)) return true; // it is looked for loosely, and others may be found
      if (rows.length === 0 || offset + rows.length >= total) return false;
    }
  }

  /** `toTheEnd`: although it is already known not to add up. */
  async #readPages(wid: string, take: (rows: readonly StockRow[]) => void, toTheEnd: boolean): Promise<StockReading> {
    let total: number | undefined;
    let rows = 0;
    let complete = true;
    for (let offset = 0; total === undefined || offset < total; offset += PAGE_LENGTH) {
      const body = canonicalBody({ wid, offset, length: PAGE_LENGTH });
      const page = (await this.#http.call(INVENTORY_DETAILS, { body }, StockAnswer)).data;
      const changed = total !== undefined && page.total !== total;
      total = page.total;
      take(page.rows);
      rows += page.rows.length;
      if (changed || page.rows.length !== Math.min(PAGE_LENGTH, Math.max(0, total - offset))) complete = false;
      if (!complete && !toTheEnd) break;
    }
    return { rows, total: total ?? 0, complete };
  }
}
