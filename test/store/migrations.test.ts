import { describe, expect, it, onTestFinished } from "vitest";
import { migrationScripts } from "../../scripts/migration-files.mjs";
import { type DatabaseConfig, parseDsn } from "../../src/config/dsn.ts";
import { RefusedByGuardError } from "../../src/errors.ts";
import { type Db, openDatabase } from "../../src/store/db.ts";
import { lockName, NamedLock } from "../../src/store/lock.ts";
import { Migrations } from "../../src/store/migrations.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/mysql.ts";

const FILES = ["0001_init.sql", "0002_operations.sql", "0003_order_marks.sql"];
const TABLES = [
  "api_token",
  "dsco_order_raw",
  "job_run",
  "job_watermark",
  "manual_task",
  "order_count",
  "order_event",
  "stock_level",
  "sync_order_state",
];

interface Fresh {
  readonly database: TestDatabase;
  readonly config: DatabaseConfig;
  readonly db: Db;
  readonly migrations: Migrations;
  /** As another host would run them. */
  another(): Migrations;
  tables(): Promise<string[]>;
}

async function fresh(): Promise<Fresh> {
  const database = await createTestDatabase({ migrated: false });
  const config = parseDsn(database.dsn);
  const pools: Db[] = [];
  const pool = () => {
    const opened = openDatabase(config);
    pools.push(opened);
    return opened;
  };
  onTestFinished(async () => {
    await Promise.all(pools.map((each) => each.destroy()));
    await database.drop();
  });
  const db = pool();
  const tables = async () => {
    const rows = await database.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? ORDER BY name",
      [config.database],
    );
    return rows.map(({ name }) => name).filter((name) => !name.startsWith("knex_"));
  };
  return { database, config, db, migrations: new Migrations(db, config), another: () => new Migrations(pool(), config), tables };
}

/** The whole schema as the server tells it. */
async function schema(database: TestDatabase): Promise<string> {
  const texts = [];
  for (const table of TABLES) {
    const [row] = await database.query<Record<string, string>>(`SHOW CREATE TABLE ${table}`);
    texts.push(row?.["Create Table"]?.replace(/AUTO_INCREMENT=\d+ /, ""));
  }
  return texts.join("\n");
}

describe("apply", () => {
  it("makes the tables, once, and says what it applied", async () => {
    const { migrations, tables } = await fresh();
    expect(await migrations.status()).toEqual({ applied: [], pending: FILES });
    expect(await migrations.apply()).toEqual(FILES);
    expect(await tables()).toEqual(TABLES);
    expect(await migrations.status()).toEqual({ applied: FILES, pending: [] });
    expect(await migrations.apply()).toEqual([]);
  });

  it("makes the same tables as the files run by hand", async () => {
    const one = await fresh();
    const other = await fresh();
    await one.migrations.apply();
    for (const sql of migrationScripts()) await other.database.query(sql);
    expect(await schema(one.database)).toBe(await schema(other.database));
  });

  it("adopts a database to which the files were run by hand, with all that is in it", async () => {
    const { database, migrations } = await fresh();
    for (const sql of migrationScripts()) await database.query(sql);
    await database.query("INSERT INTO job_watermark (job_name, watermark) VALUES ('ack_to_dsco', '{}')");
    expect(await migrations.status()).toEqual({ applied: [], pending: FILES });
    expect(await migrations.apply()).toEqual(FILES);
    expect(await database.query("SELECT job_name FROM job_watermark")).toHaveLength(1);
    // And by hand again: on MySQL, which knows IF NOT EXISTS for tables only, the first of them.
    const [server] = await database.query<{ version: string }>("SELECT VERSION() AS version");
    const repeatable = server?.version.includes("MariaDB") ? migrationScripts() : migrationScripts().slice(0, 1);
    for (const sql of repeatable) await database.query(sql);
    expect(await migrations.apply()).toEqual([]);
  });

  it("from two hosts at once: one applies, the other finds nothing to do", async () => {
    const { migrations, another, tables } = await fresh();
    const applied = await Promise.all([migrations.apply(), another().apply(), another().apply()]);
    expect(applied.map((names) => names.length).sort()).toEqual([0, 0, FILES.length]);
    expect(await tables()).toEqual(TABLES);
  });

  it("waits while another one is at it", async () => {
    const { database, config, migrations, tables } = await fresh();
    const { lock } = await NamedLock.acquire(config, lockName(config.database, "migrate"));
    const applying = migrations.apply();
    for (;;) {
      const queue = await database.query("SELECT 1 FROM information_schema.processlist WHERE db = ? AND info LIKE 'SELECT GET_LOCK%'", [
        config.database,
      ]);
      if (queue.length > 0) break;
    }
    expect(await tables()).toEqual([]);
    await lock?.[Symbol.asyncDispose]();
    expect(await applying).toEqual(FILES);
  });

  it("is not stopped by the lock row of a process that was killed", async () => {
    const { database, migrations } = await fresh();
    await migrations.apply();
    await database.query("UPDATE knex_migrations_lock SET is_locked = 1");
    await database.query("DELETE FROM knex_migrations");
    expect(await migrations.apply()).toEqual(FILES);
    expect(await database.query("SELECT is_locked FROM knex_migrations_lock")).toEqual([{ is_locked: 0 }]);
  });

  it("goes on after one that was killed half-way", async () => {
    const { database, migrations, tables } = await fresh();
    await migrations.apply();
    await database.query("DROP TABLE stock_level, api_token");
    await database.query("DELETE FROM knex_migrations");
    expect(await migrations.apply()).toEqual(FILES);
    expect(await tables()).toEqual(TABLES);
  });
});

describe("rollback", () => {
  it("drops empty tables, and all can be made again", async () => {
    const { migrations, tables } = await fresh();
    await migrations.apply();
    expect(await migrations.rollback()).toEqual([...FILES].reverse());
    expect(await tables()).toEqual([]);
    expect(await migrations.status()).toEqual({ applied: [], pending: FILES });
    expect(await migrations.apply()).toEqual(FILES);
  });

  it.each([
    { table: "job_watermark", row: { job_name: "ack_to_dsco", watermark: "{}" } },
    { table: "sync_order_state", row: { dsco_order_id: "1" } },
    { table: "order_event", row: { dsco_order_id: "1", at: new Date(0), trace_id: "t", event: "e" } },
    { table: "api_token", row: { token_key: "k", ciphertext: "c" } },
  ])("refuses while $table holds a row, and drops nothing", async ({ table, row }) => {
    const { database, migrations, tables } = await fresh();
    await migrations.apply();
    await database.query(`INSERT INTO ${table} SET ?`, [row]);
    const refused = await migrations.rollback().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedByGuardError);
    expect(String(refused)).toContain(table);
    expect(await tables()).toEqual(TABLES);
    expect(await migrations.status()).toMatchObject({ pending: [] });
  });

  it("knows every table the files create: none is left behind or dropped unseen", async () => {
    const { migrations, tables, database } = await fresh();
    await migrations.apply();
    const created = migrationScripts().flatMap((sql) => [...sql.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)].map(([, name]) => name));
    expect([...created].sort()).toEqual(await tables());
    const source = await database.query("SELECT 1"); // still answers
    expect(source).toHaveLength(1);
    await migrations.rollback();
    expect(await tables()).toEqual([]);
  });

  it("of nothing is nothing", async () => {
    const { migrations } = await fresh();
    expect(await migrations.rollback()).toEqual([]);
  });
});

it("the tables speak the contract: ids are text compared byte by byte, times have milliseconds", async () => {
  const { database, migrations } = await fresh();
  await migrations.apply();
  const columns = await database.query<{ t: string; c: string; type: string; full: string; collation: string | null }>(
    "SELECT table_name AS t, column_name AS c, data_type AS type, column_type AS full, collation_name AS collation FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN (?)",
    [TABLES],
  );
  for (const { t, c, type, full, collation } of columns) {
    const where = `${t}.${c}`;
    if (collation !== null) expect([where, collation]).toEqual([where, "utf8mb4_bin"]);
    if (/(_at|_date|_update|^at)$/.test(c)) expect([where, full]).toEqual([where, "datetime(3)"]);
    if (/_status$/.test(c) && t === "sync_order_state" && c !== "dsco_status") expect([where, type]).toEqual([where, "tinyint"]);
    if (/(order_no|order_id|store_id|invoice_id|request_id)$/.test(c)) expect([where, type]).toEqual([where, "varchar"]);
  }
  expect(columns.length).toBeGreaterThan(80);
});
