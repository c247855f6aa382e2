import nock from "nock";
import { describe, expect, it } from "vitest";
import type { HttpDeps } from "../../src/http/deps.ts";
import { LingxingClient } from "../../src/lingxing/client.ts";
import type { OutboundQuery } from "../../src/lingxing/outbound-reader.ts";
import { signLingxing } from "../../src/lingxing/sign.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const APP_ID = "ak_T3stAppId0001";
const TOKEN = "tok-canary";
const PATH = "/erp/sc/routing/wms/order/wmsOrderList";
const SID = "110000000000000001";

function client(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  return { lingxing: new LingxingClient({ baseUrl: BASE, appId: APP_ID, credentials: { accessToken: TOKEN } }, deps), deps };
}
const query = (overrides: Partial<OutboundQuery> = {}): OutboundQuery => ({
  platformOrderNos: ["PO-1"],
  createdFrom: new Date("2025-11-01T00:00:00Z"),
  createdTo: new Date("2025-11-22T16:00:00Z"),
  ...overrides,
});
const row = (woNumber: string, overrides: object = {}) => ({
  wo_id: 6879,
  wo_number: woNumber,
  order_number: "103000000000000001",
  platform_order_no: ["PO-1"],
  sid: 104,
  status: 3,
  tracking_no: "T-1",
  delivered_at: "2025-11-20 09:10:11",
  stock_delivered_at: "2025-11-20 09:10:12",
  product_info: [{ wod_id: 1, sku: "LOCAL-1", seller_sku: "ABC-1", count: 2, bundle_type: 0, bundle_wod_id: 0 }],
  ...overrides,
});
const answer = (total: unknown, rows: unknown) => ({ code: 0, message: "success", error_details: [], total, data: rows });
const mock = () => nock(BASE).post(PATH).query(true);
const body = (overrides: object = {}) => ({
  page: 1,
  page_size: 200,
  platform_order_no_arr: ["PO-1"],
  time_type: "create_at",
  start_date: "2025-11-01",
  end_date: "2025-11-23",
  ...overrides,
});

describe("outboundOrders", () => {
  it("asks by number and Beijing day, without status or sid, also in a dry run", async () => {
    const { lingxing } = client({ dryRun: true });
    nock(BASE)
      .post(PATH, body())
      .query(true)
      .reply(200, answer(1, [row("WO1")]));
    expect(await lingxing.outboundOrders(query())).toEqual([
      {
        woNumber: "WO1",
        globalOrderNo: "103000000000000001",
        platformOrderNos: ["PO-1"],
        status: 3,
        trackingNo: "T-1",
        deliveredAt: "2025-11-20 09:10:11",
        stockDeliveredAt: "2025-11-20 09:10:12",
        items: [{ sku: "LOCAL-1", sellerSku: "ABC-1", count: 2, bundleType: 0, platformOrderNo: undefined }],
      },
    ]);
  });

  it("writes and signs a sid of 18 digits with all of them", async () => {
    const { lingxing } = client();
    let text = "";
    let params: Record<string, unknown> = {};
    nock(BASE)
      .post(PATH)
      .query((given) => {
        params = given;
        return true;
      })
      .reply(200, answer(0, []))
      .on("request", (_request, _interceptor, sent: string) => {
        text = sent;
      });
    await lingxing.outboundOrders(query({ sid: SID }));
    expect(text).toContain(`"sid_arr":[${SID}]`);
    // As the server signs what it received: each top-level value in its own text.
    const { sign, ...common } = params;
    const members = { ...body(), sid_arr: [BigInt(SID)] };
    expect(sign).toBe(signLingxing({ ...members, ...common }, APP_ID));
    expect(sign).not.toBe(signLingxing({ ...members, ...common, sid_arr: [Number(SID) + 99] }, APP_ID));
  });

  it("reads every spelling, ids with all their digits", async () => {
    const { lingxing } = client();
    mock().reply(
      200,
      `{"code":"0","total":"2","data":[
        {"wo_number":"WO1","order_number":103336708973801472,"platform_order_no":"PO-1","status":"2","tracking_no":null,"delivered_at":"","stock_delivered_at":"0000-00-00 00:00:00","product_info":[
          {"sku":"","seller_sku":null,"count":"3","bundle_type":null,"platform_order_no":"PO-2"},
          {"sku":5512,"count":1,"bundle_type":"2"}]},
        {"wo_number":"WO2","order_number":"2","platform_order_no":null,"status":4,"tracking_no":9400100000000000000001,"product_info":[{"sku":"A","count":0,"platform_order_no":"PO-3"}]}]}`,
    );
    expect(await lingxing.outboundOrders(query())).toEqual([
      {
        woNumber: "WO1",
        globalOrderNo: "103336708973801472",
        platformOrderNos: ["PO-1", "PO-2"],
        status: 2,
        trackingNo: "",
        deliveredAt: "",
        stockDeliveredAt: "0000-00-00 00:00:00",
        items: [
          { sku: undefined, sellerSku: undefined, count: 3, bundleType: 0, platformOrderNo: "PO-2" },
          { sku: "5512", sellerSku: undefined, count: 1, bundleType: 2, platformOrderNo: undefined },
        ],
      },
      {
        woNumber: "WO2",
        globalOrderNo: "2",
        platformOrderNos: ["PO-3"],
        status: 4,
        trackingNo: "9400100000000000000001",
        deliveredAt: "",
        stockDeliveredAt: "",
        items: [{ sku: "A", sellerSku: undefined, count: 0, bundleType: 0, platformOrderNo: "PO-3" }],
      },
    ]);
  });

  it.each<[string, unknown]>([
    ["no items", row("WO1", { product_info: null })],
    ["an item that is none", row("WO1", { product_info: ["x"] })],
    ["an item without a count", row("WO1", { product_info: [{ sku: "A" }] })],
    ["an item with half a count", row("WO1", { product_info: [{ sku: "A", count: 1.5 }] })],
    ["an unknown kind of item", row("WO1", { product_info: [{ sku: "A", count: 1, bundle_type: 3 }] })],
    ["an odd SKU", row("WO1", { product_info: [{ sku: {}, count: 1 }] })],
    ["odd tracking", row("WO1", { tracking_no: ["T-1"] })],
    ["no status", row("WO1", { status: null })],
    ["no number of its own", row("")],
    ["no order's number", row("WO1", { platform_order_no: [] })],
    ["an empty order's number", row("WO1", { platform_order_no: [""] })],
  ])("does not overlook an order with %s", async (_name, odd) => {
    const { lingxing, deps } = client();
    mock()
      .times(4)
      .reply(200, answer(2, [row("WO0"), odd]));
    const error = await lingxing.outboundOrders(query()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ exit: "vendor", message: expect.stringContaining("another shape") });
    expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary|lingxing\.example/);
  });

  it.each<[string, object]>([
    ["no rows and no total", { code: 0 }],
    ["rows left out though there should be some", answer(1, null)],
    ["an object", answer(0, {})],
  ])("does not take %s for nothing", async (_name, odd) => {
    const { lingxing } = client();
    mock().times(4).reply(200, odd);
    await expect(lingxing.outboundOrders(query())).rejects.toMatchObject({ exit: "vendor" });
  });

  it("walks all pages, one number once", async () => {
    const { lingxing } = client();
    const rows = Array.from({ length: 201 }, (_, n) => row(`WO${n}`));
    nock(BASE)
      .post(PATH, body())
      .query(true)
      .reply(200, answer("201", rows.slice(0, 200)));
    nock(BASE)
      .post(PATH, body({ page: 2 }))
      .query(true)
      .reply(200, answer("201", rows.slice(200)));
    expect(await lingxing.outboundOrders(query())).toHaveLength(201);
  });

  it("without a total, a short page is the last", async () => {
    const { lingxing } = client();
    mock().reply(200, answer(undefined, [row("WO1")]));
    expect(await lingxing.outboundOrders(query())).toHaveLength(1);
  });

  it("reads again when rows moved between the pages, then calls the vendor out", async () => {
    const { lingxing } = client();
    for (let reading = 0; reading < 3; reading++) {
      mock().reply(200, answer(3, [row("WO1"), row("WO2")]));
      mock().reply(200, answer(3, [row("WO2")])); // WO3 slipped past
    }
    await expect(lingxing.outboundOrders(query())).rejects.toMatchObject({ exit: "vendor" });
    mock().reply(200, answer(3, [row("WO1"), row("WO2")]));
    mock().reply(200, answer(3, [row("WO2")]));
    mock().reply(200, answer(3, [row("WO1"), row("WO2"), row("WO3")]));
    expect(await lingxing.outboundOrders(query())).toHaveLength(3);
  });

  it("asks for 200 numbers and 30 days at a time, one request after the other, and finds each order once", async () => {
    const locked: string[] = [];
    let atOnce = 0;
    let most = 0;
    const { lingxing } = client({
      withSharedLock: async (name, fn) => {
        locked.push(name);
        most = Math.max(most, ++atOnce);
        return fn().finally(() => atOnce--);
      },
    });
    const asked: unknown[] = [];
    nock(BASE)
      .post(PATH, (sent) => {
        asked.push([sent.platform_order_no_arr.length, sent.start_date, sent.end_date]);
        return true;
      })
      .query(true)
      .times(4)
      .reply(200, answer(1, [row("WO1")]));
    const platformOrderNos = Array.from({ length: 250 }, (_, n) => `PO-${n}`);
    const found = await lingxing.outboundOrders(query({ platformOrderNos, createdTo: new Date("2025-12-05T00:00:00Z") }));
    expect(found).toHaveLength(1);
    expect(asked).toEqual([
      [200, "2025-11-01", "2025-11-30"],
      [200, "2025-11-30", "2025-12-05"],
      [50, "2025-11-01", "2025-11-30"],
      [50, "2025-11-30", "2025-12-05"],
    ]);
    expect(most).toBe(1);
    expect(new Set(locked).size).toBe(1);
    expect(locked[0]).toMatch(/^lingxing-[0-9a-f]{8}:lingxing\.wms_order_list$/);
  });

  it("asks nothing about nothing", async () => {
    const { lingxing } = client();
    expect(await lingxing.outboundOrders(query({ platformOrderNos: [] }))).toEqual([]);
  });
});
