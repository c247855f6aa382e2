import { beijingText } from "./beijing-text.ts";
import type { LingxingContext } from "./context.ts";
import { LX_STATUS, type LxOrder, type OutboundOrder, type OutboundProduct } from "./order-desk.ts";

export interface ShipOptions {
  /** Several numbers make several outbound orders, the goods dealt out among them; none makes up one number per order. */
  readonly trackingNumbers?: readonly string[] | undefined;
  /** All numbers in the one field of a single outbound order, with commas between. */
  readonly inOneField?: boolean | undefined;
  readonly withoutTracking?: boolean | undefined;
  /** Quantity by local SKU that leaves now; the rest stays in an outbound order that waits. */
  readonly only?: Readonly<Record<string, number>> | undefined;
  /** The text in `delivered_at` and `stock_delivered_at`; now, in Beijing, when left out. */
  readonly deliveredAt?: string | undefined;
  /** Each line as a bundle with two components, as the warehouse lists them. */
  readonly asBundle?: boolean | undefined;
}

/** What people in the ERP do between two passes. Each takes the orders it is possible for and skips the others. */
export class LingxingPeople {
  readonly #lingxing: LingxingContext;
  #lastTracking = 0;

  constructor(lingxing: LingxingContext) {
    this.#lingxing = lingxing;
  }

  /** By platform order number or global_order_no; all that are alive when none is given. */
  find(numbers: readonly string[] | undefined): LxOrder[] {
    const { desk } = this.#lingxing;
    const wanted = new Set(numbers);
    const named = numbers === undefined ? desk.orders : desk.orders.filter((order) => isNamed(order, wanted));
    return named.filter(({ deleted }) => !deleted);
  }

  /** 4 → 5; creates the outbound order. */
  review(numbers?: readonly string[]): number {
    return this.#each(numbers, [LX_STATUS.awaitingReview], (order, nowMs) => {
      order.status = LX_STATUS.awaitingShipment;
      order.reviewedMs = nowMs;
      this.#addOutbound(order, nowMs, order.lines.map(toProduct));
    });
  }

  /** 5 → 6, and the outbound order from 2 to 3. */
  ship(numbers?: readonly string[], options: ShipOptions = {}): number {
    return this.#each(numbers, [LX_STATUS.awaitingShipment, LX_STATUS.shipped], (order, nowMs) => {
      const waiting = this.#lingxing.desk.outboundOf(order).filter(({ status }) => status < 3);
      if (waiting.length === 0) return;
      order.status = LX_STATUS.shipped;
      order.shippedMs = nowMs;
      for (const outbound of waiting) this.#sendOut(order, outbound, options, nowMs);
    });
  }

  /** To 9: the marketplace shipped it itself. */
  shipByPlatform(numbers?: readonly string[]): number {
    return this.setStatus(LX_STATUS.shippedByPlatform, numbers);
  }

  /** To 7; outbound orders that have not left are deleted. */
  cancel(numbers?: readonly string[]): number {
    return this.#each(numbers, undefined, (order, nowMs) => {
      order.status = LX_STATUS.cancelled;
      order.cancelledMs = nowMs;
      this.#dropOutbound(order, nowMs);
    });
  }

  /** Gone from the list, unless it is asked with include_delete. */
  delete(numbers?: readonly string[]): number {
    return this.#each(numbers, undefined, (order, nowMs) => {
      order.deleted = true;
      this.#dropOutbound(order, nowMs);
    });
  }

  setStatus(status: number, numbers?: readonly string[]): number {
    return this.#each(numbers, undefined, (order) => {
      order.status = status;
    });
  }

  /** Two orders with the same platform number, the lines or their quantities dealt out between them. Before review only. */
  split(numbers?: readonly string[]): number {
    const { desk } = this.#lingxing;
    return this.#each(numbers, [LX_STATUS.awaitingReview], (order) => {
      const moved =
        order.lines.length > 1 ? order.lines.splice(Math.ceil(order.lines.length / 2)) : halveFirstLine(order, desk.newLineId());
      if (moved.length === 0) return;
      order.splitType = "3";
      desk.add({ ...order, lines: moved });
    });
  }

  /** One order in place of several; the single ones are deleted. Returns how many went in. */
  merge(numbers?: readonly string[]): number {
    const { desk, now } = this.#lingxing;
    const orders = this.find(numbers).filter(({ status }) => status === LX_STATUS.awaitingReview);
    const [first] = orders;
    if (first === undefined || orders.length < 2) return 0;
    const nowMs = now().getTime();
    const lines = orders.flatMap((order) => order.lines.map((line) => ({ ...line })));
    for (const order of orders) {
      order.deleted = true;
      desk.touch(order, nowMs);
    }
    const all = [...new Set(orders.flatMap((order) => order.numbers))];
    desk.add({ ...first, numbers: all, lines, splitType: "2", deleted: false, updatedMs: nowMs, visibleMs: nowMs });
    return orders.length;
  }

  #each(numbers: readonly string[] | undefined, from: readonly number[] | undefined, act: (order: LxOrder, nowMs: number) => void): number {
    const nowMs = this.#lingxing.now().getTime();
    const orders = this.find(numbers).filter(({ status }) => from === undefined || from.includes(status));
    for (const order of orders) {
      act(order, nowMs);
      this.#lingxing.desk.touch(order, nowMs);
    }
    return orders.length;
  }

  #sendOut(order: LxOrder, outbound: OutboundOrder, options: ShipOptions, nowMs: number): void {
    const numbers = this.#trackingNumbers(options);
    const leaving = outbound.products.map((product) => ({ ...product, count: Math.min(product.count, leavingCount(product, options)) }));
    const staying = outbound.products.map((product, index) => ({ ...product, count: product.count - (leaving[index]?.count ?? 0) }));
    const at = options.deliveredAt ?? beijingText(nowMs);
    for (const [index, trackingNo] of numbers.entries()) {
      const products = deal(leaving, numbers.length, index).flatMap((product) =>
        options.asBundle === true ? asBundle(product) : [product],
      );
      if (products.length === 0) continue;
      const parcel = index === 0 ? outbound : this.#addOutbound(order, nowMs, products);
      Object.assign(parcel, { products, status: 3, trackingNo, updatedMs: nowMs, deliveredAt: at, stockDeliveredAt: at });
    }
    const rest = staying.filter(({ count }) => count > 0);
    if (rest.length > 0 && outbound.status === 3) this.#addOutbound(order, nowMs, rest);
    order.trackingNo = numbers.join(",");
  }

  #trackingNumbers(options: ShipOptions): string[] {
    if (options.withoutTracking === true) return [""];
    if (options.trackingNumbers === undefined || options.trackingNumbers.length === 0) {
      this.#lastTracking += 1;
      return [`1ZSANDBOX${String(this.#lastTracking).padStart(9, "0")}`];
    }
    return options.inOneField === true ? [options.trackingNumbers.join(",")] : [...options.trackingNumbers];
  }

  #addOutbound(order: LxOrder, nowMs: number, products: readonly OutboundProduct[]): OutboundOrder {
    const blank = { status: 2, trackingNo: "", deliveredAt: "", stockDeliveredAt: "" } as const;
    return this.#lingxing.desk.addOutbound({ order, createdMs: nowMs, updatedMs: nowMs, products, ...blank });
  }

  #dropOutbound(order: LxOrder, nowMs: number): void {
    for (const outbound of this.#lingxing.desk.outboundOf(order)) {
      if (outbound.status >= 3) continue;
      outbound.status = 4;
      outbound.updatedMs = nowMs;
    }
  }
}

function isNamed(order: LxOrder, wanted: ReadonlySet<string>): boolean {
  return wanted.has(order.globalOrderNo) || order.numbers.some((number) => wanted.has(number));
}

function toProduct(line: LxOrder["lines"][number]): OutboundProduct {
  const { id, platformOrderNo, localSku, msku, quantity } = line;
  return { lineId: id, platformOrderNo, localSku, msku, count: quantity, bundleType: 0 };
}

/** A single line is split by quantity; one piece cannot be. */
function halveFirstLine(order: LxOrder, newId: string): LxOrder["lines"] {
  const [line] = order.lines;
  if (line === undefined || line.quantity < 2) return [];
  const moved = Math.floor(line.quantity / 2);
  line.quantity -= moved;
  return [{ ...line, id: newId, quantity: moved }];
}

function leavingCount(product: OutboundProduct, { only }: ShipOptions): number {
  return only === undefined ? product.count : (only[product.localSku] ?? 0);
}

/** The share of each product that goes into the nth of so many parcels; the first ones get what does not divide. */
function deal(products: readonly OutboundProduct[], parcels: number, nth: number): OutboundProduct[] {
  return products
    .map((product) => ({ ...product, count: Math.floor(product.count / parcels) + (nth < product.count % parcels ? 1 : 0) }))
    .filter(({ count }) => count > 0);
}

function asBundle(product: OutboundProduct): OutboundProduct[] {
  const part = (name: string): OutboundProduct => ({ ...product, localSku: `${product.localSku}-${name}`, msku: "", bundleType: 2 });
  return [{ ...product, bundleType: 1 }, part("A"), part("B")];
}
