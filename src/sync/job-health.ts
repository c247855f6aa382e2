/** What tells whether cron starts a job and the job gets through. */
export interface JobPulse {
  readonly enabled: boolean;
  readonly intervalSec: number;
  /** When it last ended with its work done; undefined: never. */
  readonly lastSuccessAt: Date | undefined;
  /** Since when it is at work; undefined: it is not. */
  readonly runningSince: Date | undefined;
}

/** One interval may be missed, and two by a slow pass; after three somebody should look. */
const INTERVALS_MISSED = 3;

/** Whether an enabled job has neither succeeded nor been at work for three of its intervals. One that was never run is overdue too. */
export function isOverdue({ enabled, intervalSec, lastSuccessAt, runningSince }: JobPulse, now: Date): boolean {
  if (!enabled) return false;
  const lastSign = Math.max(lastSuccessAt?.getTime() ?? 0, runningSince?.getTime() ?? 0);
  return now.getTime() - lastSign > INTERVALS_MISSED * intervalSec * 1000;
}

/** When cron should start it next, reckoned from its last start; undefined for one that was never started or is switched off. */
export function nextDue(
  lastStart: Date | undefined,
  { enabled, intervalSec }: Pick<JobPulse, "enabled" | "intervalSec">,
): Date | undefined {
  return enabled && lastStart !== undefined ? new Date(lastStart.getTime() + intervalSec * 1000) : undefined;
}
