import { UsageError } from "../errors.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGE_STATUS, type Stage } from "../sync/stage.ts";
import { itemsLeft, type JobContext } from "./job.ts";

/** Orders looked at together: one read of due rows, one round of look-ups. A multiple of every default batch, so that batches go full. */
export const PAGE = 1000;

/** Brings the snapshots of a page up to date; true when something was read, so that the page must be read again. */
export type Refresh = (orders: readonly StageOrder[]) => Promise<boolean>;

/** The orders given with --order; undefined when none was. An id we do not know ends the run before anything is done. */
export async function namedOrders(ctx: JobContext, stage: Stage): Promise<StageOrder[] | undefined> {
  if (ctx.options.orders === undefined) return undefined;
  const ids = [...new Set(ctx.options.orders)];
  const found = await new OrderStore(ctx.db).byIds(stage, ids);
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    const pull = `ipass run pull_dsco_orders --order ${shellWord(unknown[0] ?? "")}`;
    throw new UsageError(`unknown order ${unknown.join(", ")}`, `pull it first: ${pull}`);
  }
  return found;
}

/** The orders in flight that a pass is to settle first, page by page; of named ones, those among them. Each page is in hand until the next. */
export function inFlightOrders(ctx: JobContext, stage: Stage, named: readonly StageOrder[] | undefined): AsyncGenerator<StageOrder[]> {
  return inHand(ctx, readInFlight(ctx, stage, named));
}

async function* readInFlight(ctx: JobContext, stage: Stage, named: readonly StageOrder[] | undefined): AsyncGenerator<StageOrder[]> {
  if (named !== undefined) return yield named.filter(isInFlight);
  for (let after = ""; ; ) {
    const page = await new OrderStore(ctx.db).inFlight(stage, { after, limit: PAGE });
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.id;
  }
}

/**
 * The orders a pass is to work on, page by page, counted as read: those that are due, or of the named ones those that may be
 * worked on, due or not. Each page is in hand until the next. Ends when the pass is to end.
 */
export function dueOrders(
  ctx: JobContext,
  stage: Stage,
  named: readonly StageOrder[] | undefined,
  refresh: Refresh,
): AsyncGenerator<StageOrder[]> {
  const refreshInHand: Refresh = (orders) => ctx.buyers.during(orders, () => refresh(orders));
  return inHand(ctx, named === undefined ? readDue(ctx, stage, refreshInHand) : dueAmong(ctx, stage, named, refreshInHand));
}

/** Vendors are asked about the orders of a page, by whatever name, until the next page is asked for. */
async function* inHand({ buyers }: JobContext, pages: AsyncIterable<StageOrder[]>): AsyncGenerator<StageOrder[]> {
  for await (const page of pages) {
    const letGo = buyers.take(page);
    try {
      yield page;
    } finally {
      letGo();
    }
  }
}

async function* readDue(ctx: JobContext, stage: Stage, refresh: Refresh): AsyncGenerator<StageOrder[]> {
  const orders = new OrderStore(ctx.db);
  let started = 0;
  for (let after = ""; !ctx.stopped(); ) {
    const limit = Math.min(PAGE, itemsLeft(ctx, started));
    if (limit === 0) return;
    const page = await orders.due(stage, ctx.now(), { after, limit });
    const last = page.at(-1);
    if (last === undefined) return;
    if (await refresh(page)) continue; // some may be cancelled or changed now: ask again
    after = last.id;
    started += page.length;
    // The cancel rule holds these outside a dry run; a dry run leaves them alone.
    const workable = page.filter((order) => !isHeldByCancelRequest(order, stage));
    ctx.tally.read(workable.length);
    yield workable;
    if (page.length < limit) return;
  }
}

async function* dueAmong(ctx: JobContext, stage: Stage, named: readonly StageOrder[], refresh: Refresh): AsyncGenerator<StageOrder[]> {
  const orders = new OrderStore(ctx.db);
  const ids = named.map(({ id }) => id);
  const settled = new Set(named.filter(isInFlight).map(({ id }) => id)); // counted when they were settled
  const before = (await orders.byIds(stage, ids)).filter((order) => isWorkable(order, stage));
  if (before.length > 0) await refresh(before);
  const workable = (await orders.byIds(stage, ids)).filter((order) => isWorkable(order, stage)).slice(0, itemsLeft(ctx, 0));
  const chosen = new Set(workable.map(({ id }) => id));
  const skipped = ids.filter((id) => !chosen.has(id) && !settled.has(id));
  ctx.tally.read(skipped.length + workable.length);
  ctx.tally.settle("skipped", skipped.length);
  if (workable.length > 0) yield workable;
}

export function isInFlight(order: StageOrder): boolean {
  return order.stage.status === STAGE_STATUS.inFlight;
}

function isWorkable(order: StageOrder, stage: Stage): boolean {
  const open = order.stage.status === STAGE_STATUS.waiting || order.stage.status === STAGE_STATUS.failed;
  return open && order.reached && order.dscoStatus !== "cancelled" && !isHeldByCancelRequest(order, stage);
}

function isHeldByCancelRequest(order: StageOrder, stage: Stage): boolean {
  return order.cancelRequested && (stage === "push" || stage === "ship");
}
