import { describe, expect, it } from "vitest";
import { select } from "../../src/store/db.ts";
import { RawPurge } from "../../src/store/raw-purge.ts";
import { SnapshotStore } from "../../src/store/snapshot-store.ts";
import { type NewTask, TaskStore } from "../../src/store/task-store.ts";
import { STAGES } from "../../src/sync/stage.ts";
import { addOrderRow, aPulledOrder } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;

const BEFORE = new Date("2026-02-01T00:00:00.000Z");
const LONG_AGO = new Date("2026-01-01T00:00:00.000Z");
const SINCE = new Date("2026-02-01T00:00:00.001Z");
const NOID = `noid:${"ab12".repeat(12)}`;

type Columns = Readonly<Record<string, unknown>>;

async function addText(id: string, fetchedAt = LONG_AGO): Promise<void> {
  await database.query("INSERT INTO dsco_order_raw SET ?", [
    { dsco_order_id: id, payload: '{"shipping":{"name":"Ann Lee"}}', payload_hash: "0", fetched_at: fetchedAt },
  ]);
}

/** An order with its text, through since long ago unless told otherwise. */
async function addOrder(id: string, columns: Columns = {}, fetchedAt = LONG_AGO): Promise<void> {
  const through = Object.fromEntries(STAGES.map((stage) => [`${stage}_status`, 1]));
  await addOrderRow(database, { dsco_order_id: id, ...through, fingerprint: "phone=0123456789", updated_at: LONG_AGO, ...columns });
  await addText(id, fetchedAt);
}

async function addTask(columns: Partial<NewTask>, status: number, updatedAt = LONG_AGO): Promise<void> {
  const task: NewTask = {
    type: "bad_payload",
    dscoOrderId: undefined,
    stage: undefined,
    cause: "c",
    payload: {},
    nextStep: "n",
    ...columns,
  };
  await new TaskStore(db).raise([task]);
  await database.query("UPDATE manual_task SET status = ?, updated_at = ? ORDER BY id DESC LIMIT 1", [status, updatedAt]);
}

async function texts(): Promise<string[]> {
  const rows = await database.query<{ id: string }>("SELECT dsco_order_id AS id FROM dsco_order_raw ORDER BY dsco_order_id");
  return rows.map(({ id }) => id);
}

const state = () => database.query("SELECT * FROM sync_order_state ORDER BY dsco_order_id");
const purge = () => new RawPurge(db, BEFORE);

describe("an order's text", () => {
  it.each<{ name: string; columns?: Columns; fetchedAt?: Date; task?: { status: number; updatedAt?: Date }; purged: boolean }>([
    { name: "goes when every stage is done", purged: true },
    { name: "goes when no stage was needed", columns: Object.fromEntries(STAGES.map((stage) => [`${stage}_status`, 4])), purged: true },
    { name: "goes when some were done and others not needed", columns: { ship_status: 4, invoice_status: 4 }, purged: true },
    { name: "goes when the order was cancelled", columns: { dsco_status: "cancelled", cancel_applied: 1, push_status: 4 }, purged: true },
    ...STAGES.flatMap((stage) =>
      [0, 2, 3, 9].map((status) => ({ name: `stays with ${stage} at ${status}`, columns: { [`${stage}_status`]: status }, purged: false })),
    ),
    { name: "stays when the order moved since", columns: { updated_at: SINCE }, purged: false },
    { name: "stays when the order moved at that very moment", columns: { updated_at: BEFORE }, purged: false },
    { name: "stays when DSCO sent it anew since", fetchedAt: SINCE, purged: false },
    { name: "stays while a task is open", task: { status: 0 }, purged: false },
    { name: "stays while a task is in work", task: { status: 1 }, purged: false },
    { name: "goes when the task is resolved", task: { status: 2 }, purged: true },
    { name: "goes when the task is ignored", task: { status: 3 }, purged: true },
  ])("$name", async ({ columns, fetchedAt, task, purged }) => {
    await addOrder("A", columns, fetchedAt);
    await addOrder("B", { invoice_status: 0 });
    if (task !== undefined) await addTask({ dscoOrderId: "A", stage: "ship", type: "changed_after_push" }, task.status, task.updatedAt);
    const before = await state();

    expect(await purge().count()).toBe(purged ? 1 : 0);
    expect(await texts()).toEqual(["A", "B"]);
    expect(await purge().purge()).toBe(purged ? 1 : 0);
    expect(await texts()).toEqual(purged ? ["B"] : ["A", "B"]);
    // Nothing else changes, not even when the order last moved; but no hash of a phone number or a name stays either.
    expect(await state()).toEqual(purged ? [{ ...before[0], fingerprint: null }, before[1]] : before);
    expect(await purge().purge()).toBe(0);
  });
});

describe("a text of no order", () => {
  it.each<{ name: string; key: string; fetchedAt?: Date; task?: { cause: string; status: number; updatedAt?: Date }; purged: boolean }>([
    { name: "without an id goes once its task is closed", key: NOID, task: { cause: NOID, status: 2 }, purged: true },
    { name: "without an id goes once its task is ignored", key: NOID, task: { cause: NOID, status: 3 }, purged: true },
    { name: "without an id goes when nobody ever made a task of it", key: NOID, purged: true },
    { name: "without an id stays while its task is open", key: NOID, task: { cause: NOID, status: 0 }, purged: false },
    { name: "without an id stays while its task is in work", key: NOID, task: { cause: NOID, status: 1 }, purged: false },
    {
      name: "without an id stays when its task was closed since",
      key: NOID,
      task: { cause: NOID, status: 2, updatedAt: SINCE },
      purged: false,
    },
    { name: "without an id stays when it came since", key: NOID, fetchedAt: SINCE, task: { cause: NOID, status: 2 }, purged: false },
    { name: "without an id minds no other text's task", key: NOID, task: { cause: "noid:ff", status: 0 }, purged: true },
    { name: "that is not tracked goes", key: "1200000009", purged: true },
    { name: "that is not tracked stays when it was seen since", key: "1200000009", fetchedAt: SINCE, purged: false },
  ])("$name", async ({ key, fetchedAt, task, purged }) => {
    await addText(key, fetchedAt);
    if (task !== undefined) await addTask({ cause: task.cause }, task.status, task.updatedAt);
    expect(await purge().count()).toBe(purged ? 1 : 0);
    expect(await purge().purge()).toBe(purged ? 1 : 0);
    expect(await texts()).toEqual(purged ? [] : [key]);
  });

  it("stays while an order without a row has an open task", async () => {
    await addText("1200000009");
    await addTask({ dscoOrderId: "1200000009", stage: "push" }, 0);
    expect(await purge().purge()).toBe(0);
  });

  it("is told from an order whose id looks like such a key", async () => {
    await addOrder(NOID, { invoice_status: 0 });
    expect(await purge().purge()).toBe(0);
    expect(await texts()).toEqual([NOID]);
  });
});

it("counts days by the database's clock", async () => {
  const [row] = await select<{ seconds: string | number }>(db, "SELECT TIMESTAMPDIFF(SECOND, ?, UTC_TIMESTAMP(3)) AS seconds", [
    await RawPurge.daysAgo(db, 90),
  ]);
  expect(Math.abs(Number(row?.seconds) - 90 * 86_400)).toBeLessThan(60);
});

it("does not touch an order that is opened again while it looks", async () => {
  await addOrder("A");
  const pull = await database.anotherPool().transaction();
  await pull("sync_order_state").where({ dsco_order_id: "A" }).update({ ship_status: 0 });
  const purging = purge().purge();
  await database.untilBlocked();
  await new SnapshotStore(pull).saveTexts([{ ...aPulledOrder({ id: "A" }), key: "A" }], new Date());
  await pull.commit();
  expect(await purging).toBe(0);
  expect(await texts()).toEqual(["A"]);
});

it("does not touch a text that came anew while it looked, although the order stays finished", async () => {
  await addOrder("A");
  const pull = await database.anotherPool().transaction();
  await new SnapshotStore(pull).saveTexts([{ ...aPulledOrder({ id: "A" }), key: "A" }], new Date());
  const purging = purge().purge();
  await database.untilBlocked();
  await pull.commit();
  expect(await purging).toBe(0);
  expect(await texts()).toEqual(["A"]);
});

describe("among 20,000 texts", () => {
  const NUMBERS = `SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM ${["a", "b", "c", "e", "f"]
    .map((name) => `(${Array.from({ length: name === "f" ? 2 : 10 }, (_, d) => `SELECT ${d} AS d`).join(" UNION ALL ")}) ${name}`)
    .join(", ")}`;

  async function fill(fetchedAt: string, status: string): Promise<void> {
    await database.query(
      `INSERT INTO dsco_order_raw (dsco_order_id, payload, payload_hash, fetched_at)
       SELECT CONCAT('1', LPAD(n, 7, '0')), REPEAT('x', 300), '0', ${fetchedAt} FROM (${NUMBERS}) numbers`,
    );
    await database.query(
      `INSERT INTO sync_order_state (dsco_order_id, push_status, ack_status, ship_status, invoice_status, updated_at)
       SELECT CONCAT('1', LPAD(n, 7, '0')), 1, 1, 1, ${status}, ${fetchedAt} FROM (${NUMBERS}) numbers`,
    );
    await database.query("ANALYZE TABLE dsco_order_raw, sync_order_state");
  }

  it("finds the few that are old without a look at the others", async () => {
    await fill("IF(n % 1000 = 7, '2026-01-01', '2026-03-01')", "1");
    const trx = await db.transaction();
    try {
      await trx.raw("FLUSH STATUS");
      expect(await new RawPurge(trx, BEFORE).purge()).toBe(20);
      const counters = await select<{ Value: string }>(trx, "SHOW SESSION STATUS LIKE 'Handler_read%'");
      expect(counters.reduce((sum, { Value }) => sum + Number(Value), 0)).toBeLessThan(300);
    } finally {
      await trx.rollback();
    }
  });

  it("goes through all of them, many of one moment, in pages of 500", async () => {
    await fill("'2026-01-01' + INTERVAL (n DIV 7000) SECOND", "IF(n % 2 = 0, 1, 0)");
    expect(await purge().count()).toBe(10_000);
    expect(await purge().purge()).toBe(10_000);
    expect(await database.query("SELECT COUNT(*) AS n FROM dsco_order_raw WHERE dsco_order_id LIKE '%0'")).toEqual([{ n: "0" }]);
    expect(await purge().count()).toBe(0);
  });

  it("keeps what is purged when it is cut off, and does the rest the next time", async () => {
    await fill("'2026-01-01'", "1");
    let transactions = 0;
    const cutOff = new Proxy(db, {
      get: (target, name) =>
        name === "transaction"
          ? (work: Parameters<typeof db.transaction>[0]) => {
              transactions += 1;
              if (transactions > 3) throw new Error("killed");
              return target.transaction(work);
            }
          : Reflect.get(target, name),
    });
    await expect(new RawPurge(cutOff, BEFORE).purge()).rejects.toThrow("killed");
    expect(await texts()).toHaveLength(18_500);
    expect(await purge().purge()).toBe(18_500);
  });
});
