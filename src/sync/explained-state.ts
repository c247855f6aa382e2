import type { JobName } from "./job-name.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, type TaskType } from "./stage.ts";

/** One stage of an order as its row has it. */
export interface ExplainedStage {
  readonly status: StageStatus;
  readonly since: Date | undefined;
  readonly sentAt: Date | undefined;
  readonly retryCount: number;
  readonly requestId: string | undefined;
  readonly error: string | undefined;
  readonly hold: string | undefined;
  readonly waitsFor: string | undefined;
  readonly nextAttemptAt: Date | undefined;
}

export type CancelRequest = "none" | "open" | "waved_through";

export interface ExplainedState {
  readonly id: string;
  readonly dscoStatus: string;
  readonly cancelRequest: CancelRequest;
  /** The cancel rule has dealt with the cancellation. */
  readonly cancelApplied: boolean;
  readonly trackingNo: string | undefined;
  readonly invoiceId: string | undefined;
  readonly stages: Readonly<Record<Stage, ExplainedStage>>;
}

/** A run of a job: at work while it has no end; `exit` is also `died` for one that was killed. */
export interface ExplainedRun {
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly exit: string | undefined;
  readonly error: string | undefined;
}

export interface ExplainedJob {
  readonly enabled: boolean;
  /** How often cron is meant to start it. */
  readonly intervalSec: number;
  readonly lastRun: ExplainedRun | undefined;
}

export interface OpenTask {
  readonly id: number;
  readonly type: TaskType;
  readonly stage: Stage | undefined;
  readonly nextStep: string;
}

/** What lies outside the order's row. `tasks`: those of the order that are open or in work. */
export interface ExplainFacts {
  readonly now: Date;
  readonly maxRetryPerOrder: number;
  readonly jobs: Readonly<Record<Stage, ExplainedJob>>;
  readonly tasks: readonly OpenTask[];
}

/** The job that moves a stage on. */
export const STAGE_JOB = {
  push: "push_orders_to_lingxing",
  ack: "ack_to_dsco",
  ship: "ship_to_dsco",
  invoice: "invoice_to_dsco",
} as const satisfies Readonly<Record<Stage, JobName>>;

/** The stage an order stands at: the first that is neither done nor unneeded. Undefined: it is through. */
export function currentStage(state: ExplainedState): Stage | undefined {
  return STAGES.find((stage) => !isBehind(state, stage));
}

/** The earlier stage that a stage waits for; undefined when its turn has come. */
export function waitsForStage(state: ExplainedState, stage: Stage): Stage | undefined {
  return STAGES.slice(0, STAGES.indexOf(stage)).findLast((earlier) => !isBehind(state, earlier));
}

function isBehind(state: ExplainedState, stage: Stage): boolean {
  const { status } = state.stages[stage];
  return status === STAGE_STATUS.done || status === STAGE_STATUS.notNeeded;
}
