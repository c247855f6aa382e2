import { describe, expect, it } from "vitest";
import { BROKEN_KINDS } from "../../src/sandbox/broken-orders.ts";
import { seedCatalog, seedStock } from "../../src/sandbox/catalog.ts";
import { idText, objectsIn, readJson, writeJson } from "../../src/sandbox/json.ts";
import { type OrderSeed, seedOrders } from "../../src/sandbox/orders.ts";

const startMs = Date.parse("2025-11-20T10:00:00Z");
const options = (over: Partial<OrderSeed> = {}): OrderSeed => {
  const seed = over.seed ?? 7;
  return { orders: 24, broken: 0, seed, windowMs: 3_600_000, startMs, catalog: seedCatalog(20, seed), ...over };
};

describe("seeded orders", () => {
  it("are the same for the same seed and others for another", () => {
    const text = (seed: number): string => writeJson([...seedOrders(options({ seed }))]);
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  it("were changed within the window, the last minute left out, oldest first", () => {
    const times = [...seedOrders(options())].map((order) => Date.parse(String(order.dscoLastUpdate)));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[0]).toBeGreaterThan(startMs - 60_000 - 3_600_000);
    expect(times.at(-1)).toBe(startMs - 60_000);
  });

  it("break in every way once when there are as many broken ones as ways", () => {
    const whole = [...seedOrders(options())];
    const orders = [...seedOrders(options({ broken: BROKEN_KINDS.length }))];
    expect(orders).toHaveLength(24);
    expect(orders.filter((order, index) => writeJson(order) !== writeJson(whole[index]))).toHaveLength(BROKEN_KINDS.length);
    const lines = orders.map(({ lineItems }) => objectsIn(lineItems));
    const shipping = orders.map((order) => order.shipping as Record<string, unknown>);
    expect({
      noAddress: shipping.filter(({ address, address1 }) => address === null && address1 === undefined).length,
      noCountry: shipping.filter(({ country }) => country === undefined).length,
      noLines: lines.filter((list) => list.length === 0).length,
      noSku: lines.filter(([line]) => line !== undefined && line.sku === null && line.partnerSku === undefined).length,
      zero: lines.filter(([line]) => line?.quantity === 0).length,
      noName: shipping.filter(({ name }) => name === "").length,
      noId: orders.filter(({ dscoOrderId }) => dscoOrderId === undefined).length,
      cancelRequested: orders.filter(({ cancelRequested }) => cancelRequested === true).length,
      cancelled: orders.filter(({ dscoStatus }) => dscoStatus === "cancelled").length,
      test: orders.filter(({ testFlag }) => testFlag === true).length,
      numericId: orders.filter(
        ({ dscoOrderId }) => dscoOrderId !== undefined && writeJson({ dscoOrderId }).endsWith(`:${idText(dscoOrderId)}}`),
      ).length,
      oldFields: shipping.filter(({ firstName, lastName, state }) => firstName && lastName && state).length,
    }).toEqual({
      noAddress: 1,
      noCountry: 1,
      noLines: 1,
      noSku: 1,
      zero: 1,
      noName: 1,
      noId: 1,
      cancelRequested: 1,
      cancelled: 1,
      test: 1,
      numericId: 1,
      oldFields: 1,
    });
  });

  it.each([
    [10, 3, 3],
    [10, 10, 10],
    [2, 5, 2],
    [100, 12, 12],
  ])("of %i with %i broken, %i are broken", (orders, broken, expected) => {
    const whole = [...seedOrders(options({ orders }))];
    const spoilt = [...seedOrders(options({ orders, broken }))];
    expect(spoilt.filter((order, index) => writeJson(order) !== writeJson(whole[index]))).toHaveLength(expected);
  });
});

describe("seeded stock", () => {
  it("has each item in each warehouse, and some in two rows that have to be summed", () => {
    const catalog = seedCatalog(20, 7);
    const rows = seedStock(catalog, 7);
    const keys = rows.map(({ wid, sku }) => `${wid}/${sku}`);
    expect(new Set(keys).size).toBe(40);
    expect(keys.length).toBe(48);
  });
});

describe("JSON with long numbers", () => {
  it("keeps every digit there and back, and leaves texts and floats alone", () => {
    const text = '{"id":9007199254740993,"list":[-110000000000000001],"float":0.30000000000000004,"text":"12345678901234567 \\" 1"}';
    expect(writeJson(readJson(text))).toBe(text);
    expect(idText((readJson(text) as { id: unknown }).id)).toBe("9007199254740993");
  });
});
