import { UsageError } from "../errors.ts";
import { OrderCounts } from "../store/order-counts.ts";
import { OrderStore } from "../store/order-store.ts";
import { RunStore } from "../store/run-store.ts";
import { WatermarkStore } from "../store/watermark-store.ts";
import { BEGINNING, pullWindow, UNTIL_LAG_MS, type Window } from "../sync/pull-window.ts";
import { checkWatermark, watermarkTime } from "../sync/watermark.ts";
import type { Job, JobContext } from "./job.ts";
import { itemsLeft } from "./job.ts";
import { OrderReader } from "./order-reader.ts";

type Needs = "dsco" | "pull";
type PullContext = JobContext<Needs>;

/** Reads new and changed orders of DSCO into our tables. */
export const pullDscoOrders: Job<Needs> = {
  name: "pull_dsco_orders",
  needs: ["dsco", "pull"],
  async run(ctx) {
    const reader = new OrderReader(ctx, ctx.tally, itemsLeft(ctx, 0));
    if (ctx.options.orders !== undefined) return pullNamed(ctx, reader, ctx.options.orders);
    if (ctx.options.since !== undefined) return backfill(ctx, reader, ctx.options.since);
    await pullNew(ctx, reader);
    if (!ctx.options.dryRun) await new OrderCounts(ctx.db).refresh(ctx.now());
  },
};

/** From the watermark on; moves it after each slice that is committed to its end. */
async function pullNew(ctx: PullContext, reader: OrderReader): Promise<void> {
  const watermarks = new WatermarkStore(ctx.db);
  const before = await watermarks.find(ctx.job);
  const since = before === undefined ? BEGINNING : pullSince(before, ctx.now());
  const window = pullWindow(since, ctx.now(), ctx.config.pull.overlapSec);
  const sliceSec = await new RunStore(ctx.db).lastSliceSec(ctx.job);
  ctx.record.sliceSec = sliceSec; // kept if the pass ends before it knows better
  let current = before;
  let mine = ctx.options.limit === undefined && !ctx.options.dryRun;

  const moveTo = async (until: Date) => {
    if (!mine || until <= since) return;
    await ctx.assertLockHeld();
    const next = JSON.stringify({ mode: "updatedSince", since: until.toISOString() });
    mine = await watermarks.move(ctx.job, current, next);
    if (!mine) return ctx.log.warn("watermark_was_set_meanwhile", { kept: await watermarks.find(ctx.job) });
    ctx.record.watermark = { before, after: next };
    current = next;
  };
  const [fresh, late] = sliceSec === undefined ? [window] : apart(window, new Date(since.getTime() - ctx.config.pull.overlapSec * 1000));
  const { complete, sliceMs } = await reader.readWindow(fresh, sliceSec === undefined ? undefined : sliceSec * 1000, moveTo);
  ctx.record.sliceSec = sliceMs === undefined ? undefined : Math.ceil(sliceMs / 1000);
  if (complete && late !== undefined) await reader.readWindow(late, undefined, moveTo);
}

/**
 * A pass that must go in slices reads what moves the watermark first. The day it reaches back every six hours comes after it, or would
 * eat up pass after pass; one that is cut off there is made up for by the next such reach, which covers the same hours.
 */
function apart({ since, until }: Window, from: Date): [fresh: Window, late?: Window] {
  if (from <= since || from >= until) return [{ since, until }];
  return [
    { since: from, until },
    { since, until: from },
  ];
}

/** The time a stored watermark stands for; one that makes no sense is a person's to correct. */
export function pullSince(text: string, now: Date): Date {
  const check = checkWatermark("pull_dsco_orders", text, now);
  if (!check.ok)
    throw new UsageError(
      `the stored watermark of pull_dsco_orders: ${check.problem}`,
      "set a good one: ipass watermark set pull_dsco_orders '<json>'",
    );
  return watermarkTime(check.watermark);
}

/** A window by hand; the watermark stays where it is. */
async function backfill(ctx: PullContext, reader: OrderReader, since: Date): Promise<void> {
  const latest = new Date(ctx.now().getTime() - UNTIL_LAG_MS);
  const until = ctx.options.until === undefined || ctx.options.until > latest ? latest : ctx.options.until;
  await reader.readWindow({ since, until }, undefined, async () => undefined);
}

async function pullNamed(ctx: PullContext, reader: OrderReader, ids: readonly string[]): Promise<void> {
  const known = await new OrderStore(ctx.db).byIds("push", ids);
  const unknown = await ctx.buyers.during(known, () => pullEach(ctx, reader, ids));
  if (unknown.length > 0)
    throw new UsageError(`DSCO knows no order ${unknown.join(", ")}`, "give dscoOrderId values, as `ipass order-state` shows them");
}

/** Resolves to those that DSCO does not know; to none when the pass was stopped before the last. */
async function pullEach(ctx: PullContext, reader: OrderReader, ids: readonly string[]): Promise<string[]> {
  const dsco = await ctx.dsco();
  const unknown: string[] = [];
  for (const id of ids) {
    if (ctx.stopped()) return [];
    const text = await dsco.findOrder(id);
    if (text === undefined) unknown.push(id);
    else await reader.savePage([text]);
  }
  return unknown;
}
