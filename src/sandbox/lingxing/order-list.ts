import * as z from "zod";
import type { Answer } from "../endpoint.ts";
import { writeJson } from "../json.ts";
import { PLATFORM_CODE } from "../options.ts";
import type { LingxingContext } from "./context.ts";
import { globalNoOnWire, type LxOrder } from "./order-desk.ts";
import { DigitText, Epoch, NonEmpty, PlatformCodeNumber } from "./shapes.ts";

const MAX_SPAN_SEC = 30 * 86_400;
const DATE_TYPES = ["update_time", "global_purchase_time", "global_delivery_time", "global_payment_time", "delivery_time"] as const;
const PlatformCode = z.union([PlatformCodeNumber, z.string().regex(/^100\d\d$/)]);
const Numbers = z.array(NonEmpty).min(1).max(200, "一次最多200个单号");

export const ListRequest = z
  .strictObject({
    offset: z.int().min(0),
    length: z.int().min(20, "length 最小值为20").max(500, "length 最大值500"),
    date_type: z.enum(DATE_TYPES).optional(),
    start_time: Epoch.optional(),
    end_time: Epoch.optional(),
    store_id: z.array(DigitText).min(1).optional(),
    platform_code: z.array(PlatformCode).min(1).optional(),
    platform_order_nos: Numbers.optional(),
    platform_order_names: Numbers.optional(),
    order_status: z.int().min(1).max(9).optional(),
    platform_shipping_status: z.array(z.string()).optional(),
    platform_payment_status: z.array(z.string()).optional(),
    include_delete: z.boolean().optional(),
  })
  .superRefine((body, context) => {
    const dates = [body.date_type, body.start_time, body.end_time].filter((value) => value !== undefined).length;
    const byNumber = body.platform_order_nos !== undefined || body.platform_order_names !== undefined;
    if (dates !== 3 && !(byNumber && dates === 0))
      context.addIssue("date_type, start_time and end_time belong together and may only be left out with order numbers");
    if (body.start_time === undefined || body.end_time === undefined) return;
    if (body.end_time <= body.start_time) context.addIssue({ code: "custom", path: ["end_time"], message: "end_time 必须大于 start_time" });
    if (body.end_time - body.start_time > MAX_SPAN_SEC)
      context.addIssue({ code: "custom", path: ["end_time"], message: "时间跨度不能超过30天" });
  });
type ListBody = z.infer<typeof ListRequest>;

/** POST /pb/mp/order/v2/list. Keeps its last result: paging over a hundred thousand orders would sort them anew for each page. */
export class OrderList {
  readonly #lingxing: LingxingContext;
  #last: { key: string; revision: number; untilMs: number; orders: readonly LxOrder[] } | undefined;

  constructor(lingxing: LingxingContext) {
    this.#lingxing = lingxing;
  }

  list(body: ListBody): Answer {
    const found = this.#search(body);
    const page = found.slice(body.offset, body.offset + body.length);
    const entries = page.map((order) => writeJson(toEntry(order, this.#lingxing.settings.bareIds)));
    // The total comes as text here, unlike on /erp.
    return this.#lingxing.dialect.pb(`{"total":"${found.length}","list":[${entries.join(",")}]}`);
  }

  #search(body: ListBody): readonly LxOrder[] {
    const { offset, length, ...filter } = body;
    const key = JSON.stringify(filter);
    const { desk, now } = this.#lingxing;
    const nowMs = now().getTime();
    const last = this.#last;
    if (last !== undefined && last.key === key && last.revision === desk.revision && nowMs < last.untilMs) return last.orders;
    const numbers = body.platform_order_nos;
    const candidates = numbers === undefined ? desk.orders : [...new Set(numbers.flatMap((number) => desk.withNumber(number)))];
    const orders = candidates
      .filter((order) => order.visibleMs <= nowMs && matches(order, body))
      .sort((one, other) => other.updatedMs - one.updatedMs || (one.globalOrderNo < other.globalOrderNo ? 1 : -1));
    const untilMs = candidates.reduce(
      (soonest, { visibleMs }) => (visibleMs > nowMs ? Math.min(soonest, visibleMs) : soonest),
      Number.POSITIVE_INFINITY,
    );
    this.#last = { key, revision: desk.revision, untilMs, orders };
    return orders;
  }
}

function matches(order: LxOrder, body: ListBody): boolean {
  if (order.deleted && body.include_delete !== true) return false;
  // Names are for the marketplaces whose numbers are internal; a custom platform has none.
  if (body.platform_order_names !== undefined) return false;
  if (body.store_id !== undefined && !body.store_id.includes(order.storeId)) return false;
  if (body.platform_code !== undefined && !body.platform_code.some((code) => Number(code) === PLATFORM_CODE)) return false;
  if (body.order_status !== undefined && body.order_status !== order.status) return false;
  const time = body.date_type === undefined ? undefined : timeOf(order, body.date_type);
  // Both bounds are open.
  return time === undefined || (time > (body.start_time ?? 0) && time < (body.end_time ?? 0));
}

function timeOf(order: LxOrder, type: (typeof DATE_TYPES)[number]): number {
  if (type === "update_time") return toEpoch(order.updatedMs);
  if (type === "global_delivery_time") return toEpoch(order.shippedMs);
  const sent = order.sent[type];
  return typeof sent === "number" ? sent : toEpoch(order.createdMs);
}

/** True Unix seconds, unlike the texts of the warehouse; 0 for never. */
function toEpoch(ms: number): number {
  return Math.floor(ms / 1000);
}

function toEntry(order: LxOrder, bareIds: boolean): object {
  const purchased = timeOf(order, "global_purchase_time");
  return {
    global_order_no: globalNoOnWire(order, bareIds),
    original_global_order_no: null,
    reference_no: "",
    store_id: order.storeId,
    wid: order.wid,
    order_from_name: "手工订单",
    delivery_type: 2,
    split_type: order.splitType,
    status: order.status,
    is_delete: order.deleted ? 1 : 0,
    amount_currency: order.currency,
    remark: order.sent.remark ?? "",
    update_time: String(toEpoch(order.updatedMs)),
    global_purchase_time: purchased,
    global_payment_time: timeOf(order, "global_payment_time"),
    global_review_time: order.reviewedMs === 0 ? null : toEpoch(order.reviewedMs),
    global_delivery_time: toEpoch(order.shippedMs),
    global_cancel_time: toEpoch(order.cancelledMs),
    order_tag: [],
    exception_order_tag: [],
    item_info: order.lines.map((line) => ({
      id: line.id,
      platform_order_no: line.platformOrderNo,
      order_item_no: line.msku,
      msku: line.msku,
      local_sku: line.localSku,
      quantity: line.quantity,
      unit_price_amount: line.unitPrice,
      item_price_amount: ((Math.round(Number(line.unitPrice) * 100) * line.quantity) / 100).toFixed(2),
      is_bundled: 0,
      sub_products: [],
    })),
    platform_info: order.numbers.map((number) => ({
      platform_order_no: number,
      platform_order_name: number,
      platform_code: String(PLATFORM_CODE),
      purchase_time: purchased,
      delivery_time: toEpoch(order.shippedMs),
      cancel_time: toEpoch(order.cancelledMs),
      store_Country_code: "",
    })),
    logistics_info: {
      status: order.status === 4 ? 0 : 2,
      logistics_type_id: order.logisticsTypeId,
      logistics_type_name: "",
      tracking_no: order.trackingNo,
      waybill_no: order.trackingNo,
    },
    transaction_info: [],
  };
}
