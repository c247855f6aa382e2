// What a measured pass needs: a migrated database of its own, a sandbox in a process of its own, and bin/ipass as cron starts it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutOutsideSettings } from "../outside-settings.mjs";
import { createOwnDatabase } from "../own-database.mjs";
import { askSandbox, startSandboxProcess } from "../sandbox-process.mjs";
import { parseServerDsn } from "../server-dsn.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ipass = join(root, "bin/ipass");
const probe = join(root, "scripts/bench/probe.cjs");

/** @typedef {{ wall_ms: number, cpu_ms: number, peak_rss_mb: number }} Cost of a whole process, from its start to its end */
/** @typedef {{ read: number, done: number, waiting: number, failed: number, manual: number, skipped: number }} Counts */
/**
 * @typedef {object} Pass
 * @property {string} job
 * @property {Cost} cost
 * @property {number} exit
 * @property {Counts} counts
 * @property {number} requests to the vendors, their tokens included
 * @property {number} statements to the database, as it counts them itself; "begin" and "commit" are some
 */
/** @typedef {{ orders?: number, skus?: number, latencyMs?: number, env?: Record<string, string> }} WorldOptions the vendors' limits always hold; `env` over the sandbox's own */

/** Rows of a database of our own, and the server's own count of statements. */
export class BenchDatabase {
  /** @type {string} */ dsn;
  /** @type {() => Promise<void>} */ #drop;
  /** @type {import("mysql2/promise").Connection} */ #connection;

  /**
   * @param {string} server
   * @returns {Promise<BenchDatabase>}
   */
  static async create(server) {
    const { createConnection } = (await import("mysql2/promise")).default;
    const { dsn, drop } = await createOwnDatabase(server, "bench");
    const connection = await createConnection({ ...parseServerDsn(dsn), timezone: "Z", charset: "utf8mb4" });
    await connection.query("SET time_zone = '+00:00'");
    return new BenchDatabase(dsn, drop, connection);
  }

  /**
   * @param {string} dsn
   * @param {() => Promise<void>} drop
   * @param {import("mysql2/promise").Connection} connection
   */
  constructor(dsn, drop, connection) {
    this.dsn = dsn;
    this.#drop = drop;
    this.#connection = connection;
  }

  /**
   * @param {string} sql
   * @param {readonly unknown[]} [bindings]
   * @returns {Promise<Record<string, unknown>[]>}
   */
  async query(sql, bindings = []) {
    const [rows] = await this.#connection.query(sql, [...bindings]);
    return Array.isArray(rows) ? /** @type {Record<string, unknown>[]} */ (rows) : [];
  }

  /** Statements the server has been sent by anybody: on a server of our own, by us. */
  async statements() {
    const [row] = await this.query("SHOW GLOBAL STATUS LIKE 'Questions'");
    return Number(row?.Value);
  }

  async drop() {
    await this.#connection.end();
    await this.#drop();
  }
}

/** One sandbox, one database, and passes over them. */
export class BenchWorld {
  /** @type {BenchDatabase} */ database;
  /** @type {import("../sandbox-process.mjs").RunningSandbox} */ sandbox;
  /** @type {string} */ #folder;
  /** @type {NodeJS.ProcessEnv} */ #env;

  /**
   * @param {string} server the database server's DSN
   * @param {WorldOptions} options
   */
  static async open(server, { orders = 0, skus = 50, latencyMs = 0, env: settings = {} }) {
    const folder = mkdtempSync(join(tmpdir(), "ipass-bench-"));
    const outside = { ...withoutOutsideSettings(process.env), IPASS_LOG_DIR: join(folder, "logs") };
    const flags = ["--orders", String(orders), "--skus", String(skus), "--latency", String(latencyMs)];
    const sandbox = await startSandboxProcess(flags, { env: { ...outside, NODE_OPTIONS: SANDBOX_MEMORY }, cwd: folder });
    const database = await BenchDatabase.create(server);
    const env = { ...outside, ...sandbox.env, ...sandbox.mapEnv, ...settings, IPASS_DB_DSN: database.dsn };
    const world = new BenchWorld({ database, sandbox, folder, env });
    await world.command(["migrate"]);
    return world;
  }

  /** @param {{ database: BenchDatabase, sandbox: import("../sandbox-process.mjs").RunningSandbox, folder: string, env: NodeJS.ProcessEnv }} parts */
  constructor({ database, sandbox, folder, env }) {
    this.database = database;
    this.sandbox = sandbox;
    this.#folder = folder;
    this.#env = env;
  }

  /**
   * Runs a pass and measures it.
   * @param {string} job
   * @param {{ args?: string[], exits?: number[], env?: Record<string, string> }} [options] which exits are none but good ones
   * @returns {Promise<Pass>}
   */
  async pass(job, { args = [], exits = [0], env = {} } = {}) {
    await askSandbox(this.sandbox, "reset-stats", {});
    const before = await this.database.statements();
    const { cost, stdout, code } = await this.command(["run", job, "--json", ...args], { exits, env });
    const statements = (await this.database.statements()) - before - 1; // our own question is one
    const { total } = /** @type {{ total: number }} */ (await askSandbox(this.sandbox, "stats"));
    const { counts } = /** @type {{ counts: Counts }} */ (JSON.parse(stdout));
    return { job, cost, exit: code, counts, requests: total, statements };
  }

  /**
   * @param {string[]} args of ipass
   * @param {{ exits?: number[], env?: Record<string, string> }} [options]
   * @returns {Promise<{ cost: Cost, stdout: string, code: number }>}
   */
  async command(args, { exits = [0], env = {} } = {}) {
    return this.#measure([ipass, ...args], exits, env);
  }

  /**
   * What starts ipass in this world, for whoever wants to keep it running.
   * @param {string[]} args
   * @param {Record<string, string>} env
   * @returns {[string, string[], { cwd: string, env: NodeJS.ProcessEnv, stdio: ["ignore", "pipe", "ignore"] }]}
   */
  commandLine(args, env) {
    return [process.execPath, [ipass, ...args], { cwd: this.#folder, env: { ...this.#env, ...env }, stdio: ["ignore", "pipe", "ignore"] }];
  }

  /** Node alone, which every command has to start. */
  async nothing() {
    return this.#measure(["-e", "0"], [0], {});
  }

  /**
   * @param {string[]} args of node
   * @param {number[]} exits
   * @param {Record<string, string>} env
   */
  async #measure(args, exits, env) {
    const told = join(this.#folder, "probe.json");
    const started = performance.now();
    const child = spawn(process.execPath, ["--require", probe, ...args], {
      cwd: this.#folder,
      env: { ...this.#env, ...env, BENCH_PROBE_FILE: told },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    const wall_ms = performance.now() - started;
    if (!exits.includes(code)) throw new Error(`node ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return { cost: { wall_ms, ...JSON.parse(readFileSync(told, "utf8")) }, stdout, code };
  }

  /** @param {{ action: "review" | "ship" }} step what people in Lingxing do */
  async people(step) {
    await askSandbox(this.sandbox, "advance", step);
  }

  async close() {
    await this.sandbox.stop();
    await this.database.drop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A sandbox holds all it is told in memory. */
const SANDBOX_MEMORY = "--max-old-space-size=8192";
