import type { ListEntry } from "./schemas.ts";

/** A line of a new order. */
export interface NewLingxingItem {
  /** Lingxing's local SKU; this or `msku`. */
  readonly sku?: string | undefined;
  readonly msku?: string | undefined;
  readonly quantity: number;
  /** Decimal text such as "14.99": a number might be written with an exponent, which the signature does not survive. */
  readonly unitPrice: string;
}

/** An order to create. What is undefined or empty is left out. */
export interface NewLingxingOrder {
  /** Unique within the store. */
  readonly platformOrderNo: string;
  readonly receiverName: string;
  /** Two letters. */
  readonly receiverCountryCode: string;
  readonly city: string;
  readonly addressLine1: string;
  readonly addressLine2?: string | undefined;
  readonly addressLine3?: string | undefined;
  readonly stateOrRegion?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly receiverMobile?: string | undefined;
  readonly receiverCompanyName?: string | undefined;
  readonly buyerEmail?: string | undefined;
  readonly buyerNote?: string | undefined;
  readonly remark?: string | undefined;
  /** ISO 4217. */
  readonly amountCurrency?: string | undefined;
  readonly purchasedAt?: Date | undefined;
  /** With `logisticsTypeId` or not at all. */
  readonly wid?: string | undefined;
  readonly logisticsTypeId?: string | undefined;
  readonly items: readonly NewLingxingItem[];
}

/** One entry of the order list: a split order has several with the same platform number, a merged one several numbers. */
export interface LingxingOrder {
  readonly globalOrderNo: string;
  readonly storeId: string;
  readonly platformOrderNos: readonly string[];
  /** 1 syncing, 2 synced, 3 unpaid, 4 awaiting review, 5 awaiting shipment, 6 shipped, 7 cancelled, 8 hidden, 9 shipped by the platform. */
  readonly status: number;
  readonly deleted: boolean;
  /** "1" original, "2" merged, "3" split. */
  readonly splitType?: string;
  /** Unix seconds. */
  readonly updateTime?: number;
  readonly trackingNo?: string;
}

/** To the wire names of POST /pb/mp/order/v2/create. `state_or_region` to `buyer_email` work in practice though the vendor does not list them. */
export function toWireOrder(order: NewLingxingOrder): Record<string, unknown> {
  return {
    platform_order_no: order.platformOrderNo,
    receiver_name: order.receiverName,
    receiver_country_code: order.receiverCountryCode,
    city: order.city,
    address_line1: order.addressLine1,
    address_line2: order.addressLine2,
    address_line3: order.addressLine3,
    state_or_region: order.stateOrRegion,
    postal_code: order.postalCode,
    receiver_mobile: order.receiverMobile,
    receiver_company_name: order.receiverCompanyName,
    buyer_email: order.buyerEmail,
    buyer_note: order.buyerNote,
    remark: order.remark,
    amount_currency: order.amountCurrency,
    global_purchase_time: order.purchasedAt && Math.floor(order.purchasedAt.getTime() / 1_000),
    wid: order.wid,
    logistics_type_id: order.logisticsTypeId,
    items: order.items.map(({ sku, msku, quantity, unitPrice }) => ({ sku, msku, quantity, unit_price: unitPrice })),
  };
}

export function toLingxingOrder(entry: ListEntry): LingxingOrder {
  const numbers = [...(entry.platform_info ?? []), ...(entry.item_info ?? [])].map((part) => part.platform_order_no);
  const trackingNo = entry.logistics_info?.tracking_no;
  return {
    globalOrderNo: entry.global_order_no,
    storeId: entry.store_id,
    platformOrderNos: [...new Set(numbers.filter((number): number is string => !!number))],
    status: entry.status,
    deleted: isSet(entry.is_delete),
    ...(entry.split_type && { splitType: entry.split_type }),
    ...(entry.update_time !== undefined && { updateTime: entry.update_time }),
    ...(trackingNo && { trackingNo }),
  };
}

/** `is_delete` is undocumented: seen as number and as text elsewhere in the API. */
function isSet(flag: unknown): boolean {
  return flag === true || flag === 1 || (typeof flag === "string" && ["1", "true"].includes(flag.trim().toLowerCase()));
}
