import { EXIT, type ExitName } from "../exit-codes.ts";
import { clockTime, inWords } from "./duration.ts";
import { clause, type Help } from "./explain-help.ts";
import { type ExplainedJob, type ExplainedRun, type ExplainedState, type ExplainFacts, STAGE_JOB } from "./explained-state.ts";
import { shellWord } from "./shell-word.ts";
import type { Stage } from "./stage.ts";

/** A job that has missed this many turns is not being started, and no less than the time one pass may take. */
const TURNS_MISSED = 3;
const LONGEST_PASS_SEC = 300;

/** Why the job that should move the order on does not, as far as its record shows. */
export function jobTrouble(stage: Stage, state: ExplainedState, facts: ExplainFacts): (Help & { readonly sentence: string }) | undefined {
  const job = STAGE_JOB[stage];
  const { enabled, intervalSec, lastRun } = facts.jobs[stage];
  const command = runNow(stage, state);
  if (!enabled) {
    const next_step = `set IPASS_JOB_${job.toUpperCase()}_ENABLE=true, or run it this once all the same:`;
    return { sentence: `${job} is switched off.`, next_step, command: `${command} --force` };
  }
  const crontab = "see that cron starts it (crontab.example has the lines); by hand:";
  if (lastRun === undefined) return { sentence: `${job} has never run.`, next_step: crontab, command };
  const ago = sinceLastRun(lastRun, facts.now);
  if (isSilent(facts.jobs[stage], facts.now)) {
    return lastRun.endedAt === undefined
      ? { sentence: `A run of ${job} began ${inWords(ago)} ago and has not ended, or died.`, next_step: crontab, command }
      : {
          sentence: `${job} last ran ${inWords(ago)} ago and is meant to run every ${inWords(intervalSec * 1000)}.`,
          next_step: crontab,
          command,
        };
  }
  const exit = lastRun.exit;
  const next_step = exit === undefined ? undefined : TROUBLE[exit];
  if (exit === undefined || next_step === undefined) return undefined;
  const code = exit in EXIT ? `${EXIT[exit as ExitName].code} ${exit}` : exit;
  const why = lastRun.error ?? (exit in EXIT ? EXIT[exit as ExitName].meaning : "it was killed");
  return { sentence: `The last run of ${job}, ${inWords(ago)} ago, ended with ${code}: ${clause(why)}.`, next_step, command };
}

/** Ends of a run that keep orders waiting, and what to do about them. */
const TROUBLE: Readonly<Partial<Record<string, string>>> = {
  internal: "report it, with the lines of error.log that carry its trace_id; by hand:",
  usage: "correct what it names, then:",
  refused: "see what the guard names; then:",
  configuration: "correct the setting, then:",
  credentials: "correct the credentials, the clock or the vendor's IP whitelist, then:",
  database: "see to the database, then:",
  vendor: "nothing is lost and each run tries again; if it lasts, ask the vendor. By hand:",
  deadline: "the next run goes on where it stopped; at once:",
  died: "see in info.log and in the system's log what killed it; by hand:",
};

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

/** "the next run of ack_to_dsco (in 20 s)", as far as the last one lets it be foreseen. */
export function nextRun(stage: Stage, { jobs, now }: ExplainFacts): string {
  const { enabled, intervalSec, lastRun } = jobs[stage];
  const run = `the next run of ${STAGE_JOB[stage]}`;
  if (!enabled || lastRun === undefined || isSilent(jobs[stage], now)) return run;
  if (lastRun.endedAt === undefined)
    return `the run of ${STAGE_JOB[stage]} that began ${clockTime(lastRun.startedAt, now)}, or the next one,`;
  const left = lastRun.startedAt.getTime() + intervalSec * 1000 - now.getTime();
  return left > 0 ? `${run} (in ${inWords(left)})` : `${run} (any moment)`;
}
