import { type Deadline, toDeadline } from "../sync/deadline.ts";
import { type ExplainedNow, explainNow } from "../sync/explain.ts";
import { ENGLISH } from "../sync/explain-english.ts";
import type { ExplainWords } from "../sync/explain-words.ts";
import {
  type CancelRequest,
  currentStage,
  type ExplainedJob,
  type ExplainedStage,
  STAGE_JOB,
  waitsForStage,
} from "../sync/explained-state.ts";
import type { JobName } from "../sync/job-name.ts";
import { STAGES, type Stage, type StageStatus, TASK_STATUS } from "../sync/stage.ts";
import { ORDER_JOBS, type OrderRecord, type RecordedEvent, type TextRecord } from "./explain-query.ts";
import type { OrderStateRow } from "./order-query.ts";
import type { RecordedRun } from "./run-query.ts";
import type { Task } from "./task-store.ts";

/** What `ipass explain --json` prints and the admin page shows: kept stable, only ever added to. */
export interface Explanation {
  readonly dsco_order_id: string;
  /** The row as `order-state` shows it; null for a text without an order id. */
  readonly order: OrderStateRow | null;
  readonly now: ExplainedNow;
  /** Where it stands; null when it is through. */
  readonly current_stage: Stage | null;
  readonly stages: Readonly<Partial<Record<Stage, StageExplanation>>>;
  readonly cancel_request: CancelRequest;
  readonly deadlines: { readonly acknowledge_by_date?: Deadline | null; readonly ship_by_date?: Deadline | null };
  readonly tasks: readonly Task[];
  readonly events: readonly RecordedEvent[];
  readonly runs: Readonly<Partial<Record<JobName, RunExplanation>>>;
  /** When the order was last compared with DSCO. */
  readonly fetched_at: Date | null;
  readonly explained_at: Date;
}

export interface StageExplanation {
  readonly status: StageStatus;
  readonly meaning: string;
  readonly since: Date | null;
  readonly sent_at: Date | null;
  readonly failures: number;
  readonly max_failures: number;
  readonly next_attempt_at: Date | null;
  /** The stage that has to end first. */
  readonly after: Stage | null;
  readonly waits_for: string | null;
  readonly hold: string | null;
  readonly request_id: string | null;
  readonly error: string | null;
}

export interface RunExplanation {
  readonly enabled: boolean;
  readonly interval_sec: number;
  readonly last_run: RecordedRun | null;
}

export interface ExplainSettings {
  readonly maxRetryPerOrder: number;
  readonly jobs: Readonly<Record<JobName, Pick<ExplainedJob, "enabled" | "intervalSec">>>;
  /** Takes out what a vendor or an operator wrote and nobody may see. */
  readonly redact: (value: unknown) => unknown;
  /** In which language it is told; English where none is given. */
  readonly words?: ExplainWords;
}

export const STAGE_MEANING: Readonly<Record<StageStatus, string>> = {
  0: "waiting",
  1: "done",
  2: "failed",
  3: "person",
  4: "not needed",
  9: "in flight",
};

export function toExplanation(record: OrderRecord, settings: ExplainSettings): Explanation {
  const { now, row, state, tasks, events } = record;
  const jobOf = (job: JobName): ExplainedJob => {
    const run = record.runs.get(job);
    const { enabled, intervalSec } = settings.jobs[job];
    const lastRun = run && {
      startedAt: run.started_at,
      endedAt: run.ended_at ?? undefined,
      exit: run.exit?.name,
      error: run.error ?? undefined,
    };
    return { enabled, intervalSec, lastRun };
  };
  const facts = {
    now,
    maxRetryPerOrder: settings.maxRetryPerOrder,
    jobs: {
      push: jobOf(STAGE_JOB.push),
      ack: jobOf(STAGE_JOB.ack),
      ship: jobOf(STAGE_JOB.ship),
      invoice: jobOf(STAGE_JOB.invoice),
    },
    tasks: tasks.filter(isOpen).map((task) => ({
      id: task.id,
      type: task.task_type,
      stage: task.stage ?? undefined,
      nextStep: task.next_step,
    })),
  };
  return {
    dsco_order_id: row.dsco_order_id,
    order: row,
    now: explainNow(state, facts, settings.words),
    current_stage: currentStage(state) ?? null,
    stages: Object.fromEntries(
      STAGES.map((stage) => [stage, toStage(state.stages[stage], settings.maxRetryPerOrder, waitsForStage(state, stage))]),
    ),
    cancel_request: state.cancelRequest,
    deadlines: {
      acknowledge_by_date: toDeadline(record.acknowledgeBy, state.stages.ack, now),
      ship_by_date: toDeadline(record.shipBy, state.stages.ship, now),
    },
    tasks: tasks.map((task) => shown(task, settings)),
    events: events.map((event) => ({ ...event, detail: settings.redact(event.detail) })),
    runs: Object.fromEntries(ORDER_JOBS.map((job) => [job, toRunExplanation(settings.jobs[job], record.runs.get(job))])),
    fetched_at: record.fetchedAt ?? null,
    explained_at: now,
  };
}

/** A text without an order id has no life to tell; it is told where it lies. */
export function toTextExplanation(key: string, { now, fetchedAt, tasks }: TextRecord, settings: ExplainSettings): Explanation {
  const { textKept, textStep } = settings.words ?? ENGLISH;
  return {
    dsco_order_id: key,
    order: null,
    now: {
      sentence: textKept,
      next_step: textStep,
      command: `SELECT payload FROM dsco_order_raw WHERE dsco_order_id = '${key}'`,
    },
    current_stage: null,
    stages: {},
    cancel_request: "none",
    deadlines: {},
    tasks: tasks.map((task) => shown(task, settings)),
    events: [],
    runs: {},
    fetched_at: fetchedAt,
    explained_at: now,
  };
}

export function isOpen({ status }: Task): boolean {
  return status === TASK_STATUS.open || status === TASK_STATUS.inWork;
}

function shown(task: Task, { redact }: ExplainSettings): Task {
  return { ...task, payload: redact(task.payload), reason: task.reason === null ? null : String(redact(task.reason)) };
}

function toStage(stage: ExplainedStage, maxFailures: number, after: Stage | undefined): StageExplanation {
  return {
    status: stage.status,
    meaning: STAGE_MEANING[stage.status],
    since: stage.since ?? null,
    sent_at: stage.sentAt ?? null,
    failures: stage.retryCount,
    max_failures: maxFailures,
    next_attempt_at: stage.nextAttemptAt ?? null,
    after: after ?? null,
    waits_for: stage.waitsFor ?? null,
    hold: stage.hold ?? null,
    request_id: stage.requestId ?? null,
    error: stage.error ?? null,
  };
}

function toRunExplanation(
  { enabled, intervalSec }: Pick<ExplainedJob, "enabled" | "intervalSec">,
  run: RecordedRun | undefined,
): RunExplanation {
  return { enabled, interval_sec: intervalSec, last_run: run === undefined ? null : toRecordedRun(run) };
}

function toRecordedRun({ trace_id, host, pid, started_at, ended_at, exit, error }: RecordedRun): RecordedRun {
  return { trace_id, host, pid, started_at, ended_at, exit, error };
}
