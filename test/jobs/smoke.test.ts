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
  lineItems: [{ lineNumber: 1, sku: "MUG-1", quantity: 2, consumerPrice: 14.99 }],
};
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
    lingxing()
      .post("/pb/mp/order/v2/list", (body: object) => {
        expect(body).toMatchObject({ platform_order_nos: ["1200000001"], include_delete: true, store_id: ["110000000000000001"] });
        return true;
      })
      .query(signed)
      .reply(200, {
        code: 0,
        data: {
          total: "1",
          list: [
            {
              global_order_no: GLOBAL_ORDER_NO,
              store_id: "110000000000000001",
              status: 4,
              platform_info: [{ platform_order_no: "1200000001" }],
            },
          ],
        },
      });
    expect(await run("push_orders_to_lingxing")).toMatchObject({ exit: { code: 0 }, counts: { done: 1 } });
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
