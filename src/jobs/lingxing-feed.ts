import { UsageError } from "../errors.ts";
import { OrderStore } from "../store/order-store.ts";
import { WatermarkStore } from "../store/watermark-store.ts";
import { feedWindows } from "../sync/feed-window.ts";
import type { Stage } from "../sync/stage.ts";
import { checkWatermark, watermarkTime } from "../sync/watermark.ts";
import type { JobContext } from "./job.ts";

/**
 * Lingxing's changes only wake orders of ours that wait: what is due is decided on our rows, and each due order is read by its number,
 * so a change this feed misses costs time, never an order. With no order waiting it is not read.
 */
export async function wakeFromLingxing(ctx: JobContext, stage: Stage): Promise<void> {
  const orders = new OrderStore(ctx.db);
  const waitingSince = await orders.waitingSince(stage, ctx.now());
  if (waitingSince === undefined) return;
  const watermarks = new WatermarkStore(ctx.db);
  const before = await watermarks.find(ctx.job);
  const stores = await orders.waitingStores(stage, ctx.now());
  if (stores.length === 0) return;
  // What happened before the oldest of them began to wait has been seen by number.
  const since = Math.max(sinceOf(ctx, before), Math.floor(waitingSince.getTime() / 1000));

  const lingxing = await ctx.lingxing();
  let current = before;
  let woken = 0;
  for (const { sinceSec, untilSec, watermarkSec } of feedWindows(since, ctx.now())) {
    if (ctx.stopped()) break;
    for await (const page of lingxing.ordersUpdatedBetween(stores, sinceSec, untilSec)) {
      const numbers = page.flatMap(({ storeId, platformOrderNos }) =>
        platformOrderNos.map((platformOrderNo) => ({ storeId, platformOrderNo })),
      );
      woken += await orders.wake(stage, numbers);
    }
    if (ctx.options.limit !== undefined) continue;
    await ctx.assertLockHeld();
    const next = JSON.stringify({ mode: "update_time", since: watermarkSec });
    if (!(await watermarks.move(ctx.job, current, next))) {
      ctx.log.warn("watermark_was_set_meanwhile", { kept: await watermarks.find(ctx.job) });
      break;
    }
    ctx.record.watermark = { before, after: next };
    current = next;
  }
  if (woken > 0) ctx.log.info("orders_woken", { orders: woken });
}

/** Unix seconds; 0, also when there is no watermark yet: the last 30 days. */
function sinceOf(ctx: JobContext, text: string | undefined): number {
  if (text === undefined) return 0;
  const check = checkWatermark(ctx.job, text, ctx.now());
  if (!check.ok)
    throw new UsageError(
      `the stored watermark of ${ctx.job}: ${check.problem}`,
      `set a good one: ipass watermark set ${ctx.job} '{"mode":"update_time","since":0}'`,
    );
  return Math.floor(watermarkTime(check.watermark).getTime() / 1000);
}
