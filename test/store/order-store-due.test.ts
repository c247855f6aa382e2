import { beforeEach, describe, expect, it } from "vitest";
import { select } from "../../src/store/db.ts";
import { OrderStore, previousStage } from "../../src/store/order-store.ts";
import { STAGES, type Stage } from "../../src/sync/stage.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const orders = new OrderStore(db);

const NOW = new Date("2026-01-05T08:00:00Z");
const BEFORE = new Date("2026-01-05T07:59:59.999Z");
const AFTER = new Date("2026-01-05T08:00:00.001Z");
const all = { after: "", limit: 100 };

const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
const add = (id: string, columns: Record<string, unknown> = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });

describe("due", () => {
  it.each([
    { name: "waiting, never tried", columns: {}, due: true },
    { name: "waiting, its time come", columns: { push_next_attempt_at: BEFORE }, due: true },
    { name: "waiting, its time come this very millisecond", columns: { push_next_attempt_at: NOW }, due: true },
    { name: "waiting, its time to come", columns: { push_next_attempt_at: AFTER }, due: false },
    { name: "failed, its time come", columns: { push_status: 2, push_next_attempt_at: BEFORE }, due: true },
    { name: "failed, due now", columns: { push_status: 2 }, due: true },
    { name: "failed, its time to come", columns: { push_status: 2, push_next_attempt_at: AFTER }, due: false },
    { name: "done", columns: { push_status: 1 }, due: false },
    { name: "with a person", columns: { push_status: 3 }, due: false },
    { name: "not needed", columns: { push_status: 4 }, due: false },
    { name: "in flight", columns: { push_status: 9 }, due: false },
    { name: "in flight, its grace over", columns: { push_status: 9, push_next_attempt_at: BEFORE }, due: false },
    { name: "cancelled", columns: { dsco_status: "cancelled" }, due: false },
    { name: "shipped elsewhere", columns: { dsco_status: "shipped" }, due: true },
    { name: "without a status", columns: { dsco_status: "" }, due: true },
  ])("$name: $due", async ({ columns, due }) => {
    await add("A", columns);
    expect(ids(await orders.due("push", NOW, all))).toEqual(due ? ["A"] : []);
  });

  it.each([
    ["ack", "push"],
    ["ship", "ack"],
    ["invoice", "ship"],
  ] as const)("%s waits until %s is done or not needed, whatever its own state", async (stage, previous) => {
    for (const own of [0, 2])
      for (const [name, time] of [
        ["now", null],
        ["past", BEFORE],
        ["later", AFTER],
      ] as const)
        for (const status of [0, 1, 2, 3, 4, 9])
          await add(`${own}-${name}-${status}`, {
            [`${stage}_status`]: own,
            [`${stage}_next_attempt_at`]: time,
            [`${previous}_status`]: status,
          });
    expect(ids(await orders.due(stage, NOW, all))).toEqual([
      "0-now-1",
      "0-now-4",
      "0-past-1",
      "0-past-4",
      "2-now-1",
      "2-now-4",
      "2-past-1",
      "2-past-4",
    ]);
  });

  it("only looks at the stage just before: what came earlier is behind it", async () => {
    await add("A", { push_status: 3, ack_status: 4, ship_status: 0 });
    expect(ids(await orders.due("ship", NOW, all))).toEqual(["A"]);
  });

  it("pages in order of id over all lanes, none twice, none left out", async () => {
    const times = [null, BEFORE, AFTER];
    for (let n = 0; n < 60; n++) {
      await add(String(n).padStart(2, "0"), {
        ack_status: [0, 2][n % 2],
        push_status: [1, 4][Math.floor(n / 2) % 2],
        ack_next_attempt_at: times[n % 3],
      });
    }
    const whole = ids(await orders.due("ack", NOW, all));
    expect(whole).toHaveLength(40);
    const walked: string[] = [];
    for (let after = ""; ; ) {
      const page = ids(await orders.due("ack", NOW, { after, limit: 7 }));
      walked.push(...page);
      if (page.length < 7) break;
      after = page.at(-1) ?? "";
    }
    expect(walked).toEqual(whole);
    expect(walked).toEqual([...walked].sort());
  });

  it("orders ids byte by byte, so that no page skips one that differs by case", async () => {
    for (const id of ["a", "B", "b", "A", "ä", "9", "10"]) await add(id);
    const sorted = ["10", "9", "A", "B", "a", "b", "ä"];
    expect(ids(await orders.due("push", NOW, all))).toEqual(sorted);
    expect(ids(await orders.due("push", NOW, { after: "B", limit: 100 }))).toEqual(sorted.slice(4));
  });

  it("reads what the job needs, long numbers to the last digit and the raw text to the letter", async () => {
    const raw = '{"dscoOrderId":"9007199254740993","note":"\u{1F69A} \\u00e9 \\"?\\" :x ??"}';
    await add("9007199254740993", {
      po_number: "PO 1",
      cancel_requested: 2,
      platform_order_no: "90071992547409931234",
      store_id: "110000000000000001",
      lingxing_global_order_no: "103336708973801473",
      push_status: 2,
      push_retry_count: 3,
      push_doubts: 2,
      push_sent_at: BEFORE,
      push_next_attempt_at: NOW,
      push_error: "no such SKU",
      push_request_id: "9007199254740995",
      push_run_id: "9007199254740997",
    });
    await database.query("INSERT INTO dsco_order_raw VALUES ('9007199254740993', ?, 'h', NULL, ?)", [raw, BEFORE]);
    expect(await orders.due("push", NOW, all)).toEqual([
      expect.objectContaining({
        id: "9007199254740993",
        poNumber: "PO 1",
        dscoStatus: "created",
        cancelRequested: false, // 2: a person let it go on
        platformOrderNo: "90071992547409931234",
        storeId: "110000000000000001",
        globalOrderNo: "103336708973801473",
        fetchedAt: BEFORE,
        raw,
        runId: "9007199254740997",
        stage: {
          status: 2,
          retryCount: 3,
          doubts: 2,
          sentAt: BEFORE,
          nextAttemptAt: NOW,
          error: "no such SKU",
          requestId: "9007199254740995",
        },
      }),
    ]);
  });

  it("reads an order whose raw text is gone, and one the retailer asks to cancel", async () => {
    await add("A", { cancel_requested: 1 });
    expect(await orders.due("push", NOW, all)).toMatchObject([{ id: "A", raw: "", fetchedAt: undefined, cancelRequested: true }]);
  });
});

describe("inFlight and byIds", () => {
  beforeEach(async () => {
    for (const [id, status] of [
      ["A", 9],
      ["B", 9],
      ["C", 0],
      ["D", 9],
      ["E", 1],
    ] as const)
      await add(id, { push_status: status });
  });

  it("inFlight pages through what is at 9", async () => {
    expect(ids(await orders.inFlight("push", { after: "", limit: 2 }))).toEqual(["A", "B"]);
    expect(ids(await orders.inFlight("push", { after: "B", limit: 2 }))).toEqual(["D"]);
    expect(await orders.inFlight("ack", all)).toEqual([]);
  });

  it("byIds reads the named ones in any state, and leaves unknown ones out", async () => {
    expect(ids(await orders.byIds("push", ["E", "C", "nobody", "A"]))).toEqual(["A", "C", "E"]);
    expect(await orders.byIds("push", [])).toEqual([]);
  });
});

describe("among 20,000 orders", () => {
  async function big(insert: string) {
    await database.query(insert);
    await database.query("ANALYZE TABLE sync_order_state");
  }

  /** What a table looks like after a year: most are through, some were closed, some wait for later, a few are due. */
  function mixed(): string {
    const columns = STAGES.map((stage, k) => {
      const status = `CASE WHEN n % 97 = ${k} THEN 0 WHEN n % 97 = ${k + 10} THEN 2 WHEN n % 11 = ${k} THEN 4 ELSE 1 END`;
      const time = `CASE WHEN n % 97 NOT IN (${k}, ${k + 10}) OR n % 3 = 0 THEN NULL WHEN n % 3 = 1 THEN '2026-01-01' ELSE '2036-01-01' END`;
      return { stage, status, time };
    });
    return `INSERT INTO sync_order_state (dsco_order_id, dsco_status, ${columns.map(({ stage }) => `${stage}_status, ${stage}_next_attempt_at`).join(", ")})
      SELECT CONCAT('1', LPAD(n, 7, '0')), 'shipment_pending', ${columns.map(({ status, time }) => `${status}, ${time}`).join(", ")} FROM (${NUMBERS}) numbers`;
  }

  it("every lane is a range of the stage's own index, and the raw texts are read by key", async () => {
    await big(mixed());
    for (const stage of STAGES) {
      const { sql, bindings } = await statementOf(stage);
      const plan = await database.query<{ table: string; key: string | null; possible_keys: string | null; rows: string }>(
        `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
        bindings,
      );
      const lanes = plan.filter(({ table }) => table === "sync_order_state");
      expect(lanes).toHaveLength(previousStage(stage) === undefined ? 4 : 8);
      for (const lane of lanes) expect([lane.key?.split(",")[0], Number(lane.rows) < 500]).toEqual([`${stage}_due`, true]);
      expect(plan.find((step) => step.table === "s")).toMatchObject({ key: "PRIMARY" });
      expect(plan.find((step) => step.table === "r")).toMatchObject({ possible_keys: "PRIMARY" }); // empty here: MySQL just reads it
    }
  });

  it.each([
    { name: "a page, wherever it is, when all of them are due at once", time: "NULL", atMost: 8_000 },
    // The index is in order of time there: at worst what is due is looked through once.
    {
      name: "no more than what is due, when the time of all has come",
      time: "'2026-01-01' - INTERVAL (n * 7919 % 20000) SECOND",
      atMost: 60_000,
    },
  ])("a page costs $name", async ({ time, atMost }) => {
    await big(
      `INSERT INTO sync_order_state (dsco_order_id, dsco_status, push_status, ack_next_attempt_at)
       SELECT CONCAT('1', LPAD(n, 7, '0')), 'shipment_pending', 1, ${time} FROM (${NUMBERS}) numbers`,
    );
    for (const after of ["", "10010000", "10019000"]) {
      const { page, read } = await countReads((trx) => new OrderStore(trx).due("ack", NOW, { after, limit: 500 }));
      expect(page).toHaveLength(500);
      expect(read).toBeLessThan(atMost);
    }
  });
});

/** How many rows and index entries the server touched for it. */
async function countReads<T>(work: (trx: typeof db) => Promise<T>): Promise<{ page: T; read: number }> {
  const trx = await db.transaction();
  try {
    await trx.raw("FLUSH STATUS");
    const page = await work(trx);
    const counters = await select<{ Value: string }>(trx, "SHOW SESSION STATUS LIKE 'Handler_read%'");
    return { page, read: counters.reduce((sum, { Value }) => sum + Number(Value), 0) };
  } finally {
    await trx.rollback();
  }
}

const NUMBERS = `SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM ${["a", "b", "c", "e", "f"]
  .map((name) => `(${Array.from({ length: name === "f" ? 2 : 10 }, (_, d) => `SELECT ${d} AS d`).join(" UNION ALL ")}) ${name}`)
  .join(", ")}`;

/** The statement the store sends, caught on its way. */
async function statementOf(stage: Stage): Promise<{ sql: string; bindings: readonly unknown[] }> {
  const sent: { sql: string; bindings: readonly unknown[] }[] = [];
  const spy = {
    raw: async (sql: string, bindings: readonly unknown[]) => {
      sent.push({ sql, bindings });
      return [[]];
    },
  };
  await new OrderStore(spy as unknown as typeof db).due(stage, NOW, { after: "10000500", limit: 500 });
  if (sent[0] === undefined) throw new Error("no statement");
  return sent[0];
}

it("the rows of a raw select come as they are", async () => {
  expect(await select(db, "SELECT ? AS a, ? AS b", ["9007199254740993", null])).toEqual([{ a: "9007199254740993", b: null }]);
});
