import { describe, expect, it } from "vitest";
import { RefusedByGuardError, UsageError } from "../../src/errors.ts";
import { actOnStage } from "../../src/store/operator-actions.ts";
import { TaskStore } from "../../src/store/task-store.ts";
import { STAGES } from "../../src/sync/stage.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const NOW = new Date("2026-01-05T08:00:00Z");
const THEN = new Date("2026-01-01T00:00:00Z");
const request = { runId: undefined, traceId: "t", actor: "ann", reason: "mapping added" };

type Row = Record<string, unknown>;
const add = (id: string, columns: Row = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });
const rows = () => database.query<Row>("SELECT * FROM sync_order_state ORDER BY dsco_order_id");
const events = () => database.query("SELECT dsco_order_id, stage, event, detail, actor, trace_id FROM order_event ORDER BY id");
const act = (action: "requeue" | "done", ids: readonly string[], stage: (typeof STAGES)[number] = "push") =>
  actOnStage(db, action, ids, stage, request, NOW);

const raise = (dscoOrderId: string, stage: (typeof STAGES)[number], type: "bad_payload" | "missing_mapping" = "bad_payload") =>
  new TaskStore(db).raise([{ type, dscoOrderId, stage, cause: "c", payload: {}, nextStep: "n" }]);
const taskRows = () => database.query("SELECT dsco_order_id, stage, status, resolved_by, reason FROM manual_task ORDER BY id");

describe("requeue", () => {
  it.each(STAGES)("%s: 2 and 3 go back to 0 with the budget reset; when it left stays known", async (stage) => {
    const spent = {
      [`${stage}_retry_count`]: 5,
      [`${stage}_doubts`]: 3,
      [`${stage}_error`]: "x",
      [`${stage}_hold`]: "max_retry_exceeded",
      [`${stage}_next_attempt_at`]: THEN,
      [`${stage}_sent_at`]: THEN,
    };
    await add("A", { [`${stage}_status`]: 2, ...spent });
    await add("B", { [`${stage}_status`]: 3, ...spent });
    expect(await act("requeue", ["B", "A"], stage)).toEqual([
      { dsco_order_id: "A", stage, from: 2, to: 0 },
      { dsco_order_id: "B", stage, from: 3, to: 0 },
    ]);
    for (const row of await rows())
      expect(row).toMatchObject({
        [`${stage}_status`]: 0,
        [`${stage}_at`]: NOW,
        [`${stage}_retry_count`]: 0,
        [`${stage}_doubts`]: 0,
        [`${stage}_error`]: null,
        [`${stage}_hold`]: null,
        [`${stage}_next_attempt_at`]: null,
        [`${stage}_sent_at`]: THEN,
      });
    expect(await events()).toMatchObject([
      {
        dsco_order_id: "A",
        stage,
        event: `${stage}_requeued`,
        detail: '{"from":2,"to":0,"reason":"mapping added"}',
        actor: "ann",
        trace_id: "t",
      },
      { dsco_order_id: "B" },
    ]);
  });

  it("0 is a no-op: nothing changes, nothing is told", async () => {
    await add("A", { push_next_attempt_at: THEN, push_at: THEN, push_retry_count: 1 });
    const before = await rows();
    expect(await act("requeue", ["A"])).toEqual([]);
    expect(await rows()).toEqual(before);
    expect(await events()).toEqual([]);
  });

  it.each([1, 4, 9])("%i is refused, and then nothing at all changes", async (status) => {
    await add("A", { push_status: 3 });
    await add("B", { push_status: status });
    const before = await rows();
    const refused = await act("requeue", ["A", "B"]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedByGuardError);
    expect(refused).toMatchObject({ exit: "refused", message: expect.stringContaining(`B is at ${status}`) });
    expect(String(refused)).not.toContain("A is");
    expect(await rows()).toEqual(before);
    expect(await events()).toEqual([]);
  });

  it("an unknown id is an error of usage, and then nothing at all changes", async () => {
    await add("A", { push_status: 3 });
    const before = await rows();
    await expect(act("requeue", ["A", "a", "9007199254740993"])).rejects.toThrow("unknown order a, 9007199254740993");
    await expect(act("requeue", ["B"])).rejects.toBeInstanceOf(UsageError);
    expect(await rows()).toEqual(before);
  });

  it("an id given twice is acted on once", async () => {
    await add("A", { push_status: 3 });
    expect(await act("requeue", ["A", "A"])).toHaveLength(1);
    expect(await events()).toHaveLength(1);
  });

  it("dry, says the same and changes nothing", async () => {
    await add("A", { push_status: 3, push_error: "x" });
    await raise("A", "push");
    const before = [await rows(), await taskRows(), await events()];
    const planned = await actOnStage(db, "requeue", ["A"], "push", request, NOW, { dryRun: true });
    expect([await rows(), await taskRows(), await events()]).toEqual(before);
    expect(await act("requeue", ["A"])).toEqual(planned);
  });

  it("settles the tasks about that stage, with who and why, and no others", async () => {
    await add("A", { push_status: 3 });
    await add("B", { push_status: 3 });
    await raise("A", "push");
    await raise("A", "push", "missing_mapping");
    await raise("A", "ship");
    await raise("B", "push");
    await act("requeue", ["A"]);
    const done = { status: 2, resolved_by: "ann", reason: "mapping added" };
    const still = { status: 0, resolved_by: null, reason: null };
    expect(await taskRows()).toMatchObject([done, done, still, still]);
  });
});

describe("done", () => {
  it.each([0, 2, 3])("%i becomes 4: a person did it elsewhere", async (from) => {
    await add("A", { ship_status: from, ship_hold: "multi_shipment", ship_error: "x", ship_next_attempt_at: THEN });
    await raise("A", "ship");
    expect(await act("done", ["A"], "ship")).toEqual([{ dsco_order_id: "A", stage: "ship", from, to: 4 }]);
    expect(await rows()).toMatchObject([
      { ship_status: 4, ship_at: NOW, ship_hold: null, ship_error: null, ship_next_attempt_at: null, push_status: 0 },
    ]);
    expect(await taskRows()).toMatchObject([{ status: 2, resolved_by: "ann" }]);
    expect(await events()).toMatchObject([{ event: "ship_done_elsewhere" }]);
  });

  it.each([1, 9])("%i is refused", async (status) => {
    await add("A", { push_status: status });
    await expect(act("done", ["A"])).rejects.toBeInstanceOf(RefusedByGuardError);
  });

  it("4 is a no-op", async () => {
    await add("A", { push_status: 4, push_hold: "cancelled" });
    expect(await act("done", ["A"])).toEqual([]);
    expect(await rows()).toMatchObject([{ push_hold: "cancelled" }]);
  });

  it("of a cancelled order leaves the cancellation dealt with", async () => {
    await add("A", { dsco_status: "cancelled", cancel_applied: 1, push_status: 1, ship_status: 3, ship_hold: "cancelled_after_push" });
    await act("done", ["A"], "ship");
    expect(await rows()).toMatchObject([{ cancel_applied: 1, ship_status: 4 }]);
  });
});

it("waits for a run that holds the row, and decides on what that run left", async () => {
  await add("A", { push_status: 2 });
  const run = await database.anotherPool().transaction();
  await run.raw("UPDATE sync_order_state SET push_status = 9 WHERE dsco_order_id = 'A'");
  const acting = act("requeue", ["A"]).catch((error: unknown) => error);
  await database.untilBlocked();
  await run.commit();
  expect(await acting).toBeInstanceOf(RefusedByGuardError);
  expect(await rows()).toMatchObject([{ push_status: 9 }]);
});
