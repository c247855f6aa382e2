import { createHash } from "node:crypto";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { DatabaseConfig } from "../config/dsn.ts";
import { DatabaseError, LockLostError } from "../errors.ts";
import { connectionOptions } from "./db.ts";

/** MySQL refuses longer names; MariaDB tells cases apart where MySQL does not. */
const MAX_NAME_LENGTH = 64;
/** A network that swallows packets must not hold a pass for ever: no answer by then counts as lost. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Well under any sensible wait_timeout, so that a long vendor call does not cost us the connection and with it the lock. */
const KEEP_ALIVE_MS = 20_000;
/** A network that swallows packets must not keep a finished run from ending. */
const RELEASE_TIMEOUT_MS = 5_000;

/** `ipass:<database>:<what>`, lower case; a database name that makes it too long is hashed. */
export function lockName(database: string, what: string): string {
  const name = `ipass:${database}:${what}`.toLowerCase();
  if (name.length <= MAX_NAME_LENGTH && /^[\x20-\x7e]+$/.test(name)) return name;
  const hash = createHash("sha256").update(`${database}\0${what}`.toLowerCase()).digest("hex").slice(0, 16);
  return `ipass:${hash}:${what.replace(/[^\x21-\x7e]/g, "_")}`.toLowerCase().slice(0, MAX_NAME_LENGTH);
}

/**
 * A named MySQL lock on a connection of its own: whoever dies, loses it at once, with no time-out to wait for and nothing to
 * clean up. Never on a pooled connection, which the pool may reset or hand to somebody else.
 */
export class NamedLock implements AsyncDisposable {
  readonly name: string;
  readonly #connection: Connection;
  readonly #connectionId: string;
  readonly #keepAlive: NodeJS.Timeout;
  #lostBecause: unknown;
  #lost = false;

  private constructor(name: string, connection: Connection, connectionId: string) {
    this.name = name;
    this.#connection = connection;
    this.#connectionId = connectionId;
    connection.on("error", (error) => this.#markLost(error));
    this.#keepAlive = setInterval(() => connection.ping().catch((error) => this.#markLost(error)), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  /**
   * The lock and the database's clock, or only the clock while somebody else holds the lock for longer than `waitSec` (whole seconds).
   * @throws the signal's reason when it aborts while we wait
   */
  static async acquire(
    config: DatabaseConfig,
    name: string,
    waitSec = 0,
    signal?: AbortSignal,
  ): Promise<{ lock: NamedLock | undefined; databaseNow: Date }> {
    const connection = await createConnection(connectionOptions(config));
    try {
      const got = await getLock(connection, name, waitSec, signal);
      const [[session]] = await connection.query<(RowDataPacket & { id: string | number; now: Date })[]>(
        "SELECT CONNECTION_ID() AS id, UTC_TIMESTAMP(3) AS now",
      );
      const databaseNow = session?.now ?? new Date();
      if (got) return { lock: new NamedLock(name, connection, String(session?.id)), databaseNow };
      await connection.end();
      return { lock: undefined, databaseNow };
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /**
   * Throws LockLostError unless the lock is still ours. Asked before each batch of writes. The connection's id is compared
   * too: a proxy that moves us to another server would otherwise go unnoticed.
   */
  async assertHeld(): Promise<void> {
    if (!this.#lost) {
      try {
        const asked = this.#connection.query<(RowDataPacket & { id: string | number; owner: string | number | null })[]>(
          "SELECT CONNECTION_ID() AS id, IS_USED_LOCK(?) AS owner",
          [this.name],
        );
        const [[row]] = await within(ANSWER_TIMEOUT_MS, asked);
        if (row !== undefined && String(row.id) === this.#connectionId && row.owner !== null) return;
      } catch (error) {
        this.#markLost(error);
      }
    }
    throw new LockLostError(this.name, { cause: this.#lostBecause });
  }

  /**
   * Closing the connection releases the lock, whatever state it is in; but the server takes its time over that, so a healthy one
   * gives the lock back first: whoever comes next must not find it held.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#keepAlive);
    if (this.#lost) return this.#connection.destroy();
    try {
      await within(RELEASE_TIMEOUT_MS, this.#connection.query("SELECT RELEASE_LOCK(?)", [this.name]));
      await this.#connection.end();
    } catch (error) {
      this.#markLost(error);
      this.#connection.destroy();
    }
  }

  #markLost(error: unknown): void {
    this.#lost = true;
    this.#lostBecause ??= error;
  }
}

/** Not mysql2's own time limit: with that set, a connection that is killed under a query is not noticed before it runs out. */
async function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the database in ${ms / 1000} s`)), ms);
  });
  return await Promise.race([asked, tooLate]).finally(() => clearTimeout(timer));
}

/** Waits a second at a time, so that whoever is told to stop need not wait to the end; one last try where nothing is to be waited for. */
async function getLock(connection: Connection, name: string, waitSec: number, signal: AbortSignal | undefined): Promise<boolean> {
  for (let left = waitSec; ; left--) {
    signal?.throwIfAborted();
    const [[row]] = await connection.query<(RowDataPacket & { got: number | string | null })[]>("SELECT GET_LOCK(?, ?) AS got", [
      name,
      left > 0 ? 1 : 0,
    ]);
    if (Number(row?.got) === 1) return true;
    if (left <= 0) return false;
  }
}

/**
 * Runs `work` while no other process runs any under the same name; waits for its turn at most `waitSec`.
 * @throws the signal's reason when it aborts while we wait; `work` is then never run
 */
export async function withNamedLock<T>(
  config: DatabaseConfig,
  what: string,
  waitSec: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const name = lockName(config.database, what);
  const { lock } = await NamedLock.acquire(config, name, waitSec, signal);
  if (lock === undefined)
    throw new DatabaseError(
      `waited ${waitSec} s for the lock ${name}`,
      "see who holds it: SELECT IS_USED_LOCK('…'), SHOW PROCESSLIST; then run again",
    );
  await using _held = lock;
  return await work();
}
