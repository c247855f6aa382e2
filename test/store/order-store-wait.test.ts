import { describe, expect, it } from "vitest";
import { OrderStore } from "../../src/store/order-store.ts";
import { StageClaims } from "../../src/store/stage-claims.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const orders = new OrderStore(database.db);
const claims = new StageClaims(database.db);
const NOW = new Date("2026-01-05T08:00:00Z");
const THEN = new Date("2026-01-05T07:00:00.123Z");
const LATER = new Date("2026-01-05T09:00:00Z");

type Row = Record<string, unknown>;
const add = (id: string, columns: Row = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });
const row = async (id: string): Promise<Row> =>
  (await database.query("SELECT * FROM sync_order_state WHERE dsco_order_id = ?", [id]))[0] ?? {};

describe("wait", () => {
  it("notes what an order waits for and when it is looked at again; no retry is charged and no status moves", async () => {
    await add("A", { ack_retry_count: 2, ack_at: THEN });
    await add("B", { ack_status: 2, ack_error: "x" });
    await orders.wait("ack", [
      { id: "A", waitsFor: "review in Lingxing", nextAttemptAt: LATER },
      { id: "B", waitsFor: "\u{1F4E6}".repeat(400), nextAttemptAt: NOW },
    ]);
    expect(await row("A")).toMatchObject({
      ack_status: 0,
      ack_at: THEN,
      ack_retry_count: 2,
      ack_waits_for: "review in Lingxing",
      ack_next_attempt_at: LATER,
    });
    const second = await row("B");
    expect(second).toMatchObject({ ack_status: 2, ack_error: "x", ack_next_attempt_at: NOW });
    expect(Array.from(String(second.ack_waits_for))).toHaveLength(255);
  });

  it.each([1, 3, 4, 9])("leaves an order alone that moved to %i meanwhile", async (status) => {
    await add("A", { ack_status: status });
    const before = await row("A");
    await orders.wait("ack", [{ id: "A", waitsFor: "x", nextAttemptAt: LATER }]);
    await orders.wait("ack", []);
    expect(await row("A")).toEqual(before);
  });
});

describe("wake", () => {
  const number = (platformOrderNo: string, storeId = "110000000000000001") => ({ platformOrderNo, storeId });
  const known = (platformOrderNo: string, columns: Row = {}) => ({
    platform_order_no: platformOrderNo,
    store_id: "110000000000000001",
    ack_next_attempt_at: LATER,
    ...columns,
  });

  it("makes waiting orders with these numbers due, by store, and says how many", async () => {
    await add("A", known("9007199254740993"));
    await add("B", known("9007199254740992"));
    await add("C", known("PO-1", { store_id: "110000000000000002" }));
    await add("D", known("PO-2", { ack_status: 2 }));
    await add("E", known("PO-3", { ack_status: 9 }));
    await add("F", known("PO-4", { ack_next_attempt_at: null }));
    expect(
      await orders.wake(
        "ack",
        ["9007199254740993", "PO-1", "PO-2", "PO-3", "PO-4", "nobody's"].map((no) => number(no)),
      ),
    ).toBe(1);
    expect(await row("A")).toMatchObject({ ack_next_attempt_at: null });
    for (const id of ["B", "C", "D", "E"]) expect(await row(id)).toMatchObject({ ack_next_attempt_at: LATER });
    expect(await orders.wake("ack", [])).toBe(0);
  });
});

describe("saveRequestId", () => {
  it("keeps the vendor's id on rows in flight that are ours, and says when one is ours no more", async () => {
    await add("A", { ack_status: 9, ack_run_id: "7" });
    await add("B", { ack_status: 9, ack_run_id: "8" });
    expect(await claims.saveRequestId("ack", ["A"], "7", "9007199254740993")).toBe(true);
    expect(await claims.saveRequestId("ack", ["A"], "7", "9007199254740993")).toBe(true);
    expect(await row("A")).toMatchObject({ ack_request_id: "9007199254740993", ack_status: 9 });
    expect(await claims.saveRequestId("ack", ["A", "B"], "7", "r")).toBe(false);
    expect(await row("B")).toMatchObject({ ack_request_id: null });
  });
});

describe("claim with what a later stage fixes", () => {
  it("keeps number, store and fingerprint, takes the tracking number, and forgets the request before", async () => {
    await add("A", { platform_order_no: "PO-1", store_id: "1", fingerprint: "f", ship_request_id: "old", ship_waits_for: "a parcel" });
    expect(await claims.claim("ship", [{ id: "A", trackingNo: "794600001111" }], "7", NOW, LATER)).toEqual(new Set(["A"]));
    expect(await row("A")).toMatchObject({
      platform_order_no: "PO-1",
      store_id: "1",
      fingerprint: "f",
      shipped_tracking_no: "794600001111",
      ship_request_id: null,
      ship_waits_for: null,
    });
  });

  it.each([
    { stage: "push", owned: false },
    { stage: "ack", owned: true },
    { stage: "ship", owned: false },
    { stage: "invoice", owned: true },
  ] as const)("a request to cancel blocks what cannot be taken back: $stage is ours = $owned", async ({ stage, owned }) => {
    await add("A", { cancel_requested: 1 });
    expect((await claims.claim(stage, [{ id: "A" }], "7", NOW, LATER)).has("A")).toBe(owned);
  });
});
