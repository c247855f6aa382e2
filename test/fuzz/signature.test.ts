import { createCipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { stringify } from "lossless-json";
import { describe, expect, it } from "vitest";
import { canonicalBody } from "../../src/lingxing/canonical-body.ts";
import { signLingxing } from "../../src/lingxing/sign.ts";
import vectors from "../lingxing/sign-vectors.json" with { type: "json" };
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

/**
 * The vendor's rule once more, from its description and by other means: our own JSON, names sorted by their code units, padding by hand, and
 * each block enciphered by itself in another mode.
 */
function referenceSign(params: Readonly<Record<string, unknown>>, appId: string): string {
  const pairs: string[] = [];
  for (const name of [...Object.keys(params)].sort(byCodeUnits)) {
    const value = params[name];
    const text = typeof value === "string" ? value : compact(value);
    if (text !== "") pairs.push(`${name}=${text}`);
  }
  const digest = createHash("md5")
    .update(Buffer.from(pairs.join("&"), "utf8"))
    .digest("hex")
    .toUpperCase();
  const padding = 16 - (digest.length % 16);
  const plain = Buffer.concat([Buffer.from(digest, "latin1"), Buffer.alloc(padding, padding)]);
  const key = Buffer.from(appId, "utf8");
  const blocks = [];
  for (let at = 0; at < plain.length; at += 16) {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.alloc(16)).setAutoPadding(false);
    blocks.push(cipher.update(plain.subarray(at, at + 16)), cipher.final());
  }
  return Buffer.concat(blocks).toString("base64");
}

function byCodeUnits(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}:${compact(member)}`)
      .join(",")}}`;
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", " ", "a&b=c+d/%20", "测试 商品", '"quoted"\\'),
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: 0n, max: 10n ** 19n }),
  fc.constantFrom(0, 10.65, 0.1),
);
const { body } = fc.letrec<{ value: unknown; body: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 4 }), tie("body")),
  body: fc.dictionary(
    fc.oneof(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), fc.constantFrom("订单", "a b", "Z", "_a")),
    tie("value"),
    { maxKeys: 6, noNullPrototype: true },
  ),
}));
const appId = fc.constantFrom("ak_T3stAppId0001", "ak_T3stAppId0001ak_T3stA", "ak_T3stAppId0001ak_T3stAppId0001");

describe("the signature", FUZZ_TIMEOUT, () => {
  it.each(vectors)("of the reference is the vendor's, too: $name", ({ appId: id, params, signBase64 }) => {
    expect(referenceSign(params, id)).toBe(signBase64);
  });

  it("is that of the reference for any call", () => {
    fc.assert(
      fc.property(body, appId, fc.uuid(), (members, id, token) => {
        const params = { ...canonicalBody(members), access_token: token, app_key: id, timestamp: 1763700000 };
        expect(signLingxing(params, id)).toBe(referenceSign(params, id));
      }),
      cases(1_500),
    );
  });

  it("is made of the very text that is sent: a server that reads it and writes it again comes to the same", () => {
    fc.assert(
      fc.property(body, (members) => {
        const canonical = canonicalBody(members);
        const sent = stringify(canonical) ?? "";
        // Long integers go through a double here; the server keeps their digits.
        const short = sent.replace(/(?<=[[:,])-?\d{16,}(?=[\],}])/g, "7");
        expect(JSON.stringify(JSON.parse(short))).toBe(short);
        expect(compact(canonical)).toBe(sent);
      }),
      cases(1_500),
    );
  });
});
