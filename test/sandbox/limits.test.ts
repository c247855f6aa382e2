import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, dsco, lingxing, newOrders, TestClock } from "./vendor-calls.ts";

const getOrder = (sandbox: Sandbox) => dsco(sandbox, "GET", "/order/?orderKey=dscoOrderId&value=1200000001");
const singleItem = (sandbox: Sandbox) => dsco(sandbox, "POST", "/inventory/singleItem", { body: {} });
const shipment = (sandbox: Sandbox) => dsco(sandbox, "POST", "/order/singleShipment", { body: {} });
const invoice = (sandbox: Sandbox) => dsco(sandbox, "GET", "/invoice?key=invoiceId&value=x");

async function countAllowed(calls: number, call: () => Promise<{ status: number }>): Promise<number> {
  let allowed = 0;
  for (let index = 0; index < calls; index += 1) if ((await call()).status !== 429) allowed += 1;
  return allowed;
}

describe("DSCO's limits in time", () => {
  it.each([
    { name: "GET /order/", call: getOrder, perSecond: 10 },
    { name: "POST /inventory/singleItem", call: singleItem, perSecond: 5 },
    { name: "POST /order/singleShipment", call: shipment, perSecond: 15 },
    { name: "GET /invoice", call: invoice, perSecond: 15 },
  ])("$name: $perSecond in any second", async ({ call, perSecond }) => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    expect(await countAllowed(perSecond + 3, () => call(sandbox))).toBe(perSecond);
    clock.advance(999);
    expect(await countAllowed(1, () => call(sandbox))).toBe(0);
    clock.advance(1);
    expect(await countAllowed(perSecond + 3, () => call(sandbox))).toBe(perSecond);
  });

  it.each([
    { name: "GET /order/", call: getOrder, perSecond: 10, perMinute: 500 },
    { name: "POST /order/singleShipment", call: shipment, perSecond: 15, perMinute: 300 },
  ])("$name: $perMinute in any minute", async ({ call, perSecond, perMinute }) => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    for (let seconds = 0; seconds < perMinute / perSecond; seconds += 1) {
      expect(await countAllowed(perSecond, () => call(sandbox))).toBe(perSecond);
      clock.advance(1000);
    }
    expect(await countAllowed(1, () => call(sandbox))).toBe(0);
    clock.advance(59_999 - (perMinute / perSecond) * 1000);
    expect(await countAllowed(1, () => call(sandbox))).toBe(0);
    clock.advance(1);
    expect(await countAllowed(perSecond + 1, () => call(sandbox))).toBe(perSecond);
  });

  it("does not count refused calls, and can be switched off", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    expect(await countAllowed(30, () => getOrder(sandbox))).toBe(10);
    expect(sandbox.stats().throttled).toEqual({ order_get: 20 });
    clock.advance(1000);
    expect(await countAllowed(10, () => getOrder(sandbox))).toBe(10);
    sandbox.changeSettings({ limits: false });
    expect(await countAllowed(30, () => getOrder(sandbox))).toBe(30);
  });
});

describe("Lingxing's buckets", () => {
  it.each([
    { path: "wms", body: {}, capacity: 1 },
    { path: "stock", body: {}, capacity: 1 },
    { path: "list", body: { offset: 0, length: 20, platform_order_nos: ["A"] }, capacity: 10 },
  ] as const)("$path: $capacity in flight, the next one gets 3001008", async ({ path, body, capacity }) => {
    const sandbox = await aSandbox({ latencyMs: 80 });
    const answers = await Promise.all(Array.from({ length: capacity + 2 }, () => lingxing(sandbox, path, body)));
    expect(answers.filter(({ json }) => json?.code === 0)).toHaveLength(capacity);
    expect(answers.filter(({ status, json }) => status === 200 && json?.code === "3001008")).toHaveLength(2);
    // The places are free again.
    expect((await lingxing(sandbox, path, body)).json).toMatchObject({ code: 0 });
  });

  it("hands the place back when the caller gives up", async () => {
    const sandbox = await aSandbox({ faults: ["wms:timeout-after:#1"] });
    const gaveUp = fetch(`${sandbox.lingxingUrl}/erp/sc/routing/wms/order/wmsOrderList`, {
      method: "POST",
      signal: AbortSignal.timeout(50),
    });
    await expect(gaveUp).rejects.toThrow(/timeout/);
    await expect.poll(async () => (await lingxing(sandbox, "wms", {})).json?.code).toBe(0);
  });

  it("never takes more than the bucket into the handler", async () => {
    const sandbox = await aSandbox({ latencyMs: 20 });
    await Promise.all(Array.from({ length: 12 }, (_, index) => lingxing(sandbox, "create", newOrders(`N-${index}`))));
    expect(sandbox.state().lingxing.orders).toHaveLength(10);
    expect(sandbox.stats().throttled).toEqual({ create: 2 });
  });
});
