import { describe, expect, it } from "vitest";
import { idText, type Json, type JsonObject, objectsIn } from "../../src/sandbox/json.ts";
import { SECOND_STORE_ID, STORE_ID } from "../../src/sandbox/options.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, type CallResult, lingxing, listIn, newOrders, TestClock } from "./vendor-calls.ts";

interface Started {
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  create(...numbers: string[]): Promise<CallResult>;
  list(body: Record<string, unknown>): Promise<JsonObject[]>;
  byNumber(...numbers: string[]): Promise<JsonObject[]>;
  wms(body?: Record<string, unknown>): Promise<JsonObject[]>;
}

async function started(options: Parameters<typeof aSandbox>[0] = {}): Promise<Started> {
  const clock = new TestClock();
  const sandbox = await aSandbox({ now: clock.now, orders: 0, ...options });
  const list = async (body: Record<string, unknown>): Promise<JsonObject[]> => {
    const { json } = await lingxing(sandbox, "list", { offset: 0, length: 500, ...body }, { nowMs: clock.ms });
    return objectsIn((json?.data as JsonObject | undefined)?.list);
  };
  return {
    sandbox,
    clock,
    list,
    create: (...numbers) => lingxing(sandbox, "create", newOrders(...numbers), { nowMs: clock.ms }),
    byNumber: (...numbers) => list({ platform_order_nos: numbers, include_delete: true }),
    wms: async (body = {}) => (await lingxing(sandbox, "wms", body, { nowMs: clock.ms })).json?.data as JsonObject[],
  };
}

const dataOf = ({ json }: CallResult): { success_details: JsonObject[]; error_details: JsonObject[] } =>
  json?.data as { success_details: JsonObject[]; error_details: JsonObject[] };

describe("create", () => {
  it("takes what is new, refuses a number known to the store, code 0 all the same", async () => {
    const { sandbox, create, byNumber } = await started();
    await create("A-1");
    const answer = await create("A-1", "A-2", "A-2");
    expect(answer.json?.code).toBe(0);
    expect(dataOf(answer).success_details).toEqual([{ platform_order_no: "A-2", global_order_no: expect.stringMatching(/^\d{18}$/) }]);
    expect(dataOf(answer).error_details.map(({ platform_order_no }) => platform_order_no)).toEqual(["A-1", "A-2"]);
    expect(await byNumber("A-1", "A-2")).toHaveLength(2);
    expect(sandbox.state().lingxing.createAttempts).toEqual({ "A-1": 2, "A-2": 2 });
  });

  it("refuses the number of a deleted or cancelled order too, and takes it in another store", async () => {
    const { sandbox, create, clock } = await started();
    await create("A-1", "A-2");
    sandbox.advance({ action: "delete", numbers: ["A-1"] });
    sandbox.advance({ action: "cancel", numbers: ["A-2"] });
    expect(dataOf(await create("A-1", "A-2")).error_details).toHaveLength(2);
    const other = await lingxing(sandbox, "create", { ...newOrders("A-1"), store_id: SECOND_STORE_ID }, { nowMs: clock.ms });
    expect(dataOf(other).success_details).toHaveLength(1);
  });

  it.each([
    ["a warehouse without a method", { wid: "1001" }, /同时/],
    ["a method without a warehouse", { logistics_type_id: "200000000000000011" }, /同时/],
    ["an unknown warehouse", { wid: "5", logistics_type_id: "200000000000000011" }, /仓库不存在/],
    ["an unknown method", { wid: "1001", logistics_type_id: "5" }, /物流方式不存在/],
  ])("refuses an order with %s, and only that one", async (_, over, reason) => {
    const { sandbox, clock } = await started();
    const body = newOrders("A-1", "A-2");
    Object.assign(body.orders[0] ?? {}, over);
    const answer = dataOf(await lingxing(sandbox, "create", body, { nowMs: clock.ms }));
    expect(answer.success_details).toMatchObject([{ platform_order_no: "A-2" }]);
    expect(answer.error_details[0]?.error_message).toMatch(reason);
  });

  it("takes both together, every method of its maps", async () => {
    const { sandbox, clock } = await started();
    const methods = Object.values(JSON.parse(sandbox.mapEnv.IPASS_LOGISTICS_MAP_JSON ?? "{}") as Record<string, string>);
    const body = newOrders(...methods.map((_, index) => `A-${index}`));
    for (const [index, order] of body.orders.entries()) Object.assign(order, { wid: "1001", logistics_type_id: methods[index] });
    expect(dataOf(await lingxing(sandbox, "create", body, { nowMs: clock.ms })).success_details).toHaveLength(6);
  });

  it("refuses and breaks as told: one by one, or the whole batch without effect", async () => {
    const { sandbox, create } = await started({ refuse: { "A-1": "not today" }, poison: ["A-3"] });
    expect(dataOf(await create("A-1", "A-2")).error_details).toEqual([{ platform_order_no: "A-1", error_message: "not today" }]);
    expect((await create("A-3", "A-4")).json?.code).toBe(500);
    expect(sandbox.state().lingxing.orders.map(({ platformOrderNos }) => platformOrderNos)).toEqual([["A-2"]]);
  });

  it("sends ids as bare numbers when told, digit by digit the same", async () => {
    const { sandbox, create, byNumber } = await started({ bareIds: true });
    const answer = await create("A-1");
    expect(answer.text).toMatch(/"global_order_no":\d{18}[,}]/);
    const [entry] = await byNumber("A-1");
    const real = sandbox.state().lingxing.orders[0]?.globalOrderNo;
    expect([idText(dataOf(answer).success_details[0]?.global_order_no), idText(entry?.global_order_no)]).toEqual([real, real]);
  });
});

describe("list", () => {
  it("shows a new order after the read lag only", async () => {
    const { create, byNumber, clock } = await started({ readLagMs: 20_000 });
    await create("A-1");
    clock.advance(19_999);
    expect(await byNumber("A-1")).toHaveLength(0);
    clock.advance(1);
    expect(await byNumber("A-1")).toMatchObject([{ status: 4, store_id: STORE_ID, split_type: "1" }]);
  });

  it("has bounds that are open at both ends", async () => {
    const { create, list, clock } = await started();
    await create("A-1");
    const at = clock.ms / 1000;
    clock.advance(60_000);
    const within = async (start: number, end: number): Promise<number> =>
      (await list({ date_type: "update_time", start_time: start, end_time: end })).length;
    expect([await within(at - 1, at + 1), await within(at, at + 1), await within(at - 1, at)]).toEqual([1, 0, 0]);
  });

  it("follows a change between two equal questions", async () => {
    const { sandbox, create, list, clock } = await started();
    await create("A-1", "A-2");
    clock.advance(10_000);
    const question = { date_type: "update_time", start_time: clock.ms / 1000 - 60, end_time: clock.ms / 1000 };
    expect(await list(question)).toHaveLength(2);
    sandbox.advance({ action: "cancel", numbers: ["A-1"] });
    expect(await list(question)).toHaveLength(1);
  });

  it("leaves deleted orders out unless asked, filters, and pages with the total as text", async () => {
    const { sandbox, create, clock, list } = await started();
    await create(...Array.from({ length: 45 }, (_, index) => `A-${index}`));
    sandbox.advance({ action: "delete", numbers: ["A-0"] });
    sandbox.advance({ action: "review", numbers: ["A-1", "A-2"] });
    clock.advance(10_000);
    const window = { date_type: "update_time", start_time: clock.ms / 1000 - 60, end_time: clock.ms / 1000 };
    expect(await list(window)).toHaveLength(44);
    expect(await list({ ...window, include_delete: true })).toHaveLength(45);
    expect(await list({ ...window, order_status: 5 })).toHaveLength(2);
    expect(await list({ ...window, store_id: [SECOND_STORE_ID] })).toHaveLength(0);
    expect(await list({ ...window, platform_code: [10002] })).toHaveLength(0);
    const page = async (offset: number): Promise<Json[]> => {
      const { json } = await lingxing(sandbox, "list", { ...window, offset, length: 20 }, { nowMs: clock.ms });
      expect((json?.data as JsonObject | undefined)?.total).toBe("44");
      return objectsIn((json?.data as JsonObject | undefined)?.list).map(({ global_order_no: no }) => no ?? null);
    };
    expect(new Set([...(await page(0)), ...(await page(20)), ...(await page(40))]).size).toBe(44);
  });
});

describe("people", () => {
  it("review makes an outbound order, shipping sends it off with Beijing times", async () => {
    const { sandbox, create, byNumber, wms, clock } = await started();
    await create("A-1");
    expect(await wms()).toHaveLength(0);
    expect(sandbox.advance({ action: "ship" })).toEqual({ touched: 0 });
    expect(sandbox.advance({ action: "review" })).toEqual({ touched: 1 });
    expect(await wms()).toMatchObject([{ status: 2, tracking_no: "", delivered_at: "", platform_order_no: ["A-1"] }]);
    clock.advance(3_600_000);
    sandbox.advance({ action: "ship" });
    expect(await byNumber("A-1")).toMatchObject([{ status: 6, global_delivery_time: clock.ms / 1000 }]);
    const [row, ...others] = await wms();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      status: 3,
      tracking_no: "1ZSANDBOX000000001",
      delivered_at: "2025-11-20 19:00:00",
      create_at: "2025-11-20 18:00:00",
      order_print_time: "0000-00-00 00:00:00",
      product_info: [
        { sku: "MUG-1", count: 3 },
        { sku: "BOWL-2", count: 1 },
      ],
    });
  });

  it("the outbound list: sid as a bare number, sid and date filters, last month only without dates", async () => {
    const { sandbox, create, wms, clock } = await started();
    await create("A-1");
    sandbox.advance({ action: "review" });
    const { text } = await lingxing(sandbox, "wms", {}, { nowMs: clock.ms });
    expect(text).toContain(`"sid":${STORE_ID},`);
    const bySid = async (sid: string): Promise<number> => {
      // Raw digits in body and signature alike, as a number of JavaScript cannot hold them.
      const signed = { page: 1, sid_arr: BigInt(sid) };
      const answer = await lingxing(
        sandbox,
        "wms",
        { page: 1, sid_arr: [signed.sid_arr] },
        { nowMs: clock.ms, rawBody: `{"page":1,"sid_arr":[${sid}]}` },
      );
      return listIn(answer, "data").length;
    };
    expect([await bySid(STORE_ID), await bySid(SECOND_STORE_ID)]).toEqual([1, 0]);
    const day = (start_date: string, end_date: string) => wms({ time_type: "create_at", start_date, end_date });
    expect([await day("2025-11-20", "2025-11-20"), await day("2025-11-19", "2025-11-19")].map(({ length }) => length)).toEqual([1, 0]);
    clock.advance(31 * 86_400_000);
    expect(await wms({ platform_order_no_arr: ["A-1"] })).toHaveLength(0);
    expect(
      await wms({ platform_order_no_arr: ["A-1"], time_type: "create_at", start_date: "2025-11-19", end_date: "2025-12-01" }),
    ).toHaveLength(1);
  });

  it("counts days in Beijing", async () => {
    const { sandbox, create, wms, clock } = await started();
    clock.advance(6 * 3_600_000 + 1000); // 16:00:01 UTC: the next day there
    await create("A-1");
    sandbox.advance({ action: "review" });
    expect(await wms({ time_type: "create_at", start_date: "2025-11-21", end_date: "2025-11-21" })).toHaveLength(1);
    expect(await wms({ time_type: "create_at", start_date: "2025-11-20", end_date: "2025-11-20" })).toHaveLength(0);
  });

  it.each([
    ["two numbers in two outbound orders", { trackingNumbers: ["T1", "T2"] }, [3, "T1", 2, 1], [3, "T2", 1]],
    ["two numbers in one field", { trackingNumbers: ["T1", "T2"], inOneField: true }, [3, "T1,T2", 3, 1]],
    ["no number", { withoutTracking: true }, [3, "", 3, 1]],
    ["a part now, the rest waiting", { trackingNumbers: ["T1"], only: { "MUG-1": 2 } }, [3, "T1", 2], [2, "", 1, 1]],
    ["bundles", { trackingNumbers: ["T1"], asBundle: true }, [3, "T1", 3, 3, 3, 1, 1, 1]],
  ])("ship with %s", async (_, options, ...expected) => {
    const { sandbox, create, wms } = await started();
    await create("A-1");
    sandbox.advance({ action: "review" });
    sandbox.advance({ action: "ship", ...options });
    const rows = (await wms()).map(({ status, tracking_no, product_info }) => [
      status,
      tracking_no,
      ...(product_info as JsonObject[]).map(({ count }) => count),
    ]);
    expect(rows).toEqual(expected);
  });

  it("ship the rest later, with any text for a time", async () => {
    const { sandbox, create, wms } = await started();
    await create("A-1");
    sandbox.advance({ action: "review" });
    sandbox.advance({ action: "ship", only: { "MUG-1": 3 }, deliveredAt: "0000-00-00 00:00:00" });
    sandbox.advance({ action: "ship", deliveredAt: "soon" });
    expect((await wms()).map(({ status, delivered_at }) => [status, delivered_at])).toEqual([
      [3, "0000-00-00 00:00:00"],
      [3, "soon"],
    ]);
    expect(sandbox.advance({ action: "ship" })).toEqual({ touched: 1 });
    expect(await wms()).toHaveLength(2);
  });

  it("split: two orders with one number, reviewed one by one", async () => {
    const { sandbox, create, byNumber } = await started();
    await create("A-1");
    expect(sandbox.advance({ action: "split", numbers: ["A-1"] })).toEqual({ touched: 1 });
    const parts = await byNumber("A-1");
    expect(parts.map(({ split_type, item_info }) => [split_type, (item_info as JsonObject[])[0]?.msku])).toEqual(
      expect.arrayContaining([
        ["3", "MUG-1"],
        ["3", "BOWL-2"],
      ]),
    );
    expect(sandbox.advance({ action: "review", numbers: [String(parts[0]?.global_order_no)] })).toEqual({ touched: 1 });
    expect((await byNumber("A-1")).map(({ status }) => status).sort()).toEqual([4, 5]);
  });

  it("merge: one order with several numbers, the single ones deleted", async () => {
    const { sandbox, create, byNumber, wms } = await started({ outboundLineNumbers: true });
    await create("A-1", "A-2");
    expect(sandbox.advance({ action: "merge", numbers: ["A-1", "A-2"] })).toEqual({ touched: 2 });
    const entries = await byNumber("A-1");
    expect(entries.map(({ is_delete, split_type }) => [is_delete, split_type])).toEqual(
      expect.arrayContaining([
        [1, "1"],
        [0, "2"],
      ]),
    );
    const merged = entries.find(({ is_delete }) => is_delete === 0);
    expect(objectsIn(merged?.platform_info).map(({ platform_order_no }) => platform_order_no)).toEqual(["A-1", "A-2"]);
    sandbox.advance({ action: "review" });
    const [row, ...others] = await wms({ platform_order_no_arr: ["A-2"] });
    expect(others).toEqual([]);
    expect(objectsIn(row?.product_info).map(({ platform_order_no }) => platform_order_no)).toEqual(["A-1", "A-1", "A-2", "A-2"]);
  });

  it("cancel takes an outbound order that has not left with it", async () => {
    const { sandbox, create, byNumber, wms } = await started();
    await create("A-1", "A-2");
    sandbox.advance({ action: "review" });
    sandbox.advance({ action: "ship", numbers: ["A-2"] });
    sandbox.advance({ action: "cancel" });
    expect((await byNumber("A-1", "A-2")).map(({ status }) => status)).toEqual([7, 7]);
    expect((await wms()).map(({ status }) => status)).toEqual([4, 3]);
  });

  it.each([
    [{ action: "shipByPlatform" } as const, 9],
    [{ action: "status", status: 8 } as const, 8],
  ])("%j", async (step, status) => {
    const { sandbox, create, byNumber } = await started();
    await create("A-1");
    sandbox.advance(step);
    expect(await byNumber("A-1")).toMatchObject([{ status }]);
  });
});

describe("stock and lists", () => {
  it("reads rows by warehouse, page by page, and follows an edit", async () => {
    const { sandbox, clock } = await started({ skus: 25 });
    const read = async (body: Record<string, unknown>): Promise<{ rows: JsonObject[]; total: Json | undefined }> => {
      const { json } = await lingxing(sandbox, "stock", body, { nowMs: clock.ms });
      return { rows: json?.data as JsonObject[], total: json?.total };
    };
    const all = await read({ wid: "1001,1002", length: 800 });
    expect([all.rows.length, all.total]).toEqual([60, 60]);
    expect((await read({ wid: "1001", offset: 20, length: 20 })).rows).toHaveLength(10);
    expect((await read({})).rows).toHaveLength(20);
    expect((await read({ wid: "4711" })).total).toBe(0);
    const sku = String(all.rows[0]?.sku);
    expect((await read({ sku: sku.toLowerCase() })).total).toBe(2);
    const total = all.rows[0] as { product_total: number; product_valid_num: number; product_bad_num: number; product_lock_num: number };
    expect(total.product_total).toBe(total.product_valid_num + total.product_bad_num + total.product_lock_num);
    expect(sandbox.advance({ action: "stock", rows: [{ wid: 1001, sku, valid: -7 }] })).toEqual({ touched: 1 });
    expect((await read({ wid: "1001", sku })).rows).toMatchObject([{ product_valid_num: -7 }]);
    sandbox.advance({ action: "stock", rows: [{ wid: 1001, sku, remove: true }] });
    sandbox.advance({ action: "stock", rows: [{ wid: 1002, sku: "NEW-1", valid: 5, sellerId: "9" }] });
    expect((await read({ sku })).total).toBe(1);
    expect((await read({ sku: "NEW-1" })).rows).toMatchObject([{ wid: 1002, product_valid_num: 5, seller_id: "9" }]);
  });

  it("lists local warehouses unless asked for others, stores, and methods with long ids as text", async () => {
    const { sandbox, clock } = await started();
    const read = async (path: "warehouses" | "logistics" | "stores", body: Record<string, unknown>): Promise<Json | undefined> =>
      (await lingxing(sandbox, path, body, { nowMs: clock.ms })).json?.data;
    expect(await read("warehouses", {})).toMatchObject([{ wid: 1001 }, { wid: 1002 }]);
    expect(await read("warehouses", { is_delete: "0,1" })).toHaveLength(3);
    expect(await read("warehouses", { type: 3 })).toMatchObject([{ wid: 2001 }]);
    expect(await read("logistics", { param: { provider_type: 0, page: 2, length: 5 } })).toMatchObject([{ type_id: "200000000000000023" }]);
    expect(await read("stores", {})).toMatchObject({ total: "2", list: [{ store_id: STORE_ID, platform_code: "10009" }, {}] });
  });
});
