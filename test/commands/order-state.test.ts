import { beforeEach, describe, expect, it } from "vitest";
import { PUSH } from "../jobs/world.ts";
import { UTC_TIME, useShell } from "./shell.ts";

const shell = await useShell();
const { world } = shell;

const PER_STAGE = ["push", "ack", "ship", "invoice"].flatMap((stage) =>
  ["status", "at", "sent_at", "retry_count", "error", "next_attempt_at"].map((column) => `${stage}_${column}`),
);
const ROW = [
  ..."dsco_order_id po_number dsco_status platform_order_no store_id lingxing_global_order_no".split(" "),
  ...PER_STAGE,
  ..."shipped_tracking_no dsco_invoice_id retry_count last_error last_attempt_at created_at updated_at".split(" "),
];

type Row = Record<string, unknown> & { dsco_order_id: string };
interface List {
  items: Row[];
  count: number;
  total: number;
}

let ids: string[] = [];
beforeEach(async () => {
  await world.open({ orders: 6 });
  await world.pulled();
  ids = (await world.orders()).map(({ dsco_order_id }) => dsco_order_id);
});
const setStatus = (id: string, status: number, more = "") =>
  world.db.query(`update sync_order_state set push_status = ? ${more} where dsco_order_id = ?`, [status, id]);

describe("ipass order-state", () => {
  it("shows an order as the contract names it", async () => {
    await world.pass(PUSH, ["--order", ids[0] ?? ""]);
    const row = await shell.json<Row>("order-state", ids[0] ?? "");
    expect(Object.keys(row).sort()).toEqual([...ROW].sort());
    expect(row).toMatchObject({
      dsco_order_id: ids[0],
      push_status: 1,
      ack_status: 0,
      push_error: null,
      push_next_attempt_at: null,
      retry_count: 0,
      last_error: null,
    });
    expect(typeof row.lingxing_global_order_no).toBe("string");
    for (const time of ["push_at", "push_sent_at", "last_attempt_at", "created_at", "updated_at"]) expect(row[time]).toMatch(UTC_TIME);
    const { stdout } = await shell.run("order-state", ids[0] ?? "");
    for (const word of [ids[0] ?? "", "1 done", "0 waiting", "invoice"]) expect(stdout).toContain(word);
  });

  it("tells retries and error of the earliest stage that is not done", async () => {
    await setStatus(ids[0] ?? "", 2, ", push_retry_count = 3, push_error = 'why', ack_retry_count = 1");
    await setStatus(
      ids[1] ?? "",
      1,
      ", push_retry_count = 3, push_error = 'old', ack_status = 2, ack_retry_count = 1, ack_error = 'newer'",
    );
    expect(await shell.json("order-state", ids[0] ?? "")).toMatchObject({ retry_count: 3, last_error: "why" });
    expect(await shell.json("order-state", ids[1] ?? "")).toMatchObject({ retry_count: 1, last_error: "newer" });
  });

  it("lists, filtered and in pages", async () => {
    await setStatus(ids[2] ?? "", 3);
    await setStatus(ids[4] ?? "", 3);
    const all = await shell.json<List>("order-state");
    expect(all).toMatchObject({ count: 6, total: 6 });
    expect(Object.keys(all.items[0] ?? {}).sort()).toEqual([...ROW].sort());
    const held = await shell.json<List>("order-state", "--push-status", "3", "--ship-status", "0");
    expect(held.items.map(({ dsco_order_id }) => dsco_order_id)).toEqual([ids[2], ids[4]]);
    const page = await shell.json<List>("order-state", "--limit", "2", "--offset", "3");
    expect(page).toMatchObject({ count: 2, total: 6, items: [{ dsco_order_id: ids[3] }, { dsco_order_id: ids[4] }] });
    const { stdout } = await shell.run("order-state", "--push-status", "3");
    expect(stdout).toContain("2 of 2");
    expect(stdout).toMatch(new RegExp(`^${ids[2]} +created +3 PERSON +0 waiting +0 waiting +0 waiting$`, "m"));
  });

  it.each([
    ["--push-status", "7"],
    ["--limit", "0"],
    ["--limit", "201"],
    ["--offset", "-1"],
    ["--limit", "many"],
  ])("%s %s is a usage error", async (flag, value) => {
    expect((await shell.failure(2, "order-state", flag, value)).message).toContain(flag);
  });

  it("does not know every id, and says how to get it", async () => {
    expect(await shell.failure(2, "order-state", "4711")).toMatchObject({
      name: "usage",
      next_step: expect.stringContaining("pull_dsco_orders --order 4711"),
    });
  });
});

describe("ipass order-state requeue and done", () => {
  const act = (action: string, list: readonly string[], code?: number) => {
    const args = ["order-state", action, ...list, "--stage", "push", "--reason", "agreed by phone"];
    return code === undefined ? shell.json(...args) : shell.failure(code, ...args);
  };

  it.each([
    { action: "requeue", from: 2, to: 0 },
    { action: "requeue", from: 3, to: 0 },
    { action: "done", from: 0, to: 4 },
    { action: "done", from: 2, to: 4 },
    { action: "done", from: 3, to: 4 },
  ])("$action: $from becomes $to, the budget is fresh, and who did it and why is kept", async ({ action, from, to }) => {
    const [id = ""] = ids;
    await setStatus(id, from, ", push_retry_count = 4, push_error = 'x', push_next_attempt_at = utc_timestamp(3) + interval 1 hour");
    expect(await act(action, [id])).toEqual({ items: [{ dsco_order_id: id, stage: "push", from, to }], count: 1 });
    expect(await world.order(id)).toMatchObject({ push_status: to, push_retry_count: 0, push_error: null, push_next_attempt_at: null });
    const [event] = await world.db.query<{ detail: string; actor: string | null }>("select * from order_event where actor is not null");
    expect(event?.detail).toContain("agreed by phone");
    expect(event?.actor).toMatch(/.@./);
  });

  it.each([
    { action: "requeue", from: 0 },
    { action: "done", from: 4 },
  ])("$action changes nothing at $from", async ({ action, from }) => {
    await setStatus(ids[0] ?? "", from);
    expect(await act(action, [ids[0] ?? ""])).toEqual({ items: [], count: 0 });
    expect((await world.order(ids[0] ?? "")).push_status).toBe(from);
  });

  it.each([
    { action: "requeue", from: 1 },
    { action: "requeue", from: 4 },
    { action: "requeue", from: 9 },
    { action: "done", from: 1 },
    { action: "done", from: 9 },
  ])("$action refuses $from with 4, and then changes none of the others either", async ({ action, from }) => {
    const [refused = "", other = ""] = ids;
    await setStatus(refused, from);
    await setStatus(other, 3);
    const error = await act(action, [other, refused], 4);
    expect(error).toMatchObject({ name: "refused", message: expect.stringContaining(`${refused} is at ${from}`) });
    expect((await world.order(refused)).push_status).toBe(from);
    expect((await world.order(other)).push_status).toBe(3);
  });

  it.each(["requeue", "done"])("%s --dry-run says what would happen, and changes nothing", async (action) => {
    const [id = ""] = ids;
    await setStatus(id, 3);
    const before = await world.orders();
    const args = ["order-state", action, id, "--stage", "push", "--reason", "x", "--dry-run"];
    const { code, stdout } = await shell.run(...args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/3 PERSON[\s\S]*1 would be \w+; nothing was changed\n$/) });
    expect(await shell.json(...args)).toMatchObject({ count: 1, items: [{ dsco_order_id: id, from: 3 }], dry_run: true });
    expect(await world.orders()).toEqual(before);
    expect(await world.db.query("select * from order_event where actor is not null")).toEqual([]);
  });

  it("want a reason, a stage that exists, and known ids", async () => {
    const [id = ""] = ids;
    expect((await shell.failure(2, "order-state", "requeue", id, "--stage", "push")).message).toContain("--reason");
    expect((await shell.failure(2, "order-state", "requeue", id, "--stage", "push", "--reason", " ")).message).toContain("reason");
    expect((await shell.failure(2, "order-state", "done", id, "--stage", "pushed", "--reason", "x")).message).toContain(
      "push, ack, ship, invoice",
    );
    expect((await act("requeue", [id, "4711"], 2)) as object).toMatchObject({ message: expect.stringContaining("4711") });
  });
});
