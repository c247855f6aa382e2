import knex, { type Knex } from "knex";
import type { DatabaseConfig } from "../config/dsn.ts";
import { DatabaseError, IpassError } from "../errors.ts";
import { failpoint } from "../failpoint.ts";

/** A pool or a transaction: a store takes either. */
export type Db = Knex;

/** Enough for the requests a job has side by side; cron starts six jobs at once on every host. */
const POOL_SIZE = 5;
const CONNECT_TIMEOUT_MS = 10_000;
const ACQUIRE_TIMEOUT_MS = 20_000;
/** A network that swallows packets must not hold a pass for ever. Longer than the server lets a statement wait for a row (50 s). */
const SILENCE_MS = 90_000;
/** ER_CHECKREAD is MariaDB's since 11.6, where a transaction may not write what changed after it first read. */
const DEADLOCKS: ReadonlySet<string> = new Set(["ER_LOCK_DEADLOCK", "ER_CHECKREAD"]);
const LOCK_CONFLICTS: ReadonlySet<string> = new Set([...DEADLOCKS, "ER_LOCK_WAIT_TIMEOUT"]);
const LOCK_CONFLICT_TRIES = 4;

/** What mysql2 is told on every connection, pooled or not. Times are UTC on both sides; long numbers and JSON stay text. */
export function connectionOptions(config: DatabaseConfig) {
  return {
    ...(config.socketPath === undefined ? { host: config.host, port: config.port } : { socketPath: config.socketPath }),
    user: config.user,
    password: config.password,
    database: config.database,
    ...(config.tls === undefined ? {} : { ssl: { rejectUnauthorized: config.tls !== "skip-verify" } }),
    charset: "utf8mb4",
    timezone: "Z",
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
  };
}

export interface DatabaseOptions {
  /** How long the server may leave a statement unanswered before the connection counts as lost; 0: as long as it likes. 90 s unless told. */
  readonly silenceMs?: number;
}

/** The part of mysql2's connection that a pool is handed. */
interface RawConnection {
  readonly stream: { setTimeout(ms: number): unknown; on(event: "timeout", listener: () => void): unknown; destroy(error: Error): unknown };
  query(sql: string, done: (error: Error | null) => void): void;
}

/** Sets up a pool; nothing connects before the first query. */
export function openDatabase(config: DatabaseConfig, { silenceMs = SILENCE_MS }: DatabaseOptions = {}): Db {
  return knex({
    client: "mysql2",
    connection: connectionOptions(config),
    pool: {
      min: 0,
      max: POOL_SIZE,
      // mysql2's `timezone` only says how to write and read dates; the session's own zone decides what CURRENT_TIMESTAMP writes.
      afterCreate: (connection: RawConnection, done: (error: Error | null, connection: unknown) => void) => {
        endWhenSilent(connection, silenceMs);
        connection.query("SET time_zone = '+00:00'", (error) => done(error, connection));
      },
    },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // knex prints connection errors to stdout by itself; they reach us as rejections anyway.
    log: { warn: discard, error: discard, debug: discard, deprecate: discard },
  });
}

/**
 * Not mysql2's own time limit for queries: that leaves the connection in use. An idle connection ends by this too, and the pool opens
 * another one when it needs it.
 */
function endWhenSilent({ stream }: RawConnection, ms: number): void {
  if (ms === 0) return;
  stream.setTimeout(ms);
  stream.on("timeout", () =>
    stream.destroy(Object.assign(new Error(`no answer from the database in ${ms / 1000} s`), { code: "ETIMEDOUT" })),
  );
}

function discard(): void {
  // deliberately nothing: see `log` above
}

/**
 * Runs `work` in a transaction. A deadlock or lock wait rolls the whole of it back, so it is simply run again, a few times:
 * `work` must therefore have no effect outside the database. Inside a transaction it joins that one: a deadlock has undone
 * all of it, so only the outermost may run again.
 */
export async function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  if (db.isTransaction === true) return work(db);
  const result = await despite(LOCK_CONFLICTS, () => transaction(db, work));
  failpoint("commit.after", work);
  return result;
}

/** Where the connection is gone, knex fails to roll back and tells of that, not of why it was to. */
async function transaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  let why: { readonly error: unknown } | undefined;
  try {
    return await db.transaction(async (trx) => {
      const done = await work(trx).catch((error: unknown) => {
        why = { error };
        throw error;
      });
      failpoint("commit.before", work, trx);
      return done;
    });
  } catch (error) {
    throw why === undefined ? error : why.error;
  }
}

async function despite<T>(conflicts: ReadonlySet<string>, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried >= LOCK_CONFLICT_TRIES || !conflicts.has(errorCode(error) ?? "")) throw error;
    }
  }
}

/** The rows of a raw select. */
export async function select<Row>(db: Db, sql: string, bindings: readonly unknown[] = []): Promise<Row[]> {
  const [rows] = (await db.raw(sql, bindings as Knex.RawBinding[])) as [Row[]];
  return rows;
}

/**
 * Runs a raw write; the number of rows it matched (not: changed). On its own it is a transaction of one statement, so a deadlock
 * has undone all of it and it is run again; inside a transaction that is for whoever opened it. Not so a lock wait that timed out:
 * a claim's grace has begun to run.
 */
export async function write(db: Db, sql: string, bindings: readonly unknown[] = []): Promise<number> {
  return (await execute(db, sql, bindings)).affectedRows;
}

/** As `write`, for one row of a table that numbers its rows; the number it got. */
export async function insert(db: Db, sql: string, bindings: readonly unknown[]): Promise<string> {
  return String((await execute(db, sql, bindings)).insertId);
}

async function execute(db: Db, sql: string, bindings: readonly unknown[]): Promise<{ affectedRows: number; insertId: number | string }> {
  failpoint("write.before", sql, db);
  const run = async () => (await db.raw(sql, bindings as Knex.RawBinding[])) as [{ affectedRows: number; insertId: number | string }];
  const [result] = await (db.isTransaction === true ? run() : despite(DEADLOCKS, run));
  failpoint("write.after", sql, db);
  return result;
}

/** `(?, ?), (?, ?)` for a multi-row statement. */
export function placeholders(rows: number, columns: number): string {
  const row = `(${Array(columns).fill("?").join(", ")})`;
  return Array(rows).fill(row).join(", ");
}

/** `a = ?, b = ?` and what is bound to it; the names come from our code, never from input. */
export function assignments(set: Readonly<Record<string, unknown>>): { sql: string; values: unknown[] } {
  return {
    sql: Object.keys(set)
      .map((column) => `${column} = ?`)
      .join(", "),
    values: Object.values(set),
  };
}

/** Any number of rows in statements of a bearable size. */
export function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** Cuts a text to what its column holds: strict mode would refuse the whole statement for one long word. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const letters = Array.from(text); // the server counts characters, JavaScript halves of them
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}

/** What a TEXT column holds, in bytes. */
const TEXT_BYTES = 65_535;

/** Facts as JSON for a TEXT column. More than it holds would refuse the whole statement, so only the beginning of it is kept. */
export function jsonText(facts: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(facts);
  return Buffer.byteLength(text) <= TEXT_BYTES ? text : JSON.stringify({ cut: true, start: clip(text, 4_000) });
}

export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function isDuplicate(error: unknown): boolean {
  return errorCode(error) === "ER_DUP_ENTRY";
}

/**
 * What a database error means for the run; undefined when it is none. knex's own message holds the whole statement with its
 * values, names and addresses included, so only the server's code and words are kept.
 */
export function toDatabaseError(error: unknown): IpassError | undefined {
  if (error instanceof IpassError) return error;
  if (!(error instanceof Error)) return undefined;
  const code = errorCode(error);
  if ("sqlMessage" in error && code !== undefined) {
    if (code === "ER_NO_SUCH_TABLE" || code === "ER_BAD_FIELD_ERROR") {
      return new DatabaseError(`the database is not at this version of ipass (${code})`, "run: ipass migrate");
    }
    if (code === "ER_ACCESS_DENIED_ERROR" || code === "ER_DBACCESS_DENIED_ERROR" || code === "ER_BAD_DB_ERROR") {
      return new DatabaseError(`the database refuses us (${code})`, "check user, password and database name in IPASS_DB_DSN");
    }
    return new DatabaseError(`database: ${code}${conflict(code) ? "" : ` (errno ${String((error as { errno?: number }).errno)})`}`);
  }
  // mysql2 marks as fatal what ends a connection, and what is asked of one that has ended, which has no code.
  if ("fatal" in error && error.fatal === true) return unreachable(code ?? "the connection was closed");
  // A file that is missing has a code too, but is none of this.
  const lost = code !== undefined && (code.startsWith("PROTOCOL_") || isConnecting(error));
  if (lost || error.name === "KnexTimeoutError") return unreachable(code ?? error.name);
  return undefined;
}

function unreachable(why: string): DatabaseError {
  return new DatabaseError(`the database cannot be reached (${why})`);
}

function isConnecting(error: Error): boolean {
  return "syscall" in error && (error.syscall === "connect" || error.syscall === "getaddrinfo");
}

function conflict(code: string): boolean {
  return LOCK_CONFLICTS.has(code);
}
