import * as z from "zod";
import type { Answer } from "../endpoint.ts";
import { bare, idText, writeJson } from "../json.ts";
import { beijingText, startOfBeijingDay } from "./beijing-text.ts";
import type { LingxingContext } from "./context.ts";
import type { OutboundOrder } from "./order-desk.ts";
import { DigitText, NonEmpty } from "./shapes.ts";

const DAY_MS = 86_400_000;
/** Without dates, only about the last month is shown, also when numbers are given. */
const DEFAULT_SPAN_MS = 30 * DAY_MS;
/** Nowhere documented; the order list's bound. */
const MAX_SPAN_DAYS = 30;
const TIME_TYPES = ["create_at", "delivered_at", "stock_delivered_at", "update_at"] as const;
const STATUS_NAMES = { 1: "物流下单中", 2: "待出库", 3: "已出库", 4: "已删除" } as const;
const Day = z.string().refine((day) => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(startOfBeijingDay(day)), "格式应为 Y-m-d");

export const OutboundRequest = z
  .strictObject({
    page: z.int().min(1).optional(),
    page_size: z.int().min(1).max(200, "page_size 最大值200").optional(),
    sid_arr: z.array(z.union([z.int().min(0), z.string()])).optional(),
    status_arr: z.array(z.int().min(1).max(4)).optional(),
    logistics_status_arr: z.array(z.int()).optional(),
    platform_order_no_arr: z.array(NonEmpty).optional(),
    order_number_arr: z.array(DigitText).optional(),
    wo_number_arr: z.array(NonEmpty).optional(),
    time_type: z.enum(TIME_TYPES).optional(),
    start_date: Day.optional(),
    end_date: Day.optional(),
  })
  .superRefine((body, context) => {
    const given = [body.time_type, body.start_date, body.end_date].filter((value) => value !== undefined).length;
    if (given !== 0 && given !== 3) context.addIssue("time_type, start_date and end_date belong together");
    if (body.start_date === undefined || body.end_date === undefined) return;
    const days = (startOfBeijingDay(body.end_date) - startOfBeijingDay(body.start_date)) / DAY_MS;
    if (days < 0 || days > MAX_SPAN_DAYS) context.addIssue({ code: "custom", path: ["end_date"], message: "时间跨度不能超过30天" });
  });
type OutboundBody = z.infer<typeof OutboundRequest>;

/** POST /erp/sc/routing/wms/order/wmsOrderList. */
export function listOutbound(lingxing: LingxingContext, body: OutboundBody): Answer {
  const { desk, dialect, settings } = lingxing;
  const numbers = body.platform_order_no_arr;
  const candidates =
    numbers === undefined || numbers.length === 0
      ? desk.outbound
      : [...new Set(numbers.flatMap((number) => desk.outboundWithNumber(number)))];
  const found = candidates.filter((outbound) => matches(outbound, body, lingxing.now().getTime()));
  const size = body.page_size ?? 20;
  const start = ((body.page ?? 1) - 1) * size;
  const rows = found.slice(start, start + size).map((outbound) => writeJson(toRow(outbound, settings.outboundLineNumbers)));
  return dialect.erp(rows, found.length);
}

function matches(outbound: OutboundOrder, body: OutboundBody, nowMs: number): boolean {
  const { order } = outbound;
  if (body.sid_arr?.length && !body.sid_arr.some((sid) => idText(sid) === order.storeId)) return false;
  if (body.status_arr?.length && !body.status_arr.includes(outbound.status)) return false;
  if (body.order_number_arr?.length && !body.order_number_arr.includes(order.globalOrderNo)) return false;
  if (body.wo_number_arr?.length && !body.wo_number_arr.includes(outbound.woNumber)) return false;
  if (body.logistics_status_arr?.length && !body.logistics_status_arr.includes(logisticsStatus(outbound))) return false;
  if (body.time_type === undefined || body.start_date === undefined || body.end_date === undefined) {
    return outbound.createdMs > nowMs - DEFAULT_SPAN_MS;
  }
  const day = timeText(outbound, body.time_type).slice(0, 10);
  return day >= body.start_date && day <= body.end_date;
}

function timeText(outbound: OutboundOrder, type: (typeof TIME_TYPES)[number]): string {
  if (type === "create_at") return beijingText(outbound.createdMs);
  if (type === "update_at") return beijingText(outbound.updatedMs);
  return type === "delivered_at" ? outbound.deliveredAt : outbound.stockDeliveredAt;
}

function logisticsStatus({ status, trackingNo }: OutboundOrder): number {
  if (status === 4) return 43;
  return trackingNo === "" ? 2 : 5;
}

function toRow(outbound: OutboundOrder, lineNumbers: boolean): object {
  const { order, trackingNo } = outbound;
  return {
    wo_id: outbound.woId,
    wo_number: outbound.woNumber,
    order_number: order.globalOrderNo,
    // A store id of 18 digits as a bare number: JSON.parse rounds it.
    sid: bare(order.storeId),
    wid: order.wid === "0" ? 1001 : Number(order.wid),
    warehouse_type: 1,
    status: outbound.status,
    status_name: STATUS_NAMES[outbound.status],
    logistics_status: logisticsStatus(outbound),
    logistics_message: "",
    logistics_type_id: order.logisticsTypeId === "" ? 0 : bare(order.logisticsTypeId),
    logistics_provider_id: bare("200000000000000000"),
    platform_order_no: order.numbers,
    order_from: "手工订单",
    tracking_no: trackingNo,
    waybill_no: trackingNo,
    logistics_freight: "0.00",
    delivered_at: outbound.deliveredAt,
    stock_delivered_at: outbound.stockDeliveredAt,
    create_at: beijingText(outbound.createdMs),
    update_at: beijingText(outbound.updatedMs),
    order_print_time: "0000-00-00 00:00:00",
    tag_names: [],
    product_info: outbound.products.map((product) => ({
      wod_id: Number(product.lineId),
      sku: product.localSku,
      seller_sku: product.msku,
      count: product.count,
      bundle_type: product.bundleType,
      bundle_wod_id: 0,
      ...(lineNumbers ? { platform_order_no: product.platformOrderNo } : {}),
    })),
  };
}
