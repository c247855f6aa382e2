import { describe, expect, it } from "vitest";
import { applyCancelRule, named, releaseCancelRequest, releaseHold } from "../../src/store/cancel-rule.ts";
import { actOnStage } from "../../src/store/operator-actions.ts";
import { STAGES } from "../../src/sync/stage.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const NOW = new Date("2026-01-05T08:00:00Z");
const THEN = new Date("2026-01-01T00:00:00Z");
const source = { runId: "7", traceId: "t" };
const ann = { ...source, actor: "ann", reason: "the retailer said so" };

type Row = Record<string, unknown>;
const apply = () => applyCancelRule(db, source, NOW);
const add = (id: string, columns: Row = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });
const set = (id: string, columns: Row) => database.query("UPDATE sync_order_state SET ? WHERE dsco_order_id = ?", [columns, id]);
const row = async (id: string): Promise<Row> =>
  (await database.query("SELECT * FROM sync_order_state WHERE dsco_order_id = ?", [id]))[0] ?? {};
const statuses = async (id: string) => {
  const found = await row(id);
  return STAGES.map((stage) => found[`${stage}_status`]);
};
const tasks = async () =>
  database.query("SELECT task_type, dsco_order_id, stage, status, next_step, resolved_by FROM manual_task ORDER BY id");
const events = async () =>
  (await database.query("SELECT dsco_order_id, event FROM order_event ORDER BY id")).map(
    (event) => `${event.dsco_order_id} ${event.event}`,
  );
const open = { push_status: 0, ack_status: 0, ship_status: 0, invoice_status: 0 };
const pushed = { ...open, push_status: 1 };
const cancelled = { dsco_status: "cancelled" };

describe("a cancelled order", () => {
  it("not pushed: everything open is not needed any more, and what was asked of a person is closed", async () => {
    await add("A", { ...cancelled, push_status: 3, push_hold: "bad_payload", push_error: "missing city", ack_next_attempt_at: THEN });
    await database.query(
      "INSERT INTO manual_task (task_type, dsco_order_id, stage, payload, fingerprint, next_step) VALUES ('bad_payload', 'A', 'push', '{}', 'f', 'x')",
    );
    expect(await apply()).toBe(1);
    expect(await row("A")).toMatchObject({
      push_status: 4,
      push_hold: "cancelled",
      push_error: "cancelled at DSCO",
      push_at: NOW,
      ack_status: 4,
      ack_next_attempt_at: null,
      ship_status: 4,
      invoice_status: 4,
      cancel_applied: 1,
    });
    expect(await tasks()).toMatchObject([{ status: 2, resolved_by: "ipass" }]);
    expect(await events()).toEqual(["A cancelled"]);
  });

  it("pushed: open stages go to a person, done ones stay as they are", async () => {
    await add("A", { ...cancelled, push_status: 1, push_at: THEN, ack_status: 1, ack_at: THEN });
    await apply();
    expect(await row("A")).toMatchObject({
      push_status: 1,
      push_at: THEN,
      ack_status: 1,
      ack_at: THEN,
      ship_status: 3,
      ship_hold: "cancelled_after_push",
      ship_at: NOW,
      invoice_status: 3,
    });
    expect(await tasks()).toEqual([
      {
        task_type: "cancelled_after_push",
        dsco_order_id: "A",
        stage: "ship",
        status: 0,
        next_step: expect.stringContaining('order-state done A --stage ship --reason "…"'),
        resolved_by: null,
      },
    ]);
  });

  it("is dealt with once: a second pass does nothing", async () => {
    await add("A", cancelled);
    await add("B", { ...cancelled, ...pushed });
    expect(await apply()).toBe(2);
    const before = [await row("A"), await row("B")];
    expect(await apply()).toBe(0);
    expect([await row("A"), await row("B")]).toEqual(before);
    expect(await events()).toHaveLength(2);
  });

  it.each(STAGES)("in flight at %s: not touched until it is settled", async (stage) => {
    const before = Object.fromEntries(
      STAGES.map((name) => [`${name}_status`, STAGES.indexOf(name) < STAGES.indexOf(stage) ? 1 : name === stage ? 9 : 0]),
    );
    await add("A", { ...cancelled, ...before });
    expect(await apply()).toBe(0);
    expect(await row("A")).toMatchObject({ ...before, cancel_applied: 0 });
    await set("A", { [`${stage}_status`]: 0 });
    expect(await apply()).toBe(1);
    expect(await row("A")).toMatchObject({ [`${stage}_status`]: stage === "push" ? 4 : 3, cancel_applied: 1 });
  });

  it("requeued by a person: the rule meets it again, instead of it waiting unseen", async () => {
    await add("A", { ...cancelled, ...pushed });
    await apply();
    await actOnStage(db, "requeue", ["A"], "ship", ann, NOW);
    expect(await statuses("A")).toEqual([1, 3, 0, 3]);
    expect(await apply()).toBe(1);
    expect(await statuses("A")).toEqual([1, 3, 3, 3]);
    expect((await tasks()).filter(({ status }) => status === 0)).not.toEqual([]);
  });
});

describe("cancelled and then not", () => {
  it.each([
    { name: "not pushed", before: open, after: [0, 0, 0, 0] },
    { name: "failed", before: { ...open, push_status: 2, push_retry_count: 3 }, after: [0, 0, 0, 0] },
    { name: "pushed", before: pushed, after: [1, 0, 0, 0] },
    { name: "acknowledged", before: { ...pushed, ack_status: 1 }, after: [1, 1, 0, 0] },
    {
      name: "a stage with a person for another reason",
      before: { ...pushed, ack_status: 1, ship_status: 3, ship_hold: "multi_shipment" },
      after: [1, 1, 3, 0],
    },
    { name: "a stage closed by a person before", before: { ...pushed, ack_status: 4 }, after: [1, 4, 0, 0] },
  ])("$name: exactly what the rule set goes back", async ({ before, after }) => {
    await add("A", { ...cancelled, ...before });
    await apply();
    await set("A", { dsco_status: "created" });
    expect(await apply()).toBe(1);
    expect(await statuses("A")).toEqual(after);
    expect(await row("A")).toMatchObject({ cancel_applied: 0 });
    expect((await tasks()).filter(({ task_type, status }) => task_type === "cancelled_after_push" && status === 0)).toEqual([]);
    expect(await apply()).toBe(0);
  });

  it("begins anew with its retry budget, which had been used up", async () => {
    await add("A", { ...cancelled, ...open, push_status: 3, push_hold: "max_retry_exceeded", push_retry_count: 5 });
    await apply();
    await set("A", { dsco_status: "created" });
    await apply();
    expect(await row("A")).toMatchObject({ push_status: 0, push_retry_count: 0 });
  });

  it("what a person closed meanwhile stays closed", async () => {
    await add("A", { ...cancelled, ...pushed });
    await apply();
    await actOnStage(db, "done", ["A"], "ack", ann, NOW);
    await set("A", { dsco_status: "shipment_pending" });
    await apply();
    expect(await statuses("A")).toEqual([1, 4, 0, 0]);
  });

  it("and cancelled again: the task opens again", async () => {
    await add("A", { ...cancelled, ...pushed });
    for (const status of ["cancelled", "created", "cancelled"]) {
      await set("A", { dsco_status: status });
      await apply();
    }
    expect(await statuses("A")).toEqual([1, 3, 3, 3]);
    expect(await tasks()).toMatchObject([{ task_type: "cancelled_after_push", status: 0 }]);
    expect(await events()).toEqual(["A cancelled_after_push", "A uncancelled", "A cancelled_after_push"]);
  });
});

describe("asked to cancel", () => {
  const asked = { cancel_requested: 1 };

  it("holds push and shipment, not ack and invoice", async () => {
    await add("A", asked);
    await add("B", { ...asked, ...pushed });
    await add("C", { ...asked, ...pushed, ack_status: 1, ship_status: 1 });
    expect(await apply()).toBe(2);
    expect(await statuses("A")).toEqual([3, 0, 3, 0]);
    expect(await statuses("B")).toEqual([1, 0, 3, 0]);
    expect(await statuses("C")).toEqual([1, 1, 1, 0]);
    expect((await tasks()).map(({ task_type, dsco_order_id, stage }) => [task_type, dsco_order_id, stage])).toEqual([
      ["cancel_requested", "A", "push"],
      ["cancel_requested", "B", "ship"],
    ]);
    expect(await apply()).toBe(0);
  });

  it("withdrawn: both go on, and the task is closed", async () => {
    await add("A", { ...asked, push_retry_count: 2 });
    await apply();
    await set("A", { cancel_requested: 0 });
    await releaseCancelRequest(db, ["A"], source, NOW);
    expect(await row("A")).toMatchObject({ ...open, push_hold: null, push_error: null, push_retry_count: 0, ship_hold: null });
    expect(await tasks()).toMatchObject([{ status: 2, resolved_by: "ipass" }]);
    expect(await events()).toEqual(["A cancel_requested", "A cancel_request_withdrawn"]);
    expect(await apply()).toBe(0);
  });

  it("withdrawn does not release what is held for another reason", async () => {
    await add("A", { ...asked, push_status: 3, push_hold: "bad_payload" });
    await apply();
    await set("A", { cancel_requested: 0 });
    await releaseCancelRequest(db, ["A"], source, NOW);
    expect(await statuses("A")).toEqual([3, 0, 0, 0]);
    await releaseCancelRequest(db, [], source, NOW);
  });

  it.each(["push", "ship"] as const)(
    "waved through by requeueing %s: both go on, the tasks are closed, and it is not held again",
    async (stage) => {
      await add("A", asked);
      await apply();
      await actOnStage(db, "requeue", ["A"], stage, ann, NOW);
      expect(await row("A")).toMatchObject({ ...open, cancel_requested: 2, push_hold: null, ship_hold: null });
      expect((await tasks()).map(({ status }) => status)).toEqual([2]);
      expect(await apply()).toBe(0);
    },
  );

  it("then cancelled: nothing is needed any more", async () => {
    await add("A", asked);
    await apply();
    await set("A", cancelled);
    await apply();
    expect(await statuses("A")).toEqual([4, 4, 4, 4]);
    expect(await tasks()).toMatchObject([{ status: 2 }]);
  });

  it("in flight: the shipment is held at once, the push when it comes back", async () => {
    await add("A", { ...asked, push_status: 9 });
    await apply();
    expect(await statuses("A")).toEqual([9, 0, 3, 0]);
    await set("A", { push_status: 0 });
    await apply();
    expect(await statuses("A")).toEqual([3, 0, 3, 0]);
  });
});

describe("many orders", () => {
  it("in different situations are each dealt with, over several pages", async () => {
    const rows = Array.from({ length: 1300 }, (_, n) => [
      String(n).padStart(4, "0"),
      n % 13 === 0 ? "created" : "cancelled",
      n % 2,
      n % 5 === 0 ? 9 : 0,
    ]);
    await database.query("INSERT INTO sync_order_state (dsco_order_id, dsco_status, push_status, ack_status) VALUES ?", [rows]);
    const expected = rows.filter(([, status, , ack]) => status === "cancelled" && ack === 0).length;
    expect(await apply()).toBe(expected);
    const [count] = await database.query(
      "SELECT SUM(push_status = 4) AS closed, SUM(ship_status = 3) AS held, SUM(cancel_applied) AS applied, SUM(ack_status = 9) AS flying FROM sync_order_state",
    );
    const closed = rows.filter(([, status, push, ack]) => status === "cancelled" && push === 0 && ack === 0).length;
    expect(Object.values(count ?? {}).map(Number)).toEqual([closed, expected - closed, expected, 260]);
    expect(await apply()).toBe(0);
  });

  it("with nothing to do it costs one query and changes nothing", async () => {
    await add("A");
    const before = await row("A");
    const queries: string[] = [];
    const listen = ({ sql }: { sql: string }) => queries.push(sql);
    db.on("query", listen);
    expect(await apply()).toBe(0);
    db.removeListener("query", listen);
    expect(queries).toHaveLength(1);
    expect(await row("A")).toEqual(before);
  });
});

describe("while somebody else writes", () => {
  /** The rule has read its candidates and waits for a row that changes before it gets it. */
  async function meanwhile(id: string, columns: Row): Promise<number> {
    const other = await database.anotherPool().transaction();
    await other.raw("SELECT * FROM sync_order_state WHERE dsco_order_id = ? FOR UPDATE", [id]);
    const applying = apply();
    try {
      await database.untilBlocked();
      await other("sync_order_state").where({ dsco_order_id: id }).update(columns);
    } finally {
      await other.commit();
    }
    return applying;
  }

  it.each([
    { name: "a stage was claimed meanwhile", before: cancelled, change: { push_status: 9 } },
    {
      name: "the request was withdrawn meanwhile: nobody would release it",
      before: { cancel_requested: 1 },
      change: { cancel_requested: 0 },
    },
    { name: "the request was waved through meanwhile", before: { cancel_requested: 1 }, change: { cancel_requested: 2 } },
    { name: "it is not cancelled any more", before: cancelled, change: { dsco_status: "created" } },
    {
      name: "another run has dealt with it",
      before: { ...cancelled, ...pushed, ack_status: 1, ship_status: 1, invoice_status: 1 },
      change: { cancel_applied: 1 },
    },
  ])("$name: left alone", async ({ before, change }) => {
    await add("A", before);
    expect(await meanwhile("A", change)).toBe(0);
    expect(await row("A")).toMatchObject({ ...open, ...before, ...change });
    expect(await tasks()).toEqual([]);
    expect(await events()).toEqual([]);
  });
});

describe("releaseHold", () => {
  it("lets a stage go on that waits for this cause, and says how many", async () => {
    await add("A", { push_status: 3, push_hold: "bad_payload", push_retry_count: 4, push_next_attempt_at: THEN });
    await add("B", { push_status: 3, push_hold: "missing_mapping" });
    await add("C", { push_status: 0 });
    expect(await releaseHold(db, "push", ["A", "B", "C"], "bad_payload", NOW)).toBe(1);
    expect(await row("A")).toMatchObject({
      push_status: 0,
      push_at: NOW,
      push_hold: null,
      push_retry_count: 0,
      push_next_attempt_at: null,
    });
    expect(await row("B")).toMatchObject({ push_status: 3 });
    expect(await releaseHold(db, "push", [], "bad_payload", NOW)).toBe(0);
  });
});

it("named puts the order's id into every command", () => {
  expect(named("a <dscoOrderId> b <dscoOrderId>", "9007199254740993")).toBe("a 9007199254740993 b 9007199254740993");
  expect(named("<dscoOrderId>", "$&")).toBe("'$&'");
});
