import nock from "nock";
import { describe, expect, it } from "vitest";
import { OutageError } from "../../src/errors.ts";
import { LingxingClient } from "../../src/lingxing/client.ts";
import { testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const client = () =>
  new LingxingClient(
    { baseUrl: BASE, appId: "ak_T3stAppId0001", credentials: { accessToken: "tok-canary" } },
    testDeps({ withSharedLock: (_name, work) => work() }),
  );
const post = (path: string, body: Record<string, unknown>) =>
  nock(BASE)
    .post(path, body as never)
    .query(true);
const ok = (fields: Record<string, unknown>) => ({ code: 0, message: "success", error_details: [], request_id: "R-1", ...fields });

describe("warehouses", () => {
  const PATH = "/erp/sc/data/local_inventory/warehouse";
  const page = (type: number, offset = 0) => post(PATH, { type, is_delete: "0,1", offset, length: 1000 });

  it("are the local and the overseas ones, deleted ones marked, ids as text whatever they came as", async () => {
    page(1).reply(
      200,
      ok({
        total: 2,
        data: [
          { wid: 33, name: "West", is_delete: 0 },
          { wid: "34", is_delete: "1" },
        ],
      }),
    );
    page(3).reply(200, ok({ total: 1, data: [{ wid: 35, name: "3PL", is_delete: 0 }] }));
    expect(await client().reference.warehouses()).toEqual([
      { wid: "33", name: "West", deleted: false },
      { wid: "34", name: "", deleted: true },
      { wid: "35", name: "3PL", deleted: false },
    ]);
  });

  it("are read to the total, or to a short page where there is none", async () => {
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ wid: from + index, name: "W", is_delete: 0 }));
    page(1).reply(200, ok({ total: "1001", data: many(1, 1000) }));
    page(1, 1000).reply(200, ok({ total: "1001", data: many(1001, 1) }));
    page(3).reply(200, ok({ data: many(5000, 3) }));
    expect(await client().reference.warehouses()).toHaveLength(1004);
  });

  it("without an id are an answer of another shape", async () => {
    page(1)
      .times(4)
      .reply(200, ok({ total: 1, data: [{ name: "West" }] }));
    await expect(client().reference.warehouses()).rejects.toBeInstanceOf(OutageError);
  });
});

describe("stores", () => {
  it("are those of a platform, ids beyond 2^53 digit by digit", async () => {
    post("/pb/mp/shop/v2/getSellerList", { platform_code: [10009], offset: 0, length: 200 }).reply(
      200,
      '{"code":0,"message":"ok","data":{"total":"2","list":[{"store_id":110000000000000001,"store_name":"One"},{"store_id":"110000000000000002"}]}}',
    );
    expect(await client().reference.stores(10009)).toEqual([
      { storeId: "110000000000000001", name: "One" },
      { storeId: "110000000000000002", name: "" },
    ]);
  });
});

describe("a SKU in stock", () => {
  const page = (offset: number) =>
    post("/erp/sc/routing/data/local_inventory/inventoryDetails", { wid: "33,34", sku: "MUG", offset, length: 800 });
  const rows = (count: number, sku: string) => Array.from({ length: count }, () => ({ wid: 33, sku, product_valid_num: 1 }));

  it.each([
    {
      name: "is known by a row of just that name",
      pages: [ok({ total: 2, data: [...rows(1, "MUG-BLUE"), ...rows(1, "MUG")] })],
      known: true,
    },
    { name: "is not known by names that hold its own", pages: [ok({ total: 1, data: rows(1, "MUG-BLUE") })], known: false },
    { name: "is not known when there is no row", pages: [ok({ total: 0, data: [] })], known: false },
    {
      name: "is looked for to the end",
      pages: [ok({ total: 801, data: rows(800, "MUG-BLUE") }), ok({ total: 801, data: rows(1, "MUG") })],
      known: true,
    },
  ])("$name", async ({ pages, known }) => {
    for (const [index, answer] of pages.entries()) page(index * 800).reply(200, answer);
    expect(await client().inventory.lists(["33", "34"], "MUG")).toBe(known);
  });
});
