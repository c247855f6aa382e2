import nock from "nock";
import { describe, expect, it } from "vitest";
import { DscoClient } from "../../src/dsco/client.ts";
import { InDoubtError, OutageError, RefusedError } from "../../src/errors.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://dsco.example";

function inventory(overrides: Partial<HttpDeps> = {}) {
  const deps = testDeps(overrides);
  return new DscoClient({ baseUrl: BASE, credentials: { token: "tok-canary" } }, deps).inventory;
}
const mug = {
  sku: "MUG-BLUE",
  warehouses: [
    { code: "WH-CA", quantity: 40 },
    { code: "WH-NJ", quantity: 5 },
  ],
};
const bowl = { sku: "BOWL", warehouses: [{ code: "WH-CA", quantity: 0 }] };

describe("send", () => {
  it("gives every item its status and the exact sum of its warehouses", async () => {
    nock(BASE)
      .post("/inventory/batch/small", [
        { sku: "MUG-BLUE", status: "in-stock", quantityAvailable: 45, warehouses: mug.warehouses },
        { sku: "BOWL", status: "out-of-stock", quantityAvailable: 0, warehouses: bowl.warehouses },
      ] as never)
      .reply(202, { status: "pending", requestId: "5b1f-inv", eventDate: "2025-11-20T10:00:00Z" });
    expect(await inventory().send([mug, bowl])).toEqual({ requestId: "5b1f-inv" });
  });

  it.each([
    {
      name: "a lost answer is in doubt",
      reply: () => nock(BASE).post("/inventory/batch/small").replyWithError("reset"),
      error: InDoubtError,
    },
    {
      name: "so is one without a request id",
      reply: () => nock(BASE).post("/inventory/batch/small").reply(202, { status: "pending" }),
      error: InDoubtError,
    },
    {
      name: "400 is a refusal",
      reply: () => nock(BASE).post("/inventory/batch/small").reply(400, { status: "failure" }),
      error: RefusedError,
    },
    {
      name: "so is a failure behind a 202",
      reply: () => nock(BASE).post("/inventory/batch/small").reply(202, { status: "failure", requestId: "r" }),
      error: RefusedError,
    },
  ])("$name", async ({ reply, error }) => {
    reply();
    await expect(inventory().send([mug])).rejects.toThrow(error);
  });

  it("never leaves under a dry run, nor without items", async () => {
    await expect(inventory({ dryRun: true }).send([mug])).rejects.toThrow("dry run");
    await expect(inventory().send([])).rejects.toThrow("an empty batch");
  });
});

describe("log", () => {
  const entry = (sku: unknown, overrides: object = {}) => ({
    status: "success",
    dateProcessed: "2025-11-20T10:00:07Z",
    requestMethod: "api",
    requestMethodDetail: "updateInventorySmallBatch",
    requestId: "r-1",
    payload: { sku, status: "in-stock", quantityAvailable: 45, warehouses: mug.warehouses },
    ...overrides,
  });
  const wanted = new Set(["MUG-BLUE", "BOWL"]);
  const query = (params: Record<string, string>) => nock(BASE).get("/inventory/log").query(params);

  it("tells by request id what became of each item, on all pages, and keeps only those asked for", async () => {
    query({ requestId: "r-1" }).reply(200, { status: "COMPLETED", scrollId: "s", logs: [entry("MUG-BLUE"), entry("OTHER")] });
    const failure = entry("BOWL", { status: "Failure", results: [{ code: "e", severity: "error", description: ["no such", "item"] }] });
    query({ scrollId: "s" }).reply(200, { scrollId: "s", logs: [failure, { odd: true }, entry(undefined)] });
    query({ scrollId: "s" }).reply(200, { scrollId: "s", logs: [] });
    const log = await inventory().log({ requestId: "r-1" }, wanted);
    expect(log.completed).toBe(true);
    expect(log.entries).toMatchObject([
      {
        sku: "MUG-BLUE",
        status: "success",
        processedAt: new Date("2025-11-20T10:00:07Z"),
        requestId: "r-1",
        quantities: new Map([
          ["WH-CA", 40],
          ["WH-NJ", 5],
        ]),
        reason: "",
      },
      { sku: "BOWL", status: "failure", reason: "e no such item" },
    ]);
  });

  it("is not complete while DSCO is at work, nor for a request it does not know yet", async () => {
    query({ requestId: "r-1" }).reply(200, { status: "PROCESSING", logs: [] });
    expect(await inventory().log({ requestId: "r-1" }, wanted)).toEqual({ completed: false, entries: [] });
    query({ requestId: "r-2" }).reply(404, { status: "failure" });
    expect(await inventory().log({ requestId: "r-2" }, wanted)).toEqual({ completed: false, entries: [] });
  });

  it("can be asked for by time", async () => {
    query({ startDate: "2025-11-20T09:59:58.000Z", endDate: "2025-11-20T10:01:00.000Z" }).reply(200, {
      logs: [entry("BOWL", { payload: { sku: "BOWL" } })],
    });
    const log = await inventory().log({ since: new Date("2025-11-20T09:59:58Z"), until: new Date("2025-11-20T10:01:00Z") }, wanted);
    expect(log).toMatchObject({ completed: false, entries: [{ sku: "BOWL", quantities: undefined }] });
  });

  it("starts over when a page is lost, a few times", async () => {
    query({ requestId: "r-1" })
      .times(4)
      .reply(200, { status: "COMPLETED", scrollId: "s", logs: [entry("BOWL")] });
    query({ scrollId: "s" }).times(4).replyWithError("reset");
    await expect(inventory().log({ requestId: "r-1" }, wanted)).rejects.toThrow(OutageError);
    query({ requestId: "r-1" })
      .times(2)
      .reply(200, { status: "COMPLETED", scrollId: "s", logs: [entry("BOWL")] });
    query({ scrollId: "s" }).reply(404, {});
    query({ scrollId: "s" }).reply(200, { logs: [] });
    expect((await inventory().log({ requestId: "r-1" }, wanted)).entries).toHaveLength(1);
  });
});

describe("knows", () => {
  const item = (sku: string) => nock(BASE).get("/inventory").query({ itemKey: "sku", value: sku });

  it("tells a SKU DSCO has from one it has not", async () => {
    item("MUG BLUE/1").reply(200, { sku: "MUG BLUE/1", warehouses: [] });
    expect(await inventory().knows("MUG BLUE/1")).toBe(true);
    item("GONE").reply(404, { status: "failure", messages: [{ code: "notFound", severity: "error", description: "no item" }] });
    expect(await inventory().knows("GONE")).toBe(false);
  });

  it("does not take a proxy's 404 for DSCO's", async () => {
    item("MUG").times(4).reply(404, "<html>not here</html>");
    await expect(inventory().knows("MUG")).rejects.toBeInstanceOf(OutageError);
  });
});
