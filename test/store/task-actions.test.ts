import { describe, expect, it } from "vitest";
import { RefusedByGuardError, UsageError } from "../../src/errors.ts";
import { closeTasks, requeueTasks } from "../../src/store/task-actions.ts";
import { type NewTask, TaskStore } from "../../src/store/task-store.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const NOW = new Date("2026-01-05T08:00:00Z");
const request = { runId: undefined, traceId: "t", actor: "ann", reason: "mapping added" };

const add = (id: string, columns: Record<string, unknown> = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });
const orders = () => database.query<Record<string, unknown>>("SELECT * FROM sync_order_state ORDER BY dsco_order_id");
const tasks = () =>
  database.query<Record<string, unknown>>("SELECT id, dsco_order_id, stage, status, resolved_by, reason FROM manual_task ORDER BY id");
const events = () => database.query<Record<string, unknown>>("SELECT dsco_order_id, event, detail, actor FROM order_event ORDER BY id");
const everything = async () => [await orders(), await tasks(), await events()];

let causes = 0;
/** Opens a task; resolves to its id. */
async function raise(task: Partial<NewTask> = {}): Promise<number> {
  causes += 1;
  const whole = {
    type: "missing_mapping",
    dscoOrderId: "A",
    stage: "push",
    cause: String(causes),
    payload: {},
    nextStep: "n",
    ...task,
  } as const;
  await new TaskStore(db).raise([whole]);
  return Number((await tasks()).at(-1)?.id);
}
const RESOLVED = { status: 2, resolved_by: "ann", reason: "mapping added" };
const OPEN = { status: 0, resolved_by: null, reason: null };

describe("closeTasks", () => {
  it.each([
    { to: "resolved", status: 2 },
    { to: "ignored", status: 3 },
  ] as const)("$to, with who and why; touches no stage", async ({ to, status }) => {
    await add("A", { push_status: 3 });
    const ids = [await raise(), await raise({ dscoOrderId: undefined, stage: undefined })];
    const before = await orders();
    expect(await closeTasks(db, ids, to, request)).toEqual([
      { task_id: ids[0], task_type: "missing_mapping", dsco_order_id: "A", from: 0, to: status },
      { task_id: ids[1], task_type: "missing_mapping", dsco_order_id: null, from: 0, to: status },
    ]);
    expect(await tasks()).toMatchObject(Array(2).fill({ status, resolved_by: "ann", reason: "mapping added" }));
    expect(await orders()).toEqual(before);
  });

  it("an unknown id is an error of usage, and then none is closed", async () => {
    const id = await raise();
    await expect(closeTasks(db, [id, 999_999], "resolved", request)).rejects.toThrow("unknown task 999999");
    expect(await tasks()).toMatchObject([OPEN]);
  });

  it("dry, it says what it would do and changes nothing", async () => {
    const id = await raise();
    const before = await everything();
    expect(await closeTasks(db, [id], "ignored", request, { dryRun: true })).toMatchObject([{ task_id: id, from: 0, to: 3 }]);
    expect(await everything()).toEqual(before);
  });
});

describe("requeueTasks", () => {
  it("requeues the stage each task is about, and settles all tasks about that stage", async () => {
    await add("A", { push_status: 3, push_retry_count: 5 });
    await add("B", { push_status: 1, ack_status: 2 });
    await add("C", { push_status: 3 });
    const ids = [await raise(), await raise({ dscoOrderId: "B", stage: "ack" })];
    await raise({ type: "bad_payload" });
    await raise({ dscoOrderId: "C" });
    expect(await requeueTasks(db, { ids }, request, NOW)).toEqual([
      { task_id: ids[0], task_type: "missing_mapping", dsco_order_id: "A", stage: "push", from: 3, to: 0 },
      { task_id: ids[1], task_type: "missing_mapping", dsco_order_id: "B", stage: "ack", from: 2, to: 0 },
    ]);
    expect(await orders()).toMatchObject([{ push_status: 0, push_retry_count: 0, push_at: NOW }, { ack_status: 0 }, { push_status: 3 }]);
    expect(await tasks()).toMatchObject([RESOLVED, RESOLVED, RESOLVED, OPEN]);
    expect(await events()).toEqual([
      { dsco_order_id: "A", event: "push_requeued", detail: '{"from":3,"to":0,"reason":"mapping added"}', actor: "ann" },
      { dsco_order_id: "B", event: "ack_requeued", detail: '{"from":2,"to":0,"reason":"mapping added"}', actor: "ann" },
    ]);
  });

  it("of a type takes the open ones and those in work, and no others", async () => {
    for (const id of ["A", "B", "C", "D"]) await add(id, { push_status: 3 });
    await raise({ dscoOrderId: "A" });
    await raise({ dscoOrderId: "B" });
    await raise({ dscoOrderId: "C" });
    await raise({ dscoOrderId: "D", type: "bad_payload" });
    await database.query("UPDATE manual_task SET status = 1 WHERE dsco_order_id = 'B'");
    await database.query("UPDATE manual_task SET status = 3 WHERE dsco_order_id = 'C'");
    const done = await requeueTasks(db, { type: "missing_mapping" }, request, NOW);
    expect(done.map(({ dsco_order_id }) => dsco_order_id)).toEqual(["A", "B"]);
    expect((await orders()).map(({ push_status }) => push_status)).toEqual([0, 0, 3, 3]);
    expect(await requeueTasks(db, { type: "missing_mapping" }, request, NOW)).toEqual([]);
  });

  it("settles a task whose stage waits already", async () => {
    await add("A");
    const id = await raise();
    expect(await requeueTasks(db, { ids: [id] }, request, NOW)).toMatchObject([{ task_id: id, from: 0, to: 0 }]);
    expect(await tasks()).toMatchObject([RESOLVED]);
    expect(await events()).toEqual([]);
  });

  it("leaves a task that was closed before as it was closed", async () => {
    await add("A", { push_status: 3 });
    const id = await raise();
    await database.query("UPDATE manual_task SET status = 3, resolved_by = 'bob', reason = 'no'");
    expect(await requeueTasks(db, { ids: [id] }, request, NOW)).toMatchObject([{ from: 3, to: 0 }]);
    expect(await tasks()).toMatchObject([{ status: 3, resolved_by: "bob", reason: "no" }]);
  });

  it("refuses all of them, naming each that cannot be and why", async () => {
    await add("A", { push_status: 3 });
    await add("B", { push_status: 9 });
    await add("C", { push_status: 1 });
    const good = await raise();
    const bad = [
      await raise({ dscoOrderId: undefined, stage: undefined }),
      await raise({ stage: undefined }),
      await raise({ dscoOrderId: "B" }),
      await raise({ dscoOrderId: "C" }),
      await raise({ dscoOrderId: "gone" }),
    ];
    const before = await everything();
    const error = await requeueTasks(db, { type: "missing_mapping" }, request, NOW).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedByGuardError);
    const { message } = error as Error;
    for (const why of [
      `task ${bad[0]}: it is about no order`,
      `task ${bad[1]}: it is about no stage of order A`,
      `task ${bad[2]}: push of B is at 9, in flight`,
      `task ${bad[3]}: push of C is at 1, already done`,
      `task ${bad[4]}: order gone is unknown`,
    ])
      expect(message).toContain(why);
    expect(message).not.toContain(`task ${good}:`);
    expect(await everything()).toEqual(before);
  });

  it("does not know every id", async () => {
    await add("A", { push_status: 3 });
    const id = await raise();
    await expect(requeueTasks(db, { ids: [id, 999_999] }, request, NOW)).rejects.toBeInstanceOf(UsageError);
    expect(await tasks()).toMatchObject([OPEN]);
  });

  it("dry, it says the same and changes nothing", async () => {
    await add("A", { push_status: 3 });
    const id = await raise();
    const before = await everything();
    const planned = await requeueTasks(db, { ids: [id] }, request, NOW, { dryRun: true });
    expect(await everything()).toEqual(before);
    expect(await requeueTasks(db, { ids: [id] }, request, NOW)).toEqual(planned);
  });

  it("takes thousands at once, in statements of bearable size", async () => {
    const count = 3_000;
    const rows = Array.from({ length: count }, (_, index) => [`order-${index}`, 3]);
    await database.query("INSERT INTO sync_order_state (dsco_order_id, push_status) VALUES ?", [rows]);
    await database.query(
      "INSERT INTO manual_task (task_type, dsco_order_id, stage, payload, fingerprint, next_step) SELECT 'missing_mapping', dsco_order_id, 'push', '{}', SHA2(dsco_order_id, 256), 'n' FROM sync_order_state",
    );
    const longest: number[] = [];
    db.on("query", ({ bindings = [] }: { bindings?: readonly unknown[] }) => longest.push(bindings.flat().length));
    expect(await requeueTasks(db, { type: "missing_mapping" }, request, NOW)).toHaveLength(count);
    expect(Math.max(...longest)).toBeLessThanOrEqual(5_000);
    expect(await database.query("SELECT push_status, COUNT(*) AS n FROM sync_order_state GROUP BY push_status")).toEqual([
      { push_status: 0, n: String(count) },
    ]);
    expect(await database.query("SELECT status, COUNT(*) AS n FROM manual_task GROUP BY status")).toEqual([
      { status: 2, n: String(count) },
    ]);
    expect(await database.query("SELECT COUNT(*) AS n FROM order_event")).toEqual([{ n: String(count) }]);
  });
});
