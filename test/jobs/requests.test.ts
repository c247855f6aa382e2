import { afterEach, describe, expect, it } from "vitest";
import { StatementCounter } from "../helpers/whole-run.ts";
import { PULL, PUSH, useWorld } from "./world.ts";

const world = await useWorld();

const ORDERS = 1000;

let counter: StatementCounter | undefined;
afterEach(() => counter?.stop());

describe(`${ORDERS} orders, with the vendors' limits on`, () => {
  it("cost at most 3 requests to pull and 25 to push, never meet a throttle, and under one statement each per job", {
    timeout: 60_000,
  }, async () => {
    await world.open({ orders: ORDERS, latencyMs: 50 });
    const through = await StatementCounter.start(world.db.dsn);
    counter = through.counter;
    const env = { IPASS_DB_DSN: through.dsn };
    const { mapEnv } = world.vendors;

    const pull = await world.pass(PULL, [], env);
    expect(pull.report).toMatchObject({ exit: { code: 0 }, counts: { done: ORDERS } });
    expect(world.vendors.stats().total).toBeLessThanOrEqual(3);
    expect(counter.statements).toBeGreaterThan(5);
    expect(counter.statements / ORDERS).toBeLessThan(1);
    const afterPull = counter.statements;

    const push = await world.pass(PUSH, [], { ...env, ...mapEnv });
    expect(push.report).toMatchObject({ exit: { code: 0 }, counts: { done: ORDERS } });
    const { total, requests, throttled, maxInFlight } = world.vendors.stats();
    expect(requests.create).toBe(ORDERS / 50);
    expect(total - (requests.order_page ?? 0)).toBeLessThanOrEqual(25);
    expect(throttled).toEqual({});
    expect(maxInFlight.create, "side by side").toBeGreaterThan(1);
    expect((counter.statements - afterPull) / ORDERS).toBeLessThan(1);
  });

  it("are as quick to throttle when ipass is started too often: nobody meets 429 or 3001008", { timeout: 60_000 }, async () => {
    await world.open({ orders: 300, latencyMs: 20 });
    await Promise.all([world.pass(PULL), world.pass(PULL, ["--on-locked", "wait=20"])]);
    await Promise.all([world.pass(PUSH, ["--limit", "100"]), world.pass(PUSH, ["--on-locked", "wait=20"]), world.pass(PULL)]);
    expect(world.vendors.stats().throttled).toEqual({});
    expect(await world.pushStatuses()).toEqual({ 1: 300 });
  });

  it("that keep ipass waiting are told apart from those due by the database, not one by one", async () => {
    await world.open({ orders: 500, limits: false });
    await world.pulled();
    await world.db.query("update sync_order_state set push_status = 2, push_next_attempt_at = utc_timestamp(3) + interval 1 hour");
    const through = await StatementCounter.start(world.db.dsn);
    counter = through.counter;
    world.vendors.resetStats();
    const idle = await world.pass(PUSH, [], { IPASS_DB_DSN: through.dsn });
    expect(idle.report).toMatchObject({ exit: { code: 0 }, counts: { read: 0 } });
    expect(world.vendors.stats().total).toBe(0);
    expect(counter.statements).toBeLessThan(25);
  });
});
