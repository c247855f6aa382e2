import { expect, it } from "vitest";
import { EventStore } from "../../src/store/event-store.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const events = new EventStore(database.db);
const AT = new Date("2026-01-05T08:00:00.123Z");
const source = { runId: "9007199254740993", traceId: "0123456789abcdef" };
const all = () => database.query("SELECT * FROM order_event ORDER BY id");

it("adds what happened, in order, with every id as text", async () => {
  await events.add(
    [
      {
        dscoOrderId: "9007199254740993",
        stage: "push",
        event: "push_done",
        requestId: "9007199254740995",
        detail: { global_order_no: "103336708973801473" },
      },
      { dscoOrderId: "2", stage: undefined, event: "cancelled", detail: {} },
    ],
    source,
    AT,
  );
  await events.add(
    [{ dscoOrderId: "2", stage: "ship", event: "ship_requeued", detail: { reason: "中文 \u{1F69A} '\\" } }],
    { runId: undefined, traceId: "t", actor: "ann" },
    AT,
  );
  const rest = { id: expect.anything(), at: AT };
  expect(await all()).toEqual([
    {
      ...rest,
      dsco_order_id: "9007199254740993",
      job_run_id: "9007199254740993",
      trace_id: source.traceId,
      stage: "push",
      event: "push_done",
      request_id: "9007199254740995",
      detail: '{"global_order_no":"103336708973801473"}',
      actor: null,
    },
    {
      ...rest,
      dsco_order_id: "2",
      job_run_id: "9007199254740993",
      trace_id: source.traceId,
      stage: null,
      event: "cancelled",
      request_id: null,
      detail: null,
      actor: null,
    },
    {
      ...rest,
      dsco_order_id: "2",
      job_run_id: null,
      trace_id: "t",
      stage: "ship",
      event: "ship_requeued",
      request_id: null,
      detail: '{"reason":"中文 \u{1F69A} \'\\\\"}',
      actor: "ann",
    },
  ]);
});

it("adds a thousand at once, and none", async () => {
  await events.add(
    Array.from({ length: 1000 }, (_, n) => ({ dscoOrderId: String(n), stage: undefined, event: "order_new" })),
    source,
    AT,
  );
  await events.add([], source, AT);
  expect(await all()).toHaveLength(1000);
});

it("keeps the run alive when the detail is more than the column holds", async () => {
  await events.add([{ dscoOrderId: "1", stage: "push", event: "push_failed", detail: { error: "é".repeat(60_000) } }], source, AT);
  const [row] = await all();
  expect(JSON.parse(String(row?.detail))).toMatchObject({ cut: true });
});
