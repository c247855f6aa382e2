import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logisticsMap, skuMap, stockWarehouseMap, storeMap, warehouseMap } from "../../src/config/mappings.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ipass-map-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const messageOf = (schema: ReturnType<typeof storeMap | typeof skuMap>, text: string): string =>
  schema.safeParse(text).error?.issues[0]?.message ?? "";

describe("maps", () => {
  it("keep ids beyond 2^53 to the last digit, written as text or as a number", () => {
    expect(storeMap().parse('{"1000009999": 110000000000000001, "1000008888": "901234567890123456"}')).toEqual(
      new Map([
        ["1000009999", "110000000000000001"],
        ["1000008888", "901234567890123456"],
      ]),
    );
  });

  it("take the escaped quotes of the older service, and JSON wrapped in a JSON text", () => {
    expect(warehouseMap().parse('{\\"WH-CA\\":\\"33\\"}')).toEqual(new Map([["WH-CA", "33"]]));
    expect(warehouseMap().parse('"{\\"WH-CA\\":\\"33\\"}"')).toEqual(new Map([["WH-CA", "33"]]));
  });

  it("leave escapes alone where the JSON is right as it is", () => {
    expect(stockWarehouseMap().parse('{"33":"12\\" shelf"}')).toEqual(new Map([["33", '12" shelf']]));
  });

  it("read @file relative to the working directory, with or without a byte order mark", () => {
    const path = join(dir, "stores.json");
    writeFileSync(path, '\uFEFF{"1":"2"}\n');
    expect(storeMap().parse(`@${relative(process.cwd(), path)}`)).toEqual(new Map([["1", "2"]]));
  });

  it("say which file cannot be read", () => {
    expect(messageOf(storeMap(), `@${dir}/nope.json`)).toMatch(/nope\.json \(ENOENT\)/);
    expect(messageOf(storeMap(), `@${dir}`)).toContain("EISDIR");
  });

  it.each([
    { schema: storeMap(), text: "{", says: "JSON or @file.json" },
    { schema: storeMap(), text: "[]", says: "must be an object" },
    { schema: storeMap(), text: "12", says: "must be an object" },
    { schema: storeMap(), text: '"text"', says: "JSON" },
    { schema: storeMap(), text: '{"1":"my store"}', says: '"1" must map to digits, not "my store"' },
    { schema: storeMap(), text: '{"1":1.5}', says: "must map to a whole number, not 1.5" },
    { schema: storeMap(), text: '{"1":null}', says: '"1" must map to a text or a whole number' },
    { schema: storeMap(), text: '{"1":{"a":1}}', says: '"1" must map to a text' },
    { schema: storeMap(), text: '{"1":" "}', says: '"1" must map to a text' },
    { schema: storeMap(), text: '{"":"1"}', says: 'the key ""' },
    { schema: storeMap(), text: '{"1":"2","1":"3"}', says: "1" },
    { schema: storeMap(), text: '{"1":"2"," 1":"3"}', says: '"1" is there twice' },
    { schema: warehouseMap(), text: '{"WH-CA":"33a"}', says: "digits" },
    { schema: logisticsMap(), text: '{"WHCA":"33"}', says: "<warehouse>-<service level>" },
    { schema: stockWarehouseMap(), text: '{"WH-CA":"33"}', says: 'the key "WH-CA" must be digits' },
    { schema: stockWarehouseMap(), text: "{}", says: "at least one entry" },
  ])("refuse $text, saying $says", ({ schema, text, says }) => {
    expect(messageOf(schema, text)).toContain(says);
  });

  it("name a handful of wrong entries and count the rest", () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, "x"]));
    expect(messageOf(storeMap(), JSON.stringify(many))).toMatch(/"k0".*"k4".*and 4 more$/);
  });

  it("may be empty: set, and without an entry for anybody", () => {
    expect(storeMap().parse("{}")).toEqual(new Map());
  });

  it("let several Lingxing warehouses feed one DSCO warehouse", () => {
    expect(stockWarehouseMap().parse('{"33":"WH-CA","34":"WH-CA"}').size).toBe(2);
  });
});

describe("skuMap", () => {
  it("leads both ways", () => {
    const map = skuMap().parse('{"LOCAL-1":"MUG-BLUE","LOCAL-2":901234567890123456}');
    expect(map?.toDsco.get("LOCAL-1")).toBe("MUG-BLUE");
    expect(map?.toLingxing.get("901234567890123456")).toBe("LOCAL-2");
  });

  it("is as good as unset when empty", () => {
    expect(skuMap().parse("{}")).toBeUndefined();
  });

  it("refuses two SKUs for one, naming all three", () => {
    expect(messageOf(skuMap(), '{"A":"X","B":"Y","C":"X"}')).toContain('"A" and "C" both map to "X"');
    expect(messageOf(skuMap(), '{"A":"X","A":"Y"}')).not.toBe("");
  });

  it("round-trips any one-to-one map", () => {
    const sku = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,10}[A-Za-z0-9]$/);
    const pairs = fc.uniqueArray(fc.tuple(sku, sku), { minLength: 1, selector: ([lingxing]) => lingxing });
    fc.assert(
      fc.property(
        pairs.filter((all) => new Set(all.map(([, dsco]) => dsco)).size === all.length),
        (all) => {
          const map = skuMap().parse(JSON.stringify(Object.fromEntries(all)));
          for (const [lingxing, dsco] of all) {
            expect(map?.toDsco.get(lingxing)).toBe(dsco);
            expect(map?.toLingxing.get(dsco)).toBe(lingxing);
          }
        },
      ),
    );
  });
});
