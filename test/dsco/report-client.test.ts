import fc from "fast-check";
import nock from "nock";
import { describe, expect, it } from "vitest";
import { DscoClient } from "../../src/dsco/client.ts";
import type { DscoReportClient } from "../../src/dsco/report-client.ts";
import type { NewInvoice } from "../../src/dsco/reports.ts";
import { InDoubtError, OutageError, RefusedError } from "../../src/errors.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://dsco.example/api/v3";
const QUEUED = { status: "pending", requestId: "0d6c2a7e-ack", eventDate: "2025-11-20T09:00:00Z" };
const AT = new Date("2025-11-21T18:30:00.999Z");

function client(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  return { reports: new DscoClient({ baseUrl: BASE, credentials: { token: "tok-canary" } }, deps).reports, deps };
}
const failed = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );
const errno = (code: string) => Object.assign(new Error("x"), { code });

/** Answers one POST with 202 and hands over its body to the letter. */
function recordPost(path: string): { text: string } {
  const sent = { text: "" };
  nock(BASE)
    .post(path)
    .matchHeader("authorization", "bearer tok-canary")
    .matchHeader("content-type", "application/json")
    .reply(202, QUEUED)
    .on("request", (_request, _interceptor, body: string) => {
      sent.text = body;
    });
  return sent;
}

const anInvoice = (overrides: Partial<NewInvoice> = {}): NewInvoice => ({
  invoiceId: "INV-1200000001",
  dscoOrderId: "1200000001",
  invoiceDate: AT,
  currencyCode: "USD",
  totalCents: 1065,
  lines: [{ sku: "MUG-BLUE", quantity: 1, unitPriceCents: 1065 }],
  ...overrides,
});

describe("acknowledge, ship, invoice", () => {
  it("acknowledge a list of orders by DSCO's number", async () => {
    const { reports } = client();
    const sent = recordPost("/order/acknowledge");
    const orders = [{ dscoOrderId: "1200000001", supplierOrderNumber: "103336708973801472" }, { dscoOrderId: "2" }];
    expect(await reports.acknowledge(orders)).toEqual({ requestId: "0d6c2a7e-ack" });
    expect(sent.text).toBe(
      '[{"id":"1200000001","type":"DSCO_ORDER_ID","supplierOrderNumber":"103336708973801472"},{"id":"2","type":"DSCO_ORDER_ID"}]',
    );
  });

  it("ship with every field under its wire name, without what is empty", async () => {
    const { reports } = client();
    const sent = recordPost("/order/shipment/batch/small");
    await reports.ship([
      {
        dscoOrderId: "1200000001",
        shipments: [
          {
            trackingNumber: "794600001111",
            shipDate: AT,
            shipCarrier: "FedEx",
            shipMethod: "Ground",
            shippingServiceLevelCode: "FECG",
            warehouseCode: "WH-CA",
            lines: [
              { lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 2, packageSpan: true },
              { lineNumber: 2, sku: "MUG-RED", quantity: 1, packageSpan: false },
            ],
          },
          { trackingNumber: "T-2", shipCarrier: "", shipMethod: undefined, lines: [{ partnerSku: "CH-1", dscoItemId: "", quantity: 3 }] },
        ],
      },
    ]);
    expect(sent.text).toBe(
      '[{"dscoOrderId":"1200000001","shipments":[' +
        '{"trackingNumber":"794600001111","shipDate":"2025-11-21T18:30:00Z","shipCarrier":"FedEx","shipMethod":"Ground","shippingServiceLevelCode":"FECG","warehouseCode":"WH-CA","lineItems":[' +
        '{"lineNumber":1,"dscoItemId":"900001","sku":"MUG-BLUE","partnerSku":"CH-5512","quantity":2,"packageSpanFlag":true},' +
        '{"lineNumber":2,"sku":"MUG-RED","quantity":1}]},' +
        '{"trackingNumber":"T-2","lineItems":[{"partnerSku":"CH-1","quantity":3}]}]}]',
    );
  });

  it("invoice in plain decimals made from cents", async () => {
    const { reports } = client();
    const sent = recordPost("/invoice/batch/small");
    const lines = [
      { lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 6, unitPriceCents: 1065 },
      { lineNumber: 2, sku: "PEN", quantity: 3, unitPriceCents: 10 },
    ];
    await reports.invoice([anInvoice({ poNumber: "PO-77001", trackingNumber: "794600001111", totalCents: 6420, lines }), anInvoice()]);
    expect(sent.text).toBe(
      '[{"invoiceId":"INV-1200000001","dscoOrderId":"1200000001","poNumber":"PO-77001","invoiceDate":"2025-11-21T18:30:00Z","currencyCode":"USD","totalAmount":64.2,"lineItemsSubtotal":64.2,"numberOfLineItems":2,"ship":{"trackingNumber":"794600001111"},"lineItems":[' +
        '{"lineNumber":1,"dscoItemId":"900001","sku":"MUG-BLUE","partnerSku":"CH-5512","quantity":6,"unitPrice":10.65,"extendedAmount":63.9},' +
        '{"lineNumber":2,"sku":"PEN","quantity":3,"unitPrice":0.1,"extendedAmount":0.3}]},' +
        '{"invoiceId":"INV-1200000001","dscoOrderId":"1200000001","invoiceDate":"2025-11-21T18:30:00Z","currencyCode":"USD","totalAmount":10.65,"lineItemsSubtotal":10.65,"numberOfLineItems":1,"lineItems":[{"sku":"MUG-BLUE","quantity":1,"unitPrice":10.65,"extendedAmount":10.65}]}]',
    );
  });

  it("write any amount of cents with two decimals at most, and exactly", async () => {
    const { toWireInvoice } = await import("../../src/dsco/report-bodies.ts");
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), (cents) => {
        const text = JSON.stringify(toWireInvoice(anInvoice({ totalCents: cents })).totalAmount);
        const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
        expect(Number(`${sign}${whole}${fraction.padEnd(2, "0")}`)).toBe(cents);
      }),
    );
    expect(() => toWireInvoice(anInvoice({ totalCents: 10.5 }))).toThrow("whole number of cents");
  });

  const calls: [string, string, (reports: DscoReportClient) => Promise<unknown>][] = [
    ["acknowledge", "/order/acknowledge", (r) => r.acknowledge([{ dscoOrderId: "body-canary" }])],
    [
      "ship",
      "/order/shipment/batch/small",
      (r) => r.ship([{ dscoOrderId: "body-canary", shipments: [{ trackingNumber: "T", lines: [] }] }]),
    ],
    ["invoice", "/invoice/batch/small", (r) => r.invoice([anInvoice({ dscoOrderId: "body-canary" })])],
  ];
  describe.each(calls)("%s", (_name, path, call) => {
    it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
      ["no request id", (m) => m.reply(202, { status: "pending" })],
      ["a blank request id", (m) => m.reply(202, { ...QUEUED, requestId: " " })],
      ["an empty body", (m) => m.reply(202)],
      ["half an answer", (m) => m.reply(202, '{"status":"pending","requestId":"r-')],
      ["HTML", (m) => m.reply(200, "<html></html>")],
      ["a 500", (m) => m.reply(500)],
      ["a 503", (m) => m.reply(503)],
      ["a 408", (m) => m.reply(408)],
      ["a reset", (m) => m.replyWithError(errno("ECONNRESET"))],
    ])("is in doubt after %s, and sent once", async (_answer, reply) => {
      const { reports, deps } = client();
      reply(nock(BASE).post(path));
      const error = await failed(call(reports));
      expect(error).toBeInstanceOf(InDoubtError);
      expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary|dsco\.example/);
    });

    it.each<[string, number, unknown, string]>([
      [
        "a failure in a 202",
        202,
        { ...QUEUED, status: "failure", messages: [{ code: "bad", description: "no such type" }] },
        "bad no such type",
      ],
      ["a failure without a request id", 202, { status: "failure" }, "refused without a reason"],
      ["a 400", 400, { messages: [{ code: "VALIDATION_FAILED", description: { field: "id" } }] }, "VALIDATION_FAILED field id"],
      ["a 413", 413, "", "HTTP 413"],
    ])("is refused by %s", async (_answer, status, body, reason) => {
      const { reports } = client();
      nock(BASE)
        .post(path)
        .reply(status, body as nock.Body);
      const error = await failed(call(reports));
      expect(error).toBeInstanceOf(RefusedError);
      expect(error).toMatchObject({ message: expect.stringContaining(reason), code: String(status) });
    });

    it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
      ["a 429", (m) => m.reply(429)],
      ["a refused connection", (m) => m.replyWithError(errno("ECONNREFUSED"))],
    ])("is sent again after %s", async (_answer, reply) => {
      const { reports } = client();
      reply(nock(BASE).post(path));
      nock(BASE).post(path).reply(202, QUEUED);
      expect(await call(reports)).toEqual({ requestId: QUEUED.requestId });
    });

    it("reads a request id that is a number, and a status of success", async () => {
      const { reports } = client();
      nock(BASE).post(path).reply(202, '{"status":"success","requestId":103336708973801472}');
      expect(await call(reports)).toEqual({ requestId: "103336708973801472" });
    });

    it("is never sent in a dry run", async () => {
      const { reports } = client({ dryRun: true });
      await expect(call(reports)).rejects.toThrow("dry run");
    });
  });

  it("refuse a body of more than 5 MB before it leaves, so that it is halved", async () => {
    const { reports } = client();
    const order = { dscoOrderId: "1".repeat(1_000) };
    const error = await failed(reports.acknowledge(Array.from({ length: 5_000 }, () => order)));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: "413", message: expect.stringMatching(/^dsco\.order_acknowledge: a body of 5\d{6} bytes/) });
  });

  it("send no empty list", async () => {
    const { reports } = client();
    await expect(reports.acknowledge([])).rejects.toThrow("empty batch");
  });
});

describe("orderLog and invoiceLog", () => {
  const entry = (id: unknown, overrides: object = {}) => ({
    status: "success",
    dateProcessed: "2025-11-20T09:00:07Z",
    requestMethod: "api",
    payload: { id, type: "DSCO_ORDER_ID" },
    ...overrides,
  });
  const mockFirst = (path = "/order/log") => nock(BASE).get(path).query({ requestId: "r-1" });
  const mockNext = () => nock(BASE).get("/order/log").query({ scrollId: "s-1" });

  it("read all pages of a request, to the empty one", async () => {
    const { reports } = client();
    mockFirst().reply(200, { status: "COMPLETED", scrollId: "s-1", logs: [entry("1"), entry(2)] });
    mockNext().reply(200, { scrollId: "s-1", logs: [entry("3")] });
    mockNext().reply(200, { scrollId: "s-1", logs: [] });
    const log = await reports.orderLog({ requestId: "r-1" });
    expect(log.completed).toBe(true);
    expect(log.entries.map(({ key }) => key)).toEqual(["1", "2", "3"]);
  });

  it("read a span of time, which is never complete", async () => {
    const { reports } = client();
    const query = { startDate: "2025-11-20T09:00:00.000Z", endDate: "2025-11-20T10:00:00.000Z" };
    nock(BASE)
      .get("/invoice/log")
      .query(query)
      .reply(200, { status: "COMPLETED", logs: [entry("", { payload: { invoiceId: "INV-1", dscoOrderId: "1" } })] });
    const log = await reports.invoiceLog({ since: new Date(query.startDate), until: new Date(query.endDate) });
    expect(log).toEqual({
      completed: false,
      entries: [
        {
          key: "INV-1",
          status: "success",
          about: "invoice",
          trackingNumbers: [],
          reason: "",
          requestId: undefined,
          processedAt: new Date("2025-11-20T09:00:07Z"),
        },
      ],
    });
  });

  it.each<[string, unknown, boolean]>([
    ["COMPLETED", "COMPLETED", true],
    ["another case", "completed", true],
    ["PROCESSING", "PROCESSING", false],
    ["no status", undefined, false],
    ["an odd status", { done: true }, false],
  ])("take %s for what it is", async (_name, status, completed) => {
    const { reports } = client();
    mockFirst("/invoice/log").reply(200, { status, logs: [] });
    expect(await reports.invoiceLog({ requestId: "r-1" })).toEqual({ completed, entries: [] });
  });

  it("are not complete when only a later page says so: entries may have come between", async () => {
    const { reports } = client();
    mockFirst().reply(200, { status: "PROCESSING", scrollId: "s-1", logs: [entry("1")] });
    mockNext().reply(200, { status: "COMPLETED", logs: [] });
    expect((await reports.orderLog({ requestId: "r-1" })).completed).toBe(false);
  });

  it("know nothing of a request DSCO does not know yet", async () => {
    const { reports } = client();
    mockFirst().reply(404, { messages: [{ code: "notFound" }] });
    expect(await reports.orderLog({ requestId: "r-1" })).toEqual({ completed: false, entries: [] });
  });

  it("leave out what cannot be read, with a line at debug that quotes nothing", async () => {
    const { reports, deps } = client();
    const deep = `${"[".repeat(600)}${"]".repeat(600)}`;
    mockFirst().reply(
      200,
      `{"status":"COMPLETED","logs":["canary",null,{"payload":{"id":"canary"}},{"payload":${deep}},${JSON.stringify(entry("4"))}]}`,
    );
    const log = await reports.orderLog({ requestId: "r-1" });
    expect(log.entries.map(({ key }) => key)).toEqual(["4"]);
    expect(deps.lines.filter((line) => line.includes("dsco_log_entry_unreadable"))).toHaveLength(4);
    expect(deps.lines.join()).not.toMatch(/canary/);
  });

  it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
    ["was reset", (m) => m.replyWithError(errno("ECONNRESET"))],
    ["met a 503", (m) => m.reply(503)],
    ["was cut off", (m) => m.reply(200, '{"logs":[{}')],
    ["had no list", (m) => m.reply(200, "{}")],
    ["had expired", (m) => m.reply(404)],
  ])("start over when a later page %s, and count nothing twice", async (_name, reply) => {
    const { reports } = client();
    mockFirst().reply(200, { status: "COMPLETED", scrollId: "s-1", logs: [entry("1")] });
    reply(mockNext());
    mockFirst().reply(200, { status: "COMPLETED", scrollId: "s-1", logs: [entry("1")] });
    mockNext().reply(200, { logs: [entry("2")] });
    const log = await reports.orderLog({ requestId: "r-1" });
    expect(log.entries.map(({ key }) => key)).toEqual(["1", "2"]);
  });

  it("call DSCO out after four lost pages in a row", async () => {
    const { reports, deps } = client();
    mockFirst()
      .times(4)
      .reply(200, { status: "COMPLETED", scrollId: "s-1", logs: [entry("1")] });
    mockNext().times(4).reply(502);
    const error = await failed(reports.orderLog({ requestId: "r-1" }));
    expect(error).toBeInstanceOf(OutageError);
    expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary|dsco\.example|s-1/);
  });

  it("ask again for a first page whose answer was lost, and work in a dry run", async () => {
    const { reports } = client({ dryRun: true });
    mockFirst().replyWithError(errno("ECONNRESET"));
    mockFirst().reply(200, "<html></html>");
    mockFirst().reply(200, { logs: {} });
    mockFirst().reply(200, { logs: [] });
    expect((await reports.orderLog({ requestId: "r-1" })).entries).toEqual([]);
  });

  it("pass a refusal on", async () => {
    const { reports } = client();
    mockFirst().reply(400, { messages: [{ code: "badRequest" }] });
    await expect(reports.orderLog({ requestId: "r-1" })).rejects.toThrow(RefusedError);
  });
});

describe("findInvoices", () => {
  const mock = () => nock(BASE).get("/invoice").query({ key: "invoiceId", value: "INV-1" });

  it("reads what is there, in cents", async () => {
    const { reports } = client();
    mock().reply(
      200,
      '{"invoices":[{"invoiceId":"INV-1","dscoInvoiceId":55501,"dscoOrderId":103336708973801472,"totalAmount":63.90},{"invoiceId":" INV-1 ","totalAmount":null},{"invoiceId":"INV-10","totalAmount":1}]}',
    );
    expect(await reports.findInvoices("INV-1")).toEqual([
      { invoiceId: "INV-1", dscoInvoiceId: "55501", dscoOrderId: "103336708973801472", totalCents: 6390 },
      { invoiceId: "INV-1", dscoInvoiceId: undefined, dscoOrderId: undefined, totalCents: undefined },
    ]);
  });

  it.each<[string, number, string]>([
    ["an empty list", 200, '{"invoices":[]}'],
    ["null", 200, '{"invoices":null}'],
    ["a 404", 404, '{"messages":[{"code":"notFound"}]}'],
    ["a bare 404", 404, ""],
  ])("finds none in %s", async (_name, status, text) => {
    const { reports } = client();
    mock().reply(status, text);
    expect(await reports.findInvoices("INV-1")).toEqual([]);
  });

  it.each<[string, number, string]>([
    ["no list", 200, "{}"],
    ["an invoice without a number", 200, '{"invoices":[{"dscoInvoiceId":"1"}]}'],
    ["an invoice that is none", 200, '{"invoices":["INV-1"]}'],
    ["a proxy's 404", 404, "<html></html>"],
    ["a fault", 500, ""],
  ])("does not take %s for an absent invoice", async (_name, status, text) => {
    const { reports } = client();
    mock().times(4).reply(status, text);
    await expect(reports.findInvoices("INV-1")).rejects.toMatchObject({ exit: "vendor" });
  });

  it("does not take other invoices for an absent one", async () => {
    const { reports } = client();
    mock().reply(200, '{"invoices":[{"invoiceId":"INV-2"}]}');
    await expect(reports.findInvoices("INV-1")).rejects.toThrow("other invoices");
  });
});
