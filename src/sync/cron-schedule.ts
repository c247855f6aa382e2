import { JOB_NAMES, type JobName } from "./job-name.ts";

/** When cron starts a job. */
export interface CronSchedule {
  /** The five fields of a crontab line. */
  readonly fields: string;
  readonly everySec: number;
  /** Seconds to wait after the full minute, which is all that cron knows. */
  readonly sleepSec: number;
  /** The nearest longer interval cron could keep; undefined where `everySec` is what was asked for, or there is none. */
  readonly orEverySec: number | undefined;
}

/** Minutes after which a crontab line can repeat evenly, all day long: what divides an hour, and hours that divide a day. */
const CYCLES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440] as const;

/** Lingxing takes one request at a time at what these read (outbound orders, inventory details): they do not start together. */
const ONE_AT_A_TIME: readonly JobName[] = ["ship_to_dsco", "sync_stock"];
const HALF_A_MINUTE_SEC = 30;

/** The crontab that comes nearest to these intervals. Where cron cannot keep one, the job runs more often: late would look like stopped. */
export function decideSchedules(intervalSec: Readonly<Record<JobName, number>>): Record<JobName, CronSchedule> {
  const [first, second] = ONE_AT_A_TIME.map((job) => ({ job, cycle: cycleOf(intervalSec[job]) })).sort((a, b) => a.cycle - b.cycle);
  const schedules = JOB_NAMES.map((job) => {
    const cycle = cycleOf(intervalSec[job]);
    const apart = job === second?.job && first !== undefined ? partedFrom(first.cycle, cycle) : { minute: 0, sleepSec: 0 };
    return [job, toSchedule(intervalSec[job], cycle, apart)] as const;
  });
  return Object.fromEntries(schedules) as Record<JobName, CronSchedule>;
}

/** The longest cycle that is no longer than the interval. */
function cycleOf(intervalSec: number): number {
  return CYCLES.findLast((minutes) => minutes * 60 <= intervalSec) ?? 1;
}

/** As far as possible from every start of a job with the other cycle; half a minute where their minutes must meet. */
function partedFrom(other: number, cycle: number): { minute: number; sleepSec: number } {
  const common = greatestDivisor(other, cycle);
  return common === 1 ? { minute: 0, sleepSec: HALF_A_MINUTE_SEC } : { minute: Math.min(30, Math.floor(common / 2)), sleepSec: 0 };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function toSchedule(intervalSec: number, cycle: number, { minute, sleepSec }: { minute: number; sleepSec: number }): CronSchedule {
  const longer = CYCLES.find((minutes) => minutes * 60 > intervalSec);
  const kept = cycle * 60 === intervalSec || intervalSec < 60 || longer === undefined;
  return { fields: fieldsOf(cycle, minute), everySec: cycle * 60, sleepSec, orEverySec: kept ? undefined : longer * 60 };
}

function fieldsOf(cycle: number, minute: number): string {
  if (cycle < 60) return `${minute === 0 ? "*" : `${minute}-59`}/${cycle} * * * *`;
  return `${minute} ${cycle === 1440 ? "0" : cycle === 60 ? "*" : `*/${cycle / 60}`} * * *`;
}
