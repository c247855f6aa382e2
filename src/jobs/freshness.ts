import type { StageOrder } from "../store/order-store.ts";
import { SnapshotStore } from "../store/snapshot-store.ts";
import { WatermarkStore } from "../store/watermark-store.ts";
import { UNTIL_LAG_MS } from "../sync/pull-window.ts";
import { Tally } from "../sync/tally.ts";
import type { JobContext } from "./job.ts";
import { OrderReader } from "./order-reader.ts";
import { pullSince } from "./pull-dsco-orders.ts";

/**
 * Keeps a pass from acting on snapshots that are too old: an order may have been cancelled since. A snapshot is as fresh as the
 * later of its own fetch and what the pull has read up to; older ones are brought up to date with the pull's own code, in one
 * sweep, the watermark untouched.
 */
export class Freshness {
  readonly #ctx: JobContext<"pull">;
  #readUpTo: Date | undefined;
  #asked = false;

  constructor(ctx: JobContext<"pull">) {
    this.#ctx = ctx;
  }

  /** Whether anything was read, so that the caller must look at its orders again. A dry run writes nothing, so it takes what there is. */
  async refresh(orders: readonly StageOrder[]): Promise<boolean> {
    if (this.#ctx.options.dryRun) return false;
    // Nothing can be fresher than what DSCO lets us read.
    const maxAgeMs = Math.max(this.#ctx.config.rules.orderMaxAgeSec * 1000, 2 * UNTIL_LAG_MS);
    const oldest = new Date(this.#ctx.now().getTime() - maxAgeMs);
    const horizon = await this.#horizon();
    if (horizon !== undefined && horizon >= oldest) return false;
    const stale = orders.filter(({ fetchedAt }) => fetchedAt === undefined || fetchedAt < oldest);
    if (stale.length === 0) return false;
    if (this.#ctx.options.orders !== undefined) await this.#refreshEach(stale);
    else await this.#sweep(stale, horizon);
    return true;
  }

  async #horizon(): Promise<Date | undefined> {
    if (!this.#asked) {
      this.#asked = true;
      const watermark = await new WatermarkStore(this.#ctx.db).find("pull_dsco_orders");
      if (watermark !== undefined) this.#readUpTo = pullSince(watermark, this.#ctx.now());
    }
    return this.#readUpTo;
  }

  async #sweep(stale: readonly StageOrder[], horizon: Date | undefined): Promise<void> {
    const now = this.#ctx.now();
    const until = new Date(now.getTime() - UNTIL_LAG_MS);
    const oldestFetch = Math.min(...stale.map(({ fetchedAt }) => fetchedAt?.getTime() ?? 0));
    const from = Math.max(horizon?.getTime() ?? 0, oldestFetch) - this.#ctx.config.pull.overlapSec * 1000;
    this.#ctx.log.info("snapshots_refreshed", { since: new Date(Math.max(from, 0)).toISOString(), stale: stale.length });
    const reader = new OrderReader(this.#ctx, new Tally()); // counted apart: the run's counts are about its own work
    await reader.readWindow({ since: new Date(Math.max(from, 0)), until }, undefined, async (readUpTo) => {
      this.#readUpTo = readUpTo;
    });
  }

  async #refreshEach(stale: readonly StageOrder[]): Promise<void> {
    const dsco = await this.#ctx.dsco();
    const reader = new OrderReader(this.#ctx, new Tally());
    for (const { id } of stale) {
      const text = await dsco.findOrder(id);
      if (text === undefined) this.#ctx.log.warn("order_not_at_dsco", { dsco_order_id: id });
      else await reader.savePage([text]);
    }
    const snapshots = new SnapshotStore(this.#ctx.db);
    await snapshots.touch(
      stale.map(({ id }) => id),
      this.#ctx.now(),
    );
  }
}
