import { describe, expect, it } from "vitest";
import { judgeDscoWarehouses, judgeLingxingWarehouses, judgeSkus, judgeStores } from "../../src/doctor/judge/maps.ts";

const named = (...ids: string[]) => ids.map((id) => ({ id, variable: "IPASS_X_JSON" }));

describe("warehouses of the maps", () => {
  const lingxing = [
    { wid: "33", name: "West", deleted: false },
    { wid: "34", name: "", deleted: true },
  ];
  it.each([
    { name: "known", ids: ["33"], status: "pass", found: "1 known" },
    { name: "none", ids: [], status: "pass", found: "no map" },
    { name: "deleted", ids: ["33", "34"], status: "fail", found: "deleted in Lingxing: 34 (IPASS_X_JSON)" },
    { name: "unknown", ids: ["99"], status: "fail", found: "Lingxing has no warehouse 99 (IPASS_X_JSON)" },
  ])("in Lingxing, $name: $status", ({ ids, status, found }) => {
    const judged = judgeLingxingWarehouses(named(...ids), lingxing);
    expect(judged).toMatchObject({ id: "maps.lingxing_warehouses", status });
    expect(judged.found).toContain(found);
    if (status === "fail") expect(judged.remedy?.text).toContain("33 (West)");
  });

  const dsco = [
    { code: "WH-CA", active: true },
    { code: "WH-OLD", active: false },
  ];
  it.each([
    { name: "known", ids: ["WH-CA", "WH-CA"], status: "pass", found: "1 known and active" },
    { name: "inactive", ids: ["WH-OLD"], status: "warn", found: "not active at DSCO: WH-OLD" },
    { name: "unknown", ids: ["WH-OLD", "WH-XX"], status: "fail", found: "no warehouse WH-XX" },
    { name: "of other case", ids: ["wh-ca"], status: "fail", found: "no warehouse wh-ca" },
  ])("at DSCO, $name: $status", ({ ids, status, found }) => {
    const judged = judgeDscoWarehouses(named(...ids), dsco);
    expect(judged).toMatchObject({ id: "maps.dsco_warehouses", status });
    expect(judged.found).toContain(found);
  });
});

it.each([
  [["11"], [{ storeId: "11", name: "Main" }], "pass", "1 known"],
  [["11", "12"], [{ storeId: "11", name: "Main" }], "fail", "no store 12"],
  [["11"], [], "fail", "platform 10009 has no store 11"],
])("stores %j of %j: %s", (ids, there, status, found) => {
  const judged = judgeStores(named(...ids), there, 10009);
  expect(judged).toMatchObject({ id: "maps.stores", status });
  expect(judged.found).toContain(found);
});

it.each([
  [{ mapped: 0, asked: 0, unknownAtDsco: [], unlistedInLingxing: [] }, "pass", "no map"],
  [{ mapped: 2, asked: 2, unknownAtDsco: [], unlistedInLingxing: [] }, "pass", "2 pairs asked"],
  [{ mapped: 500, asked: 10, unknownAtDsco: [], unlistedInLingxing: [] }, "pass", "10 of 500 pairs"],
  [{ mapped: 2, asked: 2, unknownAtDsco: ["MUG"], unlistedInLingxing: [] }, "warn", "DSCO does not know MUG"],
  [{ mapped: 2, asked: 2, unknownAtDsco: [], unlistedInLingxing: ["L-1"] }, "warn", "may also mean that there is none"],
])("SKUs %j: %s", (facts, status, found) => {
  const judged = judgeSkus(facts);
  expect(judged).toMatchObject({ id: "maps.skus", status });
  expect(judged.found).toContain(found);
});
