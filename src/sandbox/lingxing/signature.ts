import { createCipheriv, createHash } from "node:crypto";

/** Strings first; then what else may stand in a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g;

/**
 * The signature Lingxing expects for a call: parameters sorted by name and joined unencoded, MD5 in upper-case hex,
 * AES-ECB with the appId as key, Base64. Written apart from the client's own, so that a shared mistake shows.
 * `body` has to be a JSON object or empty.
 */
export function expectedSignature(query: URLSearchParams, body: string, appId: string): string {
  const params = new Map<string, string>(body === "" ? [] : topLevelTexts(body));
  for (const [name, value] of query) {
    if (name !== "sign" && value !== "") params.set(name, value);
  }
  const sorted = [...params].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const digest = createHash("md5")
    .update(sorted.map(([name, value]) => `${name}=${value}`).join("&"), "utf8")
    .digest("hex")
    .toUpperCase();
  const key = Buffer.from(appId, "utf8");
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null);
  return Buffer.concat([cipher.update(digest, "utf8"), cipher.final()]).toString("base64");
}

/**
 * Each top-level value of an object as the vendor writes it after parsing: compact, escapes undone, nested keys in the
 * order they came, long integers digit by digit. Empty texts are left out, nested ones stay.
 */
function* topLevelTexts(json: string): Generator<[string, string]> {
  let depth = 0;
  let key: string | undefined;
  let value = "";
  for (const [token] of json.matchAll(TOKENS)) {
    if (depth === 1 && key === undefined) {
      if (token.startsWith('"')) key = JSON.parse(token);
      continue;
    }
    if (token === "}" || token === "]") depth -= 1;
    const isEnd = (depth === 1 && token === ",") || depth === 0;
    if (isEnd && key !== undefined) {
      const text = value.startsWith('"') ? JSON.parse(value) : value;
      if (text !== "") yield [key, text];
      key = undefined;
      value = "";
    } else if (depth > 1 || (depth === 1 && token !== ":")) {
      value += asWritten(token);
    }
    if (token === "{" || token === "[") depth += 1;
  }
}

function asWritten(token: string): string {
  if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
  if (/^-?\d/.test(token) && !/^-?\d+$/.test(token)) return JSON.stringify(Number(token));
  return token;
}
