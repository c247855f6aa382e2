import fc from "fast-check";
import { parse } from "lossless-json";
import { describe, expect, it } from "vitest";
import { parseLossless } from "../../src/http/lossless-json.ts";

describe("parseLossless", () => {
  it.each([
    ["a long id", "[103336708973801472]", ["103336708973801472"]],
    ["a long negative", '{"a":-9007199254740993}', { a: "-9007199254740993" }],
    ["the largest safe integer", "9007199254740991", 9007199254740991],
    ["the first unsafe integer", "9007199254740992", "9007199254740992"],
    ["a long id at the top", "103336708973801472", "103336708973801472"],
    ["a long id after space", '{"a": 103336708973801472 , "b":1}', { a: "103336708973801472", b: 1 }],
    [
      "decimals stay numbers beside a long id",
      "[0.30000000000000004,103336708973801472,14.99]",
      [0.30000000000000004, "103336708973801472", 14.99],
    ],
    ["exponents stay numbers", "[1e21,1234567890123456e2,103336708973801472]", [1e21, 1234567890123456e2, "103336708973801472"]],
    ["long digits in a text", '["103336708973801472"]', ["103336708973801472"]],
    ["the last duplicate", '{"a":1,"a":{"b":2}}', { a: { b: 2 } }],
    ["the last duplicate beside a long id", '{"a":1,"a":[103336708973801472]}', { a: ["103336708973801472"] }],
  ])("reads %s", (_name, text, expected) => {
    expect(parseLossless(text)).toEqual(expected);
  });

  it("gives __proto__ no power", () => {
    for (const id of ["1", "103336708973801472"]) {
      const value = parseLossless(`{"__proto__":{"admin":true},"id":${id}}`) as Record<string, unknown>;
      expect(value.admin).toBeUndefined();
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  it.each([
    ["nothing", ""],
    ["a cut text", '{"orders":[{"name":"Ann Lee"'],
    ["a cut text with a long id", '{"orders":[103336708973801472,{"name":"Ann Lee"'],
    ["HTML", "<html>Ann Lee</html>"],
    ["a trailing comma", '["Ann Lee",]'],
    ["a comment", '["Ann Lee"] // Ann Lee'],
    ["two values", '"Ann Lee" "Ann Lee"'],
    ["a byte order mark", '\uFEFF"Ann Lee"'],
    ["a depth bomb", "[".repeat(1_000_000) + "]".repeat(1_000_000)],
    ["an unclosed depth bomb", '{"a":'.repeat(200_000)],
    ["a depth bomb around a long id", `${"[".repeat(100_000)}103336708973801472${"]".repeat(100_000)}`],
  ])("throws a SyntaxError without the text on %s", (_name, text) => {
    expect(() => parseLossless(text)).toThrow(SyntaxError);
    expect(() => parseLossless(text)).not.toThrow(/Ann/);
  });

  it("does not count brackets inside texts as depth", () => {
    expect(parseLossless(JSON.stringify(["[".repeat(2_000), '\\"['.repeat(2_000)]))).toHaveLength(2);
  });

  it("agrees with JSON.parse on every document without long integers", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(parseLossless(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with lossless-json on documents with long integers anywhere", () => {
    const leaf = fc.oneof(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
      fc.string().map((value) => JSON.stringify(value)),
      fc
        .bigInt({ min: 0n, max: 10n ** 20n })
        .map((value) => `": ${value},"`.slice(1, -1))
        .map((value) => JSON.stringify(value)),
    );
    const space = fc.constantFrom("", " ", "\n", "\t ");
    const { document } = fc.letrec((tie) => ({
      document: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.tuple(fc.array(tie("document")), space).map(([list, gap]) => `[${gap}${list.join(`${gap},${gap}`)}${gap}]`),
        fc
          .tuple(fc.array(fc.tuple(fc.string(), tie("document"))), space)
          .map(([list, gap]) => `{${list.map(([name, value]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${value}${gap}`).join(",")}}`),
      ),
    }));
    const parseNumber = (digits: string) => (/^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits)) ? digits : Number(digits));
    fc.assert(
      fc.property(document, (text) => {
        expect(parseLossless(String(text))).toEqual(parse(String(text), null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue }));
      }),
      { numRuns: 500 },
    );
  });
});
