import { afterEach, expect, it } from "vitest";
import { expectedTables, missingParts } from "../../src/store/schema-check.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/mysql.ts";
import { poolOf } from "./store-database.ts";

const open: TestDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.drop();
});
async function migrated(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  open.push(database);
  return database;
}
const at = (database: TestDatabase) => poolOf(database);

it("reads every table, column and key out of the migrations, and nothing else", async () => {
  const database = await migrated();
  const there = async (sql: string) => (await database.query<{ t: string; name: string }>(sql)).map(({ t, name }) => `${t}.${name}`).sort();
  const expected = [...expectedTables()];
  const named = (parts: "columns" | "keys") =>
    expected.flatMap(([table, all]) => [...all[parts].keys()].map((name) => `${table}.${name}`)).sort();
  const ours = "table_schema = DATABASE() AND table_name NOT LIKE 'knex%'";
  expect(named("columns")).toEqual(
    await there(`SELECT table_name AS t, column_name AS name FROM information_schema.columns WHERE ${ours}`),
  );
  expect(named("keys")).toEqual(
    await there(`SELECT DISTINCT table_name AS t, index_name AS name FROM information_schema.statistics WHERE ${ours}`),
  );
  expect(await missingParts(at(database))).toEqual([]);
});

it("misses a table, a column and a key, and has the words to make each part again", async () => {
  const database = await migrated();
  const dropped = async () =>
    JSON.stringify([await database.query("SHOW CREATE TABLE job_run"), await database.query("SHOW CREATE TABLE stock_level")]);
  const before = await dropped();
  const added = ["order_event.request_id", "dsco_order_raw.by_age", "manual_task.one_task_per_cause", "manual_task.by_age"];
  await database.query("DROP TABLE stock_level");
  await database.query("ALTER TABLE order_event DROP COLUMN request_id");
  await database.query("ALTER TABLE dsco_order_raw DROP KEY by_age");
  await database.query("ALTER TABLE manual_task DROP KEY one_task_per_cause, DROP KEY by_age");
  await database.query("DROP TABLE job_run");
  const missing = await missingParts(at(database));
  expect(missing.map(({ name }) => name).sort()).toEqual([...added, "job_run", "stock_level"].sort());
  for (const { sql } of missing) await database.query(sql);
  expect(await missingParts(at(database))).toEqual([]);
  expect(await dropped()).toBe(before);
});
