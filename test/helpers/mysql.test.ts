import { describe, expect, it } from "vitest";
import { createTestDatabase, useTestDatabase } from "./mysql.ts";

const database = await useTestDatabase();

describe("useTestDatabase", () => {
  it("has the tables of the migrations", async () => {
    const tables = await database.query<{ table: string }>(
      "select table_name as `table` from information_schema.tables where table_schema = ?",
      [database.name],
    );
    expect(tables.map(({ table }) => table)).toEqual(
      expect.arrayContaining(["sync_order_state", "job_watermark", "manual_task", "dsco_order_raw"]),
    );
  });

  it("keeps the digits of ids beyond 2^53, and times in UTC", async () => {
    const [row] = await database.query("select 901234567890123456 as id, cast(? as datetime(3)) as at", [
      new Date("2026-01-02T03:04:05.678Z"),
    ]);
    expect(row).toEqual({ id: "901234567890123456", at: new Date("2026-01-02T03:04:05.678Z") });
  });

  it("empties its tables", async () => {
    await database.query("insert into job_watermark (job_name, watermark) values ('pull_dsco_orders', '{}')");
    await database.empty();
    expect(await database.query("select * from job_watermark")).toEqual([]);
  });
});

it("createTestDatabase makes one of its own, without tables if asked, and drops it", async () => {
  const other = await createTestDatabase({ migrated: false });
  expect(other.name).not.toBe(database.name);
  expect(await other.query("show tables")).toEqual([]);
  await other.drop();
  expect(await database.query("show databases like ?", [other.name])).toEqual([]);
});
