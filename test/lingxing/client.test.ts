import nock from "nock";
import { describe, expect, it } from "vitest";
import { InDoubtError, OutageError, RefusedError } from "../../src/errors.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { LingxingClient, type NewLingxingOrder } from "../../src/lingxing/client.ts";
import { signLingxing } from "../../src/lingxing/sign.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const APP_ID = "ak_T3stAppId0001";
const TOKEN = "tok-canary+/=8";
const STORE = "110000000000000001";
const CREATE = "/pb/mp/order/v2/create";
const LIST = "/pb/mp/order/v2/list";

function client(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  return { lingxing: new LingxingClient({ baseUrl: BASE, appId: APP_ID, credentials: { accessToken: TOKEN } }, deps), deps };
}
const failed = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );

function anOrder(overrides: Partial<NewLingxingOrder> = {}): NewLingxingOrder {
  return {
    platformOrderNo: "PO-1",
    receiverName: "Ann Lee",
    receiverCountryCode: "US",
    city: "Reno",
    addressLine1: "1 Main St",
    items: [{ sku: "MUG-BLUE", quantity: 2, unitPrice: "14.99" }],
    ...overrides,
  };
}
const request = (orders = [anOrder()]) => ({ platformCode: 10009, storeId: STORE, orders });
const success = (data: unknown) => ({ code: 0, message: "操作成功", request_id: "r-1.1763800000000", data });
const mockCreate = () => nock(BASE).post(CREATE).query(true);
const mockList = () => nock(BASE).post(LIST).query(true);

describe("createOrders", () => {
  it("signs what it sends, and sends it under the wire's names without what is empty", async () => {
    const { lingxing } = client();
    let sent = "";
    let query: Record<string, unknown> = {};
    nock(BASE)
      .post(CREATE, (body) => {
        sent = JSON.stringify(body);
        return true;
      })
      .query((params) => {
        query = params;
        return true;
      })
      .matchHeader("content-type", "application/json")
      .reply(200, success({ success_details: [{ platform_order_no: "PO-1", global_order_no: "1" }], error_details: [] }));
    const order = anOrder({
      addressLine2: "",
      stateOrRegion: "NV",
      postalCode: "89501",
      receiverMobile: undefined,
      wid: "33",
      logisticsTypeId: "200000000000000001",
      purchasedAt: new Date("2025-11-22T08:00:00.900Z"),
    });
    await lingxing.createOrders(request([order]));
    expect(JSON.parse(sent)).toEqual({
      platform_code: 10009,
      store_id: STORE,
      orders: [
        {
          platform_order_no: "PO-1",
          receiver_name: "Ann Lee",
          receiver_country_code: "US",
          city: "Reno",
          address_line1: "1 Main St",
          state_or_region: "NV",
          postal_code: "89501",
          global_purchase_time: 1763798400,
          wid: "33",
          logistics_type_id: "200000000000000001",
          items: [{ sku: "MUG-BLUE", quantity: 2, unit_price: "14.99" }],
        },
      ],
    });
    const { sign, ...common } = query;
    expect(common).toEqual({ access_token: TOKEN, app_key: APP_ID, timestamp: "1763798400" });
    expect(sign).toBe(signLingxing({ ...(JSON.parse(sent) as object), ...common }, APP_ID));
  });

  it("gives every order its own outcome, ids as text", async () => {
    const { lingxing } = client({ redact: (text) => text.replace("Ann Lee", "***") });
    mockCreate().reply(
      200,
      '{"code":0,"request_id":"r-1.1763800000000","data":{"success_details":[{"platform_order_no":"PO-1","global_order_no":103336708973801472},{"platform_order_no":"PO-2"},null],"error_details":[{"platform_order_no":"PO-3","error_message":"not Ann Lee again"},{"platform_order_no":"PO-4"}]}}',
    );
    await expect(lingxing.createOrders(request())).resolves.toEqual({
      created: [{ platformOrderNo: "PO-1", globalOrderNo: "103336708973801472" }], // PO-2 is in neither list that can be read
      refused: [
        { platformOrderNo: "PO-3", message: "not *** again" },
        { platformOrderNo: "PO-4", message: "refused without a reason" },
      ],
      requestId: "r-1.1763800000000",
    });
  });

  it.each([
    ["a list instead of an object", [{ success_details: [{ platform_order_no: "PO-1", global_order_no: "1" }] }], 1],
    ["an empty list", [], 0],
    ["null", null, 0],
    ["no lists", {}, 0],
    ["odd lists", { success_details: "x", error_details: null }, 0],
  ])("reads data that is %s", async (_name, data, created) => {
    const { lingxing } = client();
    mockCreate().reply(200, success(data));
    const result = await lingxing.createOrders(request());
    expect([result.created.length, result.refused.length]).toEqual([created, 0]);
  });

  it.each([10000, 10001, "10002"])("reads the lists of a batch with code %o", async (code) => {
    const { lingxing } = client();
    mockCreate().reply(200, { ...success({ error_details: [{ platform_order_no: "PO-1", error_message: "no" }] }), code });
    await expect(lingxing.createOrders(request())).resolves.toMatchObject({ refused: [{ message: "no" }] });
  });

  it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
    ["code 500", (m) => m.reply(200, { code: 500, message: "内部错误" })],
    ["an unknown code", (m) => m.reply(200, { code: 777, message: "?" })],
    ["HTTP 500", (m) => m.reply(500)],
    ["HTTP 408", (m) => m.reply(408)],
    ["HTML", (m) => m.reply(200, "<html></html>")],
    ["half an answer", (m) => m.reply(200, '{"code":0,"data":{')],
    ["another shape", (m) => m.reply(200, success("created"))],
    ["a reset", (m) => m.replyWithError(Object.assign(new Error("x"), { code: "ECONNRESET" }))],
  ])("is in doubt after %s", async (_name, reply) => {
    const { lingxing } = client();
    reply(mockCreate());
    await expect(lingxing.createOrders(request())).rejects.toThrow(InDoubtError);
  });

  it("is refused with the vendor's reason and request id", async () => {
    const { lingxing } = client();
    mockCreate().reply(200, { code: 102, message: "参数错误", error_details: ["orders: 不能为空"], request_id: "r-9.1" });
    const error = await failed(lingxing.createOrders(request()));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({
      code: "102",
      message: "lingxing.order_create: 参数错误; orders: 不能为空 (code 102) (request id r-9.1)",
    });
  });

  it("waits 2, 4, 8 s for a bucket token, then the vendor is out", async () => {
    const { lingxing, deps } = client();
    mockCreate().times(4).reply(200, { code: "3001008", msg: "new requests too frequently" });
    await expect(lingxing.createOrders(request())).rejects.toMatchObject({ exit: "vendor" });
    expect(deps.slept).toEqual([2_000, 4_000, 8_000]);
    expect(deps.events.every(({ throttled }) => throttled)).toBe(true);
  });

  it("signs every attempt anew", async () => {
    const timestamps: unknown[] = [];
    const { lingxing, deps } = client({
      sleep: async () => {
        deps.clock = new Date(deps.clock.getTime() + 150_000); // an old signature would be out of its two minutes
      },
    });
    const note = (params: Record<string, unknown>) => {
      timestamps.push(params.timestamp, params.sign);
      return true;
    };
    nock(BASE).post(CREATE).query(note).reply(200, { code: "3001008" });
    nock(BASE).post(CREATE).query(note).reply(200, success({}));
    await lingxing.createOrders(request());
    expect(timestamps[2]).toBe("1763798550");
    expect(new Set(timestamps).size).toBe(4);
  });

  it.each([
    ["2001006", "signature"],
    ["2001007", "clock"],
  ])("signs once more after %s, then gives up naming the %s", async (code, word) => {
    const { lingxing } = client();
    mockCreate().times(2).reply(200, { code, msg: "sign" });
    await expect(lingxing.createOrders(request())).rejects.toMatchObject({ exit: "credentials", nextStep: expect.stringContaining(word) });
  });

  it("goes through when the second signature is taken", async () => {
    const { lingxing } = client();
    mockCreate().reply(200, { code: "2001006", msg: "sign" });
    mockCreate().reply(200, success({}));
    await expect(lingxing.createOrders(request())).resolves.toMatchObject({ created: [] });
  });

  it.each(["2001003", "2001005", "2001004", "403", "401", "2001001", "2001002", "3001002"])(
    "ends the pass on %s: a fixed token cannot be renewed",
    async (code) => {
      const { lingxing, deps } = client();
      mockCreate().reply(200, { code, msg: `token ${TOKEN} ${encodeURIComponent(TOKEN)} refused` });
      const error = await failed(lingxing.createOrders(request()));
      expect(error).toBeInstanceOf(OutageError);
      expect(error).toMatchObject({ exit: "credentials" });
      expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary/);
    },
  );

  it.each([
    [405, "<html>"],
    [200, '{"code":400,"msg":"服务不存在"}'],
  ])("ends the pass when the path leads nowhere (%i)", async (status, text) => {
    const { lingxing } = client();
    mockCreate().reply(status, text);
    await expect(lingxing.createOrders(request())).rejects.toMatchObject({
      exit: "vendor",
      nextStep: expect.stringContaining("IPASS_LINGXING_BASE_URL"),
    });
  });

  it("sends nothing in a dry run", async () => {
    const { lingxing } = client({ dryRun: true });
    expect(await failed(lingxing.createOrders(request()))).not.toBeInstanceOf(OutageError);
  });
});

function anEntry(globalOrderNo: string | number, overrides: object = {}) {
  return {
    global_order_no: globalOrderNo,
    store_id: STORE,
    status: 4,
    split_type: "1",
    update_time: "1763700100",
    platform_info: [{ platform_order_no: "PO-1" }],
    ...overrides,
  };
}
const page = (total: unknown, list: unknown) => success({ total, list });

describe("ordersByNumber", () => {
  it("asks for everything of these numbers, also in a dry run", async () => {
    const { lingxing } = client({ dryRun: true });
    nock(BASE)
      .post(LIST, { offset: 0, length: 500, store_id: [STORE], platform_order_nos: ["PO-1", "PO-2"], include_delete: true })
      .query(true)
      .reply(200, page("0", []));
    await expect(lingxing.ordersByNumber([STORE], ["PO-1", "PO-2", "PO-1"])).resolves.toEqual([]);
  });

  it("reads what is there, whatever its spelling", async () => {
    const { lingxing } = client();
    mockList().reply(
      200,
      `{"code":"0","data":{"total":"3","list":[
        {"global_order_no":103336708973801472,"store_id":110000000000000001,"status":"5","split_type":3,"update_time":1763700100,"is_delete":"1","platform_info":[{"platform_order_no":"PO-1"},{"platform_order_no":77}],"logistics_info":{"tracking_no":"T-1"}},
        {"global_order_no":"2","store_id":"110000000000000001","status":7,"update_time":"","is_delete":0,"platform_info":null,"item_info":[{"platform_order_no":"PO-1"},{"platform_order_no":"PO-1"}],"logistics_info":[]},
        {"global_order_no":"3","store_id":"110000000000000001","status":4,"platform_info":[]}]}}`,
    );
    await expect(lingxing.ordersByNumber([STORE], ["PO-1"])).resolves.toEqual([
      {
        globalOrderNo: "103336708973801472",
        storeId: STORE,
        platformOrderNos: ["PO-1", "77"],
        status: 5,
        deleted: true,
        splitType: "3",
        updateTime: 1763700100,
        trackingNo: "T-1",
      },
      { globalOrderNo: "2", storeId: STORE, platformOrderNos: ["PO-1"], status: 7, deleted: false },
      { globalOrderNo: "3", storeId: STORE, platformOrderNos: [], status: 4, deleted: false },
    ]);
  });

  it.each([
    [true, true],
    [1, true],
    ["1", true],
    ["true", true],
    [0, false],
    ["0", false],
    [false, false],
    [null, false],
    ["", false],
  ])("is_delete %o is %s", async (flag, deleted) => {
    const { lingxing } = client();
    mockList().reply(200, page(1, [anEntry("1", { is_delete: flag })]));
    expect((await lingxing.ordersByNumber([STORE], ["PO-1"]))[0]?.deleted).toBe(deleted);
  });

  it("asks for 200 numbers a call", async () => {
    const { lingxing } = client();
    const asked: number[] = [];
    nock(BASE)
      .post(LIST, ({ platform_order_nos: numbers }) => {
        asked.push(numbers.length);
        return true;
      })
      .query(true)
      .times(3)
      .reply(200, page(1, [anEntry("1")]));
    const orders = await lingxing.ordersByNumber(
      [STORE],
      Array.from({ length: 450 }, (_, n) => `PO-${n}`),
    );
    expect(asked.toSorted((a, b) => a - b)).toEqual([50, 200, 200]);
    expect(orders).toHaveLength(1); // one merged order, found by each call
  });

  it("walks all pages, also where the vendor gives fewer than asked for", async () => {
    const { lingxing } = client();
    const offsets: number[] = [];
    nock(BASE)
      .post(LIST, ({ offset }) => {
        offsets.push(offset);
        return true;
      })
      .query(true)
      .times(3)
      .reply(200, () =>
        page(
          "5",
          [0, 1]
            .map((n) => (offsets.at(-1) ?? 0) + n)
            .filter((n) => n < 5)
            .map((n) => anEntry(String(n))),
        ),
      );
    const orders = await lingxing.ordersByNumber([STORE], ["PO-1"]);
    expect(offsets).toEqual([0, 2, 4]);
    expect(orders.map(({ globalOrderNo }) => globalOrderNo)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("without a total, a short page is the last", async () => {
    const { lingxing } = client();
    const full = Array.from({ length: 500 }, (_, n) => anEntry(String(n)));
    mockList().reply(200, page(undefined, full));
    mockList().reply(200, page(undefined, [anEntry("500")]));
    expect(await lingxing.ordersByNumber([STORE], ["PO-1"])).toHaveLength(501);
  });

  it("reads again when orders moved between the pages, so that none is taken for absent", async () => {
    const { lingxing } = client();
    mockList().reply(200, page(3, [anEntry("1"), anEntry("2")]));
    mockList().reply(200, page(3, [anEntry("2")])); // 3 slipped past
    mockList().reply(200, page(3, [anEntry("1"), anEntry("2"), anEntry("3")]));
    expect(await lingxing.ordersByNumber([STORE], ["PO-1"])).toHaveLength(3);
  });

  it("calls the vendor out when the pages never add up", async () => {
    const { lingxing } = client();
    for (let reading = 0; reading < 3; reading++) {
      mockList().reply(200, page(2, [anEntry("1")]));
      mockList().reply(200, page(2, []));
    }
    await expect(lingxing.ordersByNumber([STORE], ["PO-1"])).rejects.toMatchObject({ exit: "vendor" });
  });

  it.each<[string, unknown]>([
    ["no list and no total", success({})],
    ["an empty data", success([])],
    ["a list left out though there should be one", page(2, null)],
    ["an entry without a number", page(1, [anEntry("")])],
    ["an entry without a status", page(1, [anEntry("1", { status: "shipped" })])],
    ["an entry that is none", page(1, ["x"])],
  ])("does not take %s for an absent order", async (_name, body) => {
    const { lingxing } = client();
    mockList()
      .times(4)
      .reply(200, body as nock.Body);
    await expect(lingxing.ordersByNumber([STORE], ["PO-1"])).rejects.toMatchObject({ exit: "vendor" });
  });

  it("is repeated after code 500, and needs a store", async () => {
    const { lingxing } = client();
    mockList().reply(200, { code: 500, message: "内部错误" });
    mockList().reply(200, page(0, null));
    await expect(lingxing.ordersByNumber([STORE], ["PO-1"])).resolves.toEqual([]);
    await expect(lingxing.ordersByNumber([], ["PO-1"])).rejects.toThrow("needs a store");
  });

  it("asks nothing about nothing", async () => {
    const { lingxing } = client();
    await expect(lingxing.ordersByNumber([STORE], [])).resolves.toEqual([]);
  });
});
