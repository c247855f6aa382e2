import type * as z from "zod";
import { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { type LingxingCredentials, lingxingToken } from "./auth.ts";
import { canonicalBody } from "./canonical-body.ts";
import { InventoryReader } from "./inventory-reader.ts";
import { OrderListReader } from "./order-list-reader.ts";
import { type LingxingOrder, type NewLingxingOrder, toWireOrder } from "./orders.ts";
import type { OutboundOrder } from "./outbound.ts";
import { type OutboundQuery, OutboundReader } from "./outbound-reader.ts";
import { ReferenceReader } from "./reference-reader.ts";
import { CreateAnswer, CreatedEntry, RefusedEntry } from "./schemas.ts";
import { lingxingVendor } from "./vendor.ts";

export type { LingxingOrder, NewLingxingItem, NewLingxingOrder } from "./orders.ts";

export const CREATE_ORDERS: Endpoint = {
  name: "lingxing.order_create",
  method: "POST",
  path: "/pb/mp/order/v2/create",
  write: true,
  timeoutMs: 60_000,
  limit: { inFlight: 10 }, // the whole bucket: only the push creates
  maxBodyBytes: 5_000_000, // the vendor names none; a batch of ordinary orders has a hundred thousand
};

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
  /** What lies in the warehouses. */
  readonly inventory: InventoryReader;
  /** Which warehouses and stores there are. */
  readonly reference: ReferenceReader;
  readonly #http: HttpClient;
  readonly #orders: OrderListReader;
  readonly #outbound: OutboundReader;
  readonly #redact: (text: string) => string;

  constructor({ baseUrl, appId, credentials }: LingxingClientOptions, deps: HttpDeps) {
    const token = lingxingToken(baseUrl, appId, credentials, deps);
    this.#http = new HttpClient(
      lingxingVendor(baseUrl, appId, token, () => deps.now?.() ?? new Date()),
      deps,
    );
    this.#orders = new OrderListReader(this.#http, deps.log);
    this.#outbound = new OutboundReader(this.#http);
    this.inventory = new InventoryReader(this.#http);
    this.reference = new ReferenceReader(this.#http);
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

  /** All that is known of these numbers; see OrderListReader.byNumber. */
  async ordersByNumber(storeIds: readonly string[], platformOrderNos: readonly string[]): Promise<LingxingOrder[]> {
    return this.#orders.byNumber(storeIds, platformOrderNos);
  }

  /** Pages of what has changed between two moments; see OrderListReader.updatedBetween. */
  ordersUpdatedBetween(storeIds: readonly string[], sinceSec: number, untilSec: number): AsyncGenerator<readonly LingxingOrder[]> {
    return this.#orders.updatedBetween(storeIds, sinceSec, untilSec);
  }

  /** What the warehouse did for these numbers; see OutboundReader.find. */
  async outboundOrders(query: OutboundQuery): Promise<OutboundOrder[]> {
    return this.#outbound.find(query);
  }
}

/** The entries that can be read; an order whose entry cannot is then in neither list, which is what we know of it. */
function readEntries<T extends z.ZodType>(list: unknown, schema: T): z.infer<T>[] {
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const read = schema.safeParse(entry);
    return read.success ? [read.data] : [];
  });
}
