import { randomBytes } from "node:crypto";
import mysql from "mysql2/promise";
import { afterAll } from "vitest";
import { migrationScripts } from "../../scripts/migration-files.mjs";
import { parseServerDsn, withDatabase } from "../../scripts/server-dsn.mjs";

export interface TestDatabase {
  /** For IPASS_DB_DSN. */
  readonly dsn: string;
  readonly name: string;
  /** Numbers beyond 2^53 and COUNT() come as text, JSON columns as text, times as Date in UTC. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Empties every table but knex's own, for `beforeEach`. */
  empty(): Promise<void>;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** false: a database without tables, to test the migrations themselves. */
  readonly migrated?: boolean;
}

/** A database of its own on the server that IPASS_TEST_DB_DSN names. The caller drops it; see useTestDatabase. */
export async function createTestDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = process.env.IPASS_TEST_DB_DSN;
  if (server === undefined) throw new Error("IPASS_TEST_DB_DSN is not set: run through vitest, whose global set-up starts a server");
  const name = `ipass_test_${randomBytes(6).toString("hex")}`;
  const admin = await mysql.createConnection({ ...connectionOptions(server), database: "" });
  try {
    await admin.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
    if (migrated) {
      await admin.query(`USE \`${name}\``);
      for (const sql of migrationScripts()) await admin.query(sql);
    }
  } finally {
    await admin.end();
  }

  const dsn = withDatabase(server, name);
  const pool = mysql.createPool({ ...connectionOptions(dsn), connectionLimit: 4 });
  const query: TestDatabase["query"] = async <Row>(sql: string, params: readonly unknown[] = []) => {
    const [rows] = await pool.query(sql, [...params]);
    return (Array.isArray(rows) ? rows : []) as Row[];
  };
  return {
    dsn,
    name,
    query,
    async empty() {
      const tables = await query<{ name: string }>(
        "select table_name as name from information_schema.tables where table_schema = ? and table_name not like 'knex%'",
        [name],
      );
      for (const { name: table } of tables) await pool.query(`delete from \`${table}\``);
    },
    async drop() {
      await pool.query(`DROP DATABASE IF EXISTS \`${name}\``);
      await pool.end();
    },
  };
}

/** The test file's own database, dropped after its last test. At the top of the file: `const db = await useTestDatabase();` */
export async function useTestDatabase(options?: TestDatabaseOptions): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  afterAll(() => database.drop());
  return database;
}

function connectionOptions(dsn: string): mysql.ConnectionOptions {
  return {
    ...parseServerDsn(dsn),
    multipleStatements: true,
    timezone: "Z",
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
  };
}
