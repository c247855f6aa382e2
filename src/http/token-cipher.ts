import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import * as z from "zod";
import type { StoredToken } from "./shared-token.ts";

/** First field of every sealed text: a later format gets another number, and what we cannot read counts as no token. */
const VERSION = "v1";
const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const Sealed = z.object({ a: z.string().min(1), r: z.string().optional(), i: z.number(), e: z.number() });

/**
 * Encrypts a token for the database: `v1.<salt>.<iv>.<tag and ciphertext>`, base64url. `key` names the account and is bound to the text, so a
 * row copied under another account's key does not open. The secret is the vendor's app secret: random already, so HKDF is enough of a
 * derivation, and a fresh salt makes every text its own key.
 */
export function sealToken(token: StoredToken, key: string, secret: string): string {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, deriveKey(secret, salt), iv).setAAD(Buffer.from(key));
  const plain = { a: token.accessToken, r: token.refreshToken, i: token.issuedAt.getTime(), e: token.expiresAt.getTime() };
  const body = Buffer.concat([cipher.update(JSON.stringify(plain), "utf8"), cipher.final()]);
  return [VERSION, ...[salt, iv, Buffer.concat([cipher.getAuthTag(), body])].map((part) => part.toString("base64url"))].join(".");
}

/** The token, or undefined when the text was sealed with another secret, for another account, in another format, or was damaged. */
export function openToken(text: string, key: string, secret: string): StoredToken | undefined {
  const [version, salt, iv, sealed, ...more] = text.split(".");
  if (version !== VERSION || salt === undefined || iv === undefined || sealed === undefined || more.length > 0) return undefined;
  try {
    const bytes = Buffer.from(sealed, "base64url");
    const decipher = createDecipheriv(ALGORITHM, deriveKey(secret, Buffer.from(salt, "base64url")), Buffer.from(iv, "base64url"), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(0, TAG_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(TAG_BYTES)), decipher.final()]).toString("utf8");
    const { a, r, i, e } = Sealed.parse(JSON.parse(plain));
    return { accessToken: a, ...(r !== undefined && { refreshToken: r }), issuedAt: new Date(i), expiresAt: new Date(e) };
  } catch {
    return undefined; // whatever is wrong with it, the remedy is the same: a new token is issued
  }
}

function deriveKey(secret: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, "ipass api_token", KEY_BYTES));
}
