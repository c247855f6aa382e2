import { describe, expect, it } from "vitest";
import { select } from "../../src/store/db.ts";
import { isKeepable, SnapshotStore } from "../../src/store/snapshot-store.ts";
import { decidePull, type PulledOrder } from "../../src/sync/pull.ts";
import { aDscoText, addOrderRow, aPulledOrder } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const snapshots = new SnapshotStore(db);
const FETCHED = new Date("2026-01-05T08:00:10.123Z");

async function save(order: PulledOrder): Promise<void> {
  await snapshots.saveOrders([order]);
  await snapshots.saveTexts([{ key: order.id, ...order }], FETCHED);
}
/** What the pull does with an order: decide by what is known, keep what is not skipped. */
async function pull(order: PulledOrder) {
  const known = await snapshots.known([order.id]);
  const decision = decidePull(order, known.get(order.id), { includeTestOrders: false });
  if (decision.do !== "skip") await save(order);
  return decision;
}
const raw = async (id: string) =>
  (await select<{ payload: string }>(db, "SELECT payload FROM dsco_order_raw WHERE dsco_order_id = ?", [id]))[0]?.payload;
const row = async (id: string) => (await database.query("SELECT * FROM sync_order_state WHERE dsco_order_id = ?", [id]))[0];

describe("isKeepable", () => {
  it.each([
    { name: "an ordinary text", text: "x".repeat(10_000), keepable: true },
    { name: "15 MB of letters", text: "x".repeat(15_000_000), keepable: true },
    { name: "17 MB of letters", text: "x".repeat(17_000_000), keepable: false },
    { name: "10 MB of quotes, of which each is escaped", text: '"'.repeat(10_000_000), keepable: false },
    { name: "6 million Chinese characters of three bytes", text: "订".repeat(6_000_000), keepable: false },
  ])("$name: $keepable", ({ text, keepable }) => expect(isKeepable(text)).toBe(keepable));
});

describe("the raw text", () => {
  it("goes in as many statements as it takes, also where one alone is nearly too long", async () => {
    const texts = [1, 15_000_000, 2, 9_000_000, 9_000_000, 3].map((length, n) => ({
      key: `K${n}`,
      raw: "x".repeat(length),
      hash: "0",
      lastUpdate: undefined,
    }));
    await snapshots.saveTexts(texts, FETCHED);
    const rows = await database.query<{ n: string }>("SELECT LENGTH(payload) AS n FROM dsco_order_raw ORDER BY dsco_order_id");
    expect(rows.map(({ n }) => Number(n))).toEqual(texts.map(({ raw }) => raw.length));
  });

  it.each([
    { name: "four-byte letters", text: '{"name":"\u{1F69A}\u{10FFFF} 中文 ñ"}' },
    { name: "letters on top of letters", text: '{"name":"e\u0301 \u200F\u202E \u200D \uFEFF \u0000 \uFFFD"}' },
    { name: "escapes as they were escaped", text: '{"name":"\\u00e9\\ud83d\\ude9a\\ud800","path":"C:\\\\x","quote":"\\"\'`"}' },
    { name: "what looks like a binding", text: `{"q":"? ?? :name ::x $1 %s %' OR 1=1 -- "}` },
    { name: "white space, tabs, line ends", text: ' \r\n{\t"a" : 1 }\n\n  ' },
    { name: "order and repeats of keys, and numbers as they were written", text: '{"b":1.10,"a":9007199254740993,"b":1e400,"a":-0.0}' },
    { name: "a text that is no JSON", text: "<html>\\%_" },
    { name: "nothing", text: "" },
  ])("is kept to the letter: $name", async ({ text }) => {
    await snapshots.saveTexts([{ key: "k", raw: text, hash: "h", lastUpdate: undefined }], FETCHED);
    expect(await raw("k")).toBe(text);
  });

  it("of two megabytes is kept too", async () => {
    const text = JSON.stringify({ note: "\u{1F4E6}".repeat(500_000) });
    await snapshots.saveTexts([{ key: "k", raw: text, hash: "h", lastUpdate: undefined }], FETCHED);
    expect((await raw("k")) === text).toBe(true);
  });

  it("is replaced as a whole by a later one, and touch only renews when it was fetched", async () => {
    const later = new Date("2026-01-06T08:00:00Z");
    const text = { key: "k", raw: "1", hash: "h1", lastUpdate: new Date("2026-01-05T08:00:00.007Z") };
    await snapshots.saveTexts([text, { ...text, key: "other" }], FETCHED);
    await snapshots.saveTexts([{ key: "k", raw: "2", hash: "h2", lastUpdate: undefined }], later);
    await snapshots.touch(["other"], later);
    await snapshots.touch([], later);
    expect(await database.query("SELECT * FROM dsco_order_raw ORDER BY dsco_order_id")).toEqual([
      { dsco_order_id: "k", payload: "2", payload_hash: "h2", dsco_last_update: null, fetched_at: later },
      { dsco_order_id: "other", payload: "1", payload_hash: "h1", dsco_last_update: text.lastUpdate, fetched_at: later },
    ]);
  });

  it("knownTexts tells which are kept", async () => {
    await snapshots.saveTexts([{ key: "noid:a", raw: "x", hash: "h", lastUpdate: undefined }], FETCHED);
    expect(await snapshots.knownTexts(["noid:a", "noid:A", "noid:b"])).toEqual(new Set(["noid:a"]));
    expect(await snapshots.knownTexts([])).toEqual(new Set());
  });
});

describe("an order", () => {
  const first = aPulledOrder({ id: "9007199254740993" });
  const changed = (overrides: Partial<PulledOrder> = {}) => {
    const text = aDscoText({ dscoOrderId: first.id, note: JSON.stringify(overrides) });
    return aPulledOrder({ id: first.id, raw: text, lastUpdate: new Date("2026-01-05T09:00:00Z"), ...overrides });
  };

  it("gets its row and its text; a second look changes nothing", async () => {
    const order = { ...first, acknowledgeBy: new Date("2026-01-07T00:00:00Z"), shipBy: new Date("2026-01-08T00:00:00Z") };
    expect(await pull(order)).toEqual({ do: "add" });
    expect(await row(first.id)).toMatchObject({
      dsco_order_id: "9007199254740993",
      po_number: "PO-77001",
      dsco_status: "created",
      push_status: 0,
      cancel_requested: 0,
      acknowledge_by_date: order.acknowledgeBy,
      ship_by_date: order.shipBy,
    });
    expect(await pull(order)).toEqual({ do: "skip", reason: "unchanged" });
    expect(await snapshots.known([first.id, "nobody"])).toEqual(
      new Map([[first.id, { hash: first.hash, lastUpdate: first.lastUpdate, cancelRequested: false, pushed: undefined, badPayload: [] }]]),
    );
  });

  it("that is neighbour to another beyond 2^53 is not mistaken for it", async () => {
    await pull(first);
    await pull(aPulledOrder({ id: "9007199254740992", poNumber: "PO-2" }));
    expect((await snapshots.known(["9007199254740992", "9007199254740993"])).size).toBe(2);
    expect(await row("9007199254740993")).toMatchObject({ po_number: "PO-77001" });
  });

  it("a newer snapshot replaces an older one, an older never a newer one", async () => {
    await pull(first);
    const newer = changed({ status: "shipment_pending" });
    expect(await pull(newer)).toMatchObject({ do: "update" });
    expect(await pull(changed({ lastUpdate: new Date("2026-01-05T08:59:59.999Z") }))).toEqual({ do: "skip", reason: "older" });
    expect(await raw(first.id)).toBe(newer.raw);
    expect(await row(first.id)).toMatchObject({ dsco_status: "shipment_pending" });
  });

  it("a further snapshot touches no stage", async () => {
    await pull(first);
    const stages = {
      push_status: 1,
      push_retry_count: 2,
      push_hold: "x",
      ack_status: 9,
      ship_status: 3,
      lingxing_global_order_no: "103336708973801473",
      cancel_applied: 1,
    };
    await database.query("UPDATE sync_order_state SET ?", [stages]);
    await pull(changed({ poNumber: undefined }));
    expect(await row(first.id)).toMatchObject({ ...stages, po_number: null });
  });

  it.each([
    { before: 0, asks: true, after: 1 },
    { before: 1, asks: true, after: 1 },
    { before: 2, asks: true, after: 2 }, // a person let it go on: it stays so while the request stands
    { before: 1, asks: false, after: 0 },
    { before: 2, asks: false, after: 0 },
  ])("asked to cancel: $before, asks=$asks → $after", async ({ before, asks, after }) => {
    await addOrderRow(database, { dsco_order_id: first.id, cancel_requested: before });
    await snapshots.saveOrders([changed({ cancelRequested: asks })]);
    expect(await row(first.id)).toMatchObject({ cancel_requested: after });
  });

  it("of which nothing but the id can be read is kept all the same", async () => {
    await save(aPulledOrder({ id: "x", status: "", poNumber: undefined, lastUpdate: undefined }));
    expect(await row("x")).toMatchObject({ dsco_status: "", po_number: null });
  });

  it("with texts too long and dates no column holds does not stop its page", async () => {
    const far = new Date("+010000-01-01T04:59:59Z"); // 9999-12-31 in New York, a way to say never
    const odd = aPulledOrder({
      id: "odd",
      status: "s".repeat(100),
      poNumber: "\u{1F4E6}".repeat(300),
      acknowledgeBy: far,
      shipBy: new Date("0001-01-01T00:00:00Z"),
      lastUpdate: far,
    });
    await snapshots.saveOrders([odd, first]);
    await snapshots.saveTexts([{ key: "odd", ...odd }], FETCHED);
    expect(await row("odd")).toMatchObject({ acknowledge_by_date: null });
    expect(Array.from(String((await row("odd"))?.po_number))).toHaveLength(255);
    expect(await row(first.id)).toBeDefined();
  });

  it("a thousand at once, and none", async () => {
    const orders = Array.from({ length: 1000 }, (_, n) => aPulledOrder({ id: String(n) }));
    await snapshots.saveOrders(orders);
    await snapshots.saveTexts(
      orders.map((order) => ({ key: order.id, ...order })),
      FETCHED,
    );
    expect((await snapshots.known(orders.map(({ id }) => id))).size).toBe(1000);
    await snapshots.saveOrders([]);
    await snapshots.saveTexts([], FETCHED);
    expect(await snapshots.known([])).toEqual(new Map());
  });

  it.each([
    { name: "pushed", columns: { push_status: 1, fingerprint: "f" }, known: { pushed: "f", badPayload: [] } },
    { name: "in flight", columns: { push_status: 9, fingerprint: "f" }, known: { pushed: "f" } },
    { name: "sent once, failed since", columns: { push_status: 2, fingerprint: "f" }, known: { pushed: undefined } },
    { name: "waiting for the retailer", columns: { push_status: 3, push_hold: "bad_payload" }, known: { badPayload: ["push"] } },
    { name: "waiting for something else", columns: { push_status: 3, push_hold: "missing_mapping" }, known: { badPayload: [] } },
    { name: "waved through", columns: { cancel_requested: 2 }, known: { cancelRequested: true } },
    { name: "its text purged", columns: {}, known: { hash: undefined, lastUpdate: undefined } },
  ])("is known as $name", async ({ columns, known }) => {
    await addOrderRow(database, { dsco_order_id: "A", ...columns });
    expect((await snapshots.known(["A"])).get("A")).toMatchObject(known);
  });
});
