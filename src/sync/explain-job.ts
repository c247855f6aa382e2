import { clockTime } from "./duration.ts";
import type { Help } from "./explain-help.ts";
import type { ExplainWords, NextRun } from "./explain-words.ts";
import { type ExplainedJob, type ExplainedRun, type ExplainedState, type ExplainFacts, STAGE_JOB } from "./explained-state.ts";
import { shellWord } from "./shell-word.ts";
import type { Stage } from "./stage.ts";

/** A job that has missed this many turns is not being started, and no less than the time one pass may take. */
const TURNS_MISSED = 3;
const LONGEST_PASS_SEC = 300;

/** Why the job that should move the order on does not, as far as its record shows. */
export function jobTrouble(
  stage: Stage,
  state: ExplainedState,
  facts: ExplainFacts,
  words: ExplainWords,
): (Help & { readonly sentence: string }) | undefined {
  const job = STAGE_JOB[stage];
  const { enabled, intervalSec, lastRun } = facts.jobs[stage];
  const command = runNow(stage, state);
  if (!enabled) return { sentence: words.switchedOff(job), next_step: words.switchOnStep(job), command: `${command} --force` };
  const byCron = { next_step: words.cronStep, command };
  if (lastRun === undefined) return { sentence: words.neverRan(job), ...byCron };
  const agoMs = sinceLastRun(lastRun, facts.now);
  if (isSilent(facts.jobs[stage], facts.now)) {
    const sentence = lastRun.endedAt === undefined ? words.notEnded(job, agoMs) : words.silent(job, agoMs, intervalSec * 1000);
    return { sentence, ...byCron };
  }
  const { exit, error } = lastRun;
  const next_step = exit === undefined ? undefined : words.troubleStep(exit);
  if (exit === undefined || next_step === undefined) return undefined;
  return { sentence: words.endedWith(job, { agoMs, exit, error }), next_step, command };
}

/** Looks at the order at once, whatever its next attempt. */
export function runNow(stage: Stage, { id }: ExplainedState): string {
  return `ipass run ${STAGE_JOB[stage]} --order ${shellWord(id)}`;
}

function sinceLastRun({ startedAt, endedAt }: ExplainedRun, now: Date): number {
  return now.getTime() - (endedAt ?? startedAt).getTime();
}

/** Nothing seems to start the job. */
function isSilent({ intervalSec, lastRun }: ExplainedJob, now: Date): boolean {
  return lastRun === undefined || sinceLastRun(lastRun, now) > Math.max(TURNS_MISSED * intervalSec, LONGEST_PASS_SEC) * 1000;
}

/** The run that should look at the order next, as far as the last one lets it be foreseen. */
export function nextRun(stage: Stage, { jobs, now }: ExplainFacts): NextRun {
  const { enabled, intervalSec, lastRun } = jobs[stage];
  const job = STAGE_JOB[stage];
  if (!enabled || lastRun === undefined || isSilent(jobs[stage], now)) return { job, when: "unforeseen" };
  if (lastRun.endedAt === undefined) return { job, when: { runningSince: clockTime(lastRun.startedAt, now) } };
  const inMs = lastRun.startedAt.getTime() + intervalSec * 1000 - now.getTime();
  return { job, when: inMs > 0 ? { inMs } : "any_moment" };
}
