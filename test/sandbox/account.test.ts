import { describe, expect, it } from "vitest";
import { aSandbox, call, control, dsco, lingxing, TestClock } from "./vendor-calls.ts";

const dateOf = async (url: string): Promise<string | null> => (await fetch(url)).headers.get("date");

describe("a vendor's clock that is wrong", () => {
  it("is told by the Date of every answer, that of a refusal too, and by the other vendor's not at all", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    expect(await dateOf(`${sandbox.dscoUrl}/hello`)).toBe("Thu, 20 Nov 2025 10:00:00 GMT");
    sandbox.changeSettings({ dscoClockMs: 90_000, lingxingClockMs: -3_600_000 });
    expect(await dateOf(`${sandbox.dscoUrl}/hello`)).toBe("Thu, 20 Nov 2025 10:01:30 GMT");
    expect(await dateOf(`${sandbox.lingxingUrl}/`)).toBe("Thu, 20 Nov 2025 09:00:00 GMT");
  });

  it("counts: DSCO's for the bounds of a search, Lingxing's for the age of a signature", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    const page = () => dsco(sandbox, "GET", "/order/page?ordersUpdatedSince=1970-01-01T00:00:00Z&until=2025-11-20T09:59:50Z");
    expect((await page()).status).toBe(200);
    sandbox.changeSettings({ dscoClockMs: -6_000 });
    expect((await page()).status).toBe(400);
    const stores = () => lingxing(sandbox, "stores", {}, { nowMs: clock.ms });
    sandbox.changeSettings({ lingxingClockMs: 120_000 });
    expect((await stores()).json).toMatchObject({ code: 0 });
    sandbox.changeSettings({ lingxingClockMs: 121_000 });
    expect((await stores()).json).toMatchObject({ code: "2001007" });
  });
});

describe("an app that is not let in", () => {
  it("is refused every signed call from an address that is not on the whitelist, before anything else is looked at", async () => {
    const sandbox = await aSandbox({ lingxingBlocked: true });
    for (const path of ["list", "wms", "stores"] as const) {
      const answer = await lingxing(sandbox, path, { nonsense: true }, { token: "wrong" });
      expect(answer.json).toEqual({ code: "3001002", msg: "ip not permit, please check the whitelist: 127.0.0.1", data: null });
    }
    await control(sandbox, "POST", "settings", { lingxingBlocked: false });
    expect((await lingxing(sandbox, "stores", {})).json).toMatchObject({ code: 0 });
  });

  it("is refused the interfaces it was not granted, and no others", async () => {
    const sandbox = await aSandbox();
    expect((await control(sandbox, "POST", "settings", { lingxingUngranted: ["wms"] })).status).toBe(200);
    expect((await lingxing(sandbox, "wms", {})).json).toMatchObject({ code: "2001004" });
    expect((await lingxing(sandbox, "stores", {})).json).toMatchObject({ code: 0 });
    expect((await control(sandbox, "POST", "settings", { lingxingUngranted: ["sell"] })).status).toBe(400);
  });

  it("does not stand in the way of DSCO", async () => {
    const sandbox = await aSandbox({ lingxingBlocked: true });
    expect((await dsco(sandbox, "GET", "/hello")).status).toBe(200);
    expect((await call(`${sandbox.lingxingUrl}/api/auth-server/oauth/access-token`, { method: "POST" })).json).toMatchObject({
      code: "0001001",
    });
  });
});
