import { afterEach, describe, expect, it } from "vitest";
import { PAGE } from "../../src/jobs/due-orders.ts";
import { StatementCounter } from "../helpers/whole-run.ts";
import { ACK, INVOICE, PULL, PUSH, SHIP } from "./way-back-world.ts";
import { useWorld } from "./world.ts";

const world = await useWorld();

const ORDERS = 1000;
const WRITES = ["create", "ack", "ship", "invoice"];

let counter: StatementCounter | undefined;
afterEach(() => counter?.stop());

describe(`${ORDERS} orders from pull to confirmed invoice, at 50 ms and with the vendors' limits on`, () => {
  it("cost at most 100 requests and under one statement per order and stage, and idle passes hardly anything", {
    timeout: 120_000,
  }, async () => {
    await world.open({ orders: ORDERS, latencyMs: 50 });
    const through = await StatementCounter.start(world.db.dsn);
    counter = through.counter;
    const env = { ...world.vendors.mapEnv, IPASS_DB_DSN: through.dsn };
    const statements: Record<string, number> = {};
    const pass = async (job: string) => {
      const before = counter?.statements ?? 0;
      const { report } = await world.pass(job, [], env);
      statements[job] = (counter?.statements ?? 0) - before;
      return report;
    };
    const done = { exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS } };

    expect(await pass(PULL)).toMatchObject(done);
    expect(await pass(PUSH)).toMatchObject(done);
    world.vendors.advance({ action: "review" });
    expect(await pass(ACK)).toMatchObject(done);
    world.vendors.advance({ action: "ship" });
    expect(await pass(SHIP)).toMatchObject(done);
    expect(await pass(INVOICE)).toMatchObject(done);

    const { total, requests, throttled, faults } = world.vendors.stats();
    expect(total, JSON.stringify(requests)).toBeLessThanOrEqual(100);
    expect(throttled).toEqual({});
    expect(faults).toEqual({});
    for (const [job, asked] of Object.entries(statements)) {
      expect(asked, `statements of ${job}`).toBeGreaterThan(5);
      expect(asked / ORDERS, `statements of ${job}`).toBeLessThan(1);
    }
    expect(world.vendors.summary()).toMatchObject({
      dsco: {
        byStatus: { shipped: ORDERS },
        ordersWithPackages: ORDERS,
        packages: ORDERS,
        invoices: ORDERS,
        maxInvoicesOfAnOrder: 1,
        invoicesBeforeShipment: 0,
      },
      lingxing: { orders: ORDERS, createAttempts: ORDERS },
    });
    expect(await world.tasks()).toEqual([]);

    for (const round of [1, 2]) {
      world.vendors.resetStats();
      for (const job of [PULL, PUSH, ACK, SHIP, INVOICE]) {
        expect((await pass(job)).exit, `${job}, idle round ${round}`).toEqual({ code: 0, name: "ok" });
      }
      const idle = world.vendors.stats();
      expect(Object.keys(idle.requests).filter((call) => WRITES.includes(call))).toEqual([]);
      expect(idle.total, JSON.stringify(idle.requests)).toBeLessThanOrEqual(2);
    }
  });
});

describe("more orders than are held with their texts", () => {
  it("are asked about before the last are reported, not all at the end", { timeout: 60_000 }, async () => {
    const orders = 2 * PAGE + 1;
    await world.open({ orders, limits: false });
    for (const job of [PULL, PUSH]) expect((await world.pass(job)).report.counts.done).toBe(orders);
    world.vendors.advance({ action: "review" });
    const { report } = await world.pass(ACK);
    expect(report.counts.done).toBe(orders);
    const calls = world
      .logs()
      .flatMap(({ msg, trace_id, endpoint }) => (msg === "http_call" && trace_id === report.trace_id ? [endpoint] : []));
    const [sent, asked] = [calls.lastIndexOf("dsco.order_acknowledge"), calls.indexOf("dsco.order_log")];
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(sent);
  });
});
