import nock from "nock";
import { describe, expect, it } from "vitest";
import type { HttpDeps } from "../../src/http/deps.ts";
import { LingxingClient } from "../../src/lingxing/client.ts";
import { inBatches } from "../../src/lingxing/order-list-reader.ts";
import { testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const STORE = "110000000000000001";
const LIST = "/pb/mp/order/v2/list";
const SINCE = 1763700000;
const UNTIL = 1763790000;

function client(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  const credentials = { accessToken: "tok-canary" };
  return { lingxing: new LingxingClient({ baseUrl: BASE, appId: "ak_T3stAppId0001", credentials }, deps), deps };
}
async function pages(lingxing: LingxingClient, since = SINCE, until = UNTIL, stores = [STORE]): Promise<string[][]> {
  const all = [];
  for await (const page of lingxing.ordersUpdatedBetween(stores, since, until)) all.push(page.map(({ globalOrderNo }) => globalOrderNo));
  return all;
}
const entry = (id: string) => ({ global_order_no: id, store_id: STORE, status: 5, platform_info: [{ platform_order_no: `PO-${id}` }] });
const page = (total: unknown, ids: readonly string[]) => ({ code: 0, data: { total, list: ids.map(entry) } });
const body = (offset: number) => ({
  offset,
  length: 500,
  date_type: "update_time",
  start_time: SINCE,
  end_time: UNTIL,
  store_id: [STORE],
  include_delete: true,
});
const mockPage = (offset: number) => nock(BASE).post(LIST, body(offset)).query(true);

describe("ordersUpdatedBetween", () => {
  it("walks the window page by page, its end unchanged, also in a dry run", async () => {
    const { lingxing } = client({ dryRun: true });
    mockPage(0).reply(200, page("5", ["1", "2"]));
    mockPage(2).reply(200, page("5", ["3", "4"]));
    mockPage(4).reply(200, page("5", ["5"]));
    expect(await pages(lingxing)).toEqual([["1", "2"], ["3", "4"], ["5"]]);
  });

  it("gives the orders themselves", async () => {
    const { lingxing } = client();
    mockPage(0).reply(200, page(1, ["7"]));
    for await (const orders of lingxing.ordersUpdatedBetween([STORE], SINCE, UNTIL)) {
      expect(orders).toEqual([{ globalOrderNo: "7", storeId: STORE, platformOrderNos: ["PO-7"], status: 5, deleted: false }]);
    }
  });

  it("gives no order twice when one more comes in between the pages", async () => {
    const { lingxing } = client();
    mockPage(0).reply(200, page(4, ["1", "2"]));
    mockPage(2).reply(200, page(5, ["2", "3"]));
    mockPage(4).reply(200, page(5, ["4"]));
    mockPage(0).reply(200, page(5, ["0", "1"]));
    mockPage(2).reply(200, page(5, ["2", "3"]));
    mockPage(4).reply(200, page(5, ["4"]));
    expect(await pages(lingxing)).toEqual([["1", "2"], ["3"], ["4"], ["0"]]);
  });

  it("reads again when one left the window and another slipped past the page", async () => {
    const { lingxing } = client();
    mockPage(0).reply(200, page(3, ["1", "2"]));
    mockPage(2).reply(200, page(2, [])); // 1 is gone, 3 now stands where 2 stood
    mockPage(0).reply(200, page(2, ["2", "3"]));
    expect(await pages(lingxing)).toEqual([["1", "2"], ["3"]]);
  });

  it("ends after three readings that do not add up, and says so", async () => {
    const { lingxing, deps } = client();
    for (let reading = 0; reading < 3; reading++) {
      mockPage(0).reply(200, page(9, ["1"]));
      mockPage(1).reply(200, page(9, []));
    }
    expect(await pages(lingxing)).toEqual([["1"]]);
    expect(deps.lines.join()).toContain('"lingxing_feed_drifted","seen":1,"total":9');
  });

  it("yields nothing where nothing has changed", async () => {
    const { lingxing } = client();
    mockPage(0).reply(200, { code: 0, data: { total: "0", list: null } });
    expect(await pages(lingxing)).toEqual([]);
  });

  it.each([
    [0, 0],
    [5, 6],
    [6, 5],
  ])("asks nothing when no second lies between %i and %i", async (since, until) => {
    const { lingxing } = client();
    expect(await pages(lingxing, since, until)).toEqual([]);
  });

  it("takes 30 days at most, whole seconds, and a store", async () => {
    const { lingxing } = client();
    const limit = UNTIL - 30 * 86_400;
    await expect(pages(lingxing, limit - 1)).rejects.toThrow("30 days");
    await expect(pages(lingxing, SINCE + 0.5)).rejects.toThrow("whole seconds");
    await expect(pages(lingxing, SINCE, UNTIL, [])).rejects.toThrow("needs a store");
    nock(BASE)
      .post(LIST, { ...body(0), start_time: limit })
      .query(true)
      .reply(200, page(0, []));
    expect(await pages(lingxing, limit)).toEqual([]);
  });

  it("does not take an unreadable page for the end", async () => {
    const { lingxing } = client();
    mockPage(0).times(4).reply(200, { code: 0, data: [] });
    await expect(pages(lingxing)).rejects.toMatchObject({ exit: "vendor" });
  });
});

describe("inBatches", () => {
  it("has each number once, 200 together", () => {
    const numbers = Array.from({ length: 401 }, (_, n) => String(n));
    expect(inBatches([...numbers, "0"]).map(({ length }) => length)).toEqual([200, 200, 1]);
    expect(inBatches([])).toEqual([]);
  });
});
