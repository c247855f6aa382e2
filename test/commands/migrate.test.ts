import { readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { migrationScripts } from "../../scripts/migration-files.mjs";
import { useCli } from "../helpers/cli.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/mysql.ts";

const cli = useCli();
const opened: TestDatabase[] = [];
afterAll(async () => {
  for (const db of opened) await db.drop();
});

const NAMES = readdirSync(new URL("../../migrations/", import.meta.url))
  .filter((name) => name.endsWith(".sql"))
  .sort();

async function anEmptyDatabase() {
  const db = await createTestDatabase({ migrated: false });
  opened.push(db);
  const migrate = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli.run(["migrate", ...args, "--json"], { env: { IPASS_DB_DSN: db.dsn } });
    return { code, stderr, answer: JSON.parse(stdout) as unknown };
  };
  const tables = async () => (await db.query<Record<string, string>>("show tables")).flatMap((row) => Object.values(row));
  return { db, migrate, tables };
}

describe("ipass migrate", () => {
  it("creates the tables once; status tells; a second time there is nothing to do", async () => {
    const { migrate, tables } = await anEmptyDatabase();
    expect(await migrate("status")).toEqual({ code: 0, stderr: "", answer: { applied: [], pending: NAMES } });
    expect(await migrate()).toEqual({ code: 0, stderr: "", answer: { applied: NAMES } });
    expect(await tables()).toEqual(expect.arrayContaining(["sync_order_state", "job_run", "order_event", "stock_level", "api_token"]));
    expect(await migrate("status")).toMatchObject({ answer: { applied: NAMES, pending: [] } });
    expect(await migrate()).toEqual({ code: 0, stderr: "", answer: { applied: [] } });
  });

  it("may be run by two at once, and after a run that was killed held knex's own lock", async () => {
    const { db, migrate } = await anEmptyDatabase();
    const both = await Promise.all([migrate(), migrate()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ answer }) => (answer as { applied: string[] }).applied.length).sort()).toEqual([0, NAMES.length].sort());
    await db.query("update knex_migrations_lock set is_locked = 1");
    expect((await migrate()).code).toBe(0);
  });

  it("adopts tables that were made by hand, with the rows in them", async () => {
    const { db, migrate } = await anEmptyDatabase();
    for (const sql of migrationScripts()) await db.query(sql);
    await db.query("insert into job_watermark (job_name, watermark) values ('pull_dsco_orders', '{}')");
    expect(await migrate()).toEqual({ code: 0, stderr: "", answer: { applied: NAMES } });
    expect(await db.query("select job_name from job_watermark")).toEqual([{ job_name: "pull_dsco_orders" }]);
  });

  it("rolls back only with --yes, and never over rows", async () => {
    const { db, migrate, tables } = await anEmptyDatabase();
    await migrate();
    expect(await migrate("rollback")).toMatchObject({ code: 2, answer: { error: { message: expect.stringContaining("--yes") } } });
    await db.query("insert into job_watermark (job_name, watermark) values ('pull_dsco_orders', '{}')");
    expect(await migrate("rollback", "--yes")).toMatchObject({
      code: 4,
      answer: { error: { name: "refused", message: expect.stringContaining("job_watermark") } },
    });
    expect(await tables()).toContain("job_watermark");
    await db.query("delete from job_watermark");
    expect(await migrate("rollback", "--yes")).toMatchObject({ code: 0, answer: { rolled_back: expect.arrayContaining(NAMES) } });
    expect((await tables()).filter((name) => !name.startsWith("knex"))).toEqual([]);
    expect(await migrate()).toMatchObject({ code: 0, answer: { applied: NAMES } });
  });

  it("without a database: 13; without a setting: 10, naming it", async () => {
    const away = await cli.run(["migrate", "--json"], { env: { IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/x" } });
    expect(away.code).toBe(13);
    const unset = await cli.run(["migrate", "--json"]);
    expect(unset.code).toBe(10);
    expect(JSON.parse(unset.stdout)).toMatchObject({
      error: { name: "configuration", message: expect.stringContaining("IPASS_DB_DSN"), problems: [{ name: "IPASS_DB_DSN" }] },
    });
  });
});
