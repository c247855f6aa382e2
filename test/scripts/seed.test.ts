import { beforeAll, describe, expect, it } from "vitest";
import { idOf, seedHistory } from "../../scripts/bench/seed.mjs";
import { FINISHED, OPEN, RUN_ENDS } from "../../scripts/bench/seed-mix.mjs";
import { useTestDatabase } from "../helpers/mysql.ts";

const db = await useTestDatabase();
const ORDERS = 20_000;

async function number(sql: string): Promise<number> {
  const [row] = await db.query<{ n: string }>(`select count(*) as n from ${sql}`);
  return Number(row?.n);
}

it.each([
  ["orders of former days", FINISHED],
  ["orders of today", OPEN],
  ["ends of runs", RUN_ENDS],
])("the mix of %s adds up to a thousand", (_, mix) => {
  expect(mix.reduce((sum, { perMille }) => sum + perMille, 0)).toBe(1000);
});

describe("a seeded history", () => {
  const now = new Date("2026-03-01T12:00:00.000Z");
  beforeAll(async () => {
    const seeded = await seedHistory(db.query, { orders: ORDERS, openShare: 0.05, skus: 200, now });
    expect(seeded).toEqual({ firstId: idOf(1), lastId: idOf(ORDERS), openFrom: idOf(19_001) });
  });

  it("has every order once, with its text", async () => {
    expect(await number("sync_order_state")).toBe(ORDERS);
    expect(await number("dsco_order_raw join sync_order_state using (dsco_order_id)")).toBe(ORDERS);
    const [{ payload } = { payload: "" }] = await db.query<{ payload: string }>(
      "select payload from dsco_order_raw order by dsco_order_id desc limit 1",
    );
    expect(JSON.parse(payload)).toMatchObject({ dscoOrderId: idOf(ORDERS) });
  });

  it("holds the mix: finished before, today's orders at every stage", async () => {
    const stages = "concat_ws(' ', push_status, ack_status, ship_status, invoice_status)";
    const found = await db.query<{ stages: string; orders: string }>(
      `select ${stages} as stages, count(*) as orders from sync_order_state where dsco_order_id >= '${idOf(19_001)}' group by stages`,
    );
    expect(Object.fromEntries(found.map((row) => [row.stages, Number(row.orders)]))).toEqual(
      Object.fromEntries(OPEN.map(({ stages, perMille }) => [stages.join(" "), perMille])),
    );
    expect(await number(`sync_order_state where dsco_order_id < '${idOf(19_001)}' and ${stages} not in ('1 1 1 1', '4 4 4 4')`)).toBe(
      19 * 11,
    );
  });

  it("holds what belongs to the rows", async () => {
    expect(await number("sync_order_state where 3 in (push_status, ack_status, ship_status, invoice_status)")).toBe(
      await number("(select distinct dsco_order_id from manual_task where status = 0) t"),
    );
    expect(await number("sync_order_state where invoice_status = 1 and (dsco_invoice_id is null or invoice_at is null)")).toBe(0);
    expect(await number("order_event where event = 'invoice_done'")).toBe(await number("sync_order_state where invoice_status = 1"));
    expect(await number("order_event where event = 'order_new'")).toBe(ORDERS);
    expect(await number("job_run where items_read <> items_done + items_waiting + items_manual")).toBe(0);
    expect(await number("job_run where job_name = 'sync_stock'")).toBe((2 * 1440) / 5);
    expect(await number(`job_run where ended_at > '${now.toISOString().slice(0, 19).replace("T", " ")}'`)).toBe(0);
    expect(await number("stock_level")).toBe(400);
  });
});
