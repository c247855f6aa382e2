import fc from "fast-check";
import { expect, it } from "vitest";
import type { StockRow } from "../../src/lingxing/inventory-reader.ts";
import { decideStock, isGone, refusalsOf, STOCK_STATUS, type StockCell, type StockLevel, stockRetrySec } from "../../src/sync/stock.ts";
import { type Figure, type StockMaps, StockSums } from "../../src/sync/stock-sums.ts";

const SKUS = ["A", "B", "C", "D"];
const WIDS = ["1", "2", "3"];
const CODES = ["WH-1", "WH-2"];
const MINUTE_MS = 60_000;

type Fate = "taken" | "refused" | "taken, answer lost" | "never arrived";
interface Round {
  readonly rows: readonly StockRow[];
  readonly maps: StockMaps;
  readonly fates: readonly Fate[];
  readonly minutes: number;
  readonly full: boolean;
}

const row = fc.record({
  wid: fc.constantFrom(...WIDS),
  sku: fc.constantFrom(...SKUS),
  available: fc.integer({ min: -20, max: 100 }),
});
const warehouseMap = fc
  .array(fc.tuple(fc.constantFrom(...WIDS), fc.constantFrom(...CODES)), { minLength: 1, maxLength: 4 })
  .map((pairs) => new Map(pairs));
/** One to one, onto names of which some are Lingxing's own. */
const skuMap = fc.tuple(fc.subarray(SKUS), fc.shuffledSubarray([...SKUS, "X", "Y"], { minLength: SKUS.length })).map(([from, to]) => {
  const pairs = from.map((sku, index): [string, string] => [sku, to[index] ?? sku]);
  return { toDsco: new Map(pairs), toLingxing: new Map(pairs.map(([lingxing, dsco]) => [dsco, lingxing])) };
});
const round: fc.Arbitrary<Round> = fc.record({
  rows: fc.array(row, { maxLength: 12 }),
  maps: fc.record({ warehouseMap, skuMap }),
  fates: fc.array(fc.constantFrom<Fate>("taken", "taken", "refused", "taken, answer lost", "never arrived"), {
    minLength: 6,
    maxLength: 6,
  }),
  minutes: fc.integer({ min: 1, max: 30 * 60 }),
  full: fc.boolean(),
});

/** DSCO and our table, as simple as can be: what a pass does to them is what is under test. */
class World {
  /** SKU → warehouse → quantity. A warehouse that is left out keeps its figure. */
  readonly dsco = new Map<string, Map<string, number>>();
  readonly table = new Map<string, Map<string, StockCell>>();
  now = new Date("2026-01-01T00:00:00Z");

  pass({ rows, maps, fates, minutes, full }: Round): void {
    this.now = new Date(this.now.getTime() + minutes * MINUTE_MS);
    this.#giveUp();
    const sums = sum(rows, maps);
    const skus = [...new Set([...this.table.keys(), ...sums.untaken()])];
    for (const [index, sku] of skus.entries()) {
      const level = this.#level(sku);
      const decision = decideStock(level, sums.wanted(sku), { now: this.now, full });
      if (decision.do === "forget") this.table.delete(sku);
      if (decision.do === "send") this.#send(level, decision.figures, fates[index % fates.length] ?? "taken", sums.codes);
    }
  }

  #level(sku: string): StockLevel {
    return { sku, cells: [...(this.table.get(sku)?.values() ?? [])] };
  }

  /** What was lost and is ten minutes old is not known. */
  #giveUp(): void {
    for (const cells of this.table.values()) {
      for (const cell of cells.values()) {
        if (cell.status === STOCK_STATUS.inFlight && this.now.getTime() - cell.sentAt.getTime() >= 10 * MINUTE_MS)
          cells.set(cell.code, { ...cell, status: STOCK_STATUS.unknown, doubted: true });
      }
    }
  }

  #send(level: StockLevel, figures: readonly Figure[], fate: Fate, codes: readonly string[]): void {
    const cells = this.table.get(level.sku) ?? new Map<string, StockCell>();
    this.table.set(level.sku, cells);
    if (fate === "taken" || fate === "taken, answer lost") {
      const item = this.dsco.get(level.sku) ?? new Map<string, number>();
      for (const { code, quantity } of figures) item.set(code, quantity);
      this.dsco.set(level.sku, item);
    }
    for (const { code, quantity } of figures) {
      const before = cells.get(code);
      const sent: StockCell = {
        code,
        status: STOCK_STATUS.inFlight,
        confirmed: before?.confirmed,
        confirmedAt: before?.confirmedAt,
        sent: quantity,
        sentAt: this.now,
        runId: "1",
        requestId: undefined,
        doubted: before?.doubted ?? false,
        retryCount: refusalsOf(level),
        error: undefined,
        nextAttemptAt: before?.nextAttemptAt,
      };
      cells.set(code, after(sent, fate, this.now, codes));
    }
    if (fate !== "taken" && fate !== "refused") return;
    for (const cell of cells.values()) if (!codes.includes(cell.code) && isGone(cell)) cells.delete(cell.code);
  }
}

function after(sent: StockCell, fate: Fate, now: Date, codes: readonly string[]): StockCell {
  if (fate === "taken") {
    return {
      ...sent,
      status: STOCK_STATUS.confirmed,
      confirmed: sent.sent,
      confirmedAt: now,
      doubted: false,
      retryCount: 0,
      nextAttemptAt: undefined,
    };
  }
  if (fate !== "refused") return sent;
  const seconds = codes.includes(sent.code) ? stockRetrySec(sent.retryCount + 1) : 24 * 3600;
  const nextAttemptAt = new Date(now.getTime() + seconds * 1000);
  return { ...sent, status: STOCK_STATUS.refused, retryCount: sent.retryCount + 1, nextAttemptAt };
}

function sum(rows: readonly StockRow[], maps: StockMaps): StockSums {
  const sums = new StockSums(maps);
  for (const each of rows) sums.add(each);
  return sums;
}

/** What DSCO should show, added up from the rows by other means. */
function wanted(rows: readonly StockRow[], { warehouseMap, skuMap }: StockMaps): Map<string, Record<string, number>> {
  const codes = [...new Set(warehouseMap.values())];
  const dscoSku = (sku: string) => skuMap?.toDsco.get(sku) ?? (skuMap?.toLingxing.has(sku) ? undefined : sku);
  const counted = rows.flatMap(({ wid, sku, available }) => {
    const [code, dsco] = [warehouseMap.get(wid), dscoSku(sku ?? "")];
    return code === undefined || dsco === undefined ? [] : [{ code, dsco, available: available ?? 0 }];
  });
  return new Map(
    [...new Set(counted.map(({ dsco }) => dsco))].map((sku) => {
      const of = (code: string) => counted.filter((one) => one.dsco === sku && one.code === code);
      const total = (code: string) => of(code).reduce((all, { available }) => all + available, 0);
      return [sku, Object.fromEntries(codes.map((code) => [code, Math.max(0, total(code))]))];
    }),
  );
}

it("whatever happened before, what is sent makes DSCO show exactly what is wanted", () => {
  fc.assert(
    fc.property(fc.array(round, { maxLength: 6 }), round, (history, last) => {
      const world = new World();
      for (const each of history) world.pass(each);
      // Then DSCO takes everything: a day later, when no refusal is waited for any more.
      world.pass({ ...last, fates: ["taken"], minutes: 24 * 60 });

      const should = wanted(last.rows, last.maps);
      for (const [sku, figures] of should) expect(Object.fromEntries(world.dsco.get(sku) ?? [])).toMatchObject(figures);
      for (const [sku, item] of world.dsco) {
        for (const [code, quantity] of item) expect([sku, code, quantity]).toEqual([sku, code, should.get(sku)?.[code] ?? 0]);
      }
      // And what the table says is so.
      for (const [sku, cells] of world.table) {
        for (const { code, confirmed } of cells.values())
          expect([sku, code, confirmed]).toEqual([sku, code, world.dsco.get(sku)?.get(code)]);
      }
      const before = structuredClone([...world.dsco]);
      world.pass({ ...last, fates: ["refused"], minutes: 1, full: false });
      expect([...world.dsco], "a second pass has nothing to send").toEqual(before);
      for (const cells of world.table.values()) {
        for (const { status } of cells.values()) expect(status).toBe(STOCK_STATUS.confirmed);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("sums are the same in whatever order rows come", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.record({ warehouseMap, skuMap }), (rows, maps) => {
      const [there, back] = [sum(rows, maps), sum([...rows].reverse(), maps)];
      const should = wanted(rows, maps);
      expect([...there.untaken()].sort()).toEqual([...should.keys()].sort());
      for (const [sku, figures] of should) {
        expect(Object.fromEntries(there.wanted(sku).figures.map(({ code, quantity }) => [code, quantity]))).toEqual(figures);
        expect(back.wanted(sku)).toEqual(there.wanted(sku));
      }
    }),
  );
});
