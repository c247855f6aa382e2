import { RefusedByGuardError } from "../errors.ts";
import { decideSchedules } from "../sync/cron-schedule.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";

export interface CrontabPlace {
  /** Where .env and logs/ are. */
  readonly dir: string;
  /** The absolute path of ipass. */
  readonly program: string;
  /** PATH for cron: with the folder of node. */
  readonly path: string;
}

export interface CrontabLine {
  readonly job: JobName;
  readonly enabled: boolean;
  readonly interval_sec: number;
  /** What cron can make of the interval. */
  readonly every_sec: number;
  /** The next longer interval it could keep, where `every_sec` is not what was asked for; null: none. */
  readonly or_every_sec: number | null;
  readonly schedule: string;
  readonly command: string;
}

export interface Crontab {
  readonly path: string;
  readonly lines: readonly CrontabLine[];
}

type JobIntervals = Readonly<Record<JobName, { readonly enabled: boolean; readonly intervalSec: number }>>;

/** One line per job. @throws RefusedByGuardError for a path that no crontab can hold */
export function decideCrontab(jobs: JobIntervals, { dir, program, path }: CrontabPlace): Crontab {
  const intervals = Object.fromEntries(JOB_NAMES.map((job) => [job, jobs[job].intervalSec])) as Record<JobName, number>;
  const schedules = decideSchedules(intervals);
  const [cd, ipass] = [cronWord(dir), cronWord(program)];
  const lines = JOB_NAMES.map((job): CrontabLine => {
    const { enabled, intervalSec } = jobs[job];
    const { fields, everySec, sleepSec, orEverySec } = schedules[job];
    return {
      job,
      enabled,
      interval_sec: intervalSec,
      every_sec: everySec,
      or_every_sec: orEverySec ?? null,
      schedule: fields,
      command: `cd ${cd} && ${sleepSec === 0 ? "" : `sleep ${sleepSec} && `}${ipass} run ${job} --on-locked skip`,
    };
  });
  return { path, lines };
}

/**
 * A path as one word of a crontab's command, unquoted: special characters of the shell with a backslash, and `%`, which cron would take
 * for the end of the line.
 */
function cronWord(path: string): string {
  if (/[\p{Cc}\\]/u.test(path))
    throw new RefusedByGuardError(
      `no crontab can hold the path ${JSON.stringify(path)}`,
      "put ipass into a folder without backslashes and control characters in its name",
    );
  return path.replace(/[^\w@+=:,./\u0080-\u{10ffff}-]/gu, "\\$&");
}
