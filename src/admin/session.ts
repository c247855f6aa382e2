import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

export const SESSION_COOKIE = "ipass_session";
export const SESSION_SEC = 12 * 3600;

/** What a signed-in browser carries. */
export interface Session {
  readonly endsAt: Date;
  /** What every form of this session must send along: no other site can know it. */
  readonly csrf: string;
}

/**
 * Sessions without a store: a cookie is its end, a random text and a signature over both, keyed from the admin token. So every host
 * with the same token accepts it, and a new token ends all sessions. Signing out only takes the cookie from that browser.
 */
export class Sessions {
  readonly #key: Buffer;

  constructor(adminToken: string) {
    this.#key = Buffer.from(hkdfSync("sha256", adminToken, "", "ipass admin session", 32));
  }

  /** A new session as the value of its cookie. */
  begin(now: Date): string {
    return this.#signed(`${Math.floor(now.getTime() / 1000) + SESSION_SEC}.${randomBytes(16).toString("base64url")}`);
  }

  /** The session a cookie's value stands for; undefined when it is over or not ours. */
  find(cookie: string, now: Date): Session | undefined {
    const [end = "", nonce = ""] = cookie.split(".");
    const content = `${end}.${nonce}`;
    if (!/^\d{1,12}$/.test(end) || !sameText(cookie, this.#signed(content))) return undefined;
    const endsAt = new Date(Number(end) * 1000);
    return endsAt > now ? { endsAt, csrf: this.#mac(`csrf ${content}`) } : undefined;
  }

  #signed(content: string): string {
    return `${content}.${this.#mac(`session ${content}`)}`;
  }

  #mac(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

/** Compares in a time that tells nothing about where, or in how many letters, the two differ. */
export function sameText(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
