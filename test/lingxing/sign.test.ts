import { describe, expect, it } from "vitest";
import { signLingxing } from "../../src/lingxing/sign.ts";
import vectors from "./sign-vectors.json" with { type: "json" };

const auth = { access_token: "T", app_key: "ak_T3stAppId0001", timestamp: 1720429074 };

describe("signLingxing", () => {
  it.each(vectors)("$name", ({ appId, params, signBase64, signUrlEncoded }) => {
    const sign = signLingxing(params, appId);
    expect(sign).toBe(signBase64);
    expect(encodeURIComponent(sign)).toBe(signUrlEncoded);
  });

  it("has all nine vectors", () => expect(vectors).toHaveLength(9));

  it("does not depend on the order of the top-level members", () => {
    const reversed = Object.fromEntries(Object.entries({ ...auth, length: 20 }).reverse());
    expect(signLingxing(reversed, auth.app_key)).toBe(signLingxing({ ...auth, length: 20 }, auth.app_key));
  });

  it.each([
    ["an empty string is not signed", { sku: "" }, {}],
    ["an undefined member is not signed", { sku: undefined }, {}],
    ["a big integer keeps its digits", { sid_arr: [110000000000000001n] }, { sid_arr: "[110000000000000001]" }],
    ["a number is signed as its text", { offset: 0 }, { offset: "0" }],
  ])("%s", (_name, left, right) => {
    expect(signLingxing({ ...auth, ...left }, auth.app_key)).toBe(signLingxing({ ...auth, ...right }, auth.app_key));
  });

  it.each([{ text: null }, { text: false }, { text: [] }, { text: " " }])("signs %o", (extra) => {
    expect(signLingxing({ ...auth, ...extra }, auth.app_key)).not.toBe(signLingxing(auth, auth.app_key));
  });

  it("refuses an appId that is no AES key, without showing it", () => {
    expect(() => signLingxing({}, "ak_short")).toThrow(/16, 24 or 32 bytes/);
    expect(() => signLingxing({}, "ak_short")).not.toThrow(/ak_short/);
  });
});
