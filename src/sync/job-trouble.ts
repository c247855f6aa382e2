import type { ExplainWords } from "./explain-words.ts";
import type { ExplainedJob, ExplainedRun } from "./explained-state.ts";
import type { JobName } from "./job-name.ts";

/** Why a job does not get its work done, and what to do about it. */
export interface JobTrouble {
  /** `not_started`: nothing seems to start it. */
  readonly kind: "off" | "not_started" | "hangs" | "failed";
  readonly sentence: string;
  /** Leads to a command that starts it by hand. */
  readonly next_step: string;
}

/** A job that has missed this many turns is not being started, and no less than the time one pass may take. */
const TURNS_MISSED = 3;
const LONGEST_PASS_SEC = 300;

/** As far as the record of the job shows; undefined: nothing is wrong with it. */
export function decideTrouble(job: JobName, record: ExplainedJob, now: Date, words: ExplainWords): JobTrouble | undefined {
  const { enabled, intervalSec, lastRun } = record;
  if (!enabled) return { kind: "off", sentence: words.switchedOff(job), next_step: words.switchOnStep(job) };
  const next_step = words.cronStep;
  if (lastRun === undefined) return { kind: "not_started", sentence: words.neverRan(job), next_step };
  const agoMs = sinceLastRun(lastRun, now);
  if (isSilent(record, now)) {
    if (lastRun.endedAt === undefined) return { kind: "hangs", sentence: words.notEnded(job, agoMs), next_step };
    return { kind: "not_started", sentence: words.silent(job, agoMs, intervalSec * 1000), next_step };
  }
  const { exit, error } = lastRun;
  const remedy = exit === undefined ? undefined : words.troubleStep(exit);
  if (exit === undefined || remedy === undefined) return undefined;
  return { kind: "failed", sentence: words.endedWith(job, { agoMs, exit, error }), next_step: remedy };
}

/** Nothing seems to start the job. */
export function isSilent({ intervalSec, lastRun }: ExplainedJob, now: Date): boolean {
  return lastRun === undefined || sinceLastRun(lastRun, now) > Math.max(TURNS_MISSED * intervalSec, LONGEST_PASS_SEC) * 1000;
}

function sinceLastRun({ startedAt, endedAt }: ExplainedRun, now: Date): number {
  return now.getTime() - (endedAt ?? startedAt).getTime();
}
