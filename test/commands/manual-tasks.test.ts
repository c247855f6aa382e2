import { beforeEach, describe, expect, it } from "vitest";
import { PUSH, type TaskRow } from "../jobs/world.ts";
import { UTC_TIME, useShell } from "./shell.ts";

const shell = await useShell();
const { world } = shell;

const TASK = "id task_type dsco_order_id stage status payload occurrences next_step created_at updated_at resolved_by reason".split(" ");
type Task = Record<string, unknown> & { id: number; dsco_order_id: string | null; payload: { cause: string } };
interface List {
  items: Task[];
  count: number;
  total: number;
}

let tasks: TaskRow[] = [];
beforeEach(async () => {
  await world.open({ orders: 24, broken: 12 });
  await world.pulled();
  await world.pass(PUSH);
  tasks = await world.tasks();
});

describe("ipass manual-tasks", () => {
  it("lists what waits for a person, as the contract names it", async () => {
    const list = await shell.json<List>("manual-tasks");
    expect(list).toMatchObject({ count: tasks.length, total: tasks.length });
    for (const task of list.items) {
      expect(Object.keys(task).sort()).toEqual([...TASK].sort());
      expect(task).toMatchObject({ status: 0, occurrences: 1, resolved_by: null, reason: null, next_step: expect.stringMatching(/\w/) });
      expect(task.created_at).toMatch(UTC_TIME);
      expect(task.payload.cause).not.toBe("");
    }
    const { stdout } = await shell.run("manual-tasks");
    expect(stdout).toContain(`${tasks.length} of ${tasks.length} open`);
    expect(stdout).toContain("bad_payload");
    expect(stdout).toContain("(no id)");
  });

  it("fits 80 columns, as a terminal at 2 a.m. is", async () => {
    const { stdout } = await shell.run("manual-tasks");
    const widest = Math.max(...stdout.split("\n").map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(80);
  });

  it("filters by type and status, in pages", async () => {
    const asked = await shell.json<List>("manual-tasks", "--type", "cancel_requested");
    expect(asked).toMatchObject({ count: 1, total: 1, items: [{ task_type: "cancel_requested" }] });
    const page = await shell.json<List>("manual-tasks", "--limit", "2", "--offset", "1");
    expect(page).toMatchObject({ count: 2, total: tasks.length });
    expect(await shell.json("manual-tasks", "--status", "2")).toEqual({ items: [], count: 0, total: 0 });
    expect((await shell.failure(2, "manual-tasks", "--type", "bad_paylod")).message).toContain("bad_payload");
    expect((await shell.failure(2, "manual-tasks", "--status", "9")).message).toContain("0, 1, 2, 3");
  });

  it("shows one in full", async () => {
    const { id, dsco_order_id } = tasks.find(({ task_type }) => task_type === "cancel_requested") ?? {};
    const task = await shell.json<Task>("manual-tasks", "show", id ?? "");
    expect(Object.keys(task).sort()).toEqual([...TASK].sort());
    expect(task).toMatchObject({ id: Number(id), dsco_order_id, task_type: "cancel_requested" });
    const { stdout } = await shell.run("manual-tasks", "show", id ?? "");
    for (const word of [dsco_order_id ?? "", "what to do:", `ipass order-state requeue ${dsco_order_id}`]) expect(stdout).toContain(word);
    expect((await shell.failure(2, "manual-tasks", "show", "4711")).message).toContain("4711");
    expect((await shell.failure(2, "manual-tasks", "show", "first")).message).toContain("first");
  });

  it.each([
    { action: "resolve", status: 2 },
    { action: "ignore", status: 3 },
  ])("$action closes a task with who and why, and touches no stage", async ({ action, status }) => {
    const [one, two] = tasks.filter(({ dsco_order_id }) => dsco_order_id !== null);
    const before = await world.orders();
    const answer = await shell.json("manual-tasks", action, one?.id ?? "", two?.id ?? "", "--reason", "settled by phone");
    expect(answer).toMatchObject({ status, count: 2 });
    expect(await world.orders()).toEqual(before);
    const closed = await shell.json<List>("manual-tasks", "--status", String(status));
    expect(closed.items.map(({ id }) => String(id)).sort()).toEqual([one?.id, two?.id].sort());
    for (const task of closed.items) expect(task).toMatchObject({ reason: "settled by phone", resolved_by: expect.stringMatching(/.@./) });
  });

  it.each(["resolve", "ignore", "requeue"])("%s --dry-run says what would happen, and changes nothing", async (action) => {
    const task = tasks.find(({ task_type }) => task_type === "cancel_requested");
    const before = [await world.orders(), await world.tasks()];
    const args = ["manual-tasks", action, task?.id ?? "", "--reason", "x", "--dry-run"];
    const { code, stdout } = await shell.run(...args);
    expect(code).toBe(0);
    for (const word of [task?.id, task?.dsco_order_id, "would be", "nothing was changed"]) expect(stdout).toContain(word);
    expect(await shell.json(...args)).toMatchObject({ count: 1, dry_run: true });
    expect([await world.orders(), await world.tasks()]).toEqual(before);
  });

  it("requeue lets the stages be tried again, with who and why", async () => {
    const held = tasks.filter(({ task_type, dsco_order_id }) => task_type === "bad_payload" && dsco_order_id !== null);
    const [one, two] = held;
    const answer = await shell.json<{ items: object[]; count: number }>(
      "manual-tasks",
      "requeue",
      one?.id ?? "",
      two?.id ?? "",
      "--reason",
      "corrected",
    );
    expect(answer.items[0]).toEqual({
      task_id: Number(one?.id),
      task_type: "bad_payload",
      dsco_order_id: one?.dsco_order_id,
      stage: "push",
      from: 3,
      to: 0,
    });
    expect((await world.order(one?.dsco_order_id ?? "")).push_status).toBe(0);
    expect(await shell.json("manual-tasks", "show", two?.id ?? "")).toMatchObject({
      status: 2,
      reason: "corrected",
      resolved_by: expect.stringMatching(/.@./),
    });
    const [event] = await world.db.query<{ event: string; actor: string }>("select * from order_event where actor is not null");
    expect(event).toMatchObject({ event: "push_requeued", actor: expect.stringMatching(/.@./) });
  });

  it("requeue --type is refused where one of them is about no order, and names it", async () => {
    const [without] = tasks.filter(({ dsco_order_id }) => dsco_order_id === null);
    const refused = await shell.failure(4, "manual-tasks", "requeue", "--type", "bad_payload", "--reason", "corrected");
    expect(refused).toMatchObject({ name: "refused", message: expect.stringContaining(`task ${without?.id}: it is about no order`) });
    expect(await world.tasks("status <> 0")).toEqual([]);
  });

  it("requeue --type takes all of them otherwise", async () => {
    await world.db.query("update manual_task set status = 3 where dsco_order_id is null");
    const { stdout } = await shell.run("manual-tasks", "requeue", "--type", "bad_payload", "--reason", "corrected");
    expect(stdout).toMatch(/[1-9]\d* requeued\n$/);
    expect(await world.orders("push_hold = 'bad_payload'")).toEqual([]);
    expect((await shell.run("manual-tasks", "requeue", "--type", "stock_guard", "--reason", "x")).stdout).toBe("no such task is open\n");
  });

  it("requeue takes ids or a type: with both, whoever named some would get all", async () => {
    const task = tasks.find(({ task_type }) => task_type === "cancel_requested")?.id ?? "";
    for (const which of [[task, "--type", "cancel_requested"], []]) {
      const refused = await shell.failure(2, "manual-tasks", "requeue", ...which, "--reason", "x");
      expect(refused.message).toContain("either the ids of tasks or --type");
    }
    expect((await world.tasks()).map(({ status }) => status)).toEqual(tasks.map(() => 0));
  });

  it("resolve and ignore want a reason and known ids; one unknown id and nothing is done", async () => {
    expect((await shell.failure(2, "manual-tasks", "resolve", tasks[0]?.id ?? "")).message).toContain("--reason");
    expect((await shell.failure(2, "manual-tasks", "ignore", tasks[0]?.id ?? "", "4711", "--reason", "x")).message).toContain("4711");
    expect((await world.tasks()).map(({ status }) => status)).toEqual(tasks.map(() => 0));
  });

  it("a resolved cause that recurs opens again; an ignored one stays closed", async () => {
    const bad = tasks.filter(({ task_type, dsco_order_id }) => task_type === "bad_payload" && dsco_order_id !== null);
    const [resolved, ignored] = bad;
    await shell.json("manual-tasks", "resolve", resolved?.id ?? "", "--reason", "x");
    await shell.json("manual-tasks", "ignore", ignored?.id ?? "", "--reason", "x");
    await shell.json(
      "order-state",
      "requeue",
      resolved?.dsco_order_id ?? "",
      ignored?.dsco_order_id ?? "",
      "--stage",
      "push",
      "--reason",
      "again",
    );
    await world.pass(PUSH);
    const now = new Map((await world.tasks()).map((task) => [task.id, task]));
    expect(now.get(resolved?.id ?? "")).toMatchObject({ status: 0, occurrences: 2, resolved_by: null });
    expect(now.get(ignored?.id ?? "")).toMatchObject({ status: 3, occurrences: 2 });
  });
});
