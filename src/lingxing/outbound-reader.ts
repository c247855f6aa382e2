import { OutageError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { beijingDaySpans } from "./beijing-days.ts";
import { canonicalBody } from "./canonical-body.ts";
import { inBatches, READINGS } from "./order-list-reader.ts";
import { type OutboundOrder, toOutboundOrder } from "./outbound.ts";
import { OutboundAnswer } from "./schemas.ts";
import { LINGXING_OUTAGE_STEP } from "./vendor.ts";

export const LIST_OUTBOUND: Endpoint = {
  name: "lingxing.wms_order_list",
  method: "POST",
  path: "/erp/sc/routing/wms/order/wmsOrderList",
  write: false,
  timeoutMs: 130_000, // a request given up earlier holds the only bucket token for two minutes all the same
  limit: { exclusive: true },
};

const PAGE_SIZE = 200;
/** The vendor names no longest span; 30 days is that of its other list. */
const DAYS_PER_CALL = 30;

export interface OutboundQuery {
  readonly platformOrderNos: readonly string[];
  /** When the outbound orders were made, to the Beijing day: without dates Lingxing shows about the last month. */
  readonly createdFrom: Date;
  readonly createdTo: Date;
  /** The store as the warehouse knows it; left out unless given. May have 18 digits. */
  readonly sid?: string | undefined;
}

/** POST /erp/sc/routing/wms/order/wmsOrderList, one request at a time. */
export class OutboundReader {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /**
   * The outbound orders of these numbers, in every status; one sales order may have several, and a merged one stands for several numbers.
   * An answer with an order that cannot be read counts as no answer. @throws as HttpClient.call.
   */
  async find({ platformOrderNos, createdFrom, createdTo, sid }: OutboundQuery): Promise<OutboundOrder[]> {
    const found = new Map<string, OutboundOrder>();
    const spans = beijingDaySpans(createdFrom, createdTo, DAYS_PER_CALL);
    for (const numbers of inBatches(platformOrderNos)) {
      for (const { from, to } of spans) {
        const filter = {
          // A bigint is written and signed with all its digits; as a number it would be rounded.
          ...(sid !== undefined && { sid_arr: [BigInt(sid)] }),
          platform_order_no_arr: numbers,
          time_type: "create_at",
          start_date: from,
          end_date: to,
        };
        for (const order of await this.#readAll(filter)) found.set(order.woNumber, order);
      }
    }
    return [...found.values()];
  }

  async #readAll(filter: Readonly<Record<string, unknown>>): Promise<OutboundOrder[]> {
    for (let reading = 1; reading <= READINGS; reading++) {
      const orders = await this.#readPages(filter);
      if (orders !== undefined) return orders;
    }
    throw new OutageError("vendor", `${LIST_OUTBOUND.name}: the pages do not add up to the total, ${READINGS} times`, LINGXING_OUTAGE_STEP);
  }

  /** Undefined when rows moved between pages, so that one may have been passed over. */
  async #readPages(filter: Readonly<Record<string, unknown>>): Promise<OutboundOrder[] | undefined> {
    const orders = new Map<string, OutboundOrder>();
    for (let page = 1, read = 0; ; page++) {
      const body = canonicalBody({ page, page_size: PAGE_SIZE, ...filter });
      const { total, rows } = (await this.#http.call(LIST_OUTBOUND, { body }, OutboundAnswer)).data;
      for (const row of rows) orders.set(row.wo_number, toOutboundOrder(row));
      read += rows.length;
      const complete = total === undefined ? rows.length < PAGE_SIZE : read >= total;
      if (complete || rows.length === 0) return orders.size >= (total ?? 0) ? [...orders.values()] : undefined;
    }
  }
}
