import { describe, expect, it } from "vitest";
import { useStockWorld } from "./stock-world.ts";

const stock = await useStockWorld();

describe("10,000 SKUs in one warehouse, 50 ms away", () => {
  it("take at most 50 requests at first, only the reads when nothing changed, and one item when one changed", { timeout: 120_000 }, async () => {
    await stock.open({ skus: 10_000, latencyMs: 50, limits: true });
    const first = await stock.ran();
    console.log(stock.requests, first.duration_ms);
    expect(first.counts).toMatchObject({ read: 10_000, done: 10_000 });
    expect(stock.world.vendors.stats()).toMatchObject({ throttled: {} });
    expect(stock.world.vendors.stats().total).toBeLessThanOrEqual(50);
    stock.expectEqual();

    stock.world.vendors.resetStats();
    const second = await stock.ran();
    expect(second.counts).toMatchObject({ read: 10_000, skipped: 10_000 });
    expect(Object.keys(stock.requests)).toEqual(["stock"]);

    const [sku = ""] = stock.skus();
    stock.edit({ wid: 1001, sku, valid: 777 });
    const third = await stock.ran();
    expect(third.counts).toMatchObject({ done: 1, skipped: 9_999 });
    expect(stock.requests).toMatchObject({ inventory: 1 });
    expect(stock.world.vendors.summary().dsco.inventoryUpdates).toBe(10_001);
    stock.expectEqual();
  });
});
