import type { LingxingOrder } from "../lingxing/orders.ts";
import { numberKey, type StageOrder } from "../store/order-store.ts";
import type { JobContext } from "./job.ts";

/** Something known to Lingxing by a number within a store. */
export interface Numbered {
  readonly platformOrderNo: string | undefined;
  readonly storeId: string | undefined;
}

/**
 * An order with the number it has in Lingxing: fixed by its push, or, where a person closed the push because they typed it in by hand, the one
 * the push would have given it.
 */
export function withNumber({ config }: JobContext<"push">, order: StageOrder): StageOrder & { readonly platformOrderNo: string } {
  const usual = config.push.platformOrderNo === "poNumber" ? order.poNumber : undefined;
  return { ...order, platformOrderNo: order.platformOrderNo ?? usual ?? order.id };
}

/** What Lingxing has under these numbers, deleted ones and all parts of split ones included; one call for 200 numbers. */
export async function lookUpInLingxing(
  ctx: JobContext<"lingxingStore">,
  wanted: readonly Numbered[],
): Promise<(one: Numbered) => LingxingOrder[]> {
  const { storeId: defaultStore } = ctx.config.lingxingStore;
  const keyOf = ({ storeId, platformOrderNo }: Numbered) => numberKey(storeId ?? defaultStore, platformOrderNo ?? "");
  const numbers = wanted.flatMap(({ platformOrderNo }) => platformOrderNo ?? []);
  const found = new Map<string, LingxingOrder[]>();
  if (numbers.length > 0) {
    const lingxing = await ctx.lingxing();
    const stores = [...new Set(wanted.map(({ storeId }) => storeId ?? defaultStore))];
    for (const entry of await lingxing.ordersByNumber(stores, numbers)) {
      for (const platformOrderNo of entry.platformOrderNos) {
        const key = keyOf({ storeId: entry.storeId, platformOrderNo });
        found.set(key, [...(found.get(key) ?? []), entry]);
      }
    }
  }
  return (one) => found.get(keyOf(one)) ?? [];
}
