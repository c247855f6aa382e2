import { describe, expect, it } from "vitest";
import { RunQuery } from "../../src/store/run-query.ts";
import { RunStore } from "../../src/store/run-store.ts";
import { type JobSettings, type Status, toStatus } from "../../src/store/status.ts";
import { StatusQuery } from "../../src/store/status-query.ts";
import { TaskStore } from "../../src/store/task-store.ts";
import { WatermarkStore } from "../../src/store/watermark-store.ts";
import { JOB_NAMES, type JobName } from "../../src/sync/job-name.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const settings = Object.fromEntries(JOB_NAMES.map((job) => [job, { enabled: true, intervalSec: 60 }])) as JobSettings;
const minutes = (count: number) => new Date(Date.now() + count * 60_000);

let added = 0;
async function add(columns: Record<string, unknown>): Promise<string> {
  added += 1;
  const id = String(1000 + added);
  await addOrderRow(database, { dsco_order_id: id, ...columns });
  return id;
}
const read = async (): Promise<Status> => toStatus(await new StatusQuery(db).read(), settings);

async function ran(job: JobName, exit: { code: number; name: string }, endedAt: Date, more: { dryRun?: boolean } = {}): Promise<void> {
  const runs = new RunStore(db);
  const id = await runs.open({
    job,
    traceId: "t",
    host: "h",
    pid: 1,
    dryRun: more.dryRun ?? false,
    startedAt: new Date(endedAt.getTime() - 1500),
  });
  await runs.close(id, {
    exit: exit as never,
    counts: { read: 3, done: 2, waiting: 1, failed: 0, manual: 0, skipped: 0 },
    endedAt,
    error: undefined,
    watermark: undefined,
    sliceSec: undefined,
    calls: { dsco: { calls: 4, throttled: 1 }, lingxing: { calls: 2, throttled: 0 } },
  });
}

describe("the backlog", () => {
  it("counts each open order at the stage it stands at", async () => {
    await add({ push_status: 0 });
    await add({ push_status: 2, push_next_attempt_at: minutes(5) });
    await add({ push_status: 1, ack_status: 9 });
    await add({ push_status: 4, ack_status: 4, ship_status: 3 });
    await add({ push_status: 1, ack_status: 1, ship_status: 1, invoice_status: 1 });
    const { orders, stages } = await read();
    expect(orders).toEqual({ total: 5, open: 4 });
    expect(stages.push).toMatchObject({
      job: "push_orders_to_lingxing",
      orders: 2,
      waiting: 1,
      failed: 1,
      manual: 0,
      in_flight: 0,
      due: 1,
    });
    expect(stages.ack).toMatchObject({ orders: 1, in_flight: 1, due: 0, oldest_due_at: null });
    expect(stages.ship).toMatchObject({ orders: 1, manual: 1, due: 0 });
    expect(stages.invoice).toMatchObject({ orders: 0 });
  });

  it.each([
    { name: "from when it was created, for a push", columns: { push_status: 0, created_at: minutes(-30) }, stage: "push", min: 30 },
    {
      name: "from the end of the stage before",
      columns: { push_status: 1, push_at: minutes(-20), created_at: minutes(-90) },
      stage: "ack",
      min: 20,
    },
    {
      name: "from its due time, where it has one",
      columns: { push_status: 1, push_at: minutes(-50), ack_status: 2, ack_next_attempt_at: minutes(-10) },
      stage: "ack",
      min: 10,
    },
  ] as const)("tells how long the oldest has been due: $name", async ({ columns, stage, min }) => {
    await add(columns);
    await add({ push_status: 0, push_next_attempt_at: minutes(7) });
    const { due, oldest_due_sec } = (await read()).stages[stage];
    expect(due).toBe(1);
    expect(Math.round((oldest_due_sec ?? 0) / 60)).toBe(min);
  });
});

describe("deadlines", () => {
  it("are those of open orders within a day or over, the most pressing first", async () => {
    const over = await add({ push_status: 1, ack_status: 3, acknowledge_by_date: minutes(-90) });
    const soon = await add({ push_status: 1, ack_status: 1, ship_status: 0, ship_by_date: minutes(60) });
    await add({ push_status: 1, ack_status: 0, acknowledge_by_date: minutes(60 * 25) });
    await add({ push_status: 1, ack_status: 1, ship_status: 1, acknowledge_by_date: minutes(-5), ship_by_date: minutes(-5) });
    await add({ dsco_status: "cancelled", ack_status: 3, acknowledge_by_date: minutes(-5) });
    const { deadlines } = await read();
    expect(deadlines).toMatchObject({
      over: 1,
      near: 1,
      orders: [
        { dsco_order_id: over, stage: "ack", status: 3 },
        { dsco_order_id: soon, stage: "ship", status: 0 },
      ],
    });
    expect(Math.round((deadlines.orders[1]?.left_sec ?? 0) / 60)).toBe(60);
  });
});

describe("jobs", () => {
  it("show the last run and, apart from it, the last success", async () => {
    const success = minutes(-5);
    await ran("ack_to_dsco", { code: 3, name: "partial" }, success);
    await ran("ack_to_dsco", { code: 14, name: "vendor" }, minutes(-2));
    await ran("ack_to_dsco", { code: 0, name: "ok" }, minutes(-1), { dryRun: true });
    const { ack_to_dsco, ship_to_dsco } = (await read()).jobs;
    expect(ack_to_dsco).toMatchObject({
      overdue: true,
      last_success_at: success,
      last_run: {
        job: "ack_to_dsco",
        exit: { code: 14, name: "vendor" },
        duration_ms: 1500,
        counts: { read: 3, done: 2, waiting: 1 },
        vendor_calls: { dsco: { calls: 4, throttled: 1 }, lingxing: { calls: 2, throttled: 0 } },
      },
    });
    expect(ship_to_dsco).toMatchObject({ last_run: null, last_success_at: null, next_due_at: null, overdue: true });
  });

  it("show how far behind the watermark is; a broken one as it stands", async () => {
    const since = minutes(-10);
    await new WatermarkStore(db).set("pull_dsco_orders", JSON.stringify({ mode: "updatedSince", since }));
    await new WatermarkStore(db).set("ack_to_dsco", "{broken");
    const { jobs } = await read();
    expect(jobs.pull_dsco_orders.watermark).toEqual({ mode: "updatedSince", since: since.toISOString() });
    expect(Math.round((jobs.pull_dsco_orders.watermark_lag_sec ?? 0) / 60)).toBe(10);
    expect(jobs.ack_to_dsco).toMatchObject({ watermark: "{broken", watermark_lag_sec: null });
    expect(jobs.ship_to_dsco).toMatchObject({ watermark: null, watermark_lag_sec: null });
  });
});

it("counts open tasks by type", async () => {
  const task = { dscoOrderId: undefined, stage: undefined, payload: {}, nextStep: "look" };
  await new TaskStore(db).raise([
    { ...task, type: "bad_payload", cause: "a" },
    { ...task, type: "bad_payload", cause: "b" },
    { ...task, type: "stock_guard", cause: "c" },
    { ...task, type: "sync_failed", cause: "d" },
  ]);
  await database.query("UPDATE manual_task SET status = 2 WHERE task_type = 'sync_failed'");
  expect((await read()).tasks).toEqual({ open: 3, by_type: { bad_payload: 2, stock_guard: 1 } });
});

describe("the run history", () => {
  it("lists passes, the newest first, of one job or of all, and no watermark set by hand", async () => {
    await ran("ack_to_dsco", { code: 0, name: "ok" }, minutes(-5));
    await ran("ship_to_dsco", { code: 0, name: "ok" }, minutes(-4));
    await ran("ack_to_dsco", { code: 15, name: "deadline" }, minutes(-3));
    await new RunStore(db).recordWatermarkSet(
      { job: "ack_to_dsco", traceId: "t", host: "h", pid: 1, dryRun: false, startedAt: new Date() },
      undefined,
      "{}",
    );
    const names = async (filter: { job?: JobName; limit: number; offset: number }) =>
      (await new RunQuery(db).list(filter)).map(({ job, exit }) => `${job} ${exit?.code}`);
    expect(await names({ limit: 10, offset: 0 })).toEqual(["ack_to_dsco 15", "ship_to_dsco 0", "ack_to_dsco 0"]);
    expect(await names({ job: "ack_to_dsco", limit: 1, offset: 1 })).toEqual(["ack_to_dsco 0"]);
  });
});
