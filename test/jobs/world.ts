import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { type Cli, type RunningCli, useCli } from "../helpers/cli.ts";
import { type TestDatabase, useTestDatabase } from "../helpers/mysql.ts";

export const PULL = "pull_dsco_orders";
export const PUSH = "push_orders_to_lingxing";

export type Env = Readonly<Record<string, string>>;

export interface Pass {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: RunReport;
  readonly stderr: string;
}

export interface OrderRow {
  readonly dsco_order_id: string;
  readonly dsco_status: string;
  readonly platform_order_no: string | null;
  readonly store_id: string | null;
  readonly lingxing_global_order_no: string | null;
  readonly push_status: number;
  readonly push_sent_at: Date | null;
  readonly push_retry_count: number;
  readonly push_doubts: number;
  readonly push_error: string | null;
  readonly push_hold: string | null;
  readonly push_next_attempt_at: Date | null;
  readonly ack_status: number;
  readonly ship_status: number;
  readonly invoice_status: number;
}

export interface TaskRow {
  readonly id: string;
  readonly task_type: string;
  readonly dsco_order_id: string | null;
  readonly stage: string | null;
  readonly status: number;
  readonly payload: string;
  readonly occurrences: number;
  readonly next_step: string;
  readonly resolved_by: string | null;
}

export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly trace_id: string;
  readonly [field: string]: unknown;
}

/** Both vendors in this process, a database of this file's own, and ipass in processes of theirs, as cron would start it. */
export class World {
  readonly db: TestDatabase;
  readonly cli: Cli;
  #vendors: Sandbox | undefined;
  #env: Env = {};

  constructor(db: TestDatabase, cli: Cli) {
    this.db = db;
    this.cli = cli;
  }

  get vendors(): Sandbox {
    if (this.#vendors === undefined) throw new Error("open a sandbox first");
    return this.#vendors;
  }

  /** The settings ipass runs with. */
  get env(): Env {
    return { ...this.#vendors?.env, ...this.#env };
  }

  /** Starts the vendors anew; `env` goes over what the sandbox says. */
  async open(options: Partial<SandboxOptions> = {}, env: Env = {}): Promise<Sandbox> {
    await this.#vendors?.close();
    this.#vendors = await startSandbox(options);
    this.#env = env;
    return this.#vendors;
  }

  async close(): Promise<void> {
    await this.#vendors?.close();
    this.#vendors = undefined;
  }

  start(args: readonly string[], env: Env = {}): RunningCli {
    return this.cli.start(args, { env: { ...this.env, ...env } });
  }

  /** One pass with --json. Whatever it did, its figures add up and its exit code is the one it reports. */
  async pass(job: string, args: readonly string[] = [], env: Env = {}): Promise<Pass> {
    return await this.finished(this.start(["run", job, "--json", ...args], env));
  }

  async finished(running: RunningCli): Promise<Pass> {
    const { code, signal, stdout, stderr } = await running.done;
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines, `one JSON document on stdout; stderr: ${stderr}`).toHaveLength(1);
    const report = JSON.parse(lines[0] ?? "") as RunReport;
    const { read, done, waiting, failed, manual, skipped } = report.counts;
    expect(done + waiting + failed + manual + skipped, `figures of ${stdout}`).toBe(read);
    expect(report.exit.code).toBe(code);
    return { code, signal, report, stderr };
  }

  /** All orders DSCO has, in our tables. */
  async pulled(): Promise<void> {
    const { code, report } = await this.pass(PULL);
    expect([0, 3], JSON.stringify(report)).toContain(code);
  }

  orders(where = "1 = 1"): Promise<OrderRow[]> {
    return this.db.query<OrderRow>(`select * from sync_order_state where ${where} order by dsco_order_id`);
  }

  async order(id: string): Promise<OrderRow> {
    const [row] = await this.orders(`dsco_order_id = '${id}'`);
    if (row === undefined) throw new Error(`no order ${id}`);
    return row;
  }

  tasks(where = "1 = 1"): Promise<TaskRow[]> {
    return this.db.query<TaskRow>(`select * from manual_task where ${where} order by id`);
  }

  /** How many orders stand at each push status. */
  async pushStatuses(): Promise<Record<number, number>> {
    const rows = await this.db.query<{ status: number; orders: string }>(
      "select push_status as status, count(*) as orders from sync_order_state group by push_status",
    );
    return Object.fromEntries(rows.map(({ status, orders }) => [status, Number(orders)]));
  }

  async watermark(job = PULL): Promise<string | undefined> {
    const [row] = await this.db.query<{ watermark: string }>("select watermark from job_watermark where job_name = ?", [job]);
    return row?.watermark;
  }

  /** What waits for a time waits no longer: instead of sleeping. */
  async age(): Promise<void> {
    await this.db.query(
      "update sync_order_state set push_next_attempt_at = utc_timestamp(3) - interval 1 second where push_next_attempt_at is not null",
    );
  }

  /** Numbers that stand in Lingxing more than once, or were asked for more than once. */
  repeated(): { inLingxing: string[]; createdAgain: string[] } {
    const { orders, createAttempts } = this.vendors.state().lingxing;
    const numbers = orders.flatMap(({ platformOrderNos }) => platformOrderNos);
    return {
      inLingxing: numbers.filter((number, index) => numbers.indexOf(number) !== index),
      createdAgain: Object.entries(createAttempts).flatMap(([number, attempts]) => (attempts > 1 ? [number] : [])),
    };
  }

  /** Every line of all log files so far, oldest first. */
  logs(): LogLine[] {
    return readLogs(this.#logDir);
  }

  /** All of a level's files, also those that were renamed since. */
  logText(level: string): string {
    return readLogText(this.#logDir, level);
  }

  get #logDir(): string {
    return join(this.cli.cwd, "logs");
  }
}

/** Every line of all log files in a directory, oldest first; each one is JSON and has what the contract promises. */
export function readLogs(dir: string): LogLine[] {
  const lines = ["debug", "info", "warn", "error"].flatMap((level) =>
    readLogText(dir, level)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LogLine),
  );
  for (const line of lines)
    expect(line).toMatchObject({ time: expect.any(String), level: expect.any(String), trace_id: expect.any(String) });
  return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function readLogText(dir: string, level: string): string {
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => name.startsWith(`${level}.log`)) : [];
  return files.map((name) => readFileSync(join(dir, name), "utf8")).join("");
}

/** For a whole test file; every test begins with empty tables and without vendors. */
export async function useWorld(): Promise<World> {
  const db = await useTestDatabase();
  const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
  beforeEach(() => db.empty());
  afterEach(() => world.close());
  return world;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `holds` gives something; the moment is what a test is about, so no fixed pause would do. */
export async function until<T>(
  what: string,
  holds: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; ) {
    const found = await holds();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await sleep(5);
  }
}
