import type { OpenTask } from "./explained-state.ts";
import type { JobName } from "./job-name.ts";
import type { Stage, StageStatus } from "./stage.ts";

/** A time to come. `clock` reads alike in every language: `18:20:00 UTC`. */
export interface Later {
  readonly inMs: number;
  readonly clock: string;
}

/** The run that will look at the order, as far as the last one lets it be foreseen. */
export interface NextRun {
  readonly job: JobName;
  readonly when: "unforeseen" | "any_moment" | { readonly inMs: number } | { readonly runningSince: string };
}

/** When something is looked at or tried again: at its time, or by the next run. */
export type Again = { readonly at: Later } | { readonly by: NextRun };

export interface Failure {
  /** 0: it was not charged. */
  readonly times: number;
  readonly most: number;
  readonly error: string | undefined;
  readonly again: Again;
}

export interface Flight {
  readonly since: string | undefined;
  readonly requestId: string | undefined;
  readonly error: string | undefined;
  readonly run: NextRun;
  readonly graceEnds: Later | undefined;
  /** DSCO has cancelled the order meanwhile. */
  readonly cancelled: boolean;
}

export interface RunEnd {
  readonly agoMs: number;
  readonly exit: string;
  readonly error: string | undefined;
}

/**
 * How an order's life is told in one language. What to tell is decided elsewhere, once; here it becomes words. What was recorded (a
 * vendor's reason, the next step of a task) is data: it is quoted as it is.
 */
export interface ExplainWords {
  due(stage: Stage, run: NextRun): string;
  putOff(stage: Stage, until: Later): string;
  notReady(stage: Stage, reason: string, again: Again): string;
  failed(stage: Stage, failure: Failure): string;
  inFlight(stage: Stage, flight: Flight): string;
  /** `hold` is told where no reason is recorded. */
  needsPerson(stage: Stage, why: { readonly error: string | undefined; readonly hold: string | undefined }): string;
  /** A later stage that a person must release anyway. */
  heldAhead(stage: Stage, error: string | undefined): string;
  allDone(found: { readonly trackingNo: string | undefined; readonly invoiceId: string | undefined }): string;
  readonly cancelledBeforePush: string;
  nothingLeft(statuses: Readonly<Record<Stage, StageStatus>>, cancelled: boolean): string;
  readonly willBeClosed: string;
  readonly willBeTakenUp: string;
  willBeHeld(stages: readonly Stage[]): string;
  taskOpen(task: OpenTask): string;
  readonly textKept: string;

  switchedOff(job: JobName): string;
  neverRan(job: JobName): string;
  notEnded(job: JobName, agoMs: number): string;
  silent(job: JobName, agoMs: number, everyMs: number): string;
  endedWith(job: JobName, end: RunEnd): string;

  /** What a task tells to do: `step` without the command that stands by itself, `whole` with it. */
  taskStep(task: OpenTask, step: string, whole: string): string;
  readonly closedTaskStep: string;
  readonly textStep: string;
  switchOnStep(job: JobName): string;
  readonly cronStep: string;
  /** Ends of a run that keep orders waiting; undefined for an end that does not. */
  troubleStep(exit: string): string | undefined;

  joined(sentences: readonly string[]): string;
}
