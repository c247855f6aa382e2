import * as z from "zod";
import type { Answer } from "../endpoint.ts";
import { type JsonObject, writeJson } from "../json.ts";
import { ACTIVE_WAREHOUSES, LOGISTICS_TYPES, SECOND_STORE_ID, STORE_ID } from "../options.ts";
import type { LingxingContext } from "./context.ts";
import { globalNoOnWire, LX_STATUS, type LxOrder } from "./order-desk.ts";
import { Decimal, DigitText, Epoch, NonEmpty, PlatformCodeNumber } from "./shapes.ts";

const Item = z
  .strictObject({
    sku: NonEmpty.optional(),
    msku: NonEmpty.optional(),
    quantity: z.int().min(1),
    unit_price: Decimal,
    stock_deduction_type: z.union([z.enum(["1", "2"]), z.literal(1), z.literal(2)]).optional(),
    item_custom_fields: z.looseObject({}).optional(),
  })
  .refine(({ sku, msku }) => sku !== undefined || msku !== undefined, { message: "sku or msku is required" });

/** Undocumented fields are those clients have been seen to send. Any other field is a mistake. */
const Order = z.strictObject({
  platform_order_no: NonEmpty,
  receiver_country_code: z.string().regex(/^[A-Z]{2}$/, "has to be two capital letters"),
  receiver_name: NonEmpty,
  city: NonEmpty,
  address_line1: NonEmpty,
  items: z.array(Item).min(1),
  site_code: NonEmpty.optional(),
  buyer_note: z.string().optional(),
  remark: z.string().optional(),
  receiver_company_name: z.string().optional(),
  address_type: z.union([z.literal(1), z.literal(2)]).optional(),
  buyer_choose_express: z.string().optional(),
  customer_shipping_amount: Decimal.optional(),
  customer_tax_amount: Decimal.optional(),
  order_total_amount: Decimal.optional(),
  amount_currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "has to be an ISO 4217 code")
    .optional(),
  global_purchase_time: Epoch.optional(),
  global_payment_time: Epoch.optional(),
  wid: DigitText.optional(),
  logistics_type_id: DigitText.optional(),
  address_line2: z.string().optional(),
  address_line3: z.string().optional(),
  state_or_region: z.string().optional(),
  postal_code: z.string().optional(),
  district: z.string().optional(),
  doorplate_no: z.string().optional(),
  receiver_mobile: z.string().optional(),
  buyer_email: z.string().optional(),
  buyer_name: z.string().optional(),
  sender_tax_type: z.int().optional(),
  sender_tax_no: z.string().optional(),
  order_custom_fields: z.looseObject({}).optional(),
});
type NewOrder = z.infer<typeof Order>;

export const CreateRequest = z.strictObject({ platform_code: PlatformCodeNumber, store_id: DigitText, orders: z.array(Order).min(1) });

/** POST /pb/mp/order/v2/create: each order succeeds or fails by itself, and the code is 0 all the same. */
export function create(lingxing: LingxingContext, body: z.infer<typeof CreateRequest>): Answer {
  const { dialect, desk, settings } = lingxing;
  if (body.store_id !== STORE_ID && body.store_id !== SECOND_STORE_ID) throw dialect.invalid([`store_id: no store ${body.store_id}`]);
  for (const { platform_order_no: number } of body.orders) desk.createAttempts.set(number, (desk.createAttempts.get(number) ?? 0) + 1);
  if (body.orders.some((order) => settings.poison.includes(order.platform_order_no))) return dialect.serverError(500);
  const success: JsonObject[] = [];
  const errors: JsonObject[] = [];
  for (const order of body.orders) {
    const problem = findProblem(lingxing, order, body.store_id);
    if (problem !== undefined) {
      errors.push({ platform_order_no: order.platform_order_no, error_message: problem });
      continue;
    }
    const added = addOrder(lingxing, order, body.store_id);
    success.push({ platform_order_no: order.platform_order_no, global_order_no: globalNoOnWire(added, settings.bareIds) });
  }
  return dialect.pb(writeJson({ success_details: success, error_details: errors }));
}

function findProblem({ desk, settings }: LingxingContext, order: NewOrder, storeId: string): string | undefined {
  const refused = settings.refuse[order.platform_order_no];
  if (refused !== undefined) return refused;
  if (desk.withNumber(order.platform_order_no).some((known) => known.storeId === storeId)) return "平台单号已存在，请勿重复提交";
  if ((order.wid === undefined) !== (order.logistics_type_id === undefined)) return "wid与logistics_type_id必须同时填写";
  if (order.wid !== undefined && !ACTIVE_WAREHOUSES.some(({ wid }) => String(wid) === order.wid)) return `仓库不存在: ${order.wid}`;
  if (order.logistics_type_id !== undefined && !LOGISTICS_TYPES.some(({ typeId }) => typeId === order.logistics_type_id)) {
    return `物流方式不存在: ${order.logistics_type_id}`;
  }
  return undefined;
}

function addOrder({ desk, settings, now }: LingxingContext, order: NewOrder, storeId: string): LxOrder {
  const nowMs = now().getTime();
  return desk.add({
    storeId,
    numbers: [order.platform_order_no],
    wid: order.wid ?? "0",
    logisticsTypeId: order.logistics_type_id ?? "",
    currency: order.amount_currency ?? "USD",
    sent: order as JsonObject,
    createdMs: nowMs,
    visibleMs: nowMs + settings.readLagMs,
    status: LX_STATUS.awaitingReview,
    splitType: "1",
    // Pairing by equal names: what is sent as store SKU is the local one too, and the other way round.
    lines: order.items.map((item) => ({
      id: desk.newLineId(),
      platformOrderNo: order.platform_order_no,
      msku: item.msku ?? item.sku ?? "",
      localSku: item.sku ?? item.msku ?? "",
      quantity: item.quantity,
      unitPrice: String(item.unit_price),
    })),
    updatedMs: nowMs,
    reviewedMs: 0,
    shippedMs: 0,
    cancelledMs: 0,
    deleted: false,
    trackingNo: "",
  });
}
