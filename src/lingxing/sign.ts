import { createCipheriv, createHash } from "node:crypto";
import { stringify } from "lossless-json";

/** AES key length decides the variant: an appId has 16 characters in practice, 24 and 32 would select the longer keys. */
const CIPHER_BY_KEY_BYTES: Readonly<Record<number, string>> = { 16: "aes-128-ecb", 24: "aes-192-ecb", 32: "aes-256-ecb" };

/**
 * The `sign` query parameter of a Lingxing call (base64, NOT percent-encoded: `URLSearchParams` does that once).
 *
 * `params` are the top-level members of the JSON body (or the GET query) plus `access_token`, `app_key` and `timestamp`. The body must be
 * sent with the same nested key order, since the server serialises what it received and compares.
 * Good for two minutes (2001007 afterwards), so every attempt is signed anew.
 * @throws Error when the appId cannot be an AES key.
 */
export function signLingxing(params: Readonly<Record<string, unknown>>, appId: string): string {
  const key = Buffer.from(appId, "utf8");
  const algorithm = CIPHER_BY_KEY_BYTES[key.length];
  if (algorithm === undefined) throw new Error("the Lingxing appId must have 16, 24 or 32 bytes to sign with");
  const digest = createHash("md5").update(signedText(params), "utf8").digest("hex").toUpperCase();
  const cipher = createCipheriv(algorithm, key, null);
  return cipher.update(digest, "utf8", "base64") + cipher.final("base64");
}

/** Only a top-level empty string (or what JSON cannot carry) is left out: 0, false, [] and null are signed. */
function signedText(params: Readonly<Record<string, unknown>>): string {
  return Object.keys(params)
    .sort() // by code unit: localeCompare would sort "_" and capitals elsewhere than the server does
    .map((name) => [name, asText(params[name])] as const)
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([name, text]) => `${name}=${text}`)
    .join("&");
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : stringify(value); // compact, and 18-digit numbers (bigint) keep their digits
}
