import { describe, expect, it } from "vitest";
import { OrderCounts } from "../../src/store/order-counts.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const counts = new OrderCounts(database.db);
const HOUR_MS = 3600_000;
const now = new Date("2026-01-05T08:00:00Z");
const ago = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);

const statuses = ([push, ack, ship, invoice]: readonly [number, number, number, number]) => ({
  push_status: push,
  ack_status: ack,
  ship_status: ship,
  invoice_status: invoice,
});
let added = 0;
const add = (columns: Record<string, unknown> = {}) => {
  added += 1;
  return addOrderRow(database, { dsco_order_id: String(added), ...columns });
};

describe("by statuses", () => {
  it("counts each combination once, whatever it differs in from an order that is through", async () => {
    const there = [
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 1, 9, 0],
      [1, 1, 1, 2],
      [1, 1, 1, 1],
      [4, 4, 4, 4],
      [1, 4, 4, 4],
      [1, 1, 4, 1],
      [1, 1, 1, 4],
      [9, 0, 0, 0],
    ] as const;
    for (const [index, combination] of there.entries()) for (let n = 0; n <= index; n++) await add(statuses(combination));
    const found = await counts.byStatuses();
    const asText = found.map(({ push, ack, ship, invoice, orders }) => `${push}${ack}${ship}${invoice}: ${orders}`);
    expect(asText.sort()).toEqual(there.map((combination, index) => `${combination.join("")}: ${index + 1}`).sort());
    expect(await counts.total()).toBe(found.reduce((sum, { orders }) => sum + orders, 0));
  });

  it("of no orders are none", async () => {
    expect(await counts.byStatuses()).toEqual([]);
    expect(await counts.total()).toBe(0);
  });
});

describe("the remembered total", () => {
  it("is completed by what came since", async () => {
    for (const hours of [48, 24, 2]) await add({ created_at: ago(hours) });
    await counts.refresh(now);
    expect(await database.query("SELECT orders FROM order_count")).toEqual([{ orders: "3" }]);
    await add({ created_at: ago(0.5) });
    await add({ created_at: ago(0) });
    expect(await counts.total()).toBe(5);
  });

  it("leaves out the last hour, whose transactions may not have ended", async () => {
    await add({ created_at: ago(0.5) });
    await counts.refresh(now);
    expect(await database.query("SELECT orders FROM order_count")).toEqual([{ orders: "0" }]);
    await add({ created_at: ago(0.9) });
    expect(await counts.total()).toBe(2);
  });

  it("is counted anew after six hours, and not before", async () => {
    await add({ created_at: ago(24) });
    await counts.refresh(now);
    await database.query("DELETE FROM sync_order_state");
    await counts.refresh(new Date(now.getTime() + 5 * HOUR_MS));
    expect(await counts.total(), "a row somebody deleted").toBe(1);
    await counts.refresh(new Date(now.getTime() + 7 * HOUR_MS));
    expect(await counts.total()).toBe(0);
  });
});
