import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import mysql from "mysql2/promise";
import { afterAll, expect } from "vitest";
import { startDatabase } from "../../scripts/dev-database.mjs";
import { formatServerDsn, parseServerDsn } from "../../scripts/server-dsn.mjs";
import type { DoctorDocument } from "../../src/doctor/report.ts";
import { SANDBOX_DEFAULTS } from "../../src/sandbox/options.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { type Cli, useCli } from "../helpers/cli.ts";

export type Check = DoctorDocument["checks"][number];

export interface Examination {
  readonly code: number | null;
  readonly document: DoctorDocument;
  /** Fails when there is no such check. */
  check(id: string): Check;
  /** What does not pass, as `id status`. */
  readonly complaints: readonly string[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DATABASE = "ipass_patient";
const DAY_SEC = 86_400;

/** An installation in a folder of its own, with a server, an account and vendors nobody else has: whatever is spoilt is its alone. */
export class Patient {
  readonly cli: Cli;
  readonly vendors: Sandbox;
  readonly admin: mysql.Connection;
  /** Leads to the database as the account ipass runs under. */
  readonly dsn: string;
  readonly #healthy: Readonly<Record<string, string>>;
  #settings: Record<string, string> = {};

  constructor(cli: Cli, vendors: Sandbox, admin: mysql.Connection, dsn: string) {
    this.cli = cli;
    this.vendors = vendors;
    this.admin = admin;
    this.dsn = dsn;
    // A day between two passes: a job is not overdue while the tests run.
    const intervals = JOB_NAMES.map((job) => [`IPASS_JOB_${job.toUpperCase()}_INTERVAL_SEC`, String(DAY_SEC)]);
    this.#healthy = {
      ...vendors.env,
      IPASS_DB_DSN: dsn,
      IPASS_ADMIN_TOKEN: "a-token-nobody-guesses",
      IPASS_ORDER_MAX_AGE_SEC: String(DAY_SEC),
      ...Object.fromEntries(intervals),
    };
    mkdirSync(join(cli.cwd, "path"));
    symlinkSync(join(ROOT, "bin/ipass"), join(cli.cwd, "path/ipass"));
    this.recover();
  }

  get envFile(): string {
    return join(this.cli.cwd, ".env");
  }

  get settings(): Readonly<Record<string, string>> {
    return this.#settings;
  }

  /** Changes lines of `.env`; undefined takes one out. */
  set(settings: Readonly<Record<string, string | undefined>>): void {
    const merged = Object.entries({ ...this.#settings, ...settings });
    this.#settings = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined));
    writeFileSync(
      this.envFile,
      Object.entries(this.#settings)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    );
    chmodSync(this.envFile, 0o600);
  }

  /** Settings and vendors as they were at first. */
  recover(): void {
    this.#settings = {};
    this.set(this.#healthy);
    this.vendors.replaceFaults([]);
    const { dscoClockMs, lingxingClockMs, lingxingBlocked, lingxingUngranted } = SANDBOX_DEFAULTS;
    this.vendors.changeSettings({ dscoClockMs, lingxingClockMs, lingxingBlocked, lingxingUngranted: [...lingxingUngranted] });
  }

  async examine(...args: readonly string[]): Promise<Examination> {
    const { code, stdout, stderr } = await this.cli.run(["doctor", "--json", ...args]);
    expect(stderr).toBe("");
    return examination(code, stdout);
  }

  /** Does what a remedy says after its colon: SQL as the database's administrator, anything else in a shell where ipass is in the PATH. */
  async type(nextStep: string | null): Promise<void> {
    const command = commandIn(nextStep ?? "");
    if (/^[A-Z]{3,} /.test(command)) {
      await this.admin.query(command);
      return;
    }
    const PATH = [join(this.cli.cwd, "path"), join(process.execPath, ".."), process.env.PATH].join(":");
    // Not spawnSync: the vendors are in this process, and it would keep them from answering.
    await promisify(execFile)("sh", ["-c", command], { cwd: this.cli.cwd, env: { PATH, TZ: "UTC" } });
  }

  /** Lets every job run once, as cron would have. */
  async live(): Promise<void> {
    for (const job of JOB_NAMES) {
      const { code, stdout } = await this.cli.run(["run", job, "--json"]);
      expect(code, stdout).toBe(0);
    }
  }
}

export function examination(code: number | null, stdout: string): Examination {
  const document = JSON.parse(stdout) as DoctorDocument;
  const counted = (status: string) => document.checks.filter((check) => check.status === status).length;
  expect({ pass: document.pass, warn: document.warn, fail: document.fail }).toEqual({
    pass: counted("pass"),
    warn: counted("warn"),
    fail: counted("fail"),
  });
  expect(code).toBe(document.fail > 0 ? 20 : 0);
  for (const { id, status, next_step } of document.checks) expect(next_step === null, id).toBe(status === "pass");
  return {
    code,
    document,
    complaints: document.checks.filter(({ status }) => status !== "pass").map(({ id, status }) => `${id} ${status}`),
    check(id) {
      const [found, another] = document.checks.filter((check) => check.id === id);
      if (found === undefined || another !== undefined)
        throw new Error(`not one check ${id}: ${document.checks.map((check) => check.id).join(", ")}`);
      return found;
    },
  };
}

/** What is to be typed, of a next step that says so. */
export function commandIn(nextStep: string): string {
  const command = /: ((?:GRANT|SET|CREATE|ALTER|ipass|chmod|printf|find)\b.*)$/s.exec(nextStep)?.[1];
  if (command === undefined) throw new Error(`nothing to type in: ${nextStep}`);
  return command;
}

/** Healthy: migrated, its watermark set, every job run. For a whole test file. */
export async function usePatient(): Promise<Patient> {
  const server = await startDatabase({ env: { PATH: process.env.PATH } });
  const admin = await mysql.createConnection({ ...parseServerDsn(server.dsn), multipleStatements: true });
  await admin.query(`CREATE DATABASE ${DATABASE}; USE ${DATABASE}; CREATE USER 'ipass_app'@'127.0.0.1' IDENTIFIED BY 'p@ss/word'`);
  await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON ${DATABASE}.* TO 'ipass_app'@'127.0.0.1'`);
  const vendors = await startSandbox({ orders: 3, auth: "secrets" });
  const dsn = formatServerDsn({ ...parseServerDsn(server.dsn), user: "ipass_app", password: "p@ss/word", database: DATABASE });
  const cli = useCli();
  afterAll(async () => {
    await vendors.close();
    await admin.end();
    await server.stop();
  });
  const patient = new Patient(cli, vendors, admin, dsn);
  expect((await cli.run(["migrate"])).code).toBe(0);
  const since = new Date(Date.now() - 7_200_000).toISOString();
  expect((await cli.run(["watermark", "set", "pull_dsco_orders", JSON.stringify({ mode: "updatedSince", since })])).code).toBe(0);
  await patient.live();
  return patient;
}
