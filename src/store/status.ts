import { STAGE_JOB } from "../sync/explained-state.ts";
import { isOverdue, nextDue } from "../sync/job-health.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, type TaskType } from "../sync/stage.ts";
import { checkWatermark, watermarkTime } from "../sync/watermark.ts";
import { type StatusCount, standsAt } from "./order-counts.ts";
import type { Run } from "./run-query.ts";
import type { PressingOrder, StatusRecord } from "./status-query.ts";

/** What `ipass status --json` prints and the page shows: kept stable, only ever added to. */
export interface Status {
  readonly at: Date;
  /** `open`: orders for which some stage is still to come. */
  readonly orders: { readonly total: number; readonly open: number };
  readonly stages: Readonly<Record<Stage, StageBacklog>>;
  readonly jobs: Readonly<Record<JobName, JobState>>;
  readonly tasks: { readonly open: number; readonly by_type: Readonly<Partial<Record<TaskType, number>>> };
  readonly deadlines: { readonly over: number; readonly near: number; readonly orders: readonly NearDeadline[] };
}

/** Orders that stand at a stage: every stage before it is behind them. */
export interface StageBacklog {
  readonly job: JobName;
  readonly orders: number;
  readonly waiting: number;
  readonly failed: number;
  readonly manual: number;
  readonly in_flight: number;
  /** Of those waiting and failed, the ones whose time has come. */
  readonly due: number;
  readonly oldest_due_at: Date | null;
  readonly oldest_due_sec: number | null;
}

export interface JobState {
  readonly enabled: boolean;
  readonly interval_sec: number;
  readonly last_run: Run | null;
  readonly last_success_at: Date | null;
  readonly next_due_at: Date | null;
  /** It has neither succeeded nor been at work for three intervals. */
  readonly overdue: boolean;
  /** In the shape of this job; one that somebody broke, as its text; null: none. */
  readonly watermark: unknown;
  readonly watermark_lag_sec: number | null;
}

export interface NearDeadline extends PressingOrder {
  /** Negative once it is over. */
  readonly left_sec: number;
}

/** How each job is configured. */
export type JobSettings = Readonly<Record<JobName, { readonly enabled: boolean; readonly intervalSec: number }>>;

export function toStatus(record: StatusRecord, jobs: JobSettings): Status {
  const { now, counts, deadlines, openTasks } = record;
  const backlogs = STAGES.map((stage) => [stage, toBacklog(stage, record)] as const);
  return {
    at: now,
    orders: { total: sum(counts), open: sum(counts.filter((count) => standsAt(count) !== undefined)) },
    stages: Object.fromEntries(backlogs) as Record<Stage, StageBacklog>,
    jobs: Object.fromEntries(JOB_NAMES.map((job) => [job, toJobState(job, record, jobs[job])])) as Record<JobName, JobState>,
    tasks: { open: [...openTasks.values()].reduce((all, tasks) => all + tasks, 0), by_type: Object.fromEntries(openTasks) },
    deadlines: {
      over: deadlines.over,
      near: deadlines.near,
      orders: deadlines.orders.map((order) => ({ ...order, left_sec: secondsBetween(now, order.by) })),
    },
  };
}

function toBacklog(stage: Stage, { now, counts, due }: StatusRecord): StageBacklog {
  const here = counts.filter((count) => standsAt(count) === stage);
  const at = (status: StageStatus) => sum(here.filter((count) => count[stage] === status));
  const { orders, since } = due[stage];
  return {
    job: STAGE_JOB[stage],
    orders: sum(here),
    waiting: at(STAGE_STATUS.waiting),
    failed: at(STAGE_STATUS.failed),
    manual: at(STAGE_STATUS.manual),
    in_flight: at(STAGE_STATUS.inFlight),
    due: orders,
    oldest_due_at: since ?? null,
    oldest_due_sec: since === undefined ? null : secondsBetween(since, now),
  };
}

function toJobState(job: JobName, record: StatusRecord, { enabled, intervalSec }: JobSettings[JobName]): JobState {
  const { now } = record;
  const lastRun = record.lastRuns.get(job);
  const lastSuccessAt = record.lastSuccesses.get(job);
  const runningSince = lastRun?.ended_at === null ? lastRun.started_at : undefined;
  const watermark = record.watermarks.get(job);
  const read = watermark === undefined ? undefined : checkWatermark(job, watermark, now);
  return {
    enabled,
    interval_sec: intervalSec,
    last_run: lastRun ?? null,
    last_success_at: lastSuccessAt ?? null,
    next_due_at: nextDue(lastRun?.started_at, { enabled, intervalSec }) ?? null,
    overdue: isOverdue({ enabled, intervalSec, lastSuccessAt, runningSince }, now),
    watermark: read?.ok ? read.watermark : (watermark ?? null),
    watermark_lag_sec: read?.ok ? secondsBetween(watermarkTime(read.watermark), now) : null,
  };
}

function sum(counts: readonly StatusCount[]): number {
  return counts.reduce((all, { orders }) => all + orders, 0);
}

function secondsBetween(from: Date, to: Date): number {
  return Math.round((to.getTime() - from.getTime()) / 1000);
}
