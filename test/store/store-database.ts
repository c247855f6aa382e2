import { afterAll, beforeEach } from "vitest";
import { type DatabaseConfig, parseDsn } from "../../src/config/dsn.ts";
import { type Db, openDatabase } from "../../src/store/db.ts";
import { type TestDatabase, type TestDatabaseOptions, useTestDatabase } from "../helpers/mysql.ts";

export interface StoreDatabase extends TestDatabase {
  readonly config: DatabaseConfig;
  /** ipass's own pool. */
  readonly db: Db;
  /** A further pool, as another host would have; closed with the file. */
  anotherPool(): Db;
  /** Resolves once some transaction waits for a row that another one holds: the race is then set up, without a guess in time. */
  untilBlocked(): Promise<void>;
}

/** A migrated database of the test file's own with ipass's pool on it, emptied before each test. */
export async function useStoreDatabase(options?: TestDatabaseOptions): Promise<StoreDatabase> {
  const database = await useTestDatabase(options);
  const config = parseDsn(database.dsn);
  const anotherPool = () => poolOf(database);
  const db = anotherPool();
  beforeEach(() => database.empty());
  return {
    ...database,
    config,
    db,
    anotherPool,
    async untilBlocked() {
      const giveUp = Date.now() + GIVE_UP_MS;
      while (!(await someoneWaits(database))) if (Date.now() > giveUp) throw new Error("no transaction waits for another one");
    },
  };
}

/** ipass's own pool on a database, closed with the file. */
export function poolOf({ dsn }: TestDatabase): Db {
  const pool = openDatabase(parseDsn(dsn));
  afterAll(() => pool.destroy());
  return pool;
}

const GIVE_UP_MS = 5_000;

/** Whether a transaction waits for another one. From the engine's report: innodb_trx is a copy that is not renewed while it is asked often. */
export async function someoneWaits(database: TestDatabase): Promise<boolean> {
  const [report] = await database.query<{ Status: string }>("SHOW ENGINE INNODB STATUS");
  const waiting = (report?.Status ?? "").split("---TRANSACTION").filter((part) => part.includes("LOCK WAIT"));
  const threads = waiting.flatMap((part) => /thread id (\d+)/.exec(part)?.[1] ?? []);
  if (threads.length === 0) return false;
  const ours = await database.query("SELECT id FROM information_schema.processlist WHERE db = ? AND id IN (?)", [database.name, threads]);
  return ours.length > 0;
}
