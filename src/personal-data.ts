export const MASK = "***";

/** Fields that hold a person's data wherever they appear, DSCO's spelling or Lingxing's, by what kind of text they hold. */
const PERSONAL_KEYS = {
  name: /^(?:(?:first|last|full)_?name|attention|gift_?(?:to|from)_?name|(?:receiver|buyer|customer|consignee)_?name)$/i,
  text: /^(?:company|(?:receiver_)?company_?name|address|address_?(?:line_?)?\d|doorplate_no)$/i,
  phone: /^(?:(?:ship_?)?(?:night_?)?phone|mobile|tel|telephone|(?:receiver|buyer|customer)_?(?:mobile|tel|phone)|packing_?slip_?phone)$/i,
  email: /^(?:(?:receiver_?|buyer_?|customer_?|packing_?slip_?)?e_?mail)$/i,
  note: /^(?:gift_?(?:wrap_?)?message|ship_?instructions|buyer_?note|personalization)$/i,
};
type Kind = keyof typeof PERSONAL_KEYS;

/** Personal only inside a party: elsewhere `name` is a job's or a warehouse's. */
const PARTY_ONLY: readonly (readonly [RegExp, Kind])[] = [
  [/^name$/i, "name"],
  [/^(?:city|county|district|postal(?:_?code)?|zip)$/i, "text"],
];
const PARTY_KEY =
  /^(?:shipping|ship_?to|bill_?to|invoice_?to|customer|buyer|package_?ship_?to|cross_?dock_?location|address_?info|buyers_?info)$/i;

/** What an order is known by. A personal text that equals one of these stays readable, or the message would hide the order itself. */
const CODE_KEY = /(?:id|ids|number|code|sku|upc|ean|gtin|isbn|mpn|status|lifecycle|carrier|method|type)$/i;
const PLACE_KEY = /^(?:region|state|country)$/i;

/** Words of vendors' messages and of addresses in general: as a part of somebody's name or street they tell nothing. */
const PLAIN_WORDS = new Set(
  `the and for not are was has can may null none true false with from this that must only test
   order orders item items line lines name names phone mobile email mail address city state country region postal code zip
   company store shop warehouse customer buyer receiver consignee shipping shipment delivery invoice price quantity amount currency
   invalid required missing error failed unknown value field number empty format length exist exists already found
   street avenue road drive lane court place boulevard circle suite unit apartment floor building room main north south east west`.split(
    /\s+/,
  ),
);

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu;

/** Replaces whatever looks like an e-mail address. */
export function maskEmails(text: string): string {
  return /@|%40/.test(text) ? text.replace(EMAIL, MASK) : text;
}

/** True for a field whose value is personal by its name alone, and for a whole party. */
export function isPersonalKey(key: string): boolean {
  return PARTY_KEY.test(key) || Object.values(PERSONAL_KEYS).some((pattern) => pattern.test(key));
}

/**
 * The personal data in a DSCO order, longest first: names, companies, addresses, phones and e-mail addresses of every party, gift
 * texts. Left out is what is also an id or a code of the order (SKU, PO number, state, carrier).
 */
export function personalDataOf(order: unknown): string[] {
  return [...personalTexts(order).keys()].sort((a, b) => b.length - a.length);
}

/**
 * Takes the order's personal data out of a text about it, such as a vendor's refusal that quotes what it was sent. Hidden are whole
 * values, however spaced or cased; words of four letters and more in them; shorter words of names where they are written alike
 * ("Ann", not "ann"); phones however punctuated. Ids, codes, house numbers and the words of error messages stay.
 */
export function maskPersonalData(text: string, order: unknown): string {
  return withoutSought(text, soughtIn(personalTexts(order), "any case"));
}

/**
 * The same for a text that may be about any of many orders. Among a thousand buyers somebody is called Price or Page, so single words are
 * hidden only as they are written, or in capitals. What is to be hidden is gathered once, at the first text.
 */
export function personalDataMask(orders: () => Iterable<unknown>): (text: string) => string {
  let sought: readonly Sought[] | undefined;
  return (text) => {
    sought ??= soughtIn(new Map(Array.from(orders(), (order) => [...personalTexts(order)]).flat()), "as written");
    return withoutSought(text, sought);
  };
}

/** A text to be hidden, with what tells at a glance that another text does not hold it. */
interface Sought {
  readonly as: "any case" | "as written" | "phone";
  readonly value: string;
  /** Of a phone: its number. */
  readonly number: string | undefined;
  readonly parts: readonly string[];
}

function soughtIn(texts: ReadonlyMap<string, Kind>, single: "any case" | "as written"): Sought[] {
  const sought = new Map<string, Sought>();
  const add = (as: Sought["as"], value: string) => {
    const parts = value.toLowerCase().split(/[\s,]+/);
    sought.set(`${as} ${value}`, { as, value, number: as === "phone" ? numberOf(value) : undefined, parts });
  };
  const addSingle = (word: string) => {
    add(single, word);
    if (single === "as written") add(single, word.toUpperCase());
  };
  for (const [value, kind] of texts) {
    if (kind === "phone") add("phone", value);
    else if (/[\s,]/.test(value)) add("any case", value);
    else addSingle(value);
    for (const word of kind === "phone" || kind === "note" ? [] : wordsOf(value)) {
      if (word.length >= 4) addSingle(word);
      else if (kind === "name") add("as written", word);
    }
  }
  return [...sought.values()];
}

function withoutSought(text: string, sought: readonly Sought[]): string {
  const anyCase = new Set<string>();
  const exact = new Set<string>();
  const mayHold = holder(text);
  for (const one of sought) {
    if (!mayHold(one)) continue;
    if (one.as === "as written") exact.add(textPattern(one.value));
    else anyCase.add(one.as === "phone" ? phonePattern(one.value) : textPattern(one.value));
  }
  return masked(masked(maskEmails(text), anyCase, "giu"), exact, "gu");
}

/**
 * Tells values that a text cannot hold from those it may. An order may be of ten million characters, and an expression made of all of them
 * would not even be one. Letters beyond ASCII may stand in the text as JSON escapes.
 */
function holder(text: string): (sought: Sought) => boolean {
  const lower = text.toLowerCase();
  const escaped = lower.includes("\\u");
  const digits = text.replace(/\D/g, "");
  const holds = (part: string) => lower.includes(part) || (escaped && /[^\x20-\x7e]/.test(part));
  return ({ number, parts }) => {
    if (number !== undefined) return digits.includes(number);
    return parts.every(holds) && parts.reduce((sum, part) => sum + part.length, 0) <= lower.length;
  };
}

function masked(text: string, patterns: ReadonlySet<string>, flags: string): string {
  if (patterns.size === 0) return text;
  const longestFirst = [...patterns].sort((a, b) => b.length - a.length);
  return text.replace(new RegExp(longestFirst.join("|"), flags), MASK);
}

/** Personal texts with their kind; a text that appears as several is the one that hides most. */
function personalTexts(order: unknown): ReadonlyMap<string, Kind> {
  const texts = new Map<string, Kind>();
  const codes = new Set<string>();
  const add = (text: string, kind: Kind) => {
    const value = text.trim();
    if (value.length >= 2 && (kind === "name" || !texts.has(value))) texts.set(value, kind);
  };
  const visit = (value: unknown, key: string, inParty: boolean, inherited: Kind | undefined, depth: number): void => {
    const kind = inherited ?? kindOf(key, inParty);
    const text = scalar(value);
    if (text !== undefined) {
      if (kind) add(text, kind);
      else if (CODE_KEY.test(key) || (PLACE_KEY.test(key) && text.length <= 3)) codes.add(text.toLowerCase());
    } else if (typeof value === "object" && value !== null && depth < 12) {
      const below = inParty || PARTY_KEY.test(key) || isReceiver(value);
      if (Array.isArray(value)) for (const item of value) visit(item, key, below, kind, depth + 1);
      else for (const [name, item] of Object.entries(value)) visit(item, name, below, kind, depth + 1);
      const { firstName, lastName } = value as { firstName?: unknown; lastName?: unknown };
      if (typeof firstName === "string" && typeof lastName === "string") add(`${firstName.trim()} ${lastName.trim()}`, "name");
    }
  };
  visit(order, "", false, undefined, 0);
  for (const text of [...texts.keys()]) if (codes.has(text.toLowerCase())) texts.delete(text);
  return texts;
}

/** An order as Lingxing takes it: the address stands among its own fields. */
function isReceiver(value: object): boolean {
  return "receiver_name" in value || "receiver_country_code" in value;
}

function kindOf(key: string, inParty: boolean): Kind | undefined {
  const everywhere = (Object.keys(PERSONAL_KEYS) as Kind[]).find((kind) => PERSONAL_KEYS[kind].test(key));
  return everywhere ?? (inParty ? PARTY_ONLY.find(([pattern]) => pattern.test(key))?.[1] : undefined);
}

/** The text of a leaf, also of the number objects a lossless JSON parser makes. */
function scalar(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "object" && value !== null && "isLosslessNumber" in value ? String(value) : undefined;
}

function wordsOf(value: string): string[] {
  return value.split(/[^\p{L}'’]+/u).filter((word) => word.length >= 2 && !PLAIN_WORDS.has(word.toLowerCase()));
}

/** Letters and digits of the Latin world make words; Chinese text runs on without spaces. `\n` is how JSON writes an end of line. */
const LETTER = "[\\p{Script=Latin}\\p{N}_]";
const WORD_START = `(?:(?<!${LETTER})|(?<=\\\\[nrt]))`;
const WORD_END = `(?!${LETTER})`;

function textPattern(text: string): string {
  const body = text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => Array.from(part, letterPattern).join(""))
    .join("(?:[\\s,+]|%20|%2C)+");
  const isWordy = (letter: string | undefined) => new RegExp(`^${LETTER}$`, "u").test(letter ?? "");
  const letters = Array.from(text);
  return `${isWordy(letters[0]) ? WORD_START : ""}${body}${isWordy(letters.at(-1)) ? WORD_END : ""}`;
}

/** A letter as it is, or beyond ASCII as JSON may escape it. */
function letterPattern(letter: string): string {
  const plain = /[\p{L}\p{N}_\s]/u.test(letter) ? letter : `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
  if (letter.charCodeAt(0) < 0x80) return plain;
  const units = Array.from({ length: letter.length }, (_, i) => `\\\\u${letter.charCodeAt(i).toString(16).padStart(4, "0")}`);
  return `(?:${plain}|${units.join("")})`;
}

/** The last ten digits: a country code may come or go. Undefined when there are too few for a phone. */
function numberOf(phone: string): string | undefined {
  const digits = phone.replace(/\D/g, "");
  return digits.length < 7 ? undefined : digits.slice(-10);
}

/** A phone's number with any punctuation between its digits; what is none, as it is written. */
function phonePattern(phone: string): string {
  const number = numberOf(phone);
  if (number === undefined) return textPattern(phone);
  const between = "[\\s().\\-]{0,3}";
  const core = Array.from(number).join(between);
  return `(?<!\\d)(?:\\+?\\d{1,3}${between})?\\(?${core}(?!\\d)`;
}
