import { bare, type JsonObject } from "../json.ts";

/** `order_status` in requests, `status` in answers. */
export const LX_STATUS = { awaitingReview: 4, awaitingShipment: 5, shipped: 6, cancelled: 7, hidden: 8, shippedByPlatform: 9 } as const;

export interface LxLine {
  readonly id: string;
  readonly platformOrderNo: string;
  readonly msku: string;
  readonly localSku: string;
  quantity: number;
  readonly unitPrice: string;
}

/** An order of Lingxing's order management. One platform order may stand in several of them (split), or several in one (merged). */
export interface LxOrder {
  readonly globalOrderNo: string;
  readonly storeId: string;
  readonly numbers: readonly string[];
  readonly wid: string;
  readonly logisticsTypeId: string;
  readonly currency: string;
  /** The order as it was sent, for those who check what arrived. */
  readonly sent: JsonObject;
  readonly createdMs: number;
  /** The list shows it from here on. */
  readonly visibleMs: number;
  status: number;
  splitType: "1" | "2" | "3";
  lines: LxLine[];
  updatedMs: number;
  reviewedMs: number;
  shippedMs: number;
  cancelledMs: number;
  deleted: boolean;
  trackingNo: string;
}

export interface OutboundProduct {
  readonly lineId: string;
  readonly platformOrderNo: string;
  readonly localSku: string;
  readonly msku: string;
  readonly count: number;
  /** 0 plain, 1 bundle, 2 component of a bundle. */
  readonly bundleType: 0 | 1 | 2;
}

/** A document of the warehouse. */
export interface OutboundOrder {
  readonly woId: number;
  readonly woNumber: string;
  readonly order: LxOrder;
  readonly createdMs: number;
  products: readonly OutboundProduct[];
  /** 1 booking logistics, 2 awaiting outbound, 3 outbound done, 4 deleted. */
  status: 1 | 2 | 3 | 4;
  updatedMs: number;
  trackingNo: string;
  /** Beijing texts, or whatever a test wants to see in their place. */
  deliveredAt: string;
  stockDeliveredAt: string;
}

/** Ids as large as the vendor's: well beyond 2^53. */
const FIRST_GLOBAL_NO = 103_700_000_000_000_000n;
const GLOBAL_NO_STEP = 4096n;

/** Lingxing's orders and outbound orders, found by their numbers. */
export class OrderDesk {
  readonly orders: LxOrder[] = [];
  readonly outbound: OutboundOrder[] = [];
  /** How often a create asked for a platform order number, refused attempts included. */
  readonly createAttempts = new Map<string, number>();
  /** Grows with every change. */
  revision = 0;
  readonly #byNumber = new Map<string, LxOrder[]>();
  readonly #outboundByNumber = new Map<string, OutboundOrder[]>();
  #lastGlobalNo = FIRST_GLOBAL_NO;
  #lastLine = 8_000_000;

  add(order: Omit<LxOrder, "globalOrderNo">): LxOrder {
    this.#lastGlobalNo += GLOBAL_NO_STEP;
    const added: LxOrder = { ...order, globalOrderNo: String(this.#lastGlobalNo) };
    this.orders.push(added);
    for (const number of added.numbers) listUnder(this.#byNumber, number, added);
    this.revision += 1;
    return added;
  }

  newLineId(): string {
    this.#lastLine += 1;
    return String(this.#lastLine);
  }

  /** Every order with the number: all stores, split parts, deleted ones. */
  withNumber(platformOrderNo: string): readonly LxOrder[] {
    return this.#byNumber.get(platformOrderNo) ?? [];
  }

  touch(order: LxOrder, nowMs: number): void {
    order.updatedMs = nowMs;
    this.revision += 1;
  }

  addOutbound(outbound: Omit<OutboundOrder, "woId" | "woNumber">): OutboundOrder {
    const woId = 6001 + this.outbound.length;
    const added: OutboundOrder = { ...outbound, woId, woNumber: `WO${FIRST_GLOBAL_NO + BigInt(woId)}` };
    this.outbound.push(added);
    for (const number of added.order.numbers) listUnder(this.#outboundByNumber, number, added);
    return added;
  }

  outboundWithNumber(platformOrderNo: string): readonly OutboundOrder[] {
    return this.#outboundByNumber.get(platformOrderNo) ?? [];
  }

  outboundOf(order: LxOrder): OutboundOrder[] {
    const [number = ""] = order.numbers;
    return this.outboundWithNumber(number).filter((outbound) => outbound.order === order);
  }
}

/** A `global_order_no` on the wire: text, or a bare number where the settings ask for it. */
export function globalNoOnWire(order: LxOrder, asNumber: boolean): string {
  return asNumber ? bare(order.globalOrderNo) : order.globalOrderNo;
}

function listUnder<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [value]);
  else list.push(value);
}
