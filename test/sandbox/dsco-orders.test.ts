import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/sandbox/json.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, type CallResult, dsco, TestClock } from "./vendor-calls.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const ordersOf = ({ json }: CallResult): JsonObject[] => (json?.orders ?? []) as JsonObject[];
const idsOf = (result: CallResult): unknown[] => ordersOf(result).map(({ dscoOrderId }) => dscoOrderId);

async function started(options: Parameters<typeof aSandbox>[0] = {}): Promise<{ sandbox: Sandbox; clock: TestClock }> {
  const clock = new TestClock();
  return { clock, sandbox: await aSandbox({ now: clock.now, ...options }) };
}

function search(sandbox: Sandbox, sinceMs: number, untilMs: number, more = ""): Promise<CallResult> {
  return dsco(sandbox, "GET", `/order/page?ordersUpdatedSince=${iso(sinceMs)}&until=${iso(untilMs)}${more}`);
}

const nextPage = (sandbox: Sandbox, scrollId: unknown): Promise<CallResult> =>
  dsco(sandbox, "GET", `/order/page?scrollId=${String(scrollId)}`);

describe("the window", () => {
  it("is open at updatedSince, closed at createdSince, open at until", async () => {
    const { sandbox, clock } = await started({ orders: 0 });
    const at = clock.ms;
    const created = { dscoCreateDate: iso(at) };
    sandbox.changeOrders({ add: [{ order: created }] });
    clock.advance(60_000);
    const byCreation = (since: number, until: number): Promise<CallResult> =>
      dsco(sandbox, "GET", `/order/page?ordersCreatedSince=${iso(since)}&until=${iso(until)}`);
    expect(ordersOf(await search(sandbox, at - 1, at + 1))).toHaveLength(1);
    expect(ordersOf(await search(sandbox, at, at + 1))).toHaveLength(0);
    expect(ordersOf(await search(sandbox, at - 1, at))).toHaveLength(0);
    expect(ordersOf(await byCreation(at, at + 1))).toHaveLength(1);
    expect(ordersOf(await byCreation(at + 1, at + 2))).toHaveLength(0);
  });

  it("leaves test orders out unless asked, and filters by status", async () => {
    const { sandbox, clock } = await started({ orders: 24, broken: 12 });
    const all = (more: string): Promise<CallResult> => search(sandbox, 0, clock.ms - 5000, more);
    expect(ordersOf(await all(""))).toHaveLength(23);
    expect(ordersOf(await all("&includeTestOrders=true"))).toHaveLength(24);
    expect(ordersOf(await all("&status=cancelled"))).toHaveLength(1);
    expect(ordersOf(await all("&status=cancelled&status=created"))).toHaveLength(23);
  });

  it("sends long ids as bare numbers where an order has such", async () => {
    const { sandbox, clock } = await started({ orders: 12, broken: 12 });
    const { text } = await search(sandbox, 0, clock.ms - 5000);
    expect(text).toMatch(/"dscoOrderId":900719921200000\d{3},/);
  });
});

describe("the scroll", () => {
  it("goes page by page to the empty one, under one id, other parameters ignored", async () => {
    const { sandbox, clock } = await started({ orders: 25 });
    const first = await search(sandbox, 0, clock.ms - 5000, "&ordersPerPage=10");
    const id = first.json?.scrollId;
    const second = await dsco(sandbox, "GET", `/order/page?scrollId=${String(id)}&status=nonsense`);
    const third = await nextPage(sandbox, id);
    const last = await nextPage(sandbox, id);
    expect([first, second, third, last].map((page) => ordersOf(page).length)).toEqual([10, 10, 5, 0]);
    expect(new Set([first, second, third].flatMap(idsOf)).size).toBe(25);
    expect([second, third].map(({ json }) => json?.scrollId)).toEqual([id, id]);
    expect((await nextPage(sandbox, id)).status).toBe(404);
  });

  it("is offered with one full enough page too, and not with none", async () => {
    const { sandbox, clock } = await started();
    expect((await search(sandbox, 0, clock.ms - 5000)).json?.scrollId).toBeTypeOf("string");
    expect((await search(sandbox, clock.ms - 7000, clock.ms - 6000)).json).toEqual({ orders: [] });
  });

  it("is a cursor: a page whose answer was lost is gone", async () => {
    const { sandbox, clock } = await started({ orders: 30, faults: ["order_page:reset-after:#2", "order_page:503-before:#4"] });
    const first = await search(sandbox, 0, clock.ms - 5000, "&ordersPerPage=10");
    await expect(nextPage(sandbox, first.json?.scrollId)).rejects.toThrow();
    const third = await nextPage(sandbox, first.json?.scrollId);
    expect(idsOf(third)).toEqual(Array.from({ length: 10 }, (_, index) => String(1_200_000_021 + index)));
    // What fails before it is served moves nothing.
    expect((await nextPage(sandbox, first.json?.scrollId)).status).toBe(503);
    expect(ordersOf(await nextPage(sandbox, first.json?.scrollId))).toHaveLength(0);
  });

  it("expires five minutes after the last page", async () => {
    const { sandbox, clock } = await started({ orders: 30 });
    const first = await search(sandbox, 0, clock.ms - 5000, "&ordersPerPage=10");
    clock.advance(300_000);
    expect((await nextPage(sandbox, first.json?.scrollId)).status).toBe(200);
    clock.advance(300_001);
    expect((await nextPage(sandbox, first.json?.scrollId)).status).toBe(404);
  });

  it("takes one call at a time", async () => {
    const { sandbox, clock } = await started({ orders: 30, latencyMs: 60 });
    const first = await search(sandbox, 0, clock.ms - 5000, "&ordersPerPage=10");
    const both = await Promise.all([nextPage(sandbox, first.json?.scrollId), nextPage(sandbox, first.json?.scrollId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(ordersOf(await nextPage(sandbox, first.json?.scrollId))).toHaveLength(10);
  });

  it("shows what was there when it was opened", async () => {
    const { sandbox, clock } = await started({ orders: 20 });
    const first = await search(sandbox, 0, clock.ms - 5000, "&ordersPerPage=10");
    sandbox.changeOrders({ cancel: ["1200000015"] });
    const second = await nextPage(sandbox, first.json?.scrollId);
    expect(ordersOf(second).find(({ dscoOrderId }) => dscoOrderId === "1200000015")).toMatchObject({ dscoStatus: "created" });
  });
});

describe("what people do at DSCO", () => {
  it("an order that becomes visible late keeps its older dscoLastUpdate", async () => {
    const { sandbox, clock } = await started({ orders: 0 });
    const updated = clock.ms;
    sandbox.changeOrders({ add: [{ order: { dscoOrderId: "77" }, visibleAt: updated + 240_000 }] });
    clock.advance(239_999);
    expect(ordersOf(await search(sandbox, updated - 1000, clock.ms - 5000))).toHaveLength(0);
    expect((await dsco(sandbox, "GET", "/order/?orderKey=dscoOrderId&value=77")).status).toBe(404);
    clock.advance(1);
    expect(ordersOf(await search(sandbox, updated - 1000, clock.ms - 5000))).toMatchObject([
      { dscoOrderId: "77", dscoLastUpdate: iso(updated) },
    ]);
  });

  it("a change of an order nobody sees yet does not show it early", async () => {
    const { sandbox, clock } = await started({ orders: 0 });
    sandbox.changeOrders({ add: [{ order: { dscoOrderId: "77" }, visibleAt: clock.ms + 60_000 }], cancel: ["77"] });
    const status = async (): Promise<number> => (await dsco(sandbox, "GET", "/order/?orderKey=dscoOrderId&value=77")).status;
    expect(await status()).toBe(404);
    clock.advance(60_000);
    expect(await status()).toBe(200);
  });

  it("cancels, and takes it back", async () => {
    const { sandbox, clock } = await started();
    const read = async (): Promise<unknown> =>
      (await dsco(sandbox, "GET", "/order/?orderKey=dscoOrderId&value=1200000001")).json?.dscoStatus;
    sandbox.changeOrders({ patch: [{ id: "1200000001", set: { dscoStatus: "shipment_pending" } }] });
    expect(sandbox.changeOrders({ cancel: ["1200000001", "nobody"] })).toMatchObject({ cancelled: 1 });
    expect(await read()).toBe("cancelled");
    clock.advance(10_000);
    expect(sandbox.changeOrders({ uncancel: ["1200000001"] })).toMatchObject({ uncancelled: 1 });
    expect(await read()).toBe("shipment_pending");
    clock.advance(10_000);
    expect(idsOf(await search(sandbox, clock.ms - 11_000, clock.ms - 5000))).toEqual(["1200000001"]);
  });

  it("patches fields, the address one by one", async () => {
    const { sandbox } = await started();
    const result = sandbox.changeOrders({ patch: [{ id: "1200000001", set: { cancelRequested: true, shipping: { city: "Elko" } } }] });
    expect(result).toMatchObject({ patched: 1 });
    expect(sandbox.state().dsco.orders[0]).toMatchObject({ cancelRequested: true, shipping: { city: "Elko", country: "US" } });
  });

  it("shows a change only after the read lag", async () => {
    const { sandbox, clock } = await started({ readLagMs: 20_000 });
    const changedAt = clock.ms;
    sandbox.changeOrders({ cancel: ["1200000001"] });
    const read = async (): Promise<unknown> =>
      (await dsco(sandbox, "GET", "/order/?orderKey=dscoOrderId&value=1200000001")).json?.dscoStatus;
    clock.advance(19_999);
    expect(await read()).toBe("created");
    clock.advance(1);
    expect(await read()).toBe("cancelled");
    expect(idsOf(await search(sandbox, changedAt - 1, clock.ms - 5000))).toEqual(["1200000001"]);
  });
});
