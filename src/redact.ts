import { isPersonalKey, MASK, maskEmails } from "./personal-data.ts";

/** Shorter secrets would blot out ordinary words and numbers; they are still hidden where a key such as `password=` names them. */
const SHORTEST_SECRET = 6;

/** Names whose value is never shown, in any spelling: access_token, accessToken, X-Access-Token. */
const SECRET_WORD =
  "(?:access|refresh|admin|auth|api|bearer|csrf)[-_]?token|token|(?:app|client)?[-_]?secret|password|passwd|pwd|api[-_]?key|dsn";
const SECRET_KEY = new RegExp(`^(?:x[-_])?(?:${SECRET_WORD}|sign|signature|(?:proxy[-_])?authorization|(?:set[-_])?cookie)$`, "i");

/** A value in the quotes of JSON or of JSON inside JSON, or up to the next separator. */
const VALUE = `\\\\+"(?:[^"\\\\]|\\\\+[^"\\\\])*\\\\+"|"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|[^\\s&"'\\\\,;<>(){}[\\]]+`;
/**
 * key=value anywhere; "key": value in JSON; key: value in prose only where the value has a digit or is long, because
 * "IPASS_DSCO_TOKEN: not set" must stay readable.
 */
const SECRET_PAIR = new RegExp(
  `(${SECRET_WORD}|(?<![a-z])sign(?:ature)?)(\\\\*["']?\\s*(?:=|%3D)\\s*|\\\\*["']\\s*:\\s*|(?<=secret|password|passwd|pwd|[-_]token)\\s*:\\s*(?=\\S*\\d|\\S{20}))(${VALUE})`,
  "gi",
);
const AUTHORIZATION = /(authorization\\*["']?\s*[:=]\s*\\*["']?)((?:bearer|basic|token|digest)\s+)?[^\s"'\\,;]+/gi;
const COOKIE = /(cookie\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\]+/gi;
const BEARER = /\b(bearer\s+)[\w.~+/=-]{6,}/gi;

const DEEPEST = 12;

/**
 * Takes out of texts what must not be seen outside: the secrets it was told, whatever is named like one, and e-mail addresses.
 * Names, streets and phones look like any other word: `maskPersonalData` knows them from the order.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Hides the value from now on, also percent-encoded, in Base64 and inside JSON. Under 6 characters: only after a key such as `password=`. */
  addSecret(value: string): void {
    if (value.length < SHORTEST_SECRET) return;
    for (const form of spellings(value)) this.#secrets.add(form);
    this.#pattern = undefined;
  }

  redact(text: string): string {
    const named = this.#withoutSecrets(text)
      .replace(AUTHORIZATION, `$1$2${MASK}`)
      .replace(COOKIE, `$1${MASK}`)
      .replace(SECRET_PAIR, (_, key: string, between: string, value: string) => `${key}${between}${maskInQuotes(value)}`)
      .replace(BEARER, `$1${MASK}`);
    return maskEmails(named);
  }

  /** A copy of any value fit for a log or for JSON: texts redacted, whatever its key calls secret or personal masked, no cycles. */
  redactValue(value: unknown): unknown {
    return this.#copy(value, []);
  }

  #withoutSecrets(text: string): string {
    if (this.#secrets.size === 0) return text;
    if (!this.#pattern) {
      const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
      this.#pattern = new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gi");
    }
    return text.replace(this.#pattern, MASK);
  }

  #copy(value: unknown, above: readonly object[]): unknown {
    if (typeof value === "string") return this.redact(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (above.includes(value)) return "[circular]";
    if (above.length >= DEEPEST) return "[deeper]";
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
    if (value instanceof Error) return { name: value.name, message: this.redact(value.message) };
    const inside = [...above, value];
    if (Array.isArray(value) || value instanceof Set) return Array.from(value, (item) => this.#copy(item, inside));
    if ("isLosslessNumber" in value) return String(value);
    const entries = value instanceof Map ? Array.from(value, ([key, item]) => [String(key), item] as const) : Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, hidesValue(key, item) ? MASK : this.#copy(item, inside)]));
  }
}

function hidesValue(key: string, value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && (SECRET_KEY.test(key) || isPersonalKey(key));
}

function maskInQuotes(value: string): string {
  const quote = /^\\*["']/.exec(value)?.[0] ?? "";
  return `${quote}${MASK}${quote}`;
}

/** How a value looks after it went through a URL, a form, JSON, or Base64, where its neighbours decide about its first and last letters. */
function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = percentEncoded(value);
  const forms = [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    percentEncoded(url),
    new URLSearchParams({ v: value }).toString().slice(2),
  ];
  for (const shift of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
    const base64 = bytes.toString("base64").slice(Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6));
    forms.push(base64, base64.replaceAll("+", "-").replaceAll("/", "_"), percentEncoded(base64));
  }
  return forms;
}

/** Through a Buffer, because half a surrogate pair would make encodeURIComponent throw. */
function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
