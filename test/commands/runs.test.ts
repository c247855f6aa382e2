import stringWidth from "string-width";
import { beforeEach, describe, expect, it } from "vitest";
import type { Run } from "../../src/store/run-query.ts";
import { PULL, PUSH } from "../jobs/world.ts";
import { UTC_TIME, useShell } from "./shell.ts";

const shell = await useShell();
const { world } = shell;
const text = async (...args: string[]) => {
  const { code, stdout, stderr } = await shell.run("runs", ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(Math.max(...stdout.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  return stdout;
};
const LONG = `dsco.ship: ${"Service unavailable, 服务暂时不可用; ".repeat(10)}`.trim();

async function ran(columns: Record<string, unknown>): Promise<void> {
  const row = {
    job_name: "ship_to_dsco",
    trace_id: "nightly-0001",
    host: "web1",
    pid: 77,
    started_at: "2026-01-05 02:00:00.000",
    ...columns,
  };
  await world.db.query(`insert into job_run (${Object.keys(row).join(", ")}) values (?)`, [Object.values(row)]);
}

beforeEach(() => world.open({ orders: 12, broken: 6 }));

describe("ipass runs", () => {
  it("says so when there are none", async () => {
    expect(await text()).toBe("0 runs\n");
    expect(await shell.json("runs")).toEqual({ items: [], count: 0 });
  });

  it("lists what each did, the newest first, in pages and by job", async () => {
    await world.pulled();
    await world.pass(PUSH);
    await world.pulled();
    const { items, count } = await shell.json<{ items: Run[]; count: number }>("runs");
    expect(count).toBe(3);
    expect(items.map(({ job }) => job)).toEqual([PULL, PUSH, PULL]);
    for (const run of items)
      expect(run).toMatchObject({ started_at: expect.stringMatching(UTC_TIME), exit: { code: expect.any(Number) }, counts: {} });
    expect(await shell.json("runs", "--job", PULL, "--limit", "1", "--offset", "1")).toEqual({ items: [items[2]], count: 1 });
    const page = await text("--limit", "2");
    expect(page).toMatch(/3 partial +\d+\.\d s +\d+ done, \d+ to a person/);
    expect(page).toContain("2 runs; older ones: ipass runs --limit 2 --offset 2");
    expect(await text("--job", PUSH)).not.toMatch(/job/);
  });

  it("shows why a run failed or was killed, in full, and where to read on", async () => {
    await ran({ ended_at: "2026-01-05 02:00:03.500", exit_code: 14, exit_name: "vendor", error: LONG, dsco_calls: 90, dsco_throttled: 4 });
    await ran({ ended_at: "2026-01-06 02:00:00.000", exit_name: "died" });
    await ran({ started_at: "2026-01-06 03:00:00.000" });
    await ran({ ended_at: "2026-01-05 02:00:01.000", exit_code: 0, exit_name: "ok", dry_run: 1, actor: "ann@web1" });
    const shown = await text();
    const flat = shown.replace(/\s+/g, "");
    expect(flat).toContain(LONG.replace(/\s+/g, ""));
    for (const said of [
      "14 vendor",
      "3.5 s",
      "died",
      "at work",
      "trace_id nightly-0001",
      "host web1, pid 77",
      "dsco throttled 4 of 90 calls",
      "dry run by ann@web1",
    ])
      expect(shown).toContain(said);
    expect(shown.match(/^2026-01-0\d$/gm)).toEqual(["2026-01-05", "2026-01-06", "2026-01-05"]);
  });

  it.each([
    { args: ["--job", "push"], says: /Did you mean push_orders_to_lingxing/ },
    { args: ["--limit", "201"], says: /--limit/ },
    { args: ["--offset", "-1"], says: /--offset/ },
    { args: ["ship_to_dsco"], says: /too many arguments/ },
  ])("$args is a usage error", async ({ args, says }) => {
    expect((await shell.failure(2, "runs", ...args)).message).toMatch(says);
  });
});
