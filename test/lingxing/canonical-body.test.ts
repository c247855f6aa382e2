import { describe, expect, it } from "vitest";
import { canonicalBody } from "../../src/lingxing/canonical-body.ts";

describe("canonicalBody", () => {
  it("drops what two serialisers would write differently, and keeps the order", () => {
    const body = {
      b: 1,
      a: { x: null, y: "", z: undefined, w: {} },
      c: [{ k: "", l: 0 }, {}, null, "t"],
      d: [],
      e: false,
      f: 0,
      g: "",
      h: null,
    };
    expect(JSON.stringify(canonicalBody(body))).toBe('{"b":1,"c":[{"l":0},"t"],"d":[],"e":false,"f":0}');
  });

  it.each([
    ["control characters", "a\u0000\t\nb\u0085c", "a b c"],
    ["line separators", "a\u2028b\u2029c", "a b c"],
    ["lone surrogates", "a\ud800b\udc00", "a\uFFFDb\uFFFD"],
    ["whole pairs and other scripts", '😀 张三 O’Brien <"/>&', '😀 张三 O’Brien <"/>&'],
    ["numbers beyond 2^53", 110000000000000001n, 110000000000000001n],
  ])("cleans %s", (_name, value, expected) => {
    expect(canonicalBody({ value })).toEqual({ value: expected });
  });

  it("is empty where nothing is left", () => expect(canonicalBody({ a: null })).toEqual({}));
});
