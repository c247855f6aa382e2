import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, call, type LingxingCallOptions, type LX_PATHS, lingxing, lingxingToken, newOrders, TestClock } from "./vendor-calls.ts";

const APP = { appId: "ak_sandboxdemo01", appSecret: "sandbox/not+a/secret==" };
const clock = new TestClock();
const frozenSandbox = (): Promise<Sandbox> => aSandbox({ now: clock.now });
const nowMs = clock.ms;

describe("the gateway", () => {
  it.each<[string, LingxingCallOptions, unknown]>([
    ["everything right", {}, 0],
    ["no signature", { spoil: (query) => query.delete("sign") }, "3001001"],
    ["no token", { spoil: (query) => query.delete("access_token") }, "3001001"],
    ["a field in the URL", { spoil: (query) => query.set("offset", "0") }, "3001001"],
    ["another app", { spoil: (query) => query.set("app_key", "ak_other00000001") }, "2001001"],
    ["milliseconds for seconds", { spoil: (query) => query.set("timestamp", "1763632800000") }, "3001001"],
    ["a signature of 121 s ago", { nowMs: nowMs - 121_000 }, "2001007"],
    ["a signature of 120 s ago", { nowMs: nowMs - 120_000 }, 0],
    ["a clock 121 s ahead", { nowMs: nowMs + 121_000 }, "2001007"],
    ["a timestamp changed after signing", { spoil: (query) => query.set("timestamp", String(nowMs / 1000 - 1)) }, "2001006"],
    ["a signature encoded twice", { spoil: (query) => query.set("sign", encodeURIComponent(query.get("sign") ?? "")) }, "2001006"],
    ["another token", { token: "11111111-2222-4333-8444-555555555555" }, "2001005"],
    ["another body than was signed", { rawBody: '{"offset":20,"length":20,"platform_order_nos":["A","B"]}' }, "2001006"],
    ["the signed body with other white space", { rawBody: ' { "offset" : 0, "length": 20,\n"platform_order_nos": [ "A", "B" ] } ' }, 0],
    ["a list for a body", { rawBody: "[]" }, 102],
    ["half a body", { rawBody: '{"offset":0,' }, 102],
    ["a form", { contentType: "application/x-www-form-urlencoded" }, 102],
  ])("with %s", async (_, options, code) => {
    const answer = await lingxing(
      await frozenSandbox(),
      "list",
      { offset: 0, length: 20, platform_order_nos: ["A", "B"] },
      { nowMs, ...options },
    );
    expect([answer.status, answer.json?.code]).toEqual([200, code]);
  });

  it.each([
    ["POST", "/pb/mp/order/v2/nothing"],
    ["POST", "//pb/mp/order/v2/list"],
    ["GET", "/pb/mp/order/v2/list"],
  ])("%s %s is an HTML 405", async (method, path) => {
    const sandbox = await frozenSandbox();
    const answer = await call(sandbox.lingxingUrl + path, { method, ...(method === "POST" ? { body: "{}" } : {}) });
    expect(answer).toMatchObject({ status: 405, type: "text/html" });
  });
});

describe("tokens", () => {
  it.each([
    ["another app", { ...APP, appId: "ak_other00000001" }, "2001001"],
    ["a wrong secret", { ...APP, appSecret: "sandbox/not a/secret==" }, "2001002"],
    ["no secret", { appId: APP.appId }, "3001001"],
  ])("with %s", async (_, fields, code) => {
    expect((await lingxingToken(await frozenSandbox(), "access-token", fields)).json).toMatchObject({ code });
  });

  it.each([
    ["JSON", { body: JSON.stringify(APP), headers: { "content-type": "application/json" } }],
    ["a plain form", { body: new URLSearchParams(APP) }],
  ])("want multipart, not %s", async (_, init) => {
    const url = `${(await frozenSandbox()).lingxingUrl}/api/auth-server/oauth/access-token`;
    expect((await call(url, { method: "POST", ...init })).json?.code).toBe("0001001");
  });

  it("a new one ends the old one, and a refresh token works once", async () => {
    const sandbox = await frozenSandbox();
    const code = async (token: unknown): Promise<unknown> =>
      (await lingxing(sandbox, "stores", {}, { nowMs: clock.ms, token: String(token) })).json?.code;
    const pair = async (
      which: "access-token" | "refresh",
      fields: Record<string, string>,
    ): Promise<{ access_token: string; refresh_token: string }> => {
      const { json } = await lingxingToken(sandbox, which, fields);
      expect(json).toMatchObject({ code: "200", data: { expires_in: 7199 } });
      return json?.data as { access_token: string; refresh_token: string };
    };
    const first = await pair("access-token", APP);
    expect([await code("00000000-0000-4000-8000-00000000abcd"), await code(first.access_token)]).toEqual(["2001005", 0]);
    const second = await pair("refresh", { appId: APP.appId, refreshToken: first.refresh_token });
    expect([await code(first.access_token), await code(second.access_token)]).toEqual(["2001005", 0]);
    const again = await lingxingToken(sandbox, "refresh", { appId: APP.appId, refreshToken: first.refresh_token });
    expect(again.json?.code).toBe("2001009");
    // The attempt with a used one has not hurt the pair in use.
    expect(await code(second.access_token)).toBe(0);
  });

  it("end after two hours", async () => {
    const own = new TestClock();
    const sandbox = await aSandbox({ now: own.now });
    const { json } = await lingxingToken(sandbox, "access-token", APP);
    const data = json?.data as { access_token: string; refresh_token: string };
    own.advance(7_200_000);
    expect((await lingxing(sandbox, "stores", {}, { nowMs: own.ms, token: data.access_token })).json?.code).toBe("2001003");
    const late = await lingxingToken(sandbox, "refresh", { appId: APP.appId, refreshToken: data.refresh_token });
    expect(late.json?.code).toBe("2001008");
  });
});

const create = (over: object = {}, item: object = {}): Record<string, unknown> => {
  const body = newOrders("A-1");
  const [order] = body.orders;
  return { ...body, orders: [{ ...order, items: [{ sku: "MUG-1", quantity: 1, unit_price: "1.00", ...item }], ...over }] };
};
const window = (start: number, end: number): Record<string, unknown> => {
  return { offset: 0, length: 20, date_type: "update_time", start_time: start, end_time: end };
};
const NOW_SEC = nowMs / 1000;

describe("fields: 102 with the reasons, and no effect", () => {
  it.each<[keyof typeof LX_PATHS, string, Record<string, unknown>, RegExp]>([
    ["create", "a platform code as text", { ...create(), platform_code: "10009" }, /platform_code/],
    ["create", "a store as number", { ...create(), store_id: 11 }, /store_id/],
    ["create", "an unknown store", { ...create(), store_id: "5" }, /no store 5/],
    ["create", "no orders", { ...create(), orders: [] }, /orders/],
    ["create", "no country", create({ receiver_country_code: undefined }), /receiver_country_code/],
    ["create", "a country by name", create({ receiver_country_code: "USA" }), /receiver_country_code/],
    ["create", "an empty name", create({ receiver_name: " " }), /receiver_name/],
    ["create", "no city", create({ city: undefined }), /city/],
    ["create", "no address", create({ address_line1: undefined }), /address_line1/],
    ["create", "no items", create({ items: [] }), /items/],
    ["create", "quantity 0", create({}, { quantity: 0 }), /quantity/],
    ["create", "no price", create({}, { unit_price: undefined }), /unit_price/],
    ["create", "a price with a sign", create({}, { unit_price: "-1" }), /unit_price/],
    ["create", "neither sku nor msku", create({}, { sku: undefined }), /sku or msku/],
    ["create", "a field nobody knows", create({ reciever_name: "x" }), /reciever_name/],
    ["create", "a time in milliseconds", create({ global_purchase_time: 1_763_632_800_000 }), /global_purchase_time/],
    ["list", "19 to a page", { ...window(NOW_SEC - 10, NOW_SEC), length: 19 }, /length 最小值为20/],
    ["list", "501 to a page", { ...window(NOW_SEC - 10, NOW_SEC), length: 501 }, /length 最大值500/],
    ["list", "no offset", { ...window(NOW_SEC - 10, NOW_SEC), offset: undefined }, /offset/],
    ["list", "neither dates nor numbers", { offset: 0, length: 20 }, /date_type/],
    ["list", "a start without an end", { ...window(NOW_SEC - 10, NOW_SEC), end_time: undefined }, /belong together/],
    ["list", "more than 30 days", window(NOW_SEC - 30 * 86_400 - 1, NOW_SEC), /30天/],
    ["list", "an end before its start", window(NOW_SEC, NOW_SEC - 1), /end_time/],
    ["list", "201 numbers", { offset: 0, length: 20, platform_order_nos: Array.from({ length: 201 }, (_, n) => `N${n}`) }, /200/],
    ["list", "no number in the list", { offset: 0, length: 20, platform_order_nos: [] }, /platform_order_nos/],
    ["list", "a store as text", { ...window(NOW_SEC - 10, NOW_SEC), store_id: "110000000000000001" }, /store_id/],
    ["list", "a status as text", { ...window(NOW_SEC - 10, NOW_SEC), order_status: "5" }, /order_status/],
    ["list", "a flag as number", { ...window(NOW_SEC - 10, NOW_SEC), include_delete: 1 }, /include_delete/],
    ["wms", "201 to a page", { page_size: 201 }, /page_size/],
    ["wms", "page 0", { page: 0 }, /page/],
    ["wms", "a date without the other", { time_type: "create_at", start_date: "2025-11-01" }, /belong together/],
    ["wms", "a date with a time", { time_type: "create_at", start_date: "2025-11-01 00:00:00", end_date: "2025-11-02" }, /start_date/],
    ["wms", "a day that does not exist", { time_type: "create_at", start_date: "2025-11-01", end_date: "2025-11-31" }, /end_date/],
    ["wms", "31 days", { time_type: "create_at", start_date: "2025-10-20", end_date: "2025-11-20" }, /30天/],
    ["wms", "an unknown time", { time_type: "created_at", start_date: "2025-11-01", end_date: "2025-11-02" }, /time_type/],
    ["stock", "801 rows", { length: 801 }, /length 最大值800/],
    ["stock", "a warehouse as number", { wid: 1001 }, /wid/],
    ["stock", "blanks between warehouses", { wid: "1001, 1002" }, /wid/],
    ["stores", "19 to a page", { offset: 0, length: 19 }, /length/],
    ["stores", "a platform as text", { platform_code: ["10009"] }, /platform_code/],
    ["warehouses", "a type as text", { type: "3" }, /type/],
    ["logistics", "no param around it", { provider_type: 0 }, /param/],
  ])("%s with %s", async (path, _, body, reason) => {
    const sandbox = await frozenSandbox();
    const { json, status } = await lingxing(sandbox, path, JSON.parse(JSON.stringify(body)), { nowMs });
    expect([status, json?.code, json?.data]).toEqual([200, 102, null]);
    expect(JSON.stringify(json?.error_details)).toMatch(reason);
    expect(sandbox.state().lingxing.orders).toHaveLength(0);
  });

  it.each<[keyof typeof LX_PATHS, Record<string, unknown>]>([
    ["list", window(NOW_SEC - 30 * 86_400, NOW_SEC)],
    ["list", { offset: 0, length: 500, platform_order_nos: Array.from({ length: 200 }, (_, n) => `N${n}`), include_delete: true }],
    ["wms", { time_type: "create_at", start_date: "2025-10-21", end_date: "2025-11-20", page_size: 200, status_arr: [3] }],
    ["wms", {}],
    ["stock", { wid: "1001,1002", offset: 0, length: 800 }],
    ["stores", { offset: 0, length: 20, platform_code: [10009] }],
    ["warehouses", { type: 3, is_delete: "0,1" }],
    ["logistics", { param: { provider_type: 0, page: 1, length: 50 } }],
  ])("%s at its bounds is fine: %j", async (path, body) => {
    expect((await lingxing(await frozenSandbox(), path, body, { nowMs })).json?.code).toBe(0);
  });
});
