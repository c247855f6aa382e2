import { describe, expect, it } from "vitest";
import { type NewTask, TaskStore } from "../../src/store/task-store.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const tasks = new TaskStore(database.db);

const aTask = (overrides: Partial<NewTask> = {}): NewTask => ({
  type: "bad_payload",
  dscoOrderId: "1200000001",
  stage: "push",
  cause: "missing city",
  payload: { cause: "missing city" },
  nextStep: "have it corrected",
  ...overrides,
});
const list = async () => (await tasks.list({ limit: 100, offset: 0 })).items;
const only = async () => {
  const items = await list();
  expect(items).toHaveLength(1);
  return items[0];
};
const set = (columns: Record<string, unknown>) => database.query("UPDATE manual_task SET ?", [columns]);

describe("raise", () => {
  it("opens a task, with all the contract shows of it", async () => {
    await tasks.raise([aTask({ payload: { fields: ["city"], order: "9007199254740993" } })]);
    expect(await only()).toEqual({
      id: expect.any(Number),
      task_type: "bad_payload",
      dsco_order_id: "1200000001",
      stage: "push",
      status: 0,
      payload: { fields: ["city"], order: "9007199254740993" },
      occurrences: 1,
      next_step: "have it corrected",
      created_at: expect.any(Date),
      updated_at: expect.any(Date),
      resolved_by: null,
      reason: null,
    });
  });

  it.each([
    { name: "type", other: { type: "missing_mapping" } },
    { name: "order", other: { dscoOrderId: "1200000002" } },
    { name: "stage", other: { stage: "ship" } },
    { name: "cause", other: { cause: "missing name" } },
    { name: "no order", other: { dscoOrderId: undefined, stage: undefined } },
  ] as const)("another $name is another task", async ({ other }) => {
    await tasks.raise([aTask(), aTask(other)]);
    expect(await list()).toHaveLength(2);
  });

  it("a repeat is counted, within one call and over several, and the latest facts stand", async () => {
    await tasks.raise([aTask(), aTask()]);
    await tasks.raise([aTask({ payload: { cause: "missing city", attempts: 3 }, nextStep: "ask again" })]);
    expect(await only()).toMatchObject({ occurrences: 3, payload: { attempts: 3 }, next_step: "ask again", status: 0 });
  });

  it.each([
    { name: "open stays open", before: { status: 0 }, after: { status: 0 } },
    { name: "in work stays in work", before: { status: 1, resolved_by: null }, after: { status: 1 } },
    {
      name: "resolved opens again, by nobody and for no reason",
      before: { status: 2, resolved_by: "ann", reason: "done" },
      after: { status: 0, resolved_by: null, reason: null },
    },
    {
      name: "ignored stays ignored, with who and why",
      before: { status: 3, resolved_by: "ann", reason: "known" },
      after: { status: 3, resolved_by: "ann", reason: "known" },
    },
  ])("when its cause recurs, $name", async ({ before, after }) => {
    await tasks.raise([aTask()]);
    await set(before);
    await tasks.raise([aTask()]);
    expect(await only()).toMatchObject({ ...after, occurrences: 2 });
  });

  it("takes a next step that is too long, any letter, and nothing at all", async () => {
    await tasks.raise([]);
    await tasks.raise([aTask({ nextStep: `${"\u{1F4E6}".repeat(1500)}`, payload: { cause: "中文 \u{1F69A} ' \\ ?" } })]);
    const task = await only();
    expect(Array.from(task?.next_step ?? "")).toHaveLength(1000);
    expect(task?.payload).toEqual({ cause: "中文 \u{1F69A} ' \\ ?" });
  });

  it("keeps the run alive when the facts are more than the column holds", async () => {
    await tasks.raise([aTask({ payload: { cause: "missing city", fields: Array(20_000).fill("lineItems[0].sku") } })]);
    expect((await only())?.payload).toMatchObject({ cut: true });
  });
});

describe("closeSolved", () => {
  const open = async () => (await list()).filter(({ status }) => status < 2).map(({ task_type, stage }) => `${task_type}@${stage}`);

  it.each([
    { name: "all of an order", which: {}, left: [] },
    { name: "those of a stage", which: { stage: "push" }, left: ["changed_after_push@ship"] },
    { name: "those of a type", which: { types: ["changed_after_push"] }, left: ["bad_payload@push"] },
    {
      name: "those of a stage and a type",
      which: { stage: "push", types: ["changed_after_push"] },
      left: ["changed_after_push@ship", "bad_payload@push"],
    },
    { name: "those of no type", which: { types: [] }, left: ["changed_after_push@ship", "bad_payload@push"] },
  ] as const)("closes $name", async ({ which, left }) => {
    await tasks.raise([aTask(), aTask({ type: "changed_after_push", stage: "ship" })]);
    await tasks.closeSolved(["1200000001"], which);
    expect(await open()).toEqual(left);
  });

  it("says who and why, closes what is in work too, and leaves others' and closed ones alone", async () => {
    await tasks.raise([
      aTask(),
      aTask({ cause: "in work" }),
      aTask({ cause: "ignored" }),
      aTask({ cause: "resolved" }),
      aTask({ dscoOrderId: "other" }),
    ]);
    for (const [status, nth] of [
      [1, 1],
      [3, 2],
      [2, 3],
    ] as const)
      await database.query(
        "UPDATE manual_task t JOIN (SELECT MIN(id) + ? AS id FROM manual_task) m ON m.id = t.id SET status = ?, reason = 'by ann'",
        [nth, status],
      );
    expect(await tasks.closeSolved(["1200000001"], {})).toBe(2);
    const found = (await list()).reverse().map(({ status, resolved_by, reason }) => [status, resolved_by, reason]);
    expect(found).toEqual([
      [2, "ipass", "the cause is gone"],
      [2, "ipass", "the cause is gone"],
      [3, null, "by ann"],
      [2, null, "by ann"],
      [0, null, null],
    ]);
  });

  it("of no orders closes nothing", async () => {
    await tasks.raise([aTask()]);
    expect(await tasks.closeSolved([], {})).toBe(0);
    expect(await open()).toHaveLength(1);
  });
});

describe("list and find", () => {
  it("shows the newest first, filtered and paged, with the whole number", async () => {
    for (let n = 0; n < 5; n++) await tasks.raise([aTask({ cause: String(n), ...(n < 2 && { type: "missing_mapping" as const }) })]);
    const all = await list();
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort((a, b) => b - a));
    const page = await tasks.list({ limit: 2, offset: 1 });
    expect(page).toEqual({ items: all.slice(1, 3), total: 5 });
    expect(await tasks.list({ type: "missing_mapping", limit: 1, offset: 0 })).toMatchObject({
      total: 2,
      items: [{ task_type: "missing_mapping" }],
    });
    expect(await tasks.list({ status: 2, limit: 50, offset: 0 })).toEqual({ items: [], total: 0 });
    expect(await tasks.list({ status: 0, type: "bad_payload", limit: 50, offset: 0 })).toMatchObject({ total: 3 });
    expect(await tasks.find(all[0]?.id ?? 0)).toEqual(all[0]);
    expect(await tasks.find(999_999)).toBeUndefined();
  });
});
