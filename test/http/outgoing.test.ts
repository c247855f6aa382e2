import { LosslessNumber } from "lossless-json";
import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/errors.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { bodyText } from "../../src/http/outgoing.ts";

const POST: Endpoint = { name: "vendor.write", method: "POST", path: "/", write: true, timeoutMs: 1, limit: {} };

describe("bodyText", () => {
  it.each<[string, unknown, string]>([
    ["amounts", [10.65, 0.1, 63.9, 0.3, 100, -1.05], "[10.65,0.1,63.9,0.3,100,-1.05]"],
    ["long integers", { sid_arr: [110000000000000001n] }, '{"sid_arr":[110000000000000001]}'],
    ["numbers kept as written", [new LosslessNumber("10.00")], "[10.00]"],
    ["texts", ['Ü "/"<\u2028', "110000000000000001"], '["Ü \\"/\\"<\u2028","110000000000000001"]'],
    ["what is undefined", { a: undefined, b: { c: undefined }, d: null }, '{"b":{},"d":null}'],
  ])("writes %s", (_name, body, expected) => {
    expect(bodyText(POST, { body })).toBe(expected);
  });

  it("is nothing without a body", () => expect(bodyText({ ...POST, maxBodyBytes: 0 }, {})).toBeUndefined());

  it("counts bytes, and refuses what is over the endpoint's limit", () => {
    const limited = { ...POST, maxBodyBytes: 6 };
    expect(bodyText(limited, { body: "üü" })).toBe('"üü"');
    expect(() => bodyText(limited, { body: "üüa" })).toThrow(RefusedError);
    expect(() => bodyText(limited, { body: "üüa" })).toThrow("vendor.write: a body of 7 bytes, at most 6 are taken");
  });
});
