import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { type Db, inTransaction, select } from "./db.ts";
import { StatusQuery, type StatusRecord } from "./status-query.ts";

/** What is measured of the runs, besides where everything stands. */
export interface MetricsRecord {
  readonly status: StatusRecord;
  /** How long the last finished pass of each job took. */
  readonly lastDurationsMs: ReadonlyMap<JobName, number>;
  readonly recent: readonly RecentRuns[];
}

/** Passes of one job that ended in the same way within WINDOW_MIN, and the calls they made. */
export interface RecentRuns {
  readonly job: JobName;
  readonly dryRun: boolean;
  /** null: killed. */
  readonly exitCode: number | null;
  readonly exitName: string;
  readonly runs: number;
  readonly calls: Readonly<Record<"dsco" | "lingxing", { readonly calls: number; readonly throttled: number }>>;
}

export const WINDOW_MIN = 60;

/**
 * Numbers for Prometheus. Passes are processes of their own, so only their records can be asked; those of the last hour are counted
 * anew each time: the same on every host, and nothing is lost when the admin is restarted.
 */
export class MetricsQuery {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async read(): Promise<MetricsRecord> {
    return inTransaction(this.#db, async (db) => {
      const status = await new StatusQuery(db).read();
      return { status, lastDurationsMs: await lastDurations(db), recent: await recentRuns(db, status.now) };
    });
  }
}

async function lastDurations(db: Db): Promise<Map<JobName, number>> {
  const lane =
    "(SELECT job_name, started_at, ended_at FROM job_run WHERE job_name = ? AND kind = 'pass' AND ended_at IS NOT NULL AND dry_run = 0 ORDER BY id DESC LIMIT 1)";
  const rows = await select<{ job_name: JobName; started_at: Date; ended_at: Date }>(
    db,
    JOB_NAMES.map(() => lane).join(" UNION ALL "),
    JOB_NAMES,
  );
  return new Map(rows.map((row) => [row.job_name, row.ended_at.getTime() - row.started_at.getTime()]));
}

/** A lane per job, each one range of the index still_open: by its end, because a long pass may have begun before the hour. */
async function recentRuns(db: Db, now: Date): Promise<RecentRuns[]> {
  const since = new Date(now.getTime() - WINDOW_MIN * 60_000);
  const lane = `(SELECT job_name, dry_run, exit_code, exit_name, COUNT(*) AS runs, SUM(dsco_calls) AS dsco_calls, SUM(dsco_throttled) AS dsco_throttled,
      SUM(lingxing_calls) AS lingxing_calls, SUM(lingxing_throttled) AS lingxing_throttled
    FROM job_run WHERE job_name = ? AND ended_at > ? AND kind = 'pass' GROUP BY job_name, dry_run, exit_code, exit_name)`;
  const rows = await select<RecentRow>(
    db,
    JOB_NAMES.map(() => lane).join(" UNION ALL "),
    JOB_NAMES.flatMap((job) => [job, since]),
  );
  return rows.map((row) => ({
    job: row.job_name,
    dryRun: row.dry_run === 1,
    exitCode: row.exit_code,
    exitName: row.exit_name,
    runs: Number(row.runs),
    calls: {
      dsco: { calls: Number(row.dsco_calls), throttled: Number(row.dsco_throttled) },
      lingxing: { calls: Number(row.lingxing_calls), throttled: Number(row.lingxing_throttled) },
    },
  }));
}

type RecentRow = {
  readonly job_name: JobName;
  readonly dry_run: number;
  readonly exit_code: number | null;
  readonly exit_name: string;
} & Readonly<Record<"runs" | `${"dsco" | "lingxing"}_${"calls" | "throttled"}`, string | number>>;
