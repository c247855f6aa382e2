import type * as z from "zod";
import { OutageError } from "../errors.ts";
import { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { type LingxingCredentials, lingxingToken } from "./auth.ts";
import { canonicalBody } from "./canonical-body.ts";
import { type LingxingOrder, type NewLingxingOrder, toLingxingOrder, toWireOrder } from "./orders.ts";
import { CreateAnswer, CreatedEntry, ListAnswer, RefusedEntry } from "./schemas.ts";
import { LINGXING_OUTAGE_STEP, lingxingVendor } from "./vendor.ts";

export type { LingxingOrder, NewLingxingItem, NewLingxingOrder } from "./orders.ts";

export const CREATE_ORDERS: Endpoint = {
  name: "lingxing.order_create",
  method: "POST",
  path: "/pb/mp/order/v2/create",
  write: true,
  timeoutMs: 60_000,
  limit: { inFlight: 10 }, // the whole bucket: only the push creates
};
export const LIST_ORDERS: Endpoint = {
  name: "lingxing.order_list",
  method: "POST",
  path: "/pb/mp/order/v2/list",
  write: false,
  timeoutMs: 120_000, // a request given up earlier holds its bucket token for two minutes all the same
  limit: { inFlight: 3 }, // the bucket is 10, and push, ack and ship read at the same time in processes of their own
};

/** Most order numbers in one list request. */
const NUMBERS_PER_CALL = 200;
/** Most entries on one page; fewer than 20 is refused. */
const PAGE_LENGTH = 500;
/** Readings of one batch of numbers whose pages do not add up, before the vendor counts as out. */
const READINGS = 3;

export interface LingxingClientOptions {
  readonly baseUrl: string;
  readonly appId: string;
  readonly credentials: LingxingCredentials;
}

export interface CreateOrdersRequest {
  readonly platformCode: number;
  readonly storeId: string;
  readonly orders: readonly NewLingxingOrder[];
}

/** What the vendor said of each order. One that is in neither list is in doubt. */
export interface CreateResult {
  readonly created: readonly { readonly platformOrderNo: string; readonly globalOrderNo: string }[];
  readonly refused: readonly { readonly platformOrderNo: string; readonly message: string }[];
  readonly requestId?: string;
}

export class LingxingClient {
  readonly #http: HttpClient;
  readonly #redact: (text: string) => string;

  constructor({ baseUrl, appId, credentials }: LingxingClientOptions, deps: HttpDeps) {
    const token = lingxingToken(baseUrl, appId, credentials, deps);
    this.#http = new HttpClient(
      lingxingVendor(baseUrl, appId, token, () => deps.now?.() ?? new Date()),
      deps,
    );
    this.#redact = deps.redact;
  }

  /**
   * POST /pb/mp/order/v2/create: manual orders of one platform and one store. The vendor names no maximum; the batch is the caller's.
   * Part of a batch may be refused while the call as a whole succeeds. @throws as HttpClient.call.
   */
  async createOrders({ platformCode, storeId, orders }: CreateOrdersRequest): Promise<CreateResult> {
    const body = canonicalBody({ platform_code: platformCode, store_id: storeId, orders: orders.map(toWireOrder) });
    const { data, requestId } = await this.#http.call(CREATE_ORDERS, { body }, CreateAnswer);
    const created = data.data.flatMap(({ success_details }) => readEntries(success_details, CreatedEntry));
    const refused = data.data.flatMap(({ error_details }) => readEntries(error_details, RefusedEntry));
    return {
      created: created.map((entry) => ({ platformOrderNo: entry.platform_order_no, globalOrderNo: entry.global_order_no })),
      refused: refused.map((entry) => ({
        platformOrderNo: entry.platform_order_no,
        message: this.#redact(entry.error_message ?? entry.message ?? "refused without a reason").slice(0, 300),
      })),
      ...(requestId !== undefined && { requestId }),
    };
  }

  /**
   * POST /pb/mp/order/v2/list by number: every entry of these numbers in these stores, deleted ones and all parts of split orders included.
   * A number that is in no entry does not exist there: a read that does not add up is repeated and then fails.
   */
  async ordersByNumber(storeIds: readonly string[], platformOrderNos: readonly string[]): Promise<LingxingOrder[]> {
    if (storeIds.length === 0) throw new Error("ordersByNumber needs a store: numbers are unique only within one");
    const numbers = [...new Set(platformOrderNos)];
    const batches = Array.from({ length: Math.ceil(numbers.length / NUMBERS_PER_CALL) }, (_, batch) =>
      numbers.slice(batch * NUMBERS_PER_CALL, (batch + 1) * NUMBERS_PER_CALL),
    );
    const found = await Promise.all(batches.map((batch) => this.#readBatch(storeIds, batch)));
    return [...new Map(found.flat().map((order) => [order.globalOrderNo, order])).values()]; // a merged order may answer to two batches
  }

  async #readBatch(storeIds: readonly string[], numbers: readonly string[]): Promise<LingxingOrder[]> {
    for (let reading = 1; reading <= READINGS; reading++) {
      const orders = await this.#readPages(storeIds, numbers);
      if (orders !== undefined) return orders;
    }
    throw new OutageError("vendor", `${LIST_ORDERS.name}: the pages do not add up to the total, ${READINGS} times`, LINGXING_OUTAGE_STEP);
  }

  /** Undefined when orders moved between pages, so that one may have been passed over. */
  async #readPages(storeIds: readonly string[], numbers: readonly string[]): Promise<LingxingOrder[] | undefined> {
    const orders = new Map<string, LingxingOrder>();
    for (let offset = 0; ; ) {
      const body = canonicalBody({
        offset,
        length: PAGE_LENGTH,
        store_id: storeIds,
        platform_order_nos: numbers,
        include_delete: true,
      });
      const { data } = await this.#http.call(LIST_ORDERS, { body }, ListAnswer);
      const { total, list } = data.data;
      for (const entry of list) orders.set(entry.global_order_no, toLingxingOrder(entry));
      offset += list.length;
      // A page shorter than asked for is not the end when the total says otherwise: the vendor may cap the length.
      const complete = total === undefined ? list.length < PAGE_LENGTH : offset >= total;
      if (complete || list.length === 0) return orders.size >= (total ?? 0) ? [...orders.values()] : undefined;
    }
  }
}

/** The entries that can be read; an order whose entry cannot is then in neither list, which is what we know of it. */
function readEntries<T extends z.ZodType>(list: unknown, schema: T): z.infer<T>[] {
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const read = schema.safeParse(entry);
    return read.success ? [read.data] : [];
  });
}
