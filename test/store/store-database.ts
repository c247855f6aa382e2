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
  const pools: Db[] = [];
  const anotherPool = () => {
    const pool = openDatabase(config);
    pools.push(pool);
    return pool;
  };
  const db = anotherPool();
  beforeEach(() => database.empty());
  afterAll(() => Promise.all(pools.map((pool) => pool.destroy())));
  return {
    ...database,
    config,
    db,
    anotherPool,
    async untilBlocked() {
      for (;;) {
        const waiting = await database.query(
          "SELECT 1 FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = ?",
          [database.name],
        );
        if (waiting.length > 0) return;
      }
    },
  };
}
