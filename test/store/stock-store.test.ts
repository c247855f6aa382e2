import { describe, expect, it } from "vitest";
import { LostRowError } from "../../src/errors.ts";
import { StockHistory } from "../../src/store/stock-history.ts";
import { type StockItem, StockStore } from "../../src/store/stock-store.ts";
import { STOCK_STATUS, type StockLevel } from "../../src/sync/stock.ts";
import { useStoreDatabase } from "./store-database.ts";

const { db, query } = await useStoreDatabase();
const store = new StockStore(db);

const T = (minute: number) => new Date(Date.UTC(2026, 0, 2, 12, minute));
const CODES = ["WH-CA", "WH-NJ"];
const run = (id: number, minute = 0) => ({ id: String(id), startedAt: T(minute) });
const item = (sku: string, quantity: number, before: StockLevel = { sku, cells: [] }): StockItem => ({
  level: before,
  figures: CODES.map((code, index) => ({ code, quantity: index === 0 ? quantity : 0 })),
});
const level = async (sku: string) => {
  const found = (await store.find([sku])).get(sku);
  if (found === undefined) throw new Error("find leaves none out");
  return found;
};

/** A SKU that DSCO has confirmed, with `quantity` in the first warehouse. */
async function confirmed(sku: string, quantity: number, minute = 1): Promise<StockLevel> {
  await store.claim([item(sku, quantity, await level(sku))], run(1), T(minute));
  await store.confirm([await level(sku)], "1", CODES, T(minute));
  return level(sku);
}

describe("a claim", () => {
  it("is in flight with what is sent, beside what DSCO last confirmed", async () => {
    await confirmed("A", 5);
    await store.claim([item("A", 3, await level("A")), item("B", 7)], run(2, 2), T(3));
    await store.keepRequestId([item("A", 3), item("B", 7)], "2", "r-1");
    expect((await level("A")).cells[0]).toMatchObject({
      code: "WH-CA",
      status: STOCK_STATUS.inFlight,
      confirmed: 5,
      sent: 3,
      sentAt: T(3),
      requestId: "r-1",
    });
    expect(await store.openRequests()).toEqual([{ requestId: "r-1", sentAt: T(3) }]);
    expect((await store.inFlight("2", "r-1")).map(({ sku }) => sku)).toEqual(["A", "B"]);
    expect(await store.inFlight("2", undefined)).toEqual([]);
  });

  it("is refused for a SKU in flight: never two batches with one SKU", async () => {
    await store.claim([item("A", 5)], run(1), T(1));
    await expect(store.claim([item("A", 6), item("B", 1)], run(1), T(2))).rejects.toThrow(LostRowError);
    expect((await level("A")).cells[0]?.sent).toBe(5);
    expect((await level("B")).cells, "all or nothing").toEqual([]);
  });

  it("is refused when another run has been there since this one began: an older figure never overwrites a newer one", async () => {
    await confirmed("A", 5, 1);
    const stale = await level("A");
    await store.claim([item("A", 9, stale)], run(3, 5), T(6));
    await store.confirm([await level("A")], "3", CODES, T(6));
    await expect(store.claim([item("A", 4, stale)], run(2, 4), T(7))).rejects.toThrow(LostRowError);
    expect((await level("A")).cells[0]).toMatchObject({ confirmed: 9, sent: 9 });
    await store.claim([item("A", 4, await level("A"))], run(4, 8), T(8));
  });

  it("that provably never left is undone to the letter", async () => {
    await confirmed("A", 5);
    await store.claim([item("A", 6, await level("A"))], run(2, 2), T(2));
    const refusal = { error: "no", retryCount: 3, nextAttemptAt: T(30), removedNextAttemptAt: T(50) };
    await store.refuse([await level("A")], "2", refusal, CODES);
    const before = await level("A");
    const items = [item("A", 8, before), item("NEW", 1)];
    await store.claim(items, run(3, 40), T(40));
    await store.putBack(items, "3");
    expect(await level("A")).toEqual(before);
    expect((await level("NEW")).cells).toEqual([]);
  });
});

describe("an outcome", () => {
  it("is recorded only by the run that holds the SKU", async () => {
    await store.claim([item("A", 5)], run(1), T(1));
    const mine = await level("A");
    expect(await store.takeOver("2")).toBe(2);
    await expect(store.confirm([mine], "1", CODES, T(2))).rejects.toThrow(LostRowError);
    await expect(store.keepRequestId([item("A", 5)], "1", "r")).rejects.toThrow(LostRowError);
    await store.confirm([mine], "2", CODES, T(2));
    await expect(store.confirm([mine], "2", CODES, T(3)), "and once").rejects.toThrow(LostRowError);
    expect((await level("A")).cells.map(({ confirmed: quantity }) => quantity)).toEqual([5, 0]);
  });

  it("of a warehouse outside the map is forgotten once DSCO shows 0, or when DSCO never took it", async () => {
    await confirmed("A", 5);
    await store.claim(
      [
        {
          level: await level("A"),
          figures: [
            { code: "WH-CA", quantity: 0 },
            { code: "WH-NJ", quantity: 4 },
          ],
        },
      ],
      run(2, 2),
      T(2),
    );
    await store.confirm([await level("A")], "2", ["WH-NJ"], T(2));
    expect((await level("A")).cells.map(({ code }) => code)).toEqual(["WH-NJ"]);

    await store.claim([item("B", 5)], run(3, 3), T(3));
    const refusal = { error: "no", retryCount: 1, nextAttemptAt: T(13), removedNextAttemptAt: T(50) };
    await store.refuse([await level("B")], "3", refusal, ["WH-NJ"]);
    expect((await level("B")).cells).toMatchObject([{ code: "WH-NJ", status: STOCK_STATUS.refused, nextAttemptAt: T(13) }]);
  });

  it("that never came leaves a mark until the next success", async () => {
    await store.claim([item("A", 5)], run(1), T(1));
    await store.giveUp([await level("A")], "1");
    expect((await level("A")).cells[0]).toMatchObject({ status: STOCK_STATUS.unknown, doubted: true });
    expect((await confirmed("A", 6, 20)).cells[0]).toMatchObject({ status: STOCK_STATUS.confirmed, doubted: false });
  });

  it("of a refused SKU carries the refusals on, also to a warehouse that is new to it", async () => {
    await store.claim([{ level: await level("A"), figures: [{ code: "WH-CA", quantity: 1 }] }], run(1), T(1));
    const refusal = { error: "no", retryCount: 2, nextAttemptAt: T(13), removedNextAttemptAt: T(50) };
    await store.refuse([await level("A")], "1", refusal, CODES);
    await store.claim([item("A", 1, await level("A"))], run(2, 2), T(2));
    expect((await level("A")).cells.map(({ retryCount }) => retryCount)).toEqual([2, 2]);
  });
});

describe("levels", () => {
  it("come in the order of their SKUs, each whole, however long the table", async () => {
    const skus = Array.from({ length: 3_001 }, (_, index) => `S-${String(index).padStart(5, "0")}`);
    await store.claim(
      skus.map((sku) => item(sku, 1)),
      run(1),
      T(1),
    );
    await store.claim([{ level: await level("R"), figures: [{ code: "WH-CA", quantity: 1 }] }], run(1), T(1)); // so that a page ends inside a SKU
    const found: string[] = [];
    let pages = 0;
    for await (const page of store.levels()) {
      pages += 1;
      for (const { sku, cells } of page) {
        expect(cells.map(({ code }) => code)).toEqual(sku === "R" ? ["WH-CA"] : CODES);
        found.push(sku);
      }
    }
    expect(found).toEqual(["R", ...skus]);
    expect(pages).toBeGreaterThan(1);
  });

  it("tell SKUs apart by case", async () => {
    await confirmed("mug", 1);
    await confirmed("MUG", 2);
    expect([(await level("mug")).cells[0]?.confirmed, (await level("MUG")).cells[0]?.confirmed]).toEqual([1, 2]);
  });
});

describe("the history of a SKU", () => {
  it("is kept also for one too long for the column, and ends with what happened first", async () => {
    const history = new StockHistory(db);
    const source = { runId: "1", traceId: "trace-1" };
    for (const sku of ["A", "X".repeat(90), `${"X".repeat(89)}Y`]) {
      await history.add([{ sku, event: "stock_confirmed", requestId: "r-1", detail: { to: { "WH-CA": 1 } } }], source, T(1));
      await history.add([{ sku, event: "stock_refused", requestId: "r-2", detail: { reason: "no" } }], source, T(2));
      const found = await history.find(sku);
      expect(found?.events.map(({ event, request_id }) => [event, request_id])).toEqual([
        ["stock_refused", "r-2"],
        ["stock_confirmed", "r-1"],
      ]);
    }
    expect(await history.find("B")).toBeUndefined();
    expect(await query("select distinct dsco_order_id from order_event")).toHaveLength(3);
  });
});
