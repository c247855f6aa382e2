import type { OutboundEntry } from "./schemas.ts";

/** An outbound order of the warehouse (POST /erp/sc/routing/wms/order/wmsOrderList). */
export interface OutboundOrder {
  readonly woNumber: string;
  readonly globalOrderNo: string;
  readonly platformOrderNos: readonly string[];
  /** 1 booking logistics, 2 awaiting outbound, 3 outbound done, 4 deleted. */
  readonly status: number;
  /** As in the answer: may hold several numbers, separated by commas, semicolons or blanks. */
  readonly trackingNo: string;
  /** Beijing wall clock as the vendor writes it; empty or 0000-00-00 00:00:00: not yet. */
  readonly deliveredAt: string;
  readonly stockDeliveredAt: string;
  readonly items: readonly OutboundItem[];
}

export interface OutboundItem {
  /** Lingxing's local SKU. */
  readonly sku: string | undefined;
  /** MSKU. */
  readonly sellerSku: string | undefined;
  readonly count: number;
  /** 0 plain, 1 bundle, 2 component of a bundle. */
  readonly bundleType: number;
  /** Undocumented, only some accounts have it. */
  readonly platformOrderNo: string | undefined;
}

export function toOutboundOrder(entry: OutboundEntry): OutboundOrder {
  const numbers = [...entry.platform_order_no, ...entry.product_info.map((line) => line.platform_order_no)];
  return {
    woNumber: entry.wo_number,
    globalOrderNo: entry.order_number,
    platformOrderNos: [...new Set(numbers.filter((number) => number !== undefined))],
    status: entry.status,
    trackingNo: entry.tracking_no,
    deliveredAt: entry.delivered_at,
    stockDeliveredAt: entry.stock_delivered_at,
    items: entry.product_info.map((line) => ({
      sku: line.sku,
      sellerSku: line.seller_sku,
      count: line.count,
      bundleType: line.bundle_type,
      platformOrderNo: line.platform_order_no,
    })),
  };
}
