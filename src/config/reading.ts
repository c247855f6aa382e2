import * as z from "zod";

/** A value that was given but cannot be used; `expected` says what would be right and never repeats a secret. */
export class BadSettingError extends Error {
  constructor(expected: string) {
    super(expected);
    this.name = "BadSettingError";
  }
}

/** A variable's schema: text in, `T` out. `expected` is what an operator is told when it is unset or cannot be read. */
export function reading<T>(expected: string, read: (text: string) => T) {
  return z.string({ error: expected }).transform((text, ctx): T => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof BadSettingError)) throw error;
      ctx.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

/** A schema for what a predicate accepts as it is. */
export const textThat = (expected: string, accepts: (text: string) => boolean) =>
  reading(expected, (text) => {
    if (!accepts(text)) throw new BadSettingError(expected);
    return text;
  });

/** Digits only: `1e3`, `0x10` or `60s` is a typo, not a number. */
export function integer(min: number, max: number, what = "a whole number") {
  const expected = `${what} from ${min} to ${max}`;
  return reading(expected, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new BadSettingError(expected);
    return value;
  });
}

export function boolean() {
  const expected = "true or false (1, yes, y, on and 0, no, n, off are understood too)";
  return reading(expected, (text) => {
    const word = text.toLowerCase();
    if (["1", "true", "yes", "y", "on"].includes(word)) return true;
    if (["0", "false", "no", "n", "off"].includes(word)) return false;
    throw new BadSettingError(expected);
  });
}

export function oneOf<const T extends string | number>(words: readonly T[]) {
  const expected = `one of: ${words.join(", ")}`;
  return reading(expected, (text) => {
    const word = words.find((candidate) => String(candidate) === text);
    if (word === undefined) throw new BadSettingError(expected);
    return word;
  });
}

/** A comma list in order of preference, each word once. */
export function listOf<const T extends string>(words: readonly T[]) {
  const expected = `a comma list, each once, of: ${words.join(", ")}`;
  return reading(expected, (text): readonly T[] => {
    const given = text.split(",").map((part) => words.find((word) => word === part.trim()));
    const known = given.filter((word) => word !== undefined);
    if (known.length !== given.length || new Set(known).size !== known.length) throw new BadSettingError(expected);
    return known;
  });
}

/** What is sent as a bearer: a header can carry neither spaces nor anything beyond ASCII. */
export const bearerToken = (what: string) =>
  textThat(`${what}: the token alone, printable ASCII without spaces`, (text) => /^[\x21-\x7e]+$/.test(text));

export const anyText = (what: string) => textThat(what, (text) => text !== "");

/** Ids of the vendors go beyond 2^53: digits, but kept as text. */
export const digits = (what: string) => textThat(`${what}, digits only`, (text) => /^\d{1,32}$/.test(text));

/**
 * A vendor's address without trailing slashes (Lingxing refuses a double one). Plain http is for stand-ins on this machine:
 * anywhere else it would show tokens and addresses to the network.
 */
export function baseUrl(example: string) {
  const expected = `an https address such as ${example}, without user, query or fragment (http only for localhost)`;
  return reading(expected, (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password || /[?#]/.test(text)) throw new BadSettingError(expected);
    const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
    if (!secure) throw new BadSettingError(expected);
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  });
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || bare.endsWith(".localhost") || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** `host:port` as Go's net.Listen writes it; an empty host is every interface (and `listen(port, "")` in Node). */
export function listenAddress() {
  const expected = "host:port such as 127.0.0.1:8080 or [::1]:8080, or :8080 for every interface";
  return reading(expected, (text) => {
    const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:[\]/@]*)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (!match || port > 65535) throw new BadSettingError(expected);
    return { host: match[1] ?? match[2] ?? "", port };
  });
}
