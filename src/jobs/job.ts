import type { Config, Section } from "../config/env.ts";
import type { DscoClient } from "../dsco/client.ts";
import type { LingxingClient } from "../lingxing/client.ts";
import type { Log } from "../log.ts";
import type { Db } from "../store/db.ts";
import type { EventSource } from "../store/event-store.ts";
import type { JobName } from "../sync/job-name.ts";
import type { Tally } from "../sync/tally.ts";
import type { BuyersInHand } from "./buyers-in-hand.ts";

/** How one pass was asked for. */
export interface RunOptions {
  /** Only these orders, whether due or not. */
  readonly orders?: readonly string[];
  readonly dryRun?: boolean;
  readonly limit?: number;
  readonly maxDurationSec?: number;
  readonly onLocked?: { readonly do: "fail" } | { readonly do: "skip" } | { readonly do: "wait"; readonly sec: number };
  /** Run although the job is switched off. */
  readonly force?: boolean;
  readonly since?: Date;
  readonly until?: Date;
  /** Stock: send every SKU, changed or not. */
  readonly full?: boolean;
  /** Stock: send although a guard says no. */
  readonly allowMassZero?: boolean;
  /** The person or program that asked, where it is known. */
  readonly actor?: string;
  /** Why they asked: kept with the run. */
  readonly reason?: string;
  /** What the pass counts on, for whoever wants to watch it; its own otherwise. */
  readonly tally?: Tally;
}

export interface PlanEntry {
  readonly do: "send" | "adopt" | "manual";
  readonly dsco_order_id?: string;
  /** Instead of an order, where stock is sent. */
  readonly sku?: string;
  readonly [detail: string]: unknown;
}

/** Everything a pass may use. Handed in, so that a test can hand in its own clock and vendors. */
export interface JobContext<S extends Section = never> {
  readonly job: JobName;
  readonly runId: string;
  readonly options: RunOptions;
  readonly batchSize: number;
  readonly config: Pick<Config, S | "database" | "rules">;
  readonly db: Db;
  readonly log: Log;
  readonly tally: Tally;
  readonly plan: PlanEntry[];
  readonly source: EventSource;
  /** To be told of the orders that vendors are asked about. */
  readonly buyers: BuyersInHand;
  /** The host's clock, corrected once to the database's. */
  now(): Date;
  /** The pass is to end (deadline or signal): no new work is started, what is in hand is finished. */
  stopped(): boolean;
  /** Aborted when `stopped` turns true. */
  readonly signal: AbortSignal;
  /** Throws LockLostError unless this run still holds the job's lock. Asked before each batch of writes. */
  assertLockHeld(): Promise<void>;
  dsco(): Promise<DscoClient>;
  lingxing(): Promise<LingxingClient>;
  /** What the run's record keeps besides its counts. */
  readonly record: RunNotes;
}

export interface RunNotes {
  watermark: { before: string | undefined; after: string } | undefined;
  sliceSec: number | undefined;
}

/** One pass of a job: no schedule, no loop in time; cron has those. */
export interface Job<S extends Section = Section> {
  readonly name: JobName;
  /** The settings it needs; others are not checked. */
  readonly needs: readonly S[];
  run(ctx: JobContext<S>): Promise<void>;
}

/** How many more items `--limit` allows. */
export function itemsLeft(ctx: Pick<JobContext, "options">, started: number): number {
  return ctx.options.limit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, ctx.options.limit - started);
}
