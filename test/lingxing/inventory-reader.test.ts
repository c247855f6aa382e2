import nock from "nock";
import { describe, expect, it } from "vitest";
import { OutageError } from "../../src/errors.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { LingxingClient } from "../../src/lingxing/client.ts";
import type { StockRow } from "../../src/lingxing/inventory-reader.ts";
import { testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const PATH = "/erp/sc/routing/data/local_inventory/inventoryDetails";

function read(wids: readonly string[] = ["1", "578"], overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  const credentials = { accessToken: "tok-canary" };
  const { inventory } = new LingxingClient({ baseUrl: BASE, appId: "ak_T3stAppId0001", credentials }, deps);
  const readings: StockRow[][] = [];
  const take = () => {
    const rows: StockRow[] = [];
    readings.push(rows);
    return (page: readonly StockRow[]) => void rows.push(...page);
  };
  return { deps, readings, done: inventory.read(wids, take) };
}

/** A row as the vendor writes it. */
const row = (sku: string, overrides: object = {}) => ({
  wid: 578,
  product_id: 10_001,
  sku,
  seller_id: "0",
  fnsku: "",
  product_total: 12,
  product_valid_num: 10,
  product_bad_num: 1,
  product_qc_num: 0,
  product_lock_num: 1,
  quantity_receive: "3",
  product_onway: 0,
  third_inventory: [],
  ...overrides,
});
const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`S-${index}`));
const answer = (total: unknown, data: unknown) => ({ code: 0, message: "success", error_details: [], request_id: "R-1", total, data });
const page = (offset: number) => nock(BASE).post(PATH, { wid: "1,578", offset, length: 800 }).query(true);

describe("inventory", () => {
  it("is asked for by warehouse ids as one text, 800 rows at a time, also in a dry run", async () => {
    page(0).reply(200, answer(801, rows(800)));
    page(800).reply(200, answer("801", [row("LAST")]));
    const { done, readings } = read(undefined, { dryRun: true });
    expect(await done).toEqual({ rows: 801, total: 801, complete: true });
    expect(readings).toHaveLength(1);
    expect(readings[0]?.at(-1)).toEqual({ wid: "578", sku: "LAST", available: 10 });
  });

  it.each([
    { name: "third_inventory as a list", given: row("A"), expected: { sku: "A", available: 10 } },
    {
      name: "third_inventory as an object",
      given: row("A", { third_inventory: { qty_sellable: 3, qty_onway: 1 } }),
      expected: { sku: "A", available: 10 },
    },
    { name: "less than nothing", given: row("A", { product_valid_num: -4 }), expected: { sku: "A", available: -4 } },
    { name: "a figure as text", given: row("A", { product_valid_num: " -4 " }), expected: { sku: "A", available: -4 } },
    { name: "blanks around the SKU", given: row(" A "), expected: { sku: "A", available: 10 } },
    { name: "a SKU as number", given: row("", { sku: 4711 }), expected: { sku: "4711", available: 10 } },
    { name: "no SKU", given: row("", { sku: null }), expected: { sku: "", available: 10 } },
    { name: "no figure", given: row("A", { product_valid_num: null }), expected: { sku: "A", available: undefined } },
    { name: "half a piece", given: row("A", { product_valid_num: 1.5 }), expected: { sku: "A", available: undefined } },
    { name: "no warehouse", given: row("A", { wid: null }), expected: { wid: "", sku: "A", available: 10 } },
    { name: "a SKU that is none", given: row("", { sku: ["A"] }), expected: { sku: undefined, available: 10 } },
    { name: "no row at all", given: null, expected: { wid: "", sku: undefined, available: undefined } },
  ])("takes $name", async ({ given, expected }) => {
    page(0).reply(200, answer(1, [given]));
    const { done, readings } = read();
    expect(await done).toMatchObject({ complete: true });
    expect(readings).toEqual([[{ wid: "578", ...expected }]]);
  });

  it("may be nothing, with data left out", async () => {
    page(0).reply(200, answer(0, null));
    expect(await read().done).toEqual({ rows: 0, total: 0, complete: true });
  });

  it("is read again from its beginning when the total changes, and what was taken before counts no more", async () => {
    page(0).reply(200, answer(802, rows(800)));
    page(800).reply(200, answer(801, [row("A")]));
    page(0).reply(200, answer(801, rows(800)));
    page(800).reply(200, answer(801, [row("B")]));
    const { done, readings } = read();
    expect(await done).toEqual({ rows: 801, total: 801, complete: true });
    expect(readings.map((reading) => reading.length)).toEqual([801, 801]);
  });

  it.each([
    { name: "an empty page inside", first: rows(800), second: [], read: 800 },
    { name: "a short page inside", first: rows(799), second: rows(100), read: 899 },
    { name: "more rows than promised", first: rows(800), second: rows(101), read: 901 },
  ])("with $name is read three times, the last time to the end, and is not complete", async ({ first, second, read: count }) => {
    const readsOn = first.length === 800;
    for (let reading = 1; reading <= 3; reading++) {
      page(0).reply(200, answer(900, first));
      if (readsOn || reading === 3) page(800).reply(200, answer(900, second));
    }
    const { done, readings } = read();
    expect(await done).toEqual({ rows: count, total: 900, complete: false });
    expect(readings).toHaveLength(3);
  });

  it("waits when it is throttled, and asks for the same page again", async () => {
    page(0).times(2).reply(200, { code: "3001008", msg: "new requests too frequently", data: null });
    page(0).reply(200, answer(1, [row("A")]));
    const { done, deps } = read();
    expect(await done).toMatchObject({ complete: true });
    expect(deps.slept).toEqual([2_000, 4_000]);
  });

  it.each([{ total: undefined }, { total: -1 }, { total: "many" }])("without a total ($total) is no answer", async ({ total }) => {
    page(0)
      .times(4)
      .reply(200, answer(total, rows(3)));
    await expect(read().done).rejects.toThrow(OutageError);
  });
});
