import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { aSandbox, control, dsco, lingxing, newOrders } from "./vendor-calls.ts";

describe("the control API", () => {
  it("tells what was asked, by call and by path, and forgets it when told", async () => {
    const sandbox = await aSandbox();
    await dsco(sandbox, "GET", "/hello");
    await dsco(sandbox, "GET", "/hello", { headers: { authorization: undefined } });
    await lingxing(sandbox, "stores", {});
    const { json } = await control(sandbox, "GET", "stats");
    expect(json).toMatchObject({
      total: 3,
      requests: { hello: 2, stores: 1 },
      endpoints: { "dsco GET /hello": 2, "lingxing POST /pb/mp/shop/v2/getSellerList": 1 },
      throttled: {},
      faults: {},
      maxInFlight: { hello: 1, stores: 1 },
    });
    await control(sandbox, "POST", "reset-stats");
    expect((await control(sandbox, "GET", "stats")).json).toMatchObject({ total: 0, requests: {} });
  });

  it("changes orders, settings, faults and Lingxing's side", async () => {
    const sandbox = await aSandbox({ orders: 2 });
    const orders = await control(sandbox, "POST", "orders", {
      add: [{ order: { dscoOrderId: "5" } }, { updatedAt: "2025-11-20T00:00:00Z", visibleAt: "2099-01-01T00:00:00+08:00" }],
      patch: [{ id: "1200000001", set: { testFlag: true } }],
      cancel: ["1200000002"],
    });
    expect(orders.json).toEqual({ added: ["5", "1200000004"], patched: 1, cancelled: 1, uncancelled: 0 });
    expect((await control(sandbox, "POST", "settings", { settleMs: 5, limits: false })).json).toMatchObject({
      settleMs: 5,
      limits: false,
      latencyMs: 0,
    });
    expect((await control(sandbox, "POST", "faults", { faults: ["hello:503-before:1"] })).json).toEqual({ faults: ["hello:503-before:1"] });
    expect((await dsco(sandbox, "GET", "/hello")).status).toBe(503);
    await lingxing(sandbox, "create", newOrders("A-1"));
    expect((await control(sandbox, "POST", "advance", { action: "review" })).json).toEqual({ touched: 1 });
    expect((await control(sandbox, "GET", "state")).json).toMatchObject({
      dsco: { orders: [{ testFlag: true }, { dscoStatus: "cancelled" }, {}, { dscoLastUpdate: "2025-11-20T00:00:00.000Z" }] },
      lingxing: { orders: [{ status: 5, platformOrderNos: ["A-1"], sent: { city: "Reno" } }], createAttempts: { "A-1": 1 } },
    });
    expect((await control(sandbox, "GET", "summary")).json).toMatchObject({ dsco: { orders: 4 }, lingxing: { byStatus: { "5": 1 } } });
    expect((await control(sandbox, "GET", "env")).json).toMatchObject(sandbox.env);
  });

  it.each([
    ["POST", "faults", { faults: ["nonsense"] }, 400, /three parts/],
    ["POST", "settings", { latency: 5 }, 400, /latency/],
    ["POST", "settings", { latencyMs: -1 }, 400, /latencyMs/],
    ["POST", "advance", { action: "sell" }, 400, /action/],
    ["POST", "orders", { cancel: "1" }, 400, /cancel/],
    ["POST", "orders", { patch: [{ id: "1", set: [] }] }, 400, /set/],
    ["GET", "nothing", undefined, 404, /GET stats/],
    ["GET", "advance", undefined, 404, /POST advance/],
  ] as const)("%s %s %j is %i and says why", async (method, name, body, status, reason) => {
    const sandbox = await aSandbox();
    const answer = await control(sandbox, method, name, body);
    expect(answer.status).toBe(status);
    expect(String(answer.json?.error)).toMatch(reason);
  });

  it("answers 403 to another name for this address, and 404 outside its paths", async () => {
    const sandbox = await aSandbox();
    const status = (path: string, host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(sandbox.url + path, { headers: { host } }, (response) => resolve(response.resume().statusCode))
          .on("error", reject)
          .end();
      });
    expect([await status("/_sandbox/stats", "evil.example"), await status("/_sandbox/stats", "localhost:1")]).toEqual([403, 200]);
    expect(await status("/", "localhost")).toBe(404);
  });
});
