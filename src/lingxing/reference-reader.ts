import * as z from "zod";
import type { HttpClient } from "../http/client.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { canonicalBody } from "./canonical-body.ts";

export const WAREHOUSES: Endpoint = {
  name: "lingxing.warehouses",
  method: "POST",
  path: "/erp/sc/data/local_inventory/warehouse",
  write: false,
  timeoutMs: 130_000, // a request given up earlier holds the only bucket token for two minutes all the same
  limit: { exclusive: true },
};
export const STORES: Endpoint = {
  name: "lingxing.stores",
  method: "POST",
  path: "/pb/mp/shop/v2/getSellerList",
  write: false,
  timeoutMs: 120_000,
  limit: { inFlight: 1 },
};

/** Local and overseas; those of platforms hold nothing that could be sent from there. Without a type Lingxing lists local ones only. */
const WAREHOUSE_TYPES = [1, 3] as const;
const WAREHOUSES_PER_PAGE = 1_000;
/** Fewer than 20 are refused, and more than 200. */
const STORES_PER_PAGE = 200;

export interface LingxingWarehouse {
  readonly wid: string;
  readonly name: string;
  readonly deleted: boolean;
}

export interface LingxingStore {
  readonly storeId: string;
  readonly name: string;
}

const Id = z.union([z.string(), z.number()]).transform((id) => String(id).trim());
const Name = Id.optional()
  .catch(undefined)
  .transform((name) => name ?? "");
const Total = z.union([z.number().int().min(0), z.string().trim().regex(/^\d+$/).transform(Number)]);

const WarehouseAnswer = z.looseObject({
  total: Total.optional().catch(undefined),
  data: z.array(z.looseObject({ wid: Id, name: Name, is_delete: Id.optional().catch(undefined) })).nullish(),
});
const StoreAnswer = z.looseObject({
  data: z.looseObject({
    total: Total.optional().catch(undefined),
    list: z.array(z.looseObject({ store_id: Id, store_name: Name })).nullish(),
  }),
});

/** The lists in which ids of the configuration are looked up. For people who check a map; no job reads them. */
export class ReferenceReader {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** POST /erp/sc/data/local_inventory/warehouse: local and overseas warehouses, deleted ones too. @throws as HttpClient.call. */
  async warehouses(): Promise<LingxingWarehouse[]> {
    const found: LingxingWarehouse[] = [];
    for (const type of WAREHOUSE_TYPES) {
      const rows = await readPages(WAREHOUSES_PER_PAGE, async (page) => {
        const body = canonicalBody({ type, is_delete: "0,1", ...page });
        const { data } = await this.#http.call(WAREHOUSES, { body }, WarehouseAnswer);
        return { total: data.total, rows: data.data ?? [] };
      });
      found.push(...rows.map(({ wid, name, is_delete }) => ({ wid, name, deleted: is_delete === "1" })));
    }
    return found;
  }

  /** POST /pb/mp/shop/v2/getSellerList: the stores of a platform. @throws as HttpClient.call. */
  async stores(platformCode: number): Promise<LingxingStore[]> {
    const rows = await readPages(STORES_PER_PAGE, async (page) => {
      const body = canonicalBody({ platform_code: [platformCode], ...page });
      const { data } = await this.#http.call(STORES, { body }, StoreAnswer);
      return { total: data.data.total, rows: data.data.list ?? [] };
    });
    return rows.map(({ store_id, store_name }) => ({ storeId: store_id, name: store_name }));
  }
}

interface Page<Row> {
  readonly total: number | undefined;
  readonly rows: readonly Row[];
}

/** Lists that hardly ever change: read once, to the end. */
async function readPages<Row>(length: number, read: (page: { offset: number; length: number }) => Promise<Page<Row>>): Promise<Row[]> {
  const found: Row[] = [];
  for (;;) {
    const { total, rows } = await read({ offset: found.length, length });
    found.push(...rows);
    if (rows.length === 0 || (total === undefined ? rows.length < length : found.length >= total)) return found;
  }
}
