import { hostname } from "node:os";
import { UsageError } from "../errors.ts";
import type { JobName } from "../sync/job-name.ts";
import { checkWatermark, type FeedWatermark, type PullWatermark } from "../sync/watermark.ts";
import { type Db, inTransaction } from "./db.ts";
import { RunStore } from "./run-store.ts";
import { WatermarkStore } from "./watermark-store.ts";

export interface WatermarkSet {
  /** Its text; undefined: there was none. */
  readonly before: string | undefined;
  readonly after: PullWatermark | FeedWatermark;
}

/**
 * Sets a job's watermark for a person, with who and when in its history; a run in progress gives way.
 * @throws UsageError, and the old one is kept, unless `text` is JSON of this job's shape and not in the future
 */
export async function setWatermark(
  db: Db,
  job: JobName,
  text: string,
  by: { readonly traceId: string; readonly actor: string },
  now: Date,
): Promise<WatermarkSet> {
  const check = checkWatermark(job, text, now);
  if (!check.ok) throw new UsageError(`watermark of ${job}: ${check.problem}`, "the old one was kept");
  const after = JSON.stringify(check.watermark);
  return inTransaction(db, async (trx) => {
    const watermarks = new WatermarkStore(trx);
    const before = await watermarks.find(job);
    await watermarks.set(job, after);
    const identity = { job, ...by, host: hostname(), pid: process.pid, dryRun: false, startedAt: now };
    await new RunStore(trx).recordWatermarkSet(identity, before, after);
    return { before, after: check.watermark };
  });
}
