import { parseDscoOrder } from "../dsco/order.ts";
import { personalDataMask } from "../personal-data.ts";

interface WithText {
  /** As DSCO sent the order. */
  readonly raw: string;
}

/**
 * The buyers of the orders that a pass is at work on. Whatever a vendor says meanwhile, asked about an order or not, may name one of them:
 * its words go on to logs, rows and errors without.
 */
export class BuyersInHand {
  readonly #masks = new Set<(text: string) => string>();

  /** From now until the function it returns is called. */
  take(orders: readonly WithText[]): () => void {
    const mask = personalDataMask(() => orders.map(({ raw }) => parseDscoOrder(raw)?.wire));
    this.#masks.add(mask);
    return () => this.#masks.delete(mask);
  }

  /** While `work` goes on. */
  async during<T>(orders: readonly WithText[], work: () => Promise<T>): Promise<T> {
    const letGo = this.take(orders);
    try {
      return await work();
    } finally {
      letGo();
    }
  }

  mask(text: string): string {
    let masked = text;
    for (const mask of this.#masks) masked = mask(masked);
    return masked;
  }
}
