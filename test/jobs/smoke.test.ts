import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import nock from "nock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { App } from "../../src/app.ts";
import type { RunOptions } from "../../src/jobs/job.ts";
import { type RunReport, runJob } from "../../src/jobs/run-job.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { useHttpMocks } from "../helpers/http.ts";
import { useTestDatabase } from "../helpers/mysql.ts";

// How somebody who uses ipass would test it in a CI of their own: both vendors mocked, a database of the test's own, the job called.

const db = await useTestDatabase();
beforeEach(() => db.empty());
useHttpMocks();
const logs = mkdtempSync(join(tmpdir(), "ipass-smoke-"));
afterAll(() => rmSync(logs, { recursive: true, force: true }));

const env = {
  IPASS_DB_DSN: db.dsn,
  IPASS_LOG_DIR: logs,
  IPASS_DSCO_BASE_URL: "https://dsco.test/api/v3",
  IPASS_DSCO_TOKEN: "smoke-test-token",
  IPASS_LINGXING_BASE_URL: "https://lingxing.test",
  IPASS_LINGXING_APP_ID: "ak_smoketest0001",
  IPASS_LINGXING_ACCESS_TOKEN: "11111111-2222-4333-8444-555555555555",
  IPASS_LINGXING_PLATFORM_CODE: "10009",
  IPASS_LINGXING_STORE_ID: "110000000000000001",
  IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"33":"WH-CA","34":"WH-NJ"}',
};

async function run(job: JobName, options: RunOptions = {}): Promise<RunReport> {
  await using app = new App(env, randomUUID());
  return await runJob(app, job, options);
}

const dsco = () => nock("https://dsco.test/api/v3", { reqheaders: { authorization: "bearer smoke-test-token" } });
const lingxing = () => nock("https://lingxing.test");
const signed = (query: Record<string, unknown>): boolean =>
  query.app_key === env.IPASS_LINGXING_APP_ID && query.access_token === env.IPASS_LINGXING_ACCESS_TOKEN && String(query.sign).length === 64;

const order = {
  dscoOrderId: "1200000001",
  poNumber: "PO-1",
  dscoStatus: "created",
  dscoLastUpdate: "2026-01-02T03:04:05.000Z",
  shipping: { name: "Ann Lee", address: ["1 Example St"], city: "Reno", region: "NV", postal: "89501", country: "US", phone: "5550100" },
  requestedShipCarrier: "UPS",
  requestedShipMethod: "Ground",
  requestedShippingServiceLevelCode: "UPCG",
  requestedWarehouseCode: "WH-CA",
  lineItems: [{ lineNumber: 1, dscoItemId: "900001", sku: "MUG-1", partnerSku: "CH-1", quantity: 2, consumerPrice: 14.99 }],
};
/** The line as every report to DSCO names it. */
const reportedLine = { lineNumber: 1, dscoItemId: "900001", sku: "MUG-1", partnerSku: "CH-1", quantity: 2 };
const GLOBAL_ORDER_NO = "103336708973801472";

function mockOrderPages(orders: readonly object[]): void {
  dsco()
    .get("/order/page")
    .query(({ ordersUpdatedSince, until }) => typeof ordersUpdatedSince === "string" && typeof until === "string")
    .reply(200, orders.length === 0 ? { orders: [] } : { scrollId: "scroll-1", orders });
  if (orders.length > 0) dsco().get("/order/page").query({ scrollId: "scroll-1" }).reply(200, { scrollId: "scroll-1", orders: [] });
}

function mockCreate(expected: object): void {
  lingxing()
    .post("/pb/mp/order/v2/create", (body: object) => {
      expect(body).toMatchObject(expected);
      return true;
    })
    .query(signed)
    .reply(200, {
      code: 0,
      message: "success",
      request_id: "smoke-1",
      data: { success_details: [{ platform_order_no: order.dscoOrderId, global_order_no: GLOBAL_ORDER_NO }], error_details: [] },
    });
}

/** What a mock was sent; compared after the pass, where a difference shows as what it is. */
type Sent = readonly unknown[];

function mockLingxing(path: string, answer: object): Sent {
  const sent: unknown[] = [];
  lingxing()
    .post(path)
    .query(signed)
    .reply(200, (_uri, body) => {
      sent.push(body);
      return { code: 0, message: "success", ...answer };
    });
  return sent;
}

/** What Lingxing says of the order by its number; `status` 4 awaits its review, 5 is reviewed, 6 has left the warehouse. */
function mockLingxingOrder(status: number): Sent {
  const entry = {
    global_order_no: GLOBAL_ORDER_NO,
    store_id: "110000000000000001",
    status,
    platform_info: [{ platform_order_no: order.dscoOrderId }],
  };
  return mockLingxing("/pb/mp/order/v2/list", { data: { total: "1", list: [entry] } });
}
const lookUpByNumber = {
  offset: 0,
  length: 500,
  store_id: ["110000000000000001"],
  platform_order_nos: ["1200000001"],
  include_delete: true,
};

/** A batch that DSCO queues, and its log: two pages, the second one empty. */
function mockBatch(path: string, log: string, payloads: readonly object[]): Sent {
  const sent: unknown[] = [];
  const requestId = `request-${path}`;
  dsco()
    .post(path)
    .reply(202, (_uri, body) => {
      sent.push(body);
      return { status: "pending", requestId };
    });
  const logs = payloads.map((payload) => ({ status: "success", dateProcessed: new Date().toISOString(), requestId, payload }));
  dsco().get(log).query({ requestId }).reply(200, { status: "COMPLETED", scrollId: "log-1", logs });
  dsco().get(log).query({ scrollId: "log-1" }).reply(200, { status: "COMPLETED", scrollId: "log-1", logs: [] });
  return sent;
}
const mockAcknowledge = () => mockBatch("/order/acknowledge", "/order/log", [{ id: "1200000001", type: "DSCO_ORDER_ID" }]);
const mockShipment = () =>
  mockBatch("/order/shipment/batch/small", "/order/log", [{ dscoOrderId: "1200000001", shipments: [{ trackingNumber: "1Z999" }] }]);
const mockOutbound = () =>
  mockLingxing("/erp/sc/routing/wms/order/wmsOrderList", {
    total: 1,
    data: [
      {
        wo_number: "WO1",
        order_number: GLOBAL_ORDER_NO,
        platform_order_no: ["1200000001"],
        status: 3,
        tracking_no: "1Z999",
        delivered_at: "2026-01-03 11:04:05", // Beijing
        stock_delivered_at: "0000-00-00 00:00:00",
        product_info: [{ sku: "MUG-1", seller_sku: "MUG-1", count: 2, bundle_type: 0 }],
      },
    ],
  });

async function ran(job: JobName): Promise<void> {
  expect(await run(job)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
}

// An order brought as far as this, by the jobs themselves.
async function pushed(): Promise<void> {
  mockOrderPages([order]);
  await ran("pull_dsco_orders");
  mockCreate({});
  await ran("push_orders_to_lingxing");
}
async function acknowledged(): Promise<void> {
  await pushed();
  mockLingxingOrder(5);
  mockAcknowledge();
  await ran("ack_to_dsco");
}
async function shipped(): Promise<void> {
  await acknowledged();
  mockLingxingOrder(6);
  mockOutbound();
  mockShipment();
  await ran("ship_to_dsco");
}

/** `2026-01-31`, the day it is in Beijing. */
const beijingDay = (at: Date): string => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(at);

describe("pull_dsco_orders", () => {
  it("brings an order from DSCO", async () => {
    mockOrderPages([order]);
    expect(await run("pull_dsco_orders")).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await db.query("select dsco_order_id, po_number, dsco_status, push_status from sync_order_state")).toEqual([
      { dsco_order_id: "1200000001", po_number: "PO-1", dsco_status: "created", push_status: 0 },
    ]);
  });

  it("has nothing to do on an empty account", async () => {
    mockOrderPages([]);
    expect(await run("pull_dsco_orders")).toMatchObject({ exit: { code: 0 }, counts: { read: 0 } });
  });

  it("ends with 12 when DSCO does not let us in", async () => {
    dsco()
      .get("/order/page")
      .query(true)
      .reply(403, { status: "failure", messages: [{ code: "forbidden" }] });
    expect(await run("pull_dsco_orders")).toMatchObject({ exit: { code: 12 }, error: { name: "credentials" } });
  });
});

describe("push_orders_to_lingxing", () => {
  it("creates it in Lingxing, signed, and keeps the number it gets there", async () => {
    mockOrderPages([order]);
    await run("pull_dsco_orders");
    mockCreate({
      platform_code: 10009,
      store_id: "110000000000000001",
      orders: [
        {
          platform_order_no: "1200000001",
          receiver_name: "Ann Lee",
          receiver_country_code: "US",
          city: "Reno",
          address_line1: "1 Example St",
          items: [{ sku: "MUG-1", quantity: 2, unit_price: "14.99" }],
        },
      ],
    });
    expect(await run("push_orders_to_lingxing")).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await db.query("select push_status, lingxing_global_order_no from sync_order_state")).toEqual([
      { push_status: 1, lingxing_global_order_no: GLOBAL_ORDER_NO },
    ]);
  });

  it("asks, when the answer was lost, and does not create twice", async () => {
    mockOrderPages([order]);
    await run("pull_dsco_orders");
    lingxing()
      .post("/pb/mp/order/v2/create")
      .query(signed)
      .replyWithError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    const asked = mockLingxingOrder(4);
    expect(await run("push_orders_to_lingxing")).toMatchObject({ exit: { code: 0 }, counts: { done: 1 } });
    expect(asked).toEqual([lookUpByNumber]);
    expect(await run("push_orders_to_lingxing")).toMatchObject({ exit: { code: 0 }, counts: { read: 0 } });
  });

  it("ends with 12 when the host is not on Lingxing's whitelist, and says what to do", async () => {
    mockOrderPages([order]);
    await run("pull_dsco_orders");
    lingxing().post("/pb/mp/order/v2/create").query(signed).reply(200, { code: "3001002", msg: "ip not permit", data: null });
    expect(await run("push_orders_to_lingxing")).toMatchObject({
      exit: { code: 12 },
      counts: { done: 0, failed: 0 },
      error: { next_step: expect.stringContaining("whitelist") },
    });
    expect(await db.query("select push_status, push_retry_count, push_next_attempt_at from sync_order_state")).toEqual([
      { push_status: 0, push_retry_count: 0, push_next_attempt_at: null },
    ]);
  });

  it("plans and sends nothing under --dry-run", async () => {
    mockOrderPages([order]);
    await run("pull_dsco_orders");
    const report = await run("push_orders_to_lingxing", { dryRun: true });
    expect(report).toMatchObject({ exit: { code: 0 }, dry_run: true, counts: { done: 1 } });
    expect(report.plan).toMatchObject([{ do: "send", dsco_order_id: "1200000001", platform_order_no: "1200000001" }]);
  });
});

describe("ack_to_dsco", () => {
  it("acknowledges what is reviewed in Lingxing, once DSCO's log confirms it", async () => {
    await pushed();
    const asked = mockLingxingOrder(5);
    const sent = mockAcknowledge();
    await ran("ack_to_dsco");
    expect(asked).toEqual([lookUpByNumber]);
    expect(sent).toEqual([[{ id: "1200000001", type: "DSCO_ORDER_ID" }]]);
    expect(await db.query("select ack_status, ack_request_id, ship_status from sync_order_state")).toEqual([
      { ack_status: 1, ack_request_id: "request-/order/acknowledge", ship_status: 0 },
    ]);
  });
});

describe("ship_to_dsco", () => {
  it("reports the tracking number of what has left, with the time it left in UTC", async () => {
    await acknowledged();
    const asked = mockLingxingOrder(6);
    const outbound = mockOutbound();
    const sent = mockShipment();
    const days = [beijingDay(new Date())];
    await ran("ship_to_dsco");
    days.push(beijingDay(new Date()));
    const [row] = await db.query<{ push_at: Date }>("select push_at from sync_order_state");
    const dayBeforePush = beijingDay(new Date((row?.push_at.getTime() ?? 0) - 24 * 3600_000));
    expect(asked).toEqual([lookUpByNumber]);
    expect(outbound).toEqual([
      {
        page: 1,
        page_size: 200,
        platform_order_no_arr: ["1200000001"],
        time_type: "create_at",
        start_date: dayBeforePush,
        end_date: expect.toBeOneOf(days), // midnight may have passed meanwhile
      },
    ]);
    expect(sent).toEqual([
      [
        {
          dscoOrderId: "1200000001",
          shipments: [
            {
              trackingNumber: "1Z999",
              shipDate: "2026-01-03T03:04:05Z",
              shipCarrier: "UPS",
              shipMethod: "Ground",
              shippingServiceLevelCode: "UPCG",
              warehouseCode: "WH-CA",
              lineItems: [reportedLine],
            },
          ],
        },
      ],
    ]);
    expect(await db.query("select ship_status, shipped_tracking_no, invoice_status from sync_order_state")).toEqual([
      { ship_status: 1, shipped_tracking_no: "1Z999", invoice_status: 0 },
    ]);
  });
});

describe("invoice_to_dsco", () => {
  it("invoices what was shipped, to the cent", async () => {
    await shipped();
    const sent = mockBatch("/invoice/batch/small", "/invoice/log", [{ invoiceId: "INV-1200000001", dscoOrderId: "1200000001" }]);
    await ran("invoice_to_dsco");
    expect(sent).toEqual([
      [
        {
          invoiceId: "INV-1200000001",
          dscoOrderId: "1200000001",
          poNumber: "PO-1",
          invoiceDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          currencyCode: "USD",
          totalAmount: 29.98,
          lineItemsSubtotal: 29.98,
          numberOfLineItems: 1,
          ship: { trackingNumber: "1Z999" },
          lineItems: [{ ...reportedLine, unitPrice: 14.99, extendedAmount: 29.98 }],
        },
      ],
    ]);
    expect(await db.query("select invoice_status, dsco_invoice_id from sync_order_state")).toEqual([
      { invoice_status: 1, dsco_invoice_id: "INV-1200000001" },
    ]);
  });
});

describe("sync_stock", () => {
  it("sends each SKU with every warehouse of the map, summed and never below 0", async () => {
    const asked = mockLingxing("/erp/sc/routing/data/local_inventory/inventoryDetails", {
      total: 4,
      data: [
        { wid: 33, sku: "MUG-1", product_valid_num: 30 },
        { wid: 33, sku: "MUG-1", product_valid_num: 10 }, // of another seller
        { wid: 34, sku: "MUG-1", product_valid_num: -2 },
        { wid: 33, sku: "BOWL-1", product_valid_num: 0 },
      ],
    });
    const items = [
      {
        sku: "MUG-1",
        status: "in-stock",
        quantityAvailable: 40,
        warehouses: [
          { code: "WH-CA", quantity: 40 },
          { code: "WH-NJ", quantity: 0 },
        ],
      },
      {
        sku: "BOWL-1",
        status: "out-of-stock",
        quantityAvailable: 0,
        warehouses: [
          { code: "WH-CA", quantity: 0 },
          { code: "WH-NJ", quantity: 0 },
        ],
      },
    ];
    const sent = mockBatch("/inventory/batch/small", "/inventory/log", items);
    expect(await run("sync_stock")).toMatchObject({ exit: { code: 0 }, counts: { read: 2, done: 2 } });
    expect(asked).toEqual([{ wid: "33,34", offset: 0, length: 800 }]);
    expect(sent).toEqual([items]);
    const levels = "select dsco_sku, warehouse_code, status, confirmed_quantity from stock_level order by dsco_sku desc, warehouse_code";
    expect(await db.query(levels)).toEqual([
      { dsco_sku: "MUG-1", warehouse_code: "WH-CA", status: 1, confirmed_quantity: 40 },
      { dsco_sku: "MUG-1", warehouse_code: "WH-NJ", status: 1, confirmed_quantity: 0 },
      { dsco_sku: "BOWL-1", warehouse_code: "WH-CA", status: 1, confirmed_quantity: 0 },
      { dsco_sku: "BOWL-1", warehouse_code: "WH-NJ", status: 1, confirmed_quantity: 0 },
    ]);
  });
});
