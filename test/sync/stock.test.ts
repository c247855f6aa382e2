import { describe, expect, it } from "vitest";
import type { StockLogEntry } from "../../src/dsco/inventory-log.ts";
import { believedTotal, decideStock, STOCK_STATUS, type StockCell, stockRetrySec } from "../../src/sync/stock.ts";
import { guardReading, guardZero, ZeroCount } from "../../src/sync/stock-guard.ts";
import { decideStockLogged, decideStockSince } from "../../src/sync/stock-outcome.ts";
import { StockSums } from "../../src/sync/stock-sums.ts";

const NOW = new Date("2026-01-02T12:00:00Z");
const ago = (sec: number) => new Date(NOW.getTime() - sec * 1000);
const DAY = 86_400;

const cell = (overrides: Partial<StockCell> = {}): StockCell => ({
  code: "WH-CA",
  status: STOCK_STATUS.confirmed,
  confirmed: 5,
  confirmedAt: ago(3600),
  sent: 5,
  sentAt: ago(3600),
  runId: "1",
  requestId: "r-1",
  doubted: false,
  retryCount: 0,
  error: undefined,
  nextAttemptAt: undefined,
  ...overrides,
});
const refused = (overrides: Partial<StockCell> = {}) =>
  cell({ status: STOCK_STATUS.refused, confirmed: 2, retryCount: 1, nextAttemptAt: ago(-60), ...overrides });
const want = (quantity = 5) => [{ code: "WH-CA", quantity }];

describe("decideStock", () => {
  it.each([
    { name: "leaves alone what DSCO has confirmed", cells: [cell()], expected: { do: "nothing" } },
    { name: "sends what was never sent, 0 included", cells: [], wanted: want(0), expected: { do: "send", why: "new", figures: want(0) } },
    { name: "sends what changed", cells: [cell({ confirmed: 4 })], expected: { do: "send", why: "changed", figures: want() } },
    { name: "sends again after a day", cells: [cell({ confirmedAt: ago(DAY) })], expected: { do: "send", why: "refresh" } },
    { name: "sends everything when told to", cells: [cell()], full: true, expected: { do: "send", why: "refresh" } },
    {
      name: "waits for what is in flight, even then",
      cells: [cell({ status: 9, confirmed: 4 })],
      full: true,
      expected: { do: "wait", why: "in_flight" },
    },
    {
      name: "sends what nobody knows, although the figure is back",
      cells: [cell({ status: 0, sent: 3 })],
      expected: { do: "send", why: "in_doubt" },
    },
    { name: "waits after a refusal", cells: [refused()], expected: { do: "wait", why: "refused" } },
    {
      name: "sends a refused SKU when its time has come",
      cells: [refused({ nextAttemptAt: NOW })],
      expected: { do: "send", why: "refused" },
    },
    { name: "sends a refused SKU when its figure changes", cells: [refused({ sent: 4 })], expected: { do: "send", why: "refused" } },
    {
      name: "forgets what is gone and DSCO never took",
      cells: [refused({ confirmed: undefined })],
      listed: false,
      expected: { do: "forget" },
    },
    {
      name: "but not what is gone and DSCO may have",
      cells: [refused({ sent: 4, confirmed: undefined, doubted: true })],
      listed: false,
      expected: { do: "send" },
    },
    { name: "sends a refused SKU when told to send everything", cells: [refused()], full: true, expected: { do: "send", why: "refused" } },
    {
      name: "sends every warehouse when one is new to the map",
      cells: [cell()],
      wanted: [...want(), { code: "WH-NJ", quantity: 0 }],
      expected: { do: "send", why: "changed", figures: [...want(), { code: "WH-NJ", quantity: 0 }] },
    },
    {
      name: "sends 0 for a warehouse taken out of the map",
      cells: [cell(), cell({ code: "WH-OLD", confirmed: 3 })],
      expected: { do: "send", why: "changed", figures: [...want(), { code: "WH-OLD", quantity: 0 }] },
    },
    { name: "but only once", cells: [cell(), cell({ code: "WH-OLD", confirmed: 0 })], expected: { do: "nothing" } },
    {
      name: "and not where DSCO never took it",
      cells: [cell(), refused({ code: "WH-OLD", confirmed: undefined })],
      expected: { do: "nothing" },
    },
    {
      name: "but where an answer never came, DSCO may have taken it",
      cells: [cell(), refused({ code: "WH-OLD", confirmed: undefined, doubted: true, nextAttemptAt: NOW })],
      expected: { do: "send", why: "changed", figures: [...want(), { code: "WH-OLD", quantity: 0 }] },
    },
    {
      name: "leaves behind a warehouse outside the map that was refused, until its time",
      cells: [refused({ nextAttemptAt: NOW }), refused({ code: "WH-OLD" })],
      expected: { do: "send", why: "refused", figures: want() },
    },
  ])("$name", ({ cells, wanted = want(), listed = true, full = false, expected }) => {
    const decision = decideStock({ sku: "A", cells: cells as StockCell[] }, { figures: wanted, listed }, { now: NOW, full });
    expect(decision).toMatchObject(expected);
  });

  it("waits ten minutes after a refusal, doubling to a day", () => {
    expect([1, 2, 3, 8, 9, 50].map((refusals) => stockRetrySec(refusals) / 60)).toEqual([10, 20, 40, 1280, 1440, 1440]);
  });
});

describe("the guards", () => {
  it.each([
    { reading: { rows: 3, total: 3, complete: true }, cause: undefined },
    { reading: { rows: 0, total: 0, complete: true }, cause: "empty_read" },
    { reading: { rows: 2, total: 3, complete: false }, cause: "short_read" },
    { reading: { rows: 3, total: 3, complete: false }, cause: "short_read" },
  ])("say $cause of $reading", ({ reading, cause }) => {
    expect(guardReading(reading)?.cause).toBe(cause);
  });

  it.each([
    { inStock: 20, zeroing: 10, percent: 50, trips: false },
    { inStock: 20, zeroing: 11, percent: 50, trips: true },
    { inStock: 19, zeroing: 19, percent: 50, trips: false },
    { inStock: 20, zeroing: 1, percent: 0, trips: true },
    { inStock: 20, zeroing: 0, percent: 0, trips: false },
    { inStock: 100, zeroing: 100, percent: 100, trips: false },
  ])("$zeroing of $inStock at $percent %: $trips", ({ inStock, zeroing, percent, trips }) => {
    const count = new ZeroCount();
    for (let sku = 0; sku < inStock; sku++) count.add(7, sku < zeroing ? 0 : 1, sku % 2 === 0);
    for (let sku = 0; sku < 50; sku++) count.add(0, 0, true); // at 0 already
    expect(guardZero(count, percent)?.cause).toBe(trips ? "mass_zero" : undefined);
    expect(count).toMatchObject({ inStock, turningZero: zeroing, vanished: Math.floor(zeroing / 2) });
  });

  it("take what is on its way for what DSCO shows", () => {
    const cells = [
      cell({ status: 9, confirmed: 5, sent: 0 }),
      cell({ code: "B", status: 0, confirmed: 5, sent: 1 }),
      refused({ code: "C" }),
    ];
    expect(believedTotal({ sku: "A", cells })).toBe(0 + 1 + 2);
  });
});

describe("what the log says", () => {
  const entry = (overrides: Partial<StockLogEntry> = {}): StockLogEntry => ({
    sku: "A",
    status: "success",
    processedAt: ago(59),
    requestId: "r-2",
    quantities: new Map([["WH-CA", 5]]),
    reason: "",
    ...overrides,
  });
  const level = { sku: "A", cells: [cell({ status: STOCK_STATUS.inFlight, sentAt: ago(60), requestId: undefined })] };

  it("of its own request: a failure beats a success", () => {
    const failed = entry({ status: "failure", reason: "no" });
    expect(decideStockLogged([entry(), failed], true)).toEqual({ is: "failure", reason: "no", requestId: "r-2" });
    expect(decideStockLogged([entry()], false)).toEqual({ is: "success", requestId: "r-2" });
    expect(decideStockLogged([entry({ status: "pending" })], true)).toEqual({ is: "open" });
    expect(decideStockLogged([], false)).toEqual({ is: "open" });
    expect(decideStockLogged([], true)).toEqual({ is: "lost" });
  });

  it.each([
    { name: "an entry with the figures that were sent", entries: [entry()], is: "success" },
    { name: "one that is a little older, by clocks that differ", entries: [entry({ processedAt: ago(61) })], is: "success" },
    { name: "not one with other figures", entries: [entry({ quantities: new Map([["WH-CA", 4]]) })], is: "lost" },
    { name: "not one with fewer warehouses", entries: [entry({ quantities: new Map() })], is: "lost" },
    { name: "not one from before", entries: [entry({ processedAt: ago(63) })], is: "lost" },
    { name: "one that repeats no figures, if it came later", entries: [entry({ quantities: undefined })], is: "success" },
    {
      name: "not one that repeats no figures, if it came a little earlier",
      entries: [entry({ quantities: undefined, processedAt: ago(61) })],
      is: "lost",
    },
  ])("of the time: $name", ({ entries, is }) => {
    expect(decideStockSince(entries, level).is).toBe(is);
  });
});

describe("StockSums", () => {
  const maps = {
    warehouseMap: new Map([
      ["033", "WH-CA"],
      ["34", "WH-CA"],
      ["35", "WH-NJ"],
    ]),
    skuMap: { toDsco: new Map([["LOCAL-1", "MUG"]]), toLingxing: new Map([["MUG", "LOCAL-1"]]) },
  };
  const sum = (...rows: readonly [string, string | undefined, number | undefined][]) => {
    const sums = new StockSums(maps);
    for (const [wid, sku, available] of rows) sums.add({ wid, sku, available });
    return sums;
  };

  it("adds before it cuts off at 0", () => {
    const sums = sum(["33", "LOCAL-1", 10], ["34", "LOCAL-1", -3], ["35", "LOCAL-1", -1], ["33", "BOWL", 1]);
    expect(sums.wanted("MUG")).toEqual({
      listed: true,
      figures: [
        { code: "WH-CA", quantity: 7 },
        { code: "WH-NJ", quantity: 0 },
      ],
    });
    expect(sums.wanted("GONE")).toEqual({
      listed: false,
      figures: [
        { code: "WH-CA", quantity: 0 },
        { code: "WH-NJ", quantity: 0 },
      ],
    });
    expect([sums.rows, sums.size]).toEqual([4, 2]);
  });

  it("never says more than a column holds", () => {
    expect(sum(["33", "BOWL", 2_000_000_000], ["34", "BOWL", 2_000_000_000]).wanted("BOWL").figures[0]?.quantity).toBe(2_147_483_647);
  });

  it("makes nothing 0 that a row may be of whose SKU cannot be read", () => {
    const sums = sum(["33", "BOWL", 1], ["33", undefined, 5], ["", undefined, undefined]);
    expect([sums.isUnreadable("BOWL"), sums.isUnreadable("TOY")]).toEqual([false, true]);
    expect(sums.uncounted).toEqual([{ kind: "unreadable_row", what: "", rows: 2 }]);
    expect(sum(["33", "BOWL", 1], ["33", "", 5]).isUnreadable("TOY"), "a product without a SKU is none of them").toBe(false);
  });

  it("leaves out what nobody can place, and says so once for each", () => {
    const sums = sum(
      ["99", "BOWL", 1],
      ["99", "BED", 1],
      ["33", "MUG", 1],
      ["33", "", 1],
      ["33", "X".repeat(91), 1],
      ["33", "TOY", undefined],
    );
    expect(sums.uncounted.map(({ kind, rows }) => [kind, rows])).toEqual([
      ["unmapped_warehouse", 2],
      ["unmapped_sku", 1],
      ["no_sku", 1],
      ["long_sku", 1],
      ["unreadable", 1],
    ]);
    expect([...sums.untaken()]).toEqual([]);
    expect(sums.isUnreadable("TOY")).toBe(true);
  });
});
