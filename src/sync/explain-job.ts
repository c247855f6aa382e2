import { clockTime } from "./duration.ts";
import type { Help } from "./explain-help.ts";
import type { ExplainWords, NextRun } from "./explain-words.ts";
import { type ExplainedState, type ExplainFacts, STAGE_JOB } from "./explained-state.ts";
import { decideTrouble, isSilent } from "./job-trouble.ts";
import { shellWord } from "./shell-word.ts";
import type { Stage } from "./stage.ts";

/** Why the job that should move the order on does not, as far as its record shows. */
export function jobTrouble(
  stage: Stage,
  state: ExplainedState,
  facts: ExplainFacts,
  words: ExplainWords,
): (Help & { readonly sentence: string }) | undefined {
  const trouble = decideTrouble(STAGE_JOB[stage], facts.jobs[stage], facts.now, words);
  if (trouble === undefined) return undefined;
  const { kind, sentence, next_step } = trouble;
  return { sentence, next_step, command: `${runNow(stage, state)}${kind === "off" ? " --force" : ""}` };
}

/** Looks at the order at once, whatever its next attempt. */
export function runNow(stage: Stage, { id }: ExplainedState): string {
  return `ipass run ${STAGE_JOB[stage]} --order ${shellWord(id)}`;
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
