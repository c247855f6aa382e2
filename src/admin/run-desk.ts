import pLimit, { type LimitFunction } from "p-limit";
import { App } from "../app.ts";
import type { RunOptions } from "../jobs/job.ts";
import { type RunReport, runJob } from "../jobs/run-job.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { RefusedRequestError } from "./refusal.ts";

/** One pass at work, and one that finds the lock held: a burst of requests must not become as many connections to the database. */
const AT_ONCE_PER_JOB = 2;

/**
 * Starts passes as a shell does: each with settings, pool and secrets of its own, so that a pass and the admin's reads do not wait for
 * each other's connections. What a pass has begun goes on although whoever asked for it has gone.
 */
export class RunDesk {
  readonly #env: NodeJS.ProcessEnv;
  readonly #turns: Readonly<Record<JobName, LimitFunction>>;
  readonly #running = new Set<App>();
  readonly #passes = new Set<Promise<RunReport>>();
  #closed = false;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    process.setMaxListeners(process.getMaxListeners() + AT_ONCE_PER_JOB * JOB_NAMES.length); // each pass listens for signals itself
    this.#turns = Object.fromEntries(JOB_NAMES.map((job) => [job, pLimit(AT_ONCE_PER_JOB)])) as Record<JobName, LimitFunction>;
  }

  /** One pass, synchronously. @throws RefusedRequestError (503) once the desk is closed */
  async run(job: JobName, traceId: string, options: Pick<RunOptions, "actor" | "reason" | "orders">): Promise<RunReport> {
    const pass = this.#turns[job](async () => {
      if (this.#closed)
        throw new RefusedRequestError(503, "ipass serve is stopping", "ask again once it is back, or run the job from a shell");
      await using app = new App(this.#env, traceId);
      this.#running.add(app);
      try {
        return await runJob(app, job, options);
      } finally {
        this.#running.delete(app);
      }
    });
    this.#passes.add(pass);
    try {
      return await pass;
    } finally {
      this.#passes.delete(pass);
    }
  }

  /** No pass begins from now on. Those at work hear the signal themselves. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when no pass is at work any more, also none that nobody waits for. */
  async ended(): Promise<void> {
    while (this.#passes.size > 0) await Promise.allSettled(this.#passes);
  }

  reopenLogs(): void {
    for (const app of this.#running) app.log.reopen();
  }
}
