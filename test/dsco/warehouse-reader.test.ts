import nock from "nock";
import { expect, it } from "vitest";
import { DscoClient } from "../../src/dsco/client.ts";
import { InDoubtError, OutageError } from "../../src/errors.ts";
import { testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://dsco.example";
const reader = () => new DscoClient({ baseUrl: BASE, credentials: { token: "tok-canary" } }, testDeps()).warehouses;
const page = (query: Record<string, string>) => nock(BASE).get("/warehouse/page").query(query);
const some = (...codes: string[]) => codes.map((code) => ({ code, name: "West", status: "whatever" }));

it("reads active and inactive warehouses, each to the empty page or to a page without a scroll", async () => {
  page({ status: "active" }).reply(200, { scrollId: "s-1", warehouses: some("WH-CA") });
  page({ scrollId: "s-1" }).reply(200, { scrollId: "s-1", warehouses: some("WH-NJ") });
  page({ scrollId: "s-1" }).reply(200, { scrollId: "s-1", warehouses: [] });
  page({ status: "inactive" }).reply(200, { warehouses: some("WH-OLD") });
  expect(await reader().all()).toEqual([
    { code: "WH-CA", active: true },
    { code: "WH-NJ", active: true },
    { code: "WH-OLD", active: false },
  ]);
});

it("asks again for a first page whose answer was lost, and never for a further one, which would be skipped", async () => {
  page({ status: "active" }).replyWithError("reset");
  page({ status: "active" }).reply(200, { scrollId: "s-1", warehouses: some("WH-CA") });
  page({ scrollId: "s-1" }).replyWithError("reset");
  page({ status: "inactive" }).reply(200, { warehouses: [] });
  await expect(reader().all()).rejects.toBeInstanceOf(InDoubtError);
});

it("takes a warehouse without a code for an answer of another shape", async () => {
  page({ status: "active" })
    .times(4)
    .reply(200, { warehouses: [{ name: "West" }] });
  page({ status: "inactive" }).reply(200, { warehouses: [] });
  await expect(reader().all()).rejects.toBeInstanceOf(OutageError);
});
