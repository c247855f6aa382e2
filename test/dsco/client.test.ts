import nock from "nock";
import { describe, expect, it } from "vitest";
import { DscoClient, ScrollExpiredError, ScrollLostError } from "../../src/dsco/client.ts";
import { OutageError, RefusedError } from "../../src/errors.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://dsco.example/api/v3";
const SINCE = new Date("2025-11-20T08:00:00Z");
const UNTIL = new Date("2025-11-21T08:00:00.500Z");

function client(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  return { dsco: new DscoClient({ baseUrl: BASE, credentials: { token: "tok-canary" } }, deps), deps };
}
async function pages(dsco: DscoClient, includeTestOrders = false): Promise<(readonly string[])[]> {
  const all = [];
  for await (const page of dsco.ordersUpdatedSince(SINCE, UNTIL, { includeTestOrders })) all.push(page);
  return all;
}
const failed = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );
const first = { ordersUpdatedSince: "2025-11-20T08:00:00.000Z", until: "2025-11-21T08:00:00.500Z", ordersPerPage: "1000" };
const mockFirst = () => nock(BASE).get("/order/page").query(first);
const mockNext = (scrollId = "s-1") => nock(BASE).get("/order/page").query({ scrollId });
const errno = (code: string) => Object.assign(new Error("x"), { code });

describe("ordersUpdatedSince", () => {
  it("yields each order as DSCO wrote it, until the empty page", async () => {
    const { dsco } = client();
    mockFirst()
      .matchHeader("authorization", "bearer tok-canary")
      .matchHeader("accept", "application/json")
      .reply(200, '{"scrollId":"s-1","orders":[ {"dscoOrderId" : "1", "price":1.10},"odd" ]}');
    mockNext().reply(200, '{"orders":[{"dscoOrderId":103336708973801472}],"scrollId":"s-2"}');
    mockNext("s-2").reply(200, '{"scrollId":"s-2","orders":[]}');
    expect(await pages(dsco)).toEqual([['{"dscoOrderId" : "1", "price":1.10}', '"odd"'], ['{"dscoOrderId":103336708973801472}']]);
  });

  it.each(['{"orders":[{}]}', '{"orders":[{}],"scrollId":null}', '{"orders":[{}],"scrollId":""}'])(
    "ends without a scroll id: %s",
    async (text) => {
      const { dsco } = client();
      mockFirst().reply(200, text);
      expect(await pages(dsco)).toEqual([["{}"]]);
    },
  );

  it("yields nothing where there is nothing", async () => {
    const { dsco } = client();
    mockFirst().reply(200, '{"orders":[],"scrollId":"s-1"}');
    expect(await pages(dsco)).toEqual([]);
  });

  it("asks for test orders when told", async () => {
    const { dsco } = client();
    nock(BASE)
      .get("/order/page")
      .query({ ...first, includeTestOrders: "true" })
      .reply(200, '{"orders":[]}');
    expect(await pages(dsco, true)).toEqual([]);
  });

  it("asks again for a first page whose answer was lost: that opens a new scroll", async () => {
    const { dsco } = client();
    mockFirst().replyWithError(errno("ECONNRESET"));
    mockFirst().reply(502);
    mockFirst().reply(200, '{"orders":[');
    mockFirst().reply(200, '{"orders":[{}]}');
    expect(await pages(dsco)).toEqual([["{}"]]);
  });

  it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
    ["was reset", (m) => m.replyWithError(errno("ECONNRESET"))],
    ["met a 503", (m) => m.reply(503)],
    ["met a 408", (m) => m.reply(408)],
    ["was HTML", (m) => m.reply(200, "<html></html>")],
    ["was an HTML 404", (m) => m.reply(404, "<html></html>")],
    ["was cut off", (m) => m.reply(200, '{"orders":[{}')],
    ["had another shape", (m) => m.reply(200, "{}")],
  ])("never asks again for a later page that %s", async (_name, reply) => {
    const { dsco, deps } = client();
    mockFirst().reply(200, '{"scrollId":"s-1","orders":[{}]}');
    reply(mockNext());
    const error = await failed(pages(dsco));
    expect(error).toBeInstanceOf(ScrollLostError);
    expect(error).toMatchObject({ name: "ScrollLostError", exit: "vendor" });
    expect(deps.slept).toEqual([]);
    expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary|s-1|dsco\.example/);
  });

  it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
    ["was turned away for its pace", (m) => m.reply(429)],
    ["found nobody listening", (m) => m.replyWithError(errno("ECONNREFUSED"))],
  ])("asks again for a later page that %s: the cursor has not moved", async (_name, reply) => {
    const { dsco, deps } = client();
    mockFirst().reply(200, '{"scrollId":"s-1","orders":[{}]}');
    reply(mockNext());
    mockNext().reply(200, '{"orders":[]}');
    expect(await pages(dsco)).toEqual([["{}"]]);
    expect(deps.slept).toHaveLength(1);
  });

  it("knows an expired scroll", async () => {
    const { dsco } = client();
    mockFirst().reply(200, '{"scrollId":"s-1","orders":[{}]}');
    mockNext().reply(404, { messages: [{ code: "notFound", description: "scroll expired" }] });
    const error = await failed(pages(dsco));
    expect(error).toBeInstanceOf(ScrollExpiredError);
    expect(error).toMatchObject({ message: "dsco.order_page: HTTP 404: notFound scroll expired" });
  });

  it.each([
    ["a 404 on the first page", 404, RefusedError],
    ["a 403", 403, OutageError],
  ])("does not take %s for a lost scroll", async (_name, status, expected) => {
    const { dsco } = client();
    mockFirst().reply(status);
    const error = await failed(pages(dsco));
    expect(error).toBeInstanceOf(expected);
    expect(error).not.toBeInstanceOf(ScrollLostError);
    expect(error).not.toBeInstanceOf(ScrollExpiredError);
  });
});

describe("findOrder", () => {
  const mock = () => nock(BASE).get("/order/").query({ orderKey: "dscoOrderId", value: "12" });

  it.each([
    ["an order, to the letter", '{"dscoOrderId" : "12", "price":1.10}', '{"dscoOrderId" : "12", "price":1.10}'],
    ["a number for an id", ' {"dscoOrderId":12} ', '{"dscoOrderId":12}'],
    ["the right one of a list", '[{"dscoOrderId":"11"}, {"dscoOrderId" :"12"}]', '{"dscoOrderId" :"12"}'],
    ["an empty list", "[]", undefined],
    ["null", "null", undefined],
    ["an empty object", "{}", undefined],
  ])("reads %s", async (_name, text, expected) => {
    const { dsco } = client();
    mock().reply(200, text);
    expect(await dsco.findOrder("12")).toBe(expected);
  });

  it.each(["", '{"messages":[{"code":"notFound"}]}'])("finds nothing on a 404 with body %o", async (body) => {
    const { dsco } = client();
    mock().reply(404, body);
    expect(await dsco.findOrder("12")).toBeUndefined();
  });

  it.each<[string, number, string]>([
    ["a proxy's 404", 404, "<html></html>"],
    ["another order", 200, '{"dscoOrderId":"11"}'],
    ["a list of others", 200, '[{"dscoOrderId":"11"}]'],
    ["half an order", 200, '{"dscoOrderId":"12"'],
    ["nothing", 200, ""],
    ["a server fault", 500, ""],
  ])("does not take %s for an absent order", async (_name, status, body) => {
    const { dsco } = client();
    mock().times(4).reply(status, body);
    await expect(dsco.findOrder("12")).rejects.toMatchObject({ exit: "vendor" });
  });

  it("passes a refusal on", async () => {
    const { dsco } = client();
    mock().reply(400, { messages: [{ code: "badKey" }] });
    await expect(dsco.findOrder("12")).rejects.toThrow("dsco.order: HTTP 400: badKey");
  });
});

describe("hello", () => {
  it("brings DSCO's clock", async () => {
    const { dsco } = client();
    nock(BASE).get("/hello").reply(200, { hello: "World!" }, { date: "Sat, 22 Nov 2025 08:00:30 GMT" });
    expect(await dsco.hello()).toEqual({ serverDate: new Date("2025-11-22T08:00:30Z") });
  });
  it("does without", async () => {
    const { dsco } = client();
    nock(BASE).get("/hello").reply(200, { hello: "World!" });
    expect(await dsco.hello()).toEqual({});
  });
});
