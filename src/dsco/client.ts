import * as z from "zod";
import { InDoubtError, OutageError, RefusedError } from "../errors.ts";
import { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { sliceArray, sliceTopArray } from "../http/json-slices.ts";
import { parseLossless } from "../http/lossless-json.ts";
import { type DscoCredentials, dscoToken } from "./auth.ts";
import { InventoryClient } from "./inventory-client.ts";
import { readDscoOrderId } from "./order.ts";
import { DscoReportClient } from "./report-client.ts";
import { OrderPage } from "./schemas.ts";
import { DSCO_OUTAGE_STEP, dscoVendor } from "./vendor.ts";
import { WarehouseReader } from "./warehouse-reader.ts";

export const ORDER_PAGE: Endpoint = {
  name: "dsco.order_page",
  method: "GET",
  path: "/order/page",
  write: false,
  timeoutMs: 120_000,
  limit: { perSecond: 10, perMinute: 500 },
};
export const ORDER_BY_ID: Endpoint = {
  name: "dsco.order",
  method: "GET",
  path: "/order/", // with the slash, unlike the others
  write: false,
  timeoutMs: 60_000,
  limit: { perSecond: 10, perMinute: 500 },
};
export const HELLO: Endpoint = {
  name: "dsco.hello",
  method: "GET",
  path: "/hello",
  write: false,
  timeoutMs: 30_000,
  limit: {},
};

const ORDERS_PER_PAGE = 1_000;

/** A page of a scroll was lost. Asking again would skip it, since the cursor at DSCO may have moved: the slice of time must start over. */
export class ScrollLostError extends OutageError {
  constructor(message: string) {
    super("vendor", message, DSCO_OUTAGE_STEP);
  }
}

/** The scroll is gone (404), as it is after five minutes without a page: a smaller slice of time is needed. */
export class ScrollExpiredError extends OutageError {
  constructor(message: string) {
    super("vendor", message, DSCO_OUTAGE_STEP);
  }
}

export interface PageOptions {
  readonly includeTestOrders: boolean;
  /** 10 to 1000; 1000 unless told. */
  readonly ordersPerPage?: number | undefined;
}

export interface DscoClientOptions {
  readonly baseUrl: string;
  readonly credentials: DscoCredentials;
}

export class DscoClient {
  /** What goes back to DSCO, and what became of it. */
  readonly reports: DscoReportClient;
  /** Stock, and what became of it. */
  readonly inventory: InventoryClient;
  readonly warehouses: WarehouseReader;
  readonly #http: HttpClient;

  constructor({ baseUrl, credentials }: DscoClientOptions, deps: HttpDeps) {
    this.#http = new HttpClient(dscoVendor(baseUrl, dscoToken(baseUrl, credentials, deps)), deps);
    this.reports = new DscoReportClient(this.#http, deps);
    this.inventory = new InventoryClient(this.#http, deps);
    this.warehouses = new WarehouseReader(this.#http);
  }

  /**
   * GET /order/page: pages of orders updated after `since` (exclusive), each order exactly as DSCO wrote it. `until` must be at least 5 s ago.
   * The read is complete only when the generator has ended by itself.
   * @throws ScrollLostError, ScrollExpiredError during the scroll; otherwise as HttpClient.call.
   */
  async *ordersUpdatedSince(since: Date, until: Date, options: PageOptions): AsyncGenerator<readonly string[]> {
    // The first page may be asked for again: each time a new scroll is opened, from its beginning.
    let page = await this.#page({
      ordersUpdatedSince: since.toISOString(),
      until: until.toISOString(),
      ordersPerPage: options.ordersPerPage ?? ORDERS_PER_PAGE,
      ...(options.includeTestOrders && { includeTestOrders: true }),
    });
    while (page.orders.length > 0) {
      yield page.orders;
      if (page.scrollId === undefined) return;
      page = await this.#nextPage(page.scrollId);
    }
  }

  /**
   * GET /order/: one order exactly as DSCO wrote it, undefined when DSCO does not know it. @throws as HttpClient.call.
   */
  async findOrder(dscoOrderId: string): Promise<string | undefined> {
    const query = { orderKey: "dscoOrderId", value: dscoOrderId };
    try {
      const parse = (text: string) => ({ order: pickOrder(text, dscoOrderId) });
      const { data } = await this.#http.call(ORDER_BY_ID, { query }, z.object({ order: z.string().optional() }), { parse });
      return data.order;
    } catch (error) {
      if (error instanceof RefusedError && error.code === "404") return undefined;
      throw error;
    }
  }

  /** GET /hello: whether the credentials work, and what DSCO's clock says. */
  async hello(): Promise<{ serverDate?: Date }> {
    const { date } = await this.#http.call(HELLO, {}, z.looseObject({}));
    return date === undefined ? {} : { serverDate: date };
  }

  async #nextPage(scrollId: string): Promise<Page> {
    try {
      // Repeated only when it provably never arrived (refused connection, 429, 401): the cursor then has not moved.
      return await this.#page({ scrollId }, false);
    } catch (error) {
      if (error instanceof InDoubtError) throw new ScrollLostError(error.message);
      if (error instanceof RefusedError && error.code === "404") throw new ScrollExpiredError(error.message);
      throw error;
    }
  }

  async #page(query: Record<string, string | number | boolean>, repeatable = true): Promise<Page> {
    const parse = (text: string) => sliceArray(text, "orders");
    const { data } = await this.#http.call(ORDER_PAGE, { query }, OrderPage, { repeatable, parse });
    return { orders: data.slices, scrollId: data.rest.scrollId || undefined };
  }
}

interface Page {
  readonly orders: readonly string[];
  readonly scrollId: string | undefined;
}

/** The order asked for out of an answer that should be it, but may be a list (as it is with returnMultiple) or empty. */
function pickOrder(text: string, dscoOrderId: string): string | undefined {
  const trimmed = text.trim();
  const candidates = trimmed.startsWith("[") ? sliceTopArray(trimmed) : [trimmed];
  const filled = candidates.filter((candidate) => !isEmpty(parseLossless(candidate)));
  const found = filled.find((candidate) => idOf(parseLossless(candidate)) === dscoOrderId);
  // Another order than the one asked for says nothing about ours: not "it does not exist".
  if (found === undefined && filled.length > 0) throw new SyntaxError("another order than the one asked for");
  return found;
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

function idOf(value: unknown): string | undefined {
  return typeof value === "object" && value !== null ? readDscoOrderId((value as Record<string, unknown>).dscoOrderId) : undefined;
}
