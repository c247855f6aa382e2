import { OutageError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpLog } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { canonicalBody } from "./canonical-body.ts";
import { type LingxingOrder, toLingxingOrder } from "./orders.ts";
import { ListAnswer } from "./schemas.ts";
import { LINGXING_OUTAGE_STEP } from "./vendor.ts";

export const LIST_ORDERS: Endpoint = {
  name: "lingxing.order_list",
  method: "POST",
  path: "/pb/mp/order/v2/list",
  write: false,
  timeoutMs: 120_000, // a request given up earlier holds its bucket token for two minutes all the same
  limit: { inFlight: 3 }, // the bucket is 10, and push, ack and ship read at the same time in processes of their own
};

/** Most order numbers in one request, of this list and of the warehouse's. */
export const NUMBERS_PER_CALL = 200;
/** Most entries on one page; fewer than 20 is refused. */
const PAGE_LENGTH = 500;
/** Readings of one list whose pages do not add up. */
export const READINGS = 3;
/** The longest span of a search by time: 31 days in one place of the documentation, 30 in another. */
const MAX_SPAN_SEC = 30 * 86_400;

interface ListPage {
  readonly total: number | undefined;
  readonly orders: readonly LingxingOrder[];
}

/** POST /pb/mp/order/v2/list: orders with all parts of split ones, deleted ones included. */
export class OrderListReader {
  readonly #http: HttpClient;
  readonly #log: HttpLog;

  constructor(http: HttpClient, log: HttpLog) {
    this.#http = http;
    this.#log = log;
  }

  /**
   * Every entry of these numbers in these stores. A number that is in no entry does not exist there: a read that does not add up is
   * repeated and then fails. @throws as HttpClient.call.
   */
  async byNumber(storeIds: readonly string[], platformOrderNos: readonly string[]): Promise<LingxingOrder[]> {
    if (storeIds.length === 0) throw new Error("ordersByNumber needs a store: numbers are unique only within one");
    const found = await Promise.all(inBatches(platformOrderNos).map((batch) => this.#readBatch(storeIds, batch)));
    return [...new Map(found.flat().map((order) => [order.globalOrderNo, order])).values()]; // a merged order may answer to two batches
  }

  /**
   * Pages of the entries of these stores that changed after `sinceSec` and before `untilSec` (Unix seconds, at most 30 days apart). Both
   * bounds are open at Lingxing, so neighbouring windows must overlap. No entry comes twice. Should orders change faster than the pages
   * can be read, some may be passed over: it is a feed, not proof of absence.
   * @throws as HttpClient.call.
   */
  async *updatedBetween(storeIds: readonly string[], sinceSec: number, untilSec: number): AsyncGenerator<readonly LingxingOrder[]> {
    if (storeIds.length === 0) throw new Error("ordersUpdatedBetween needs a store: other channels' orders are not ours");
    if (!Number.isInteger(sinceSec) || !Number.isInteger(untilSec)) throw new Error("ordersUpdatedBetween takes whole seconds");
    if (untilSec - sinceSec > MAX_SPAN_SEC) throw new Error("ordersUpdatedBetween: Lingxing searches at most 30 days at a time");
    if (untilSec - sinceSec < 2) return; // no second lies between them
    const filter = { date_type: "update_time", start_time: sinceSec, end_time: untilSec, store_id: storeIds };
    const seen = new Set<string>();
    let most = 0;
    for (let reading = 1; reading <= READINGS; reading++) {
      for await (const { total, orders } of this.#pages(filter)) {
        const fresh = orders.filter(({ globalOrderNo }) => !seen.has(globalOrderNo));
        for (const { globalOrderNo } of fresh) seen.add(globalOrderNo);
        if (fresh.length > 0) yield fresh;
        most = Math.max(most, total ?? 0);
      }
      // An order that changes meanwhile leaves the window, and those behind it move up by one, past the page being read.
      if (seen.size >= most) return;
    }
    this.#log.warn("lingxing_feed_drifted", { seen: seen.size, total: most });
  }

  async #readBatch(storeIds: readonly string[], numbers: readonly string[]): Promise<LingxingOrder[]> {
    for (let reading = 1; reading <= READINGS; reading++) {
      const found = new Map<string, LingxingOrder>();
      let last = 0;
      for await (const { total, orders } of this.#pages({ store_id: storeIds, platform_order_nos: numbers })) {
        for (const order of orders) found.set(order.globalOrderNo, order);
        last = total ?? 0;
      }
      if (found.size >= last) return [...found.values()]; // else orders moved between pages, and one may have been passed over
    }
    throw new OutageError("vendor", `${LIST_ORDERS.name}: the pages do not add up to the total, ${READINGS} times`, LINGXING_OUTAGE_STEP);
  }

  async *#pages(filter: Readonly<Record<string, unknown>>): AsyncGenerator<ListPage> {
    for (let offset = 0; ; ) {
      const body = canonicalBody({ offset, length: PAGE_LENGTH, ...filter, include_delete: true });
      const { data } = await this.#http.call(LIST_ORDERS, { body }, ListAnswer);
      const { total, list } = data.data;
      yield { total, orders: list.map(toLingxingOrder) };
      offset += list.length;
      // A page shorter than asked for is not the end when the total says otherwise: the vendor may cap the length.
      const complete = total === undefined ? list.length < PAGE_LENGTH : offset >= total;
      if (complete || list.length === 0) return;
    }
  }
}

/** Each number once, as many together as one request takes. */
export function inBatches(numbers: readonly string[]): string[][] {
  const unique = [...new Set(numbers)];
  return Array.from({ length: Math.ceil(unique.length / NUMBERS_PER_CALL) }, (_, batch) =>
    unique.slice(batch * NUMBERS_PER_CALL, (batch + 1) * NUMBERS_PER_CALL),
  );
}
