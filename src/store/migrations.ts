import { readdirSync, readFileSync } from "node:fs";
import type { Knex } from "knex";
import type { DatabaseConfig } from "../config/dsn.ts";
import { DatabaseError, LockedError, RefusedByGuardError } from "../errors.ts";
import { type Db, select } from "./db.ts";
import { lockName, NamedLock } from "./lock.ts";

/** Two levels up, both from here and from a chunk of the bundle. */
const DIRECTORY = new URL("../../migrations/", import.meta.url);
/** Long enough for another host's migration of large tables to end. */
const LOCK_WAIT_SEC = 60;
const LEDGER = "knex_migrations";

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/**
 * The numbered SQL files, through knex's migrator. Every statement says IF NOT EXISTS, so a file that was run by hand is simply
 * entered in the ledger. Under our own lock rather than knex's lock row, which a killed process leaves set for ever.
 */
export class Migrations {
  readonly #db: Db;
  readonly #config: DatabaseConfig;
  readonly #options: Knex.MigratorConfig;

  constructor(db: Db, config: DatabaseConfig) {
    this.#db = db;
    this.#config = config;
    this.#options = { tableName: LEDGER, disableTransactions: true, migrationSource: SQL_FILES };
  }

  /** Applies what is missing; returns the names of what it applied. Two at once: the second waits, then finds nothing to do. */
  async apply(): Promise<string[]> {
    return this.#locked(async () => {
      const [, names] = (await this.#db.migrate.latest(this.#options)) as [number, string[]];
      return names;
    });
  }

  async status(): Promise<MigrationStatus> {
    const known = await this.#options.migrationSource?.getMigrations([]);
    const names = (known ?? []) as string[];
    if (!(await this.#db.schema.hasTable(LEDGER))) return { applied: [], pending: names };
    const rows = await select<{ name: string }>(this.#db, `SELECT name FROM ${LEDGER} ORDER BY id`);
    const applied = rows.map(({ name }) => name);
    return { applied, pending: names.filter((name) => !applied.includes(name)) };
  }

  /** Undoes all migrations, that is: drops the tables. Refuses while any of them holds a row. */
  async rollback(): Promise<string[]> {
    return this.#locked(async () => {
      const filled = [];
      for (const table of await this.#tables()) {
        const rows = await select(this.#db, "SELECT 1 FROM ?? LIMIT 1", [table]);
        if (rows.length > 0) filled.push(table);
      }
      if (filled.length > 0) {
        throw new RefusedByGuardError(
          `rollback would drop rows of ${filled.join(", ")}`,
          "ipass never drops data: back the database up and empty these tables by hand if you mean it",
        );
      }
      const [, names] = (await this.#db.migrate.rollback(this.#options, true)) as [number, string[]];
      return names;
    });
  }

  async #tables(): Promise<string[]> {
    const rows = await select<{ name: string }>(
      this.#db,
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN (?)",
      [TABLES],
    );
    return rows.map(({ name }) => name);
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const name = lockName(this.#config.database, "migrate");
    const { lock } = await NamedLock.acquire(this.#config, name, LOCK_WAIT_SEC);
    if (lock === undefined) throw new LockedError(`another migration holds ${name} for more than ${LOCK_WAIT_SEC} s`);
    await using _held = lock;
    // Under our lock nobody else migrates: a set lock row is what a killed process left.
    if (await this.#db.schema.hasTable(`${LEDGER}_lock`)) await this.#db.migrate.forceFreeMigrationsLock(this.#options);
    return await work();
  }
}

/** Every table the migrations create; rollback drops them. */
const TABLES = [
  "sync_order_state",
  "dsco_order_raw",
  "job_watermark",
  "manual_task",
  "job_run",
  "order_event",
  "stock_level",
  "api_token",
  "order_count",
];

/** ER_DUP_FIELDNAME, ER_DUP_KEYNAME: MySQL has no IF NOT EXISTS for columns and keys, so a file that was run by hand is adopted by this. */
const THERE_ALREADY: ReadonlySet<number> = new Set([1060, 1061]);

/** Every statement of every file, in order. */
export function migrationStatements(): string[] {
  return migrationNames().flatMap((name) => statements(readFileSync(new URL(name, DIRECTORY), "utf8")));
}

/** The files of this version, in order. */
export function migrationNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort();
}

const SQL_FILES: Knex.MigrationSource<string> = {
  getMigrations: async () => migrationNames(),
  getMigrationName: (name) => name,
  getMigration: async (name) => ({
    up: async (db: Knex) => {
      for (const statement of statements(readFileSync(new URL(name, DIRECTORY), "utf8"))) await unlessThere(() => db.raw(statement));
    },
    down: async (db: Knex) => {
      if (!name.startsWith("0001_")) return; // later files only add to these tables, which go as a whole
      for (const table of TABLES) await db.raw("DROP TABLE IF EXISTS ??", [table]);
    },
  }),
};

async function unlessThere(run: () => PromiseLike<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!THERE_ALREADY.has((error as { errno?: number }).errno ?? 0)) throw error;
  }
}

/** Our migrations hold no semicolon but the one at a statement's end of line. A bare `?` would be taken for a binding. */
function statements(sql: string): string[] {
  const found = sql
    .split("\n")
    .filter((line) => !line.startsWith("--"))
    .join("\n")
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  if (found.some((statement) => statement.includes("?"))) throw new DatabaseError("a migration holds a question mark");
  return found;
}
