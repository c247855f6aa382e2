import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expectedSignature } from "../../src/sandbox/lingxing/signature.ts";

interface Vector {
  readonly name: string;
  readonly appId: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly signBase64: string;
}
const vectors = JSON.parse(readFileSync(new URL("../lingxing/sign-vectors.json", import.meta.url), "utf8")) as Vector[];
const COMMON = ["access_token", "app_key", "timestamp"];

/** The call as it would come in: three parameters in the URL, the others in the body. */
function split(params: Readonly<Record<string, unknown>>): { query: URLSearchParams; body: string } {
  const entries = Object.entries(params);
  const query = new URLSearchParams(
    entries.filter(([name]) => COMMON.includes(name)).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return { query, body: JSON.stringify(Object.fromEntries(entries.filter(([name]) => !COMMON.includes(name)))) };
}

describe("the signature the sandbox expects", () => {
  it.each(vectors)("$name", ({ appId, params, signBase64 }) => {
    const { query, body } = split(params);
    expect(expectedSignature(query, body, appId)).toBe(signBase64);
  });

  const query = new URLSearchParams({ access_token: "t", app_key: "ak_sandboxdemo01", timestamp: "1763800000" });
  const sign = (body: string): string => expectedSignature(query, body, "ak_sandboxdemo01");

  it.each([
    ["white space", '{"a":{"b":[1,2]},"c":"x y"}', '{ "a" : { "b" : [ 1 , 2 ] } ,\n "c" : "x y" }'],
    ["escapes", '{"c":"é/中"}', '{"c":"\\u00e9\\/\\u4e2d"}'],
    ["empty texts at the top", '{"a":1}', '{"a":1,"b":""}'],
    ["how a float is written", '{"a":21.3}', '{"a":21.30}'],
    ["the order of keys at the top", '{"a":1,"b":2}', '{"b":2,"a":1}'],
  ])("does not depend on %s", (_, one, other) => {
    expect(sign(one)).toBe(sign(other));
  });

  it.each([
    ["the order of nested keys", '{"a":{"x":1,"y":2}}', '{"a":{"y":2,"x":1}}'],
    ["the last digit of a long number", '{"a":[110000000000000001]}', '{"a":[110000000000000002]}'],
    ["a nested empty text", '{"a":{"x":""}}', '{"a":{}}'],
    ["null at the top", '{"a":null}', "{}"],
    ["braces inside a text", '{"a":"}{,","b":1}', '{"a":"}{,","b":2}'],
  ])("depends on %s", (_, one, other) => {
    expect(sign(one)).not.toBe(sign(other));
  });
});
