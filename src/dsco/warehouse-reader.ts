import * as z from "zod";
import type { HttpClient } from "../http/client.ts";
import type { Endpoint } from "../http/endpoint.ts";

export const WAREHOUSE_PAGE: Endpoint = {
  name: "dsco.warehouse_page",
  method: "GET",
  path: "/warehouse/page",
  write: false,
  timeoutMs: 60_000,
  limit: { perSecond: 2 }, // "rate-limited", without a figure
};

export interface DscoWarehouse {
  /** As orders and stock name it. */
  readonly code: string;
  readonly active: boolean;
}

const WarehousePage = z.looseObject({ warehouses: z.array(z.looseObject({ code: z.string().min(1) })), scrollId: z.string().nullish() });

/** GET /warehouse/page: the account's warehouses. For people who check a map; no job reads them. */
export class WarehouseReader {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** All of them. One search per status: a search without any is not among those DSCO lists as possible. @throws as HttpClient.call. */
  async all(): Promise<DscoWarehouse[]> {
    const [active, inactive] = await Promise.all([this.#codes("active"), this.#codes("inactive")]);
    return [...active.map((code) => ({ code, active: true })), ...inactive.map((code) => ({ code, active: false }))];
  }

  async #codes(status: "active" | "inactive"): Promise<string[]> {
    const codes: string[] = [];
    for (let query: Record<string, string> = { status }; ; ) {
      // A further page is not asked for twice: the scroll may have moved on, and would skip what was on it.
      const { data } = await this.#http.call(WAREHOUSE_PAGE, { query }, WarehousePage, { repeatable: query.scrollId === undefined });
      codes.push(...data.warehouses.map(({ code }) => code));
      if (data.warehouses.length === 0 || !data.scrollId) return codes;
      query = { scrollId: data.scrollId };
    }
  }
}
