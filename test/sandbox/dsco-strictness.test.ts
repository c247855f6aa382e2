import { describe, expect, it } from "vitest";
import type { Json } from "../../src/sandbox/json.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, type CallResult, call, dsco, TestClock } from "./vendor-calls.ts";

const UNTIL = "2025-11-20T09:59:50Z";
const page = (query: string): string => `/order/page?${query}`;
const dates = `ordersUpdatedSince=1970-01-01T00:00:00Z&until=${UNTIL}`;

async function frozenSandbox(): Promise<Sandbox> {
  return aSandbox({ now: new TestClock().now });
}

/** The descriptions in the error envelope. */
function reasons(result: CallResult): string {
  const messages = (result.json?.messages ?? []) as { description: Json }[];
  return messages.map(({ description }) => JSON.stringify(description)).join(" ");
}

describe("every call", () => {
  it.each([
    ["no token", { authorization: undefined }, 401],
    ["another token", { authorization: "bearer other" }, 401],
    ["a token without its scheme", { authorization: "sandbox-dsco-token" }, 401],
    ["the scheme in capitals", { authorization: "Bearer sandbox-dsco-token" }, 200],
    ["another Accept", { accept: "text/html" }, 406],
    ["no Content-Type on a GET", { "content-type": undefined }, 415],
    ["a Content-Type with a charset", { "content-type": "application/json; charset=utf-8" }, 200],
  ])("with %s", async (_, headers: Record<string, string | undefined>, status) => {
    expect((await dsco(await frozenSandbox(), "GET", "/hello", { headers })).status).toBe(status);
  });

  it.each([
    ["GET", "/nowhere", 404],
    ["GET", "/order", 404],
    ["GET", "/inventory/", 404],
    ["POST", "/hello", 405],
    ["GET", "/order/acknowledge", 405],
  ] as const)("%s %s is %i", async (method, path, status) => {
    const answer = await dsco(await frozenSandbox(), method, path, method === "POST" ? { body: {} } : {});
    expect(answer).toMatchObject({ status, json: { status: "failure", requestId: expect.any(String) } });
  });

  it("takes 5 MB of body and no more", async () => {
    const sandbox = await frozenSandbox();
    const ofSize = (bytes: number) => dsco(sandbox, "POST", "/order/acknowledge", { body: `[${" ".repeat(bytes - 2)}]` });
    expect((await ofSize(5_000_000)).status).toBe(400);
    expect((await ofSize(5_000_001)).status).toBe(413);
  });
});

describe("POST /oauth2/token", () => {
  const right = { client_id: "sandbox-client", client_secret: "sandbox-not-a-secret+/=&", grant_type: "client_credentials" };
  const ask = (sandbox: Sandbox, form: Record<string, string>, type = "application/x-www-form-urlencoded") =>
    call(`${sandbox.dscoUrl}/oauth2/token`, {
      method: "POST",
      headers: { "content-type": type },
      body: new URLSearchParams(form).toString(),
    });

  it.each([
    ["a wrong secret", { ...right, client_secret: "x" }, undefined, 401, "invalid_client"],
    ["another client", { ...right, client_id: "x" }, undefined, 401, "invalid_client"],
    ["no secret", { client_id: "sandbox-client", grant_type: "client_credentials" }, undefined, 400, "invalid_request"],
    ["another grant", { ...right, grant_type: "password" }, undefined, 400, "invalid_request"],
    ["JSON", right, "application/json", 400, "invalid_request"],
  ])("with %s", async (_, form, type, status, error) => {
    expect(await ask(await frozenSandbox(), form as Record<string, string>, type)).toMatchObject({ status, json: { error } });
  });

  it("gives tokens that are valid together for an hour", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    const first = await ask(sandbox, right);
    const second = await ask(sandbox, right);
    expect(first.json).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
    const hello = async (token: CallResult): Promise<number> =>
      (await dsco(sandbox, "GET", "/hello", { headers: { authorization: `bearer ${String(token.json?.access_token)}` } })).status;
    clock.advance(3_599_000);
    expect([await hello(first), await hello(second)]).toEqual([200, 200]);
    clock.advance(1000);
    expect([await hello(first), await hello(second)]).toEqual([401, 401]);
  });
});

describe("GET /order/page", () => {
  it.each([
    ["no dates", "", /one of ordersCreatedSince and ordersUpdatedSince/],
    ["both dates", `${dates}&ordersCreatedSince=1970-01-01T00:00:00Z`, /one of/],
    ["no until", "ordersUpdatedSince=1970-01-01T00:00:00Z", /until is required/],
    ["until 4.999 s ago", "ordersUpdatedSince=1970-01-01T00:00:00Z&until=2025-11-20T09:59:55.001Z", /5 seconds/],
    ["until in the future", "ordersUpdatedSince=1970-01-01T00:00:00Z&until=2026-11-20T09:59:55Z", /5 seconds/],
    ["a time without a zone", "ordersUpdatedSince=1970-01-01T00:00:00&until=2025-11-20T09:00:00Z", /with a zone/],
    ["a day for a time", "ordersUpdatedSince=1970-01-01&until=2025-11-20T09:00:00Z", /ISO 8601/],
    ["a page of 9", `${dates}&ordersPerPage=9`, /10 to 1000/],
    ["a page of 1001", `${dates}&ordersPerPage=1001`, /10 to 1000/],
    ["a comma list of statuses", `${dates}&status=created,shipped`, /one of created/],
    ["an unknown status", `${dates}&status=open`, /one of created/],
    ["an unknown flag value", `${dates}&includeTestOrders=1`, /true, false/],
    ["an unknown parameter", `${dates}&orderPerPage=100`, /unknown parameter orderPerPage/],
    ["a parameter twice", `${dates}&ordersPerPage=100&ordersPerPage=200`, /2 times/],
  ])("with %s is 400", async (_, query, reason) => {
    const answer = await dsco(await frozenSandbox(), "GET", page(query));
    expect(answer.status).toBe(400);
    expect(reasons(answer)).toMatch(reason);
  });

  it("takes an until of exactly 5 s ago, several statuses, and repeats of them", async () => {
    const query = "ordersUpdatedSince=1970-01-01T00:00:00Z&until=2025-11-20T09:59:55Z&status=created&status=shipped";
    expect((await dsco(await frozenSandbox(), "GET", page(query))).json?.orders).toHaveLength(10);
  });
});

const ship = (over: object, line: object = {}): object => ({
  dscoOrderId: "1200000001",
  shipments: [{ trackingNumber: "1Z1", lineItems: [{ lineNumber: 1, dscoItemId: "900001", quantity: 1, ...line }], ...over }],
});
const invoice = (over: object, line: object = {}): object => ({
  invoiceId: "INV-1",
  totalAmount: 1,
  dscoOrderId: "1200000001",
  lineItems: [{ sku: "X", quantity: 1, unitPrice: 1, ...line }],
  ...over,
});
const item = (over: object): object => ({
  sku: "X",
  status: "in-stock",
  quantityAvailable: 1,
  warehouses: [{ code: "WH-CA", quantity: 1 }],
  ...over,
});

describe("a body of the wrong shape: 400, and nothing of the batch is taken", () => {
  it.each([
    ["/order/acknowledge", "one order without its list", { id: "1200000001", type: "DSCO_ORDER_ID" }],
    ["/order/acknowledge", "an empty list", []],
    ["/order/acknowledge", "no type", [{ id: "1200000001" }]],
    ["/order/acknowledge", "an unknown type", [{ id: "1200000001", type: "dscoOrderId" }]],
    ["/order/acknowledge", "a DSCO_ORDER_ID with letters", [{ id: "PO-1", type: "DSCO_ORDER_ID" }]],
    ["/order/acknowledge", "one bad among good ones", [{ id: "1200000001", type: "DSCO_ORDER_ID" }, { type: "PO_NUMBER" }]],
    ["/order/acknowledge", "no JSON", "[{"],
    ["/order/singleShipment", "a list", [ship({})]],
    ["/order/shipment/batch/small", "one order without its list", ship({})],
    ["/order/shipment/batch/small", "no tracking number", [ship({ trackingNumber: undefined })]],
    ["/order/shipment/batch/small", "a blank tracking number", [ship({ trackingNumber: " ", untracked: true })]],
    ["/order/shipment/batch/small", "no lines", [ship({ lineItems: [] })]],
    ["/order/shipment/batch/small", "no shipments", [{ dscoOrderId: "1200000001", shipments: [] }]],
    ["/order/shipment/batch/small", "no order", [{ ...ship({}), dscoOrderId: undefined }]],
    ["/order/shipment/batch/small", "an order id as number", [{ ...ship({}), dscoOrderId: 1200000001 }]],
    ["/order/shipment/batch/small", "quantity 0", [ship({}, { quantity: 0 })]],
    ["/order/shipment/batch/small", "no item id", [ship({}, { dscoItemId: undefined })]],
    ["/order/shipment/batch/small", "a Beijing time", [ship({ shipDate: "2025-11-20 10:00:00" })]],
    ["/order/shipment/batch/small", "untracked null", [ship({ untracked: null })]],
    ["/invoice", "a list", [invoice({})]],
    ["/invoice/batch/small", "one invoice without its list", invoice({})],
    ["/invoice/batch/small", "no invoiceId", [invoice({ invoiceId: undefined })]],
    ["/invoice/batch/small", "an amount as text", [invoice({ totalAmount: "1.00" })]],
    ["/invoice/batch/small", "no order", [invoice({ dscoOrderId: null })]],
    ["/invoice/batch/small", "no unit price", [invoice({}, { unitPrice: undefined })]],
    ["/invoice/batch/small", "no item id", [invoice({}, { sku: "" })]],
    ["/invoice/batch/small", "a long tax description", [invoice({ taxes: [{ amount: 1, description: "x".repeat(21) }] })]],
    ["/inventory/singleItem", "a list", [item({})]],
    ["/inventory/batch/small", "one item without its list", item({})],
    ["/inventory/batch/small", "no sku", [item({ sku: undefined })]],
    ["/inventory/batch/small", "a sku of 91 characters", [item({ sku: "x".repeat(91) })]],
    ["/inventory/batch/small", "no warehouses", [item({ warehouses: undefined })]],
    ["/inventory/batch/small", "a warehouse without a code", [item({ warehouses: [{ quantity: 1 }] })]],
    ["/inventory/batch/small", "half a piece", [item({ warehouses: [{ code: "WH-CA", quantity: 0.5 }] })]],
  ])("%s with %s", async (path, _, body) => {
    const sandbox = await frozenSandbox();
    const before = sandbox.summary();
    const answer = await dsco(sandbox, "POST", path, { body });
    expect(answer).toMatchObject({ status: 400, json: { status: "failure", messages: [{ code: "VALIDATION_FAILED" }] } });
    expect(sandbox.summary()).toEqual(before);
  });
});

describe("reads by key", () => {
  it.each([
    ["/order/?orderKey=dscoOrderId&value=1200000001", 200],
    ["/order/?orderKey=poNumber&value=PO-7-000002", 200],
    ["/order/?orderKey=dscoOrderId&value=999", 404],
    ["/order/?orderKey=dscoOrderId&value=999&returnMultiple=true", 200],
    ["/order/?orderKey=sku&value=1", 400],
    ["/order/?value=1", 400],
    ["/order/?orderKey=dscoOrderId", 400],
    ["/inventory?itemKey=dscoItemId&value=900001", 200],
    ["/inventory?itemKey=sku&value=nothing", 404],
    ["/inventory?itemKey=partnerSku&value=CH-00001", 400],
    ["/inventory?itemKey=partnerSku&value=CH-00001&dscoRetailerId=1000009999", 200],
    ["/invoice?key=invoiceId&value=none", 200],
    ["/invoice?key=id&value=none", 400],
    ["/invoice?key=invoiceId", 400],
    ["/warehouse/page?status=active", 200],
    ["/warehouse/page?status=active&name=West", 200],
    ["/warehouse/page?idType=code&idValue=WH-CA", 200],
    ["/warehouse/page?idType=code", 400],
    ["/warehouse/page", 400],
    ["/warehouse/page?name=West", 400],
    ["/order/log", 400],
    ["/order/log?startDate=2025-11-20T00:00:00Z", 400],
    ["/order/log?requestId=unknown", 200],
    ["/order/log?requestId=x&status=done", 400],
  ])("%s is %i", async (path, status) => {
    expect((await dsco(await frozenSandbox(), "GET", path)).status).toBe(status);
  });

  it("gives a list with returnMultiple, and says so of nothing by an empty one", async () => {
    const sandbox = await frozenSandbox();
    const all = await dsco(sandbox, "GET", "/order/?orderKey=poNumber&value=PO-7-000002&returnMultiple=true");
    expect(all.json).toMatchObject([{ poNumber: "PO-7-000002" }]);
    expect((await dsco(sandbox, "GET", "/invoice?key=invoiceId&value=none")).json).toEqual({ invoices: [] });
  });
});
