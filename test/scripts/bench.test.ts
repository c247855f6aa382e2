import mysql from "mysql2/promise";
import { afterEach, describe, expect, it } from "vitest";
import { DatabaseWire } from "../../scripts/bench/database-wire.mjs";
import { passes } from "../../scripts/bench/figure.mjs";
import { orderPasses, stockPass } from "../../scripts/bench/life.mjs";
import { toMarkdown, toText } from "../../scripts/bench/report.mjs";
import { BenchWorld } from "../../scripts/bench/world.mjs";
import { parseServerDsn } from "../../scripts/server-dsn.mjs";
import { useTestDatabase } from "../helpers/mysql.ts";

const db = await useTestDatabase();

describe("the database wire", () => {
  let wire: DatabaseWire | undefined;
  afterEach(() => wire?.close());

  it("counts every statement of every connection, long ones too, and nothing else", async () => {
    wire = await DatabaseWire.open(db.dsn);
    const connections = await Promise.all([1, 2].map(() => mysql.createConnection(parseServerDsn(wire?.dsn ?? ""))));
    wire.take();
    for (const connection of connections) {
      await connection.query("select 1");
      await connection.query("select ?", ["x".repeat(200_000)]);
      await connection.ping();
    }
    const { statements, ms } = wire.take();
    expect(statements).toBe(4);
    expect(ms).toBeGreaterThan(0);
    expect(wire.take()).toEqual({ statements: 0, ms: 0 });
    for (const connection of connections) await connection.end();
  });

  it("knows how long the database took", async () => {
    wire = await DatabaseWire.open(db.dsn);
    const connection = await mysql.createConnection(parseServerDsn(wire.dsn));
    wire.take();
    await connection.query("select sleep(0.2)");
    expect(wire.take().ms).toBeGreaterThanOrEqual(190);
    await connection.end();
  });
});

describe("the report", () => {
  const check = { name: "six jobs, CPU", value: 9, unit: "s", budget: 8 };
  const section = { title: "Own cost", about: "Of all.", columns: ["job", "s"], rows: [["pull | push", 1.5]], checks: [check] };
  const machine = {
    ...{ system: "Linux", processor: "a processor", cores: 2, memory_gb: 8, load_at_start: 0 },
    ...{ node: "v20.0.0", database: "MariaDB", commit: "abc" },
  };
  const results = { machine, full: false, measured_at: "2026-01-01T00:00:00.000Z", seconds: 60, sections: [section] };

  it.each([
    [7.99, true],
    [8, true],
    [8.01, false],
  ])("%d s of at most 8 s: %s", (value, expected) => expect(passes({ ...check, value })).toBe(expected));

  it("names what is over budget, and the machine", () => {
    const page = toMarkdown(results);
    expect(page).toContain("**Over budget: six jobs, CPU.**");
    expect(page).toContain("| six jobs, CPU | 9 s | 8 s | over |");
    expect(page).toContain("| pull \\| push | 1.5 |");
    expect(page).toContain("| processor | a processor |");
    expect(toText(section)).toMatch(/six jobs, CPU +9 s +8 s +over/);
    expect(toMarkdown({ ...results, sections: [{ ...section, checks: [{ ...check, value: 8 }] }] })).toContain("All budgets are kept.");
  });
});

it("measures whole passes as cron starts them, and takes none that left something undone", { timeout: 120_000 }, async () => {
  const server = process.env.IPASS_TEST_DB_DSN ?? "";
  const world = await BenchWorld.open(server, { orders: 3, skus: 2 });
  try {
    const life = [...(await orderPasses(world, 3)), await stockPass(world, 2)];
    expect(life.map(({ job, counts }) => [job, counts.done])).toEqual([
      ["pull_dsco_orders", 3],
      ["push_orders_to_lingxing", 3],
      ["ack_to_dsco", 3],
      ["ship_to_dsco", 3],
      ["invoice_to_dsco", 3],
      ["sync_stock", 2],
    ]);
    for (const { job, requests, statements, cost } of life) {
      expect(requests, job).toBeGreaterThan(0);
      expect(statements, job).toBeGreaterThan(5);
      expect(cost.cpu_ms, job).toBeGreaterThan(10);
      expect(cost.peak_rss_mb, job).toBeGreaterThan(20);
    }
    await expect(orderPasses(world, 3)).rejects.toThrow("expected 3 done");
  } finally {
    await world.close();
  }
});
