import type { JobName } from "../sync/job-name.ts";
import { type Db, select, write } from "./db.ts";

/** How far each job has read. The text is kept as it was set: only an unchanged text is replaced by a run. */
export class WatermarkStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async find(job: JobName): Promise<string | undefined> {
    const [row] = await select<{ watermark: string }>(this.#db, "SELECT watermark FROM job_watermark WHERE job_name = ?", [job]);
    return row?.watermark;
  }

  async list(): Promise<{ job: string; watermark: string; updatedAt: Date }[]> {
    return select(this.#db, "SELECT job_name AS job, watermark, updated_at AS updatedAt FROM job_watermark ORDER BY job_name");
  }

  /**
   * Moves the watermark from what the run has read to what it has reached. False, and nothing changed, when somebody set
   * another one meanwhile: an operator's `set` wins over a run in progress.
   */
  async move(job: JobName, from: string | undefined, to: string): Promise<boolean> {
    if (from !== undefined)
      return (await write(this.#db, "UPDATE job_watermark SET watermark = ? WHERE job_name = ? AND watermark = ?", [to, job, from])) === 1;
    await write(this.#db, "INSERT INTO job_watermark (job_name, watermark) VALUES (?, ?) ON DUPLICATE KEY UPDATE job_name = job_name", [
      job,
      to,
    ]);
    return (await this.find(job)) === to;
  }

  async set(job: JobName, watermark: string): Promise<void> {
    await write(
      this.#db,
      "INSERT INTO job_watermark (job_name, watermark) VALUES (?, ?) ON DUPLICATE KEY UPDATE watermark = VALUES(watermark)",
      [job, watermark],
    );
  }
}
