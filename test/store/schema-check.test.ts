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
  const added = ["order_event.request_id", "job_run.dsco_throttled", "manual_task.one_task_per_cause", "job_run.by_start"];
  await database.query("DROP TABLE stock_level");
  await database.query("ALTER TABLE order_event DROP COLUMN request_id");
  await database.query("ALTER TABLE job_run DROP COLUMN dsco_throttled, DROP KEY by_start");
  await database.query("ALTER TABLE manual_task DROP KEY one_task_per_cause");
  const missing = await missingParts(at(database));
  expect(missing.map(({ table, part }) => (part === undefined ? table : `${table}.${part.name}`)).sort()).toEqual(
    [...added, "stock_level"].sort(),
  );
  for (const { table, part } of missing) {
    if (part !== undefined) await database.query(`ALTER TABLE ${table} ADD ${part.definition}`);
  }
  expect(await missingParts(at(database))).toEqual([{ table: "stock_level" }]);
});
