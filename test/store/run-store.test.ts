import { describe, expect, it } from "vitest";
import type { Exit } from "../../src/exit-codes.ts";
import { type RunEnd, type RunIdentity, RunStore } from "../../src/store/run-store.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const runs = new RunStore(database.db);

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 8, minute, 0, 123));
const PULL = "pull_dsco_orders";
const PUSH = "push_orders_to_lingxing";
const OK: Exit = { code: 0, name: "ok" };
const none = { read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 };

const aRun = (overrides: Partial<RunIdentity> = {}): RunIdentity => ({
  job: PUSH,
  traceId: "t1",
  host: "host-a",
  pid: 4242,
  dryRun: false,
  startedAt: at(0),
  ...overrides,
});
const anEnd = (overrides: Partial<RunEnd> = {}): RunEnd => ({
  exit: OK,
  counts: none,
  endedAt: at(1),
  error: undefined,
  watermark: undefined,
  sliceSec: undefined,
  calls: { dsco: { calls: 3, throttled: 1 }, lingxing: { calls: 2, throttled: 0 } },
  ...overrides,
});

async function past(run: Partial<RunIdentity>, end: Partial<RunEnd>): Promise<string> {
  const id = await runs.open(aRun(run));
  await runs.close(id, anEnd(end));
  return id;
}

describe("a run's record", () => {
  it("holds who, what and how it ended", async () => {
    const id = await runs.open(aRun({ actor: "ann", reason: "by phone" }));
    const counts = { read: 15, done: 1, waiting: 2, failed: 3, manual: 4, skipped: 5 };
    await runs.close(
      id,
      anEnd({
        exit: { code: 3, name: "partial" },
        counts,
        error: "\u{1F4E6}".repeat(2000),
        watermark: { before: undefined, after: "{}" },
        sliceSec: 3600,
      }),
    );
    const [row] = await database.query("SELECT * FROM job_run");
    expect(row).toMatchObject({
      id: expect.anything(),
      kind: "pass",
      job_name: PUSH,
      trace_id: "t1",
      host: "host-a",
      pid: 4242,
      actor: "ann",
      reason: "by phone",
      dry_run: 0,
      started_at: at(0),
      ended_at: at(1),
      exit_code: 3,
      exit_name: "partial",
      items_read: 15,
      items_done: 1,
      items_waiting: 2,
      items_failed: 3,
      items_manual: 4,
      items_skipped: 5,
      watermark_before: null,
      watermark_after: "{}",
      slice_sec: 3600,
    });
    expect(Array.from(String(row?.error))).toHaveLength(1000);
    expect(String(row?.id)).toBe(id);
  });

  it("has an id of its own, as text, beyond 2^53 too", async () => {
    await database.query("ALTER TABLE job_run AUTO_INCREMENT = 9007199254740993");
    const [first, second] = [await runs.open(aRun()), await runs.open(aRun())];
    expect([first, second]).toEqual(["9007199254740993", "9007199254740994"]);
    await runs.close(first, anEnd({ error: "the first" }));
    const open = await database.query("SELECT id FROM job_run WHERE ended_at IS NULL");
    expect(open.map(({ id }) => String(id))).toEqual([second]);
  });
});

describe("holder and closeDead", () => {
  it("name the run that is open, of that job only", async () => {
    await past({}, {});
    await runs.open(aRun({ job: PULL, traceId: "other job" }));
    expect(await runs.holder(PUSH)).toBeUndefined();
    await runs.open(aRun({ traceId: "t2", startedAt: at(5) }));
    expect(await runs.holder(PUSH)).toEqual({ traceId: "t2", host: "host-a", pid: 4242, startedAt: at(5) });
  });

  it("closeDead closes what a killed process left open, and nothing else", async () => {
    const done = await past({}, {});
    for (const traceId of ["dead 1", "dead 2"]) await runs.open(aRun({ traceId }));
    await runs.open(aRun({ job: PULL, traceId: "at work" }));
    const closed = await runs.closeDead(PUSH, at(9));
    expect(closed.map(({ traceId }) => traceId).sort()).toEqual(["dead 1", "dead 2"]);
    expect(await runs.closeDead(PUSH, at(10))).toEqual([]);
    expect(await runs.holder(PUSH)).toBeUndefined();
    expect(await runs.holder(PULL)).toMatchObject({ traceId: "at work" });
    const rows = await database.query("SELECT exit_name, exit_code, ended_at FROM job_run WHERE job_name = ? AND id <> ?", [PUSH, done]);
    expect(rows).toEqual(Array(2).fill({ exit_name: "died", exit_code: null, ended_at: at(9) }));
  });
});

describe("lastFruitful", () => {
  const fruit = { counts: { ...none, read: 1, done: 1 } };

  it("is the end of the latest pass that got something done", async () => {
    expect(await runs.lastFruitful(PUSH)).toBeUndefined();
    await past({}, { ...fruit, endedAt: at(1) });
    await past({}, { ...fruit, endedAt: at(2) });
    await past({}, { endedAt: at(3) });
    await past({ dryRun: true }, { ...fruit, endedAt: at(4) });
    await past({ job: PULL }, { ...fruit, endedAt: at(5) });
    await runs.open(aRun());
    expect(await runs.lastFruitful(PUSH)).toEqual(at(2));
  });
});

describe("lastSliceSec", () => {
  it("is what the last pass left, none when it needed none", async () => {
    expect(await runs.lastSliceSec(PULL)).toBeUndefined();
    await past({ job: PULL }, { sliceSec: 43_200 });
    expect(await runs.lastSliceSec(PULL)).toBe(43_200);
    await past({ job: PULL, dryRun: true }, { sliceSec: 60 });
    await runs.open(aRun({ job: PULL }));
    await runs.closeDead(PULL, at(2));
    await runs.recordWatermarkSet(aRun({ job: PULL }), undefined, "{}");
    expect(await runs.lastSliceSec(PULL)).toBe(43_200);
    await past({ job: PULL }, {});
    expect(await runs.lastSliceSec(PULL)).toBeUndefined();
  });
});

describe("watermarkHistory", () => {
  it("shows what moved each watermark, the newest first", async () => {
    await past({ job: PULL, traceId: "t1" }, { watermark: { before: "{1}", after: "{2}" }, endedAt: at(1) });
    await past({ job: PULL, traceId: "nothing moved" }, {});
    await runs.recordWatermarkSet(aRun({ job: "ack_to_dsco", traceId: "t3", actor: "ann", startedAt: at(3) }), undefined, "{3}");
    expect(await runs.watermarkHistory(10)).toEqual([
      { job: "ack_to_dsco", at: at(3), kind: "watermark_set", actor: "ann", host: "host-a", trace_id: "t3", before: null, after: "{3}" },
      { job: PULL, at: at(1), kind: "pass", actor: null, host: "host-a", trace_id: "t1", before: "{1}", after: "{2}" },
    ]);
    expect(await runs.watermarkHistory(1)).toHaveLength(1);
  });
});
