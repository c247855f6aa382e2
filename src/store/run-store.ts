import type { Exit } from "../exit-codes.ts";
import type { JobName } from "../sync/job-name.ts";
import type { Counts } from "../sync/tally.ts";
import { assignments, clip, type Db, insert, select, write } from "./db.ts";

const ERROR_LENGTH = 1000;

export interface RunIdentity {
  readonly job: JobName;
  readonly traceId: string;
  readonly host: string;
  readonly pid: number;
  readonly actor?: string;
  /** Why a person started it. */
  readonly reason?: string;
  readonly dryRun: boolean;
  readonly startedAt: Date;
}

export interface RunHolder {
  readonly traceId: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: Date;
}

export interface RunEnd {
  readonly exit: Exit;
  readonly counts: Counts;
  readonly endedAt: Date;
  readonly error: string | undefined;
  readonly watermark: { readonly before: string | undefined; readonly after: string } | undefined;
  readonly sliceSec: number | undefined;
  readonly calls: VendorCalls;
}

/** Requests that left, tries that failed included. */
export type VendorCalls = Readonly<Record<"dsco" | "lingxing", { readonly calls: number; readonly throttled: number }>>;

/** One row per run: who holds the lock, what it did, how it ended. */
export class RunStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async open(run: RunIdentity): Promise<string> {
    return insert(
      this.#db,
      "INSERT INTO job_run (job_name, trace_id, host, pid, actor, reason, dry_run, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [run.job, run.traceId, run.host, run.pid, run.actor ?? null, run.reason ?? null, run.dryRun ? 1 : 0, run.startedAt],
    );
  }

  async close(id: string, end: RunEnd): Promise<void> {
    const { sql, values } = assignments({
      ended_at: end.endedAt,
      exit_code: end.exit.code,
      exit_name: end.exit.name,
      items_read: end.counts.read,
      items_done: end.counts.done,
      items_waiting: end.counts.waiting,
      items_failed: end.counts.failed,
      items_manual: end.counts.manual,
      items_skipped: end.counts.skipped,
      error: end.error === undefined ? null : clip(end.error, ERROR_LENGTH),
      watermark_before: end.watermark?.before ?? null,
      watermark_after: end.watermark?.after ?? null,
      slice_sec: end.sliceSec ?? null,
      dsco_calls: end.calls.dsco.calls,
      dsco_throttled: end.calls.dsco.throttled,
      lingxing_calls: end.calls.lingxing.calls,
      lingxing_throttled: end.calls.lingxing.throttled,
    });
    await write(this.#db, `UPDATE job_run SET ${sql} WHERE id = ?`, [...values, id]);
  }

  /** Who is at work on this job, as far as the record says. */
  async holder(job: JobName): Promise<RunHolder | undefined> {
    const [row] = await this.#openRuns(job);
    return row === undefined ? undefined : { traceId: row.trace_id, host: row.host, pid: Number(row.pid), startedAt: row.started_at };
  }

  /** To be called under the job's lock: whoever has an open record but not the lock, is dead. Returns the runs it closed. */
  async closeDead(job: JobName, at: Date): Promise<RunHolder[]> {
    const rows = await this.#openRuns(job);
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    await write(this.#db, "UPDATE job_run SET ended_at = ?, exit_name = 'died' WHERE id IN (?) AND ended_at IS NULL", [at, ids]);
    return rows.map((row) => ({ traceId: row.trace_id, host: row.host, pid: Number(row.pid), startedAt: row.started_at }));
  }

  async #openRuns(job: JobName) {
    return select<{ id: string; trace_id: string; host: string; pid: number; started_at: Date }>(
      this.#db,
      "SELECT id, trace_id, host, pid, started_at FROM job_run WHERE job_name = ? AND ended_at IS NULL ORDER BY id DESC",
      [job],
    );
  }

  /** When a pass of this job that got something done ended last: proof that the vendor was taking orders then. */
  async lastFruitful(job: JobName): Promise<Date | undefined> {
    const [row] = await select<{ ended_at: Date }>(
      this.#db,
      "SELECT ended_at FROM job_run WHERE job_name = ? AND kind = 'pass' AND ended_at IS NOT NULL AND items_done > 0 AND dry_run = 0 ORDER BY id DESC LIMIT 1",
      [job],
    );
    return row?.ended_at;
  }

  /** The length of window, in seconds, to which the last pull had to cut itself. */
  async lastSliceSec(job: JobName): Promise<number | undefined> {
    const [row] = await select<{ slice_sec: number | null }>(
      this.#db,
      "SELECT slice_sec FROM job_run WHERE job_name = ? AND kind = 'pass' AND ended_at IS NOT NULL AND exit_name <> 'died' AND dry_run = 0 ORDER BY id DESC LIMIT 1",
      [job],
    );
    return row?.slice_sec ?? undefined;
  }

  /** Records that a person moved a watermark, with what it was before. */
  async recordWatermarkSet(run: RunIdentity, before: string | undefined, after: string): Promise<void> {
    await write(
      this.#db,
      `INSERT INTO job_run (kind, job_name, trace_id, host, pid, actor, started_at, ended_at, exit_code, exit_name, watermark_before, watermark_after)
       VALUES ('watermark_set', ?, ?, ?, ?, ?, ?, ?, 0, 'ok', ?, ?)`,
      [run.job, run.traceId, run.host, run.pid, run.actor ?? null, run.startedAt, run.startedAt, before ?? null, after],
    );
  }

  async watermarkHistory(limit: number): Promise<WatermarkChange[]> {
    return select(
      this.#db,
      `SELECT job_name AS job, ended_at AS at, kind, actor, host, trace_id, watermark_before AS \`before\`, watermark_after AS \`after\`
       FROM job_run WHERE watermark_after IS NOT NULL ORDER BY id DESC LIMIT ?`,
      [limit],
    );
  }
}

export interface WatermarkChange {
  readonly job: string;
  readonly at: Date;
  readonly kind: "pass" | "watermark_set";
  readonly actor: string | null;
  readonly host: string;
  readonly trace_id: string;
  readonly before: string | null;
  readonly after: string;
}
