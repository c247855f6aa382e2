import type { Overstay } from "../../store/in-flight-query.ts";
import type { Run } from "../../store/run-query.ts";
import { inWords } from "../../sync/duration.ts";
import { isOverdue } from "../../sync/job-health.ts";
import type { JobName } from "../../sync/job-name.ts";
import { checkWatermark } from "../../sync/watermark.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

export interface JobFacts {
  readonly job: JobName;
  readonly enabled: boolean;
  readonly intervalSec: number;
  readonly lastRun: Run | undefined;
  readonly lastSuccessAt: Date | undefined;
  /** Whether any job was ever started: else cron is not set up yet, which is another matter than one that stopped. */
  readonly anyRan: boolean;
}

export function judgeJob({ job, enabled, intervalSec, lastRun, lastSuccessAt, anyRan }: JobFacts, now: Date): Finding {
  const id = `job.${job}`;
  if (!enabled) return pass(id, "switched off");
  const ago = (time: Date) => `${inWords(now.getTime() - time.getTime())} ago`;
  const runningSince = lastRun !== undefined && lastRun.ended_at === null ? lastRun.started_at : undefined;
  if (!isOverdue({ enabled, intervalSec, lastSuccessAt, runningSince }, now)) {
    return pass(id, runningSince === undefined ? `last done ${ago(lastSuccessAt ?? now)}` : `at work since ${ago(runningSince)}`);
  }
  if (!anyRan)
    return warn(id, "never started: cron is not set up yet", "put the jobs into cron", "(crontab -l; ipass crontab) | crontab -");
  const due = `it is due every ${inWords(intervalSec * 1000)}`;
  if (lastRun === undefined)
    return fail(
      id,
      `never started, while other jobs were; ${due}`,
      "put its line into cron (ipass crontab prints it), or run it now",
      `ipass run ${job}`,
    );
  const success = lastSuccessAt === undefined ? "never got through" : `last got through ${ago(lastSuccessAt)}`;
  const { exit, error } = lastRun;
  const ended = exit === null ? "at work" : `ended with ${[exit.code, exit.name].filter((part) => part !== null).join(" ")}`;
  const found = `${success}; ${due}; its last run, ${ago(lastRun.started_at)}, ${ended}${error === null ? "" : `: ${error}`}`;
  return fail(id, found, "run it now and see what it says; if it gets through, cron does not start it (crontab -l)", `ipass run ${job}`);
}

/** `what`: of which stage, or stock; `job`: what settles it. */
export function judgeInFlight(what: string, job: JobName, { count, since, oldest }: Overstay, now: Date): Finding {
  const id = `in_flight.${what}`;
  if (count === 0 || since === undefined) return pass(id, "nothing waits too long for its outcome");
  const found = `${count} sent and still without an outcome, the oldest (${oldest ?? "?"}) since ${inWords(now.getTime() - since.getTime())}`;
  return fail(id, found, "a pass begins by asking the vendor what became of them, so run it", `ipass run ${job}`);
}

export interface WatermarkFacts {
  readonly enabled: boolean;
  readonly watermark: string | undefined;
  /** DSCO is a stand-in on this machine: its history is short. */
  readonly standIn: boolean;
}

/** Before it is set, the first pull takes all open history. */
export function judgePullWatermark({ enabled, watermark, standIn }: WatermarkFacts, now: Date): Finding {
  const id = "watermark.pull_dsco_orders";
  if (watermark !== undefined) return judgeWatermark("pull_dsco_orders", watermark, now);
  if (!enabled) return pass(id, "not set; the job is switched off");
  const found = "not set: the first pull reads every open order since 1970, and the push creates them all in the ERP";
  const text = "set it to the moment from which orders are to be taken, such as now";
  const since = new Date(Math.floor(now.getTime() / 1000) * 1000).toISOString().replace(".000", "");
  const command = `ipass watermark set pull_dsco_orders '{"mode":"updatedSince","since":"${since}"}'`;
  return standIn ? warn(id, found, text, command) : fail(id, found, text, command);
}

/** One that somebody broke in the database stops its job. */
export function judgeWatermark(job: JobName, watermark: string, now: Date): Finding {
  const id = `watermark.${job}`;
  const checked = checkWatermark(job, watermark, now);
  if (checked.ok) return pass(id, watermark);
  return fail(
    id,
    `${watermark.slice(0, 100)}: ${checked.problem}`,
    "see how it came to this (ipass watermark list --history), then",
    `ipass watermark set ${job} '<the value before>'`,
  );
}
