import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import type { DscoContext } from "./context.ts";
import { type OrderVersion, visibleVersion } from "./order-book.ts";
import { DscoQuery } from "./query.ts";
import { Scrolls } from "./scrolls.ts";

const STATUSES = ["created", "shipment_pending", "shipped", "cancelled"] as const;
/** GET /order/page: `until` may not be nearer to now. */
const UNTIL_MARGIN_MS = 5000;
const PAGE_PARAMETERS = [
  "consumerOrderNumber",
  "ordersCreatedSince",
  "ordersUpdatedSince",
  "until",
  "status",
  "ordersPerPage",
  "includeTestOrders",
  "returnedOnly",
];

/** GET /order/page and GET /order/. */
export class OrderReads {
  readonly #dsco: DscoContext;
  readonly #scrolls: Scrolls<OrderVersion>;

  constructor(dsco: DscoContext) {
    this.#dsco = dsco;
    this.#scrolls = new Scrolls(dsco.dialect, dsco.now);
  }

  /** Precedence: scrollId alone, then consumerOrderNumber, then dates. */
  page(request: SandboxRequest): Answer {
    const scrollId = request.query.get("scrollId");
    if (scrollId) {
      const { items, release } = this.#scrolls.next(scrollId);
      return { ...pageAnswer(scrollId, items), ...(release === undefined ? {} : { onSent: release }) };
    }
    const query = new DscoQuery(request.query, this.#dsco.dialect, PAGE_PARAMETERS);
    const pageSize = query.integer("ordersPerPage", 10, 1000) ?? 1000;
    const found = this.#search(query);
    // A result without orders has no scroll; any other has one, also when nothing more follows.
    return pageAnswer(found.length === 0 ? undefined : this.#scrolls.open(found, pageSize), found.slice(0, pageSize));
  }

  /** One order by key: the first, or with returnMultiple=true a list of all that match. */
  get(request: SandboxRequest): Answer {
    const query = new DscoQuery(request.query, this.#dsco.dialect, [
      "orderKey",
      "value",
      "returnMultiple",
      "dscoAccountId",
      "dscoTradingPartnerId",
    ]);
    query.required("orderKey");
    const key = query.oneOf("orderKey", ["dscoOrderId", "poNumber", "supplierOrderNumber"]) ?? "dscoOrderId";
    const value = query.required("value");
    const now = this.#dsco.now().getTime();
    const texts = this.#dsco.book.findAll(key, value).flatMap((stored) => visibleVersion(stored, now)?.text ?? []);
    if (query.flag("returnMultiple") === true) return jsonAnswer(200, `[${texts.join(",")}]`);
    const [first] = texts;
    if (first === undefined) throw this.#dsco.dialect.refuse(404, "notFound", `no order with ${key} ${value}`);
    return jsonAnswer(200, first);
  }

  #search(query: DscoQuery): OrderVersion[] {
    const { dialect, now, book } = this.#dsco;
    const consumerOrderNumber = query.text("consumerOrderNumber");
    const created = query.time("ordersCreatedSince");
    const updated = query.time("ordersUpdatedSince");
    const until = query.time("until");
    const statuses = query.allOf("status", STATUSES);
    const withTests = query.flag("includeTestOrders") === true;
    const returnedOnly = query.flag("returnedOnly");
    const nowMs = now().getTime();
    let inWindow = (order: OrderVersion): boolean => order.consumerOrderNumber === consumerOrderNumber;
    if (consumerOrderNumber === undefined) {
      if ((created === undefined) === (updated === undefined)) {
        throw dialect.refuse(400, "badRequest", "give one of ordersCreatedSince and ordersUpdatedSince");
      }
      if (until === undefined) throw dialect.refuse(400, "badRequest", "until is required with dates");
      if (until > nowMs - UNTIL_MARGIN_MS) throw dialect.refuse(400, "badRequest", "until has to be at least 5 seconds in the past");
      // Whether `until` belongs to the window is nowhere said: here it does not, which is harder on clients.
      inWindow =
        created === undefined
          ? (order) => order.updatedMs > (updated ?? 0) && order.updatedMs < until
          : (order) => order.createdMs >= created && order.createdMs < until;
    }
    const found: OrderVersion[] = [];
    for (const stored of book.orders) {
      const order = visibleVersion(stored, nowMs);
      if (order === undefined || !inWindow(order)) continue;
      if (order.test && !withTests) continue;
      if (statuses.length > 0 && !statuses.some((status) => status === order.status)) continue;
      if (returnedOnly !== true) found.push(order);
    }
    return found.sort((one, other) => one.updatedMs - other.updatedMs);
  }
}

function pageAnswer(scrollId: string | undefined, orders: readonly OrderVersion[]): Answer {
  const head = scrollId === undefined ? "" : `"scrollId":${JSON.stringify(scrollId)},`;
  return jsonAnswer(200, `{${head}"orders":[${orders.map(({ text }) => text).join(",")}]}`);
}
