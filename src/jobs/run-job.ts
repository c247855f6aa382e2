import { hostname } from "node:os";
import type { App, ReportedError } from "../app.ts";
import type { Config, JobConfig } from "../config/env.ts";
import { type IpassError, LockedError } from "../errors.ts";
import { type Exit, type ExitName, worstExit } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { lockName, NamedLock } from "../store/lock.ts";
import { type RunHolder, RunStore } from "../store/run-store.ts";
import type { JobName } from "../sync/job-name.ts";
import { type Counts, Tally } from "../sync/tally.ts";
import { Vendors } from "../vendors.ts";
import { BuyersInHand } from "./buyers-in-hand.ts";
import { JOBS } from "./index.ts";
import type { Job, JobContext, PlanEntry, RunNotes, RunOptions } from "./job.ts";

const DEFAULT_MAX_DURATION_SEC = 300;

/** What `ipass run --json` prints. */
export interface RunReport {
  readonly job: JobName;
  readonly trace_id: string;
  readonly exit: Exit;
  readonly dry_run: boolean;
  readonly counts: Counts;
  readonly duration_ms: number;
  readonly plan?: readonly PlanEntry[];
  readonly error?: ReportedError;
}

/**
 * One pass of a job: settings, enable switch, lock, run record, deadline, signals, counts, exit. Whatever happens inside, the run
 * has one `run_start` and one `run_end` in the log, and its record is closed if the database still answers. Never throws.
 */
export async function runJob(app: App, job: JobName, options: RunOptions): Promise<RunReport> {
  return new Run(app, job, options).report();
}

type JobSettings = Config & { readonly job: JobConfig };

class Run {
  readonly #app: App;
  readonly #job: JobName;
  readonly #options: RunOptions;
  readonly #log: Log;
  readonly #startedAt = performance.now();
  readonly #tally: Tally;
  readonly #plan: PlanEntry[] = [];
  readonly #record: RunNotes = { watermark: undefined, sliceSec: undefined };
  readonly #calls = { dsco: { calls: 0, throttled: 0 }, lingxing: { calls: 0, throttled: 0 } };
  readonly #exits = new Set<ExitName>();
  /** Aborts what may be aborted when the pass is to end: waits and reads, never a write under way. */
  readonly #end = new AbortController();
  #error: IpassError | undefined;

  constructor(app: App, job: JobName, options: RunOptions) {
    this.#app = app;
    this.#job = job;
    this.#options = options;
    this.#tally = options.tally ?? new Tally();
    this.#log = app.log.child({ job });
  }

  async report(): Promise<RunReport> {
    this.#log.info("run_start", { dry_run: this.#dryRun });
    const release = this.#listen();
    try {
      await this.#start();
    } catch (error) {
      this.#fail(error);
    } finally {
      release();
    }
    const report = this.#finish();
    const fields = { exit_code: report.exit.code, exit_name: report.exit.name, ...report.counts, duration_ms: report.duration_ms };
    if (this.#error === undefined) this.#log.info("run_end", fields);
    else this.#log.error("run_end", { ...fields, err: this.#error });
    return report;
  }

  get #dryRun(): boolean {
    return this.#options.dryRun === true;
  }

  async #start(): Promise<void> {
    const switches = this.#app.jobConfig(this.#job, []).job;
    if (!switches.enabled && !this.#options.force) {
      this.#log.info("job_disabled", { next_step: `set IPASS_JOB_${this.#job.toUpperCase()}_ENABLE=true, or pass --force` });
      return;
    }
    const job = await JOBS[this.#job]();
    await this.#underLock(job, this.#app.jobConfig(this.#job, ["database", "rules", ...job.needs]));
  }

  async #underLock(job: Job, config: JobSettings): Promise<void> {
    const { onLocked } = this.#options;
    const name = lockName(config.database.database, this.#job);
    const { lock, databaseNow } = await NamedLock.acquire(
      config.database,
      name,
      onLocked?.do === "wait" ? onLocked.sec : 0,
      this.#end.signal,
    );
    const offsetMs = databaseNow.getTime() - Date.now();
    const now = () => new Date(Date.now() + offsetMs);
    const db = this.#app.database(config.database);
    const runs = new RunStore(db);
    if (lock === undefined) return this.#locked(await runs.holder(this.#job));
    await using held = lock;

    for (const dead of await runs.closeDead(this.#job, now())) {
      this.#log.warn("run_died", { died_trace_id: dead.traceId, host: dead.host, pid: dead.pid, since: dead.startedAt });
    }
    const { actor, reason } = this.#options;
    const identity = {
      job: this.#job,
      traceId: this.#app.traceId,
      host: hostname(),
      pid: process.pid,
      dryRun: this.#dryRun,
      startedAt: now(),
    };
    const asked = { ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) };
    const runId = await runs.open({ ...identity, ...asked });
    try {
      await job.run(this.#context(config, runId, held, now));
      this.#checkCounts();
    } catch (error) {
      this.#fail(error);
    }
    await this.#close(runs, runId, now);
  }

  #context(config: JobSettings, runId: string, lock: NamedLock, now: () => Date): JobContext<keyof Config> {
    const db = this.#app.database(config.database);
    const { actor } = this.#options;
    const buyers = new BuyersInHand();
    const vendors = new Vendors({
      config,
      shared: { database: config.database, db },
      addSecret: (secret) => this.#app.redactor.addSecret(secret),
      onCall: (vendor, { throttled }) => {
        this.#calls[vendor].calls += 1;
        if (throttled) this.#calls[vendor].throttled += 1;
      },
      dryRun: this.#dryRun,
      log: this.#log,
      redact: (text) => buyers.mask(this.#app.redactor.redact(text)),
      signal: this.#end.signal,
      remainingMs: () => this.#deadline - performance.now(),
      now,
    });
    return {
      job: this.#job,
      runId,
      options: this.#options,
      batchSize: config.job.batchSize,
      config,
      db,
      log: this.#log,
      tally: this.#tally,
      plan: this.#plan,
      buyers,
      source: { runId, traceId: this.#app.traceId, ...(actor === undefined ? {} : { actor }) },
      now,
      stopped: () => this.#end.signal.aborted,
      signal: this.#end.signal,
      assertLockHeld: () => lock.assertHeld(),
      dsco: () => vendors.dsco(),
      lingxing: () => vendors.lingxing(),
      record: this.#record,
    };
  }

  get #deadline(): number {
    return this.#startedAt + (this.#options.maxDurationSec ?? DEFAULT_MAX_DURATION_SEC) * 1000;
  }

  /** The record in hand is finished; a second signal, of either kind, ends the process at once, as it would without us. */
  #listen(): () => void {
    const stop = (exit: ExitName) => {
      this.#exits.add(exit);
      this.#log.warn("run_stopping", { reason: exit });
      this.#end.abort(new Error(`the pass ends: ${exit}`));
    };
    const onSignal = (signal: NodeJS.Signals) => {
      forget();
      stop(signal === "SIGINT" ? "sigint" : "sigterm");
    };
    const forget = () => {
      process.removeListener("SIGTERM", onSignal);
      process.removeListener("SIGINT", onSignal);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
    const timer = setTimeout(() => this.#end.signal.aborted || stop("deadline"), Math.max(0, this.#deadline - performance.now()));
    return () => {
      clearTimeout(timer);
      forget();
    };
  }

  #locked(holder: RunHolder | undefined): void {
    const who =
      holder === undefined
        ? "another run"
        : `host ${holder.host}, pid ${holder.pid}, trace_id ${holder.traceId}, since ${holder.startedAt.toISOString()}`;
    if (this.#options.onLocked?.do !== "skip") throw new LockedError(`${this.#job} is already running: ${who}`);
    this.#log.info("run_skipped_locked", { holder: who });
  }

  #fail(error: unknown): void {
    const { aborted, reason } = this.#end.signal;
    // What gave up because the pass ends is no failure of its own.
    if (aborted && (error === reason || (error instanceof Error && error.cause === reason))) return;
    const known = this.#app.foresee(error);
    this.#exits.add(known.exit);
    this.#error ??= known;
  }

  /** Every item read must have come to something: one that did not was lost on the way. */
  #checkCounts(): void {
    const { unsettled } = this.#tally;
    if (unsettled !== 0 && !this.#end.signal.aborted) throw new Error(`${unsettled} item(s) were read and not accounted for`);
  }

  async #close(runs: RunStore, runId: string, now: () => Date): Promise<void> {
    const { exit, counts } = this.#outcome();
    try {
      const error = this.#error === undefined ? undefined : this.#app.report(this.#error).message;
      const { watermark, sliceSec } = this.#record;
      await runs.close(runId, { exit, counts, endedAt: now(), error, watermark, sliceSec, calls: this.#calls });
    } catch (error) {
      this.#fail(error); // the record stays open; the next run closes it as died
    }
  }

  #outcome(): { exit: Exit; counts: Counts } {
    // A pass that ended early leaves items between reading and outcome: they wait for the next one.
    const { unsettled } = this.#tally;
    if (unsettled > 0) this.#tally.settle("waiting", unsettled);
    const counts = this.#tally.counts();
    return { exit: worstExit([...this.#exits, ...(counts.failed + counts.manual > 0 ? (["partial"] as const) : [])]), counts };
  }

  #finish(): RunReport {
    const { exit, counts } = this.#outcome();
    return {
      job: this.#job,
      trace_id: this.#app.traceId,
      exit,
      dry_run: this.#dryRun,
      counts,
      duration_ms: Math.round(performance.now() - this.#startedAt),
      ...(this.#dryRun ? { plan: this.#plan } : {}),
      ...(this.#error === undefined ? {} : { error: this.#app.report(this.#error) }),
    };
  }
}
