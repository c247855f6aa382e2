import { inWords } from "../sync/duration.ts";
import type { ExplainedJob } from "../sync/explained-state.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { decideTrouble, type JobTrouble } from "../sync/job-trouble.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGES, type Stage } from "../sync/stage.ts";
import type { JobState, Status } from "./status.ts";
import { ENGLISH_STEPS, type StepWords } from "./step-words.ts";

/** The answer to "is it running, is anything stuck", and what to type about it. */
export interface Verdict {
  /** `warn`: somebody should look, in daylight. `alarm`: now. */
  readonly level: "good" | "warn" | "alarm";
  readonly headline: string;
  /** What needs somebody, the most pressing first; nothing needs anybody: none. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly about: string;
  readonly command: string;
}

/** Orders that have been due for so long, although the job that moves them runs, are more than a busy moment. */
const BEHIND_INTERVALS = 3;
const BEHIND_SEC = 900;

export function toVerdict(status: Status): Verdict {
  const troubles = jobTroubles(status, ENGLISH_STEPS);
  const { over } = status.deadlines;
  const { open } = status.tasks;
  const untold = heldWithoutTask(status);
  const behind = stagesBehind(status);
  const stuck = [
    ...(over > 0 ? [`${counted(over, "order")} past a deadline`] : []),
    ...behind.map(({ stage, due, sec }) => `${stage} is ${inWords(sec * 1000)} behind (${counted(due, "order")})`),
    ...(open > 0 ? [counted(open, "open task")] : []),
    ...(untold > 0 ? [`${counted(untold, "order")} held without a task`] : []),
  ];
  const overdue = troubles.filter(({ trouble }) => trouble.kind !== "off");
  return {
    level: overdue.length > 0 || over > 0 || behind.length > 0 ? "alarm" : stuck.length > 0 ? "warn" : "good",
    headline: `${running(status, overdue)}; ${stuck.length === 0 ? "nothing is stuck" : stuck.join("; ")}.`,
    steps: [
      ...runningSteps(status),
      ...deadlineStep(status),
      ...behindSteps(status),
      ...(open > 0 ? [{ about: `${counted(open, "task")} for a person, each with what to do:`, command: "ipass manual-tasks" }] : []),
      ...heldSteps(status),
    ],
  };
}

/** What no order and no task says: that jobs do not get through, that orders are behind or held although nobody is asked. The page shows these. */
export function unaskedSteps(status: Status, words: StepWords): readonly Step[] {
  return [...runningSteps(status, words), ...behindSteps(status, words), ...heldSteps(status, words)];
}

function runningSteps(status: Status, words = ENGLISH_STEPS): Step[] {
  return [...startingPoint(status, words), ...jobSteps(jobTroubles(status, words), words)];
}

function behindSteps(status: Status, words = ENGLISH_STEPS): Step[] {
  return stagesBehind(status).map(({ stage, job, due, sec }) => ({
    about: words.behind({ stage, job, due, ms: sec * 1000 }),
    command: `ipass runs --job ${job}`,
  }));
}

interface Troubled {
  readonly job: JobName;
  readonly trouble: JobTrouble;
}

function jobTroubles(status: Status, words: StepWords): Troubled[] {
  return JOB_NAMES.flatMap((job) => jobTrouble(job, status, words));
}

/** A job that misses its turns, or that is switched off while orders are due at it. */
function jobTrouble(job: JobName, { at, jobs, stages }: Status, words: StepWords): Troubled[] {
  const state = jobs[job];
  const due = STAGES.find((stage) => stages[stage].job === job && stages[stage].due > 0);
  if (!state.overdue && (state.enabled || due === undefined)) return [];
  const agoMs = state.last_success_at === null ? undefined : at.getTime() - state.last_success_at.getTime();
  const trouble = decideTrouble(job, toExplained(state), at, words.explain) ?? {
    kind: "failed",
    sentence: words.notThrough(job, agoMs),
    next_step: words.byHand,
  };
  return [{ job, trouble }];
}

function toExplained({ enabled, interval_sec, last_run }: JobState): ExplainedJob {
  return {
    enabled,
    intervalSec: interval_sec,
    lastRun:
      last_run === null
        ? undefined
        : {
            startedAt: last_run.started_at,
            endedAt: last_run.ended_at ?? undefined,
            exit: last_run.exit?.name,
            error: last_run.error ?? undefined,
          },
  };
}

function running({ jobs }: Status, overdue: readonly Troubled[]): string {
  const enabled = JOB_NAMES.filter((job) => jobs[job].enabled).length;
  if (enabled === 0) return "SWITCHED OFF: no job is enabled";
  if (overdue.length === 0) return "Running";
  const never = JOB_NAMES.every((job) => jobs[job].last_run === null);
  if (overdue.length === enabled) return `NOT RUNNING: ${never ? "no job has ever run" : "no job gets through"}`;
  return `NOT ALL RUNNING: ${overdue.length} of ${counted(enabled, "job")} overdue`;
}

/** Without a watermark the first pull takes all open history for ours. */
function startingPoint({ at, jobs }: Status, words: StepWords): Step[] {
  const { enabled, watermark, last_success_at } = jobs.pull_dsco_orders;
  if (!enabled || watermark !== null || last_success_at !== null) return [];
  const since = JSON.stringify({ mode: "updatedSince", since: at.toISOString() });
  return [
    {
      about: words.startingPoint,
      command: `ipass watermark set pull_dsco_orders ${shellWord(since)}`,
    },
  ];
}

/** What several jobs suffer from alike is told once. */
function jobSteps(troubles: readonly Troubled[], words: StepWords): Step[] {
  const causes = new Map<string, Troubled[]>();
  for (const troubled of troubles) {
    const { kind, next_step } = troubled.trouble;
    const cause = kind === "off" ? troubled.job : `${kind} ${next_step}`;
    causes.set(cause, [...(causes.get(cause) ?? []), troubled]);
  }
  return [...causes.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [jobStep(first, others, words)]));
}

function jobStep({ job, trouble: { kind, sentence, next_step } }: Troubled, others: readonly Troubled[], words: StepWords): Step {
  const alike = others.map((other) => other.job);
  if (kind === "not_started") return { about: words.notStarted(sentence, alike), command: "ipass crontab" };
  return { about: words.trouble(sentence, alike, next_step), command: `ipass run ${job}${kind === "off" ? " --force" : ""}` };
}

function deadlineStep({ deadlines }: Status): Step[] {
  const [worst] = deadlines.orders;
  if (deadlines.over === 0 || worst === undefined) return [];
  const which = deadlines.over === 1 ? "1 order is past a deadline" : `${deadlines.over} orders are past a deadline, the longest of them`;
  return [
    {
      about: `${which}: ${worst.stage} was due ${inWords(worst.left_sec * 1000)} ago:`,
      command: `ipass explain ${shellWord(worst.dsco_order_id)}`,
    },
  ];
}

/** Stages at which orders have been due for long although the job that moves them runs. */
export function stagesBehind({ stages, jobs }: Status): { stage: Stage; job: JobName; due: number; sec: number }[] {
  return STAGES.flatMap((stage) => {
    const { job, due, oldest_due_sec } = stages[stage];
    const { enabled, overdue, interval_sec } = jobs[job];
    const late = oldest_due_sec !== null && oldest_due_sec > Math.max(BEHIND_INTERVALS * interval_sec, BEHIND_SEC);
    return enabled && !overdue && due > 0 && late ? [{ stage, job, due, sec: oldest_due_sec }] : [];
  });
}

/** Closing a task touches no stage: an order may be held although nobody is asked any more. At least so many are. */
function heldWithoutTask({ stages, tasks }: Status): number {
  return Math.max(0, STAGES.reduce((held, stage) => held + stages[stage].manual, 0) - tasks.open);
}

function heldSteps(status: Status, words = ENGLISH_STEPS): Step[] {
  const untold = heldWithoutTask(status);
  if (untold === 0) return [];
  const stage = STAGES.find((name) => status.stages[name].manual > 0) ?? "push";
  return [{ about: words.held(untold), command: `ipass order-state --${stage}-status 3` }];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
