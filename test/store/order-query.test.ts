import { describe, expect, it } from "vitest";
import { OrderCounts } from "../../src/store/order-counts.ts";
import { MARK_EVERY, OrderMarks } from "../../src/store/order-marks.ts";
import { OrderQuery } from "../../src/store/order-query.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const orders = new OrderQuery(database.db);
const now = new Date(Date.UTC(2026, 0, 5, 8));
const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 8, minute));
const add = (id: string, columns: Record<string, unknown> = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });

describe("find", () => {
  it("shows the columns the contract names, and no others", async () => {
    await add("9007199254740993", {
      lingxing_global_order_no: "103336708973801473",
      store_id: "110000000000000001",
      push_run_id: 7,
      fingerprint: "f",
    });
    const found = await orders.find("9007199254740993");
    const perStage = ["status", "at", "sent_at", "retry_count", "error", "next_attempt_at"].flatMap((column) =>
      ["push", "ack", "ship", "invoice"].map((stage) => `${stage}_${column}`),
    );
    const rest =
      "dsco_order_id po_number dsco_status platform_order_no store_id lingxing_global_order_no shipped_tracking_no dsco_invoice_id retry_count last_error last_attempt_at created_at updated_at";
    expect(Object.keys(found ?? {}).sort()).toEqual([...perStage, ...rest.split(" ")].sort());
    expect(found).toMatchObject({
      dsco_order_id: "9007199254740993",
      lingxing_global_order_no: "103336708973801473",
      store_id: "110000000000000001",
      created_at: expect.any(Date),
      last_attempt_at: null,
    });
  });

  it("is undefined for an order nobody knows, and for one that differs by case", async () => {
    await add("abc");
    expect(await orders.find("ABC")).toBeUndefined();
    expect(await orders.find("abcd")).toBeUndefined();
  });

  it.each([
    { name: "the first", columns: {}, expected: "push" },
    { name: "the first that is not done", columns: { push_status: 1 }, expected: "ack" },
    { name: "not one that is not needed", columns: { push_status: 1, ack_status: 4 }, expected: "ship" },
    { name: "one that a person has", columns: { push_status: 1, ack_status: 3 }, expected: "ack" },
    {
      name: "the last when all are done",
      columns: { push_status: 1, ack_status: 1, ship_status: 1, invoice_status: 1 },
      expected: "invoice",
    },
  ])("retry_count and last_error are of the earliest stage not done: $name", async ({ columns, expected }) => {
    const counted = Object.fromEntries(
      ["push", "ack", "ship", "invoice"].flatMap((stage, n) => [
        [`${stage}_retry_count`, n + 1],
        [`${stage}_error`, stage],
      ]),
    );
    await add("A", { ...counted, ...columns });
    expect(await orders.find("A")).toMatchObject({
      last_error: expected,
      retry_count: ["push", "ack", "ship", "invoice"].indexOf(expected) + 1,
    });
  });

  it("last_attempt_at is when a request last left, at whatever stage", async () => {
    await add("A", { push_sent_at: at(1), ack_sent_at: at(3), ship_sent_at: at(2) });
    expect(await orders.find("A")).toMatchObject({ last_attempt_at: at(3) });
  });
});

describe("list", () => {
  it("filters by every status given, in order of id, paged, with the whole number", async () => {
    for (let n = 0; n < 6; n++) await add(String(n), { push_status: n % 2, ack_status: n % 3 });
    const ids = async (filter: Parameters<OrderQuery["list"]>[0]) => {
      const { items, total } = await orders.list(filter);
      return { ids: items.map(({ dsco_order_id }) => dsco_order_id), total };
    };
    expect(await ids({ limit: 50, offset: 0 })).toEqual({ ids: ["0", "1", "2", "3", "4", "5"], total: 6 });
    expect(await ids({ push: 0, limit: 50, offset: 0 })).toEqual({ ids: ["0", "2", "4"], total: 3 });
    expect(await ids({ push: 1, ack: 0, limit: 50, offset: 0 })).toEqual({ ids: ["3"], total: 1 });
    expect(await ids({ push: 0, limit: 1, offset: 1 })).toEqual({ ids: ["2"], total: 3 });
    expect(await ids({ invoice: 9, limit: 50, offset: 0 })).toEqual({ ids: [], total: 0 });
  });

  it("finds the orders whose turn it is at a stage", async () => {
    await add("A", { push_status: 3 });
    await add("B", { push_status: 1 });
    await add("C", { push_status: 4, ack_status: 3 });
    await add("D", { push_status: 1, ack_status: 1, ship_status: 9 });
    await add("E", { push_status: 1, ack_status: 1, ship_status: 1, invoice_status: 1 });
    const ids = async (filter: Pick<Parameters<OrderQuery["list"]>[0], "standsAt" | "ack">) => {
      const { items, total } = await orders.list({ ...filter, limit: 50, offset: 0 });
      expect(total).toBe(items.length);
      return items.map(({ dsco_order_id }) => dsco_order_id);
    };
    expect(await ids({ standsAt: "push" })).toEqual(["A"]);
    expect(await ids({ standsAt: "ack" })).toEqual(["B", "C"]);
    expect(await ids({ standsAt: "ack", ack: 0 })).toEqual(["B"]); // A too has ack at 0, but its turn is not there
    expect(await ids({ standsAt: "ship" })).toEqual(["D"]);
    expect(await ids({ standsAt: "invoice" })).toEqual([]);
  });
});

describe("a page far from both ends", () => {
  const through = [1, 1, 1, 1];
  const insert = (ids: readonly number[], statuses: (n: number) => readonly number[], created: string) =>
    database.query(
      "INSERT INTO sync_order_state (dsco_order_id, push_status, ack_status, ship_status, invoice_status, created_at) VALUES ?",
      [ids.map((n) => [`A-${String(n).padStart(6, "0")}`, ...statuses(n), created])],
    );
  const numbers = (count: number, of: (index: number) => number) => Array.from({ length: count }, (_, index) => of(index));

  it("is the page that counting from the beginning would come to", { timeout: 60_000 }, async () => {
    // Those that are open lie close together, so that a guess from how many there are misses them.
    const before = (n: number) => (n > 10_000 && n < 70_000 ? [1, 1, 0, 0] : n % 13 === 5 ? [4, 4, 4, 4] : through);
    await insert(
      numbers(60_000, (index) => 2 * index),
      before,
      "2026-01-01",
    );
    await new OrderCounts(database.db).refresh(now);
    // Since then orders have come in between, and some have gone on.
    await insert(
      numbers(120, (index) => 1 + 1000 * index),
      () => through,
      "2026-01-05 09:00:00",
    );
    await database.query("UPDATE sync_order_state SET invoice_status = 9 WHERE invoice_status = 1 AND dsco_order_id LIKE '%02'");
    const filters = [
      { filter: {}, where: "TRUE" },
      { filter: { push: 1 }, where: "push_status = 1" },
      { filter: { invoice: 1 }, where: "invoice_status = 1" },
      { filter: { ship: 0 }, where: "ship_status = 0" },
    ] as const;
    for (const { filter, where } of filters) {
      const sql = `SELECT dsco_order_id AS id FROM sync_order_state WHERE ${where} ORDER BY dsco_order_id`;
      const ids = (await database.query<{ id: string }>(sql)).map(({ id }) => id);
      const offsets = [0, 10_001, 12_345, 20_001, Math.floor(ids.length / 2), ids.length - 10_100, ids.length - 3];
      for (const offset of offsets.filter((far) => far >= 0)) {
        const { items, total } = await orders.list({ ...filter, limit: 20, offset });
        expect(total).toBe(ids.length);
        expect(
          items.map(({ dsco_order_id }) => dsco_order_id),
          `${where}, ${offset}`,
        ).toEqual(ids.slice(offset, offset + 20));
      }
    }
    const combinations = await new OrderCounts(database.db).byStatuses();
    const total = combinations.filter(({ invoice }) => invoice === 1).reduce((sum, { orders }) => sum + orders, 0);
    const others = combinations.filter(({ invoice }) => invoice !== 1);
    for (let offset = 500; offset < total; offset += 1200) {
      const start = await (await OrderMarks.read(database.db))?.startBefore(offset, total, others);
      expect(start?.before).toBeLessThanOrEqual(offset);
      expect(start?.before, "no more is left to skip than lies between two marks").toBeGreaterThan(offset - MARK_EVERY);
    }
  });
});
