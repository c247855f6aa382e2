import { describe, expect, it } from "vitest";
import type { StoredToken } from "../../src/http/shared-token.ts";
import { openToken, sealToken } from "../../src/http/token-cipher.ts";

const token: StoredToken = {
  accessToken: "access-canary",
  refreshToken: "refresh-canary",
  issuedAt: new Date("2025-11-22T08:00:00.123Z"),
  expiresAt: new Date("2025-11-22T10:00:00.123Z"),
};
const KEY = "lingxing:ak_T3stAppId0001";
const SECRET = "app secret";

describe("sealToken and openToken", () => {
  it("give back what was put in, with and without a refresh token", () => {
    const { refreshToken: _refreshToken, ...bare } = token;
    expect(openToken(sealToken(token, KEY, SECRET), KEY, SECRET)).toEqual(token);
    expect(openToken(sealToken(bare, KEY, SECRET), KEY, SECRET)).toEqual(bare);
  });

  it("hide it, differently each time, in a text for an ASCII column", () => {
    const [one, two] = [sealToken(token, KEY, SECRET), sealToken(token, KEY, SECRET)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(Buffer.from(one.split(".").slice(1).join(""), "base64url").toString("latin1")).not.toContain("canary");
  });

  const sealed = sealToken(token, KEY, SECRET);
  const damaged = sealed.slice(0, -3) + (sealed.at(-3) === "A" ? "B" : "A") + sealed.slice(-2);
  it.each([
    ["another secret", sealed, KEY, "another secret"],
    ["another account's key", sealed, "lingxing:ak_other", SECRET],
    ["a damaged text", damaged, KEY, SECRET],
    ["a later format", sealed.replace("v1", "v2"), KEY, SECRET],
    ["a cut text", sealed.slice(0, 30), KEY, SECRET],
    ["a short tag", sealed.split(".").slice(0, 3).concat("AAAA").join("."), KEY, SECRET],
    ["more parts", `${sealed}.x`, KEY, SECRET],
    ["no text", "", KEY, SECRET],
    ["plain JSON", JSON.stringify(token), KEY, SECRET],
  ])("count %s as no token", (_name, text, key, secret) => {
    expect(openToken(text, key, secret)).toBeUndefined();
  });
});
