import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceArray, sliceTopArray } from "../../src/http/json-slices.ts";

describe("sliceArray", () => {
  it.each([
    [
      "keeps each element to the letter",
      '{"orders":[ {"a" : 1.10,"b":"x, ]}\\""} ,[1, 2] ,"t",null], "scrollId":"s"}',
      ['{"a" : 1.10,"b":"x, ]}\\""}', "[1, 2]", '"t"', "null"],
      { scrollId: "s" },
    ],
    [
      "keeps long ids",
      '{"orders":[{"id":103336708973801472}],"n":103336708973801472}',
      ['{"id":103336708973801472}'],
      { n: "103336708973801472" },
    ],
    ["reads an empty array", ' {"orders" : [ ] } ', [], {}],
    ["does not take an inner array of that name", '{"x":{"orders":[1]},"orders":[2]}', ["2"], { x: { orders: [1] } }],
    ["recognises an escaped name", '{"\\u006frders":[1]}', ["1"], {}],
    ["takes the last of two", '{"orders":[1],"n":1,"orders":[2],"n":2}', ["2"], { n: 2 }],
    ["keeps text that ends in a backslash", '{"orders":["a\\\\","b"]}', ['"a\\\\"', '"b"'], {}],
  ])("%s", (_name, text, slices, rest) => {
    expect(sliceArray(text, "orders")).toEqual({ slices, rest });
  });

  it("lets an element nest as deeply as it likes", () => {
    const odd = "[".repeat(100_000) + "]".repeat(100_000);
    expect(sliceArray(`{"orders":[{"id":1},${odd}]}`, "orders").slices).toEqual(['{"id":1}', odd]);
  });

  it.each([
    ["a cut text", '{"orders":[{"name":"Ann Lee"}'],
    ["a trailing comma in the array", '{"orders":["Ann Lee",]}'],
    ["a trailing comma in the object", '{"orders":["Ann Lee"],}'],
    ["a comment", '{"orders":["Ann Lee"]/* Ann Lee */}'],
    ["text after the end", '{"orders":["Ann Lee"]} Ann Lee'],
    ["an empty text", ""],
    ["HTML", "<html>Ann Lee</html>"],
    ["an array", '["Ann Lee"]'],
    ["no such key", '{"order":["Ann Lee"]}'],
    ["no array under it", '{"orders":{"name":"Ann Lee"}}'],
    ["the last of two no array", '{"orders":["Ann Lee"],"orders":null}'],
    ["null", "null"],
  ])("throws a SyntaxError without the text on %s", (_name, text) => {
    expect(() => sliceArray(text, "orders")).toThrow(SyntaxError);
    expect(() => sliceArray(text, "orders")).not.toThrow(/Ann/);
  });

  it("cuts any document where JSON.parse would", () => {
    const element = fc.jsonValue().chain((value) => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2)));
    fc.assert(
      fc.property(fc.array(element), fc.jsonValue(), fc.constantFrom("", " ", "\n\t"), (elements, other, gap) => {
        const text = `{"other"${gap}:${JSON.stringify(other)},${gap}"orders":${gap}[${elements.map((one) => gap + one + gap).join(",")}]${gap}}`;
        expect(sliceArray(text, "orders").slices).toEqual(elements);
      }),
      { numRuns: 300 },
    );
  });

  it("accepts nothing JSON.parse refuses", () => {
    const text = '{"orders":[{"a":"x\\"]"},[1.5e3,true]],"n":{"b":null}}';
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), fc.constantFrom("", ",", "]", "}", '"', "\\", "/", " ", "[", "{"), (at, cut, put) => {
        const broken = text.slice(0, at) + put + text.slice(at + cut);
        let valid = true;
        try {
          JSON.parse(broken);
        } catch {
          valid = false;
        }
        if (!valid) expect(() => sliceArray(broken, "orders")).toThrow(SyntaxError);
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes a 3 MB page apart in well under a second", () => {
    const order = JSON.stringify({
      id: "1",
      note: 'x "quoted"'.repeat(30),
      lines: Array.from({ length: 20 }, (_, n) => ({ n, sku: "MUG-BLUE", price: 14.99 })),
    });
    const text = `{"orders":[${Array.from({ length: Math.ceil(3_000_000 / order.length) }, () => order).join(",")}]}`;
    const started = performance.now();
    sliceArray(text, "orders");
    expect(performance.now() - started).toBeLessThan(1_000); // about 40 ms on an idle machine
  });
});

describe("sliceTopArray", () => {
  it("gives the elements to the letter", () => {
    expect(sliceTopArray(' [ {"a": 1} , 2 ] ')).toEqual(['{"a": 1}', "2"]);
  });
  it.each(['{"a":[1]}', "[1", "", "7"])("throws a SyntaxError on %s", (text) => {
    expect(() => sliceTopArray(text)).toThrow(SyntaxError);
  });
});
