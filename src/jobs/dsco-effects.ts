import { setTimeout as sleep } from "node:timers/promises";
import { type DscoOrder, parseDscoOrder } from "../dsco/order.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { SENT_LEEWAY_MS } from "../sync/log-outcome.ts";
import { UNTIL_LAG_MS } from "../sync/pull-window.ts";
import type { Stage } from "../sync/stage.ts";
import { Tally } from "../sync/tally.ts";
import { isInFlight } from "./due-orders.ts";
import type { JobContext } from "./job.ts";
import { OrderReader } from "./order-reader.ts";

/**
 * How these orders stand at DSCO after they were sent: everything changed since then is read in pages, since an effect is a change, and
 * one GET per order would take minutes. Undefined for an order that has not changed. A dry run writes no snapshot, so it learns nothing.
 */
export async function readEffects(
  ctx: JobContext<"pull">,
  stage: Stage,
  orders: readonly StageOrder[],
): Promise<(order: StageOrder) => DscoOrder | undefined> {
  const sent = orders.flatMap((order) => order.stage.sentAt?.getTime() ?? []);
  if (ctx.options.dryRun || sent.length === 0) return () => undefined;
  await waitForReads(ctx, orders);
  const until = new Date(ctx.now().getTime() - UNTIL_LAG_MS);
  const since = new Date(Math.min(...sent) - SENT_LEEWAY_MS);
  if (since < until) await new OrderReader(ctx, new Tally()).readWindow({ since, until }, undefined, async () => undefined);
  const ids = orders.map(({ id }) => id);
  const now = new Map((await new OrderStore(ctx.db).byIds(stage, ids)).map((order) => [order.id, parseDscoOrder(order.raw)]));
  return ({ id }) => now.get(id);
}

/**
 * Pages of orders end ten seconds ago and an invoice is shown some time after it was taken, and nothing may be called absent that cannot
 * be seen yet. Only a grace shorter than that ever waits here: for an order whose grace still runs, absence decides nothing.
 */
export async function waitForReads(ctx: JobContext, orders: readonly StageOrder[]): Promise<void> {
  if (ctx.options.dryRun) return;
  const now = ctx.now().getTime();
  const graceOver = orders
    .filter(isInFlight)
    .filter(({ stage }) => stage.nextAttemptAt === undefined || stage.nextAttemptAt.getTime() <= now);
  const lastSent = Math.max(0, ...graceOver.flatMap(({ stage }) => stage.sentAt?.getTime() ?? []));
  const waitMs = lastSent + UNTIL_LAG_MS + SENT_LEEWAY_MS - now;
  if (waitMs > 0) await sleep(waitMs, undefined, { signal: ctx.signal });
}
