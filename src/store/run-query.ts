import type { JobName } from "../sync/job-name.ts";
import type { Counts } from "../sync/tally.ts";
import { type Db, select } from "./db.ts";
import type { VendorCalls } from "./run-store.ts";

/** A run of a job; without an end it is at work. `exit.name` is `died`, without a code, for one that was killed. */
export interface RecordedRun {
  readonly trace_id: string;
  readonly host: string;
  readonly pid: number;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly exit: { readonly code: number | null; readonly name: string } | null;
  readonly error: string | null;
}

/** A run in full, as `ipass runs` shows it. */
export interface Run extends RecordedRun {
  readonly id: string;
  readonly job: JobName;
  /** The person who started it, where it was one. */
  readonly actor: string | null;
  /** Why they did, where they said so. */
  readonly reason: string | null;
  readonly dry_run: boolean;
  readonly duration_ms: number | null;
  readonly counts: Counts;
  readonly watermark_before: string | null;
  readonly watermark_after: string | null;
  readonly vendor_calls: VendorCalls;
}

export interface RunFilter {
  readonly job?: JobName;
  readonly limit: number;
  readonly offset: number;
}

/** Exits after which a job's work was done as far as it could be: what failed of it is recorded with its orders. */
const SUCCESS_CODES = [0, 3, 15];

/** The planner would walk the primary key from its end, and through all of it for a job that has not run for long. */
const BY_JOB = "FORCE INDEX (by_job)";

/** Reads of the run records for people; runs themselves go through RunStore. */
export class RunQuery {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** The newest first. */
  async list({ job, limit, offset }: RunFilter): Promise<Run[]> {
    const which = job === undefined ? "WHERE" : `${BY_JOB} WHERE job_name = ? AND`;
    const rows = await select<RunRow>(this.#db, `SELECT ${COLUMNS} FROM job_run ${which} kind = 'pass' ORDER BY id DESC LIMIT ? OFFSET ?`, [
      ...(job === undefined ? [] : [job]),
      limit,
      offset,
    ]);
    return rows.map(toRun);
  }

  /** The last pass of each job, dry runs left out. One lane per job, each the end of its index: the table grows by a row a minute and job. */
  async lastOfEach(jobs: readonly JobName[]): Promise<Map<JobName, Run>> {
    const lane = `(SELECT ${COLUMNS} FROM job_run ${BY_JOB} WHERE job_name = ? AND kind = 'pass' AND dry_run = 0 ORDER BY id DESC LIMIT 1)`;
    const rows = await select<RunRow>(this.#db, jobs.map(() => lane).join(" UNION ALL "), jobs);
    return new Map(rows.map((row) => [row.job_name, toRun(row)]));
  }

  /** When each job last did what it is there for: it ended with 0, 3 or 15. */
  async lastSuccesses(jobs: readonly JobName[]): Promise<Map<JobName, Date>> {
    const lane =
      "(SELECT job_name, ended_at FROM job_run FORCE INDEX (by_outcome) WHERE job_name = ? AND exit_code = ? AND kind = 'pass' AND dry_run = 0 ORDER BY id DESC LIMIT 1)";
    const asked = jobs.flatMap((job) => SUCCESS_CODES.map((code) => [job, code] as const));
    const rows = await select<{ job_name: JobName; ended_at: Date }>(this.#db, asked.map(() => lane).join(" UNION ALL "), asked.flat());
    const last = new Map<JobName, Date>();
    for (const { job_name, ended_at } of rows) if (ended_at > (last.get(job_name) ?? new Date(0))) last.set(job_name, ended_at);
    return last;
  }
}

const COLUMNS = `id, job_name, trace_id, host, pid, actor, reason, dry_run, started_at, ended_at, exit_code, exit_name, error, items_read, items_done,
  items_waiting, items_failed, items_manual, items_skipped, watermark_before, watermark_after, dsco_calls, dsco_throttled, lingxing_calls, lingxing_throttled`;

interface RunRow extends Omit<Run, "job" | "dry_run" | "duration_ms" | "counts" | "exit" | "vendor_calls"> {
  readonly job_name: JobName;
  readonly dry_run: number;
  readonly exit_code: number | null;
  readonly exit_name: string | null;
  readonly items_read: number;
  readonly items_done: number;
  readonly items_waiting: number;
  readonly items_failed: number;
  readonly items_manual: number;
  readonly items_skipped: number;
  readonly dsco_calls: number;
  readonly dsco_throttled: number;
  readonly lingxing_calls: number;
  readonly lingxing_throttled: number;
}

function toRun(row: RunRow): Run {
  return {
    id: String(row.id),
    job: row.job_name,
    trace_id: row.trace_id,
    host: row.host,
    pid: Number(row.pid),
    actor: row.actor,
    reason: row.reason,
    dry_run: row.dry_run === 1,
    started_at: row.started_at,
    ended_at: row.ended_at,
    duration_ms: row.ended_at === null ? null : row.ended_at.getTime() - row.started_at.getTime(),
    exit: row.exit_name === null ? null : { code: row.exit_code, name: row.exit_name },
    error: row.error,
    counts: {
      read: row.items_read,
      done: row.items_done,
      waiting: row.items_waiting,
      failed: row.items_failed,
      manual: row.items_manual,
      skipped: row.items_skipped,
    },
    watermark_before: row.watermark_before,
    watermark_after: row.watermark_after,
    vendor_calls: {
      dsco: { calls: row.dsco_calls, throttled: row.dsco_throttled },
      lingxing: { calls: row.lingxing_calls, throttled: row.lingxing_throttled },
    },
  };
}
