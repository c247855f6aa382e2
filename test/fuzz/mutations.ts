import fc from "fast-check";

/** JSON text that no value of JavaScript stands for: numbers too large, the same key twice, levels beyond measure. */
export class Verbatim {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** One thing gone wrong with a document; `where` counts its members through, so that it fits any document. */
export interface Mutation {
  readonly where: number;
  readonly how: "set" | "delete" | "wrap" | "retype" | "repeat" | "add" | "twice";
  readonly value: unknown;
  readonly key: string;
}

/** What a field must never hold, and one day holds. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  1e-7,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  new Verbatim("9007199254740993"),
  new Verbatim("123456789012345678901234567890"),
  new Verbatim("1e400"),
  new Verbatim("-0"),
  "",
  " ",
  "0",
  "-1",
  "1e5",
  "NaN",
  "null",
  "undefined",
  "true",
  "[object Object]",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "x\udc00y",
  "\u202eabc\u2066",
  "\u001b[31mred",
  "\u2028\u2029",
  "e\u0301\u0301\u0301",
  "👩‍👩‍👧‍👦",
  "ﷺ",
  "订单；，。",
  "' OR 1=1 --",
  "`id` $(id)",
  "<script>alert(1)</script>",
  "=1+1",
  "%s%n%00%25",
  "../../etc/passwd",
  "0000-00-00 00:00:00",
  "0000-01-01T00:00:00+14:00",
  "0001-01-01T00:00:00Z",
  "1969-12-31T23:59:59Z",
  "2026-02-30T00:00:00Z",
  "2026-13-45T99:99:99Z",
  "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59-14:00",
  "+275760-09-13T00:00:00.001Z",
  "2026-01-05",
  "x".repeat(300),
  "订".repeat(1100),
  "9".repeat(400),
  "1Z".repeat(700),
  [],
  [[]],
  [null],
  {},
  { a: {} },
  { length: 3 },
  JSON.parse('{"__proto__":{"dscoStatus":"cancelled","status":7,"quantity":1}}'),
  { constructor: null, toString: 1, hasOwnProperty: 2 },
  new Verbatim(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`),
  new Verbatim(`${"[".repeat(600)}${"]".repeat(600)}`),
];

const ODD_KEYS = ["__proto__", "constructor", "prototype", "toString", "", "\u0000", "订单", "a".repeat(300), "then", "length"] as const;

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  where: fc.nat(10_000),
  how: fc.constantFrom("set", "set", "set", "delete", "wrap", "retype", "repeat", "add", "twice"),
  value: oddValue,
  key: fc.constantFrom(...ODD_KEYS),
});

/** A document with these things gone wrong, as the text a vendor would send. */
export function mutated(document: unknown, mutations: readonly Mutation[]): string {
  const root = { document: structuredClone(document) };
  for (const each of mutations) apply(root, { ...each, value: each.value instanceof Verbatim ? each.value : structuredClone(each.value) });
  return textOf(root.document);
}

interface Slot {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

function apply(root: { document: unknown }, { where, how, value, key }: Mutation): void {
  const slots = slotsIn(root as Record<string, unknown>);
  const slot = slots[where % slots.length];
  if (slot === undefined) return;
  const holder = slot.holder as Record<string | number, unknown>;
  const before = holder[slot.key];
  switch (how) {
    case "set":
      holder[slot.key] = value;
      return;
    case "delete":
      if (Array.isArray(slot.holder)) slot.holder.splice(Number(slot.key), 1);
      else if (slot.holder !== root) delete holder[slot.key];
      return;
    case "wrap":
      holder[slot.key] = typeof value === "boolean" ? [before] : { [slot.key]: before };
      return;
    case "retype":
      holder[slot.key] = retyped(before);
      return;
    case "repeat":
      if (Array.isArray(slot.holder)) slot.holder.push(before);
      else holder[slot.key] = [before, before];
      return;
    case "add":
      if (!Array.isArray(slot.holder) && slot.holder !== root)
        Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
      return;
    case "twice":
      holder[slot.key] = new Verbatim(`{${JSON.stringify(key)}:${textOf(before)},${JSON.stringify(key)}:${textOf(value)}}`);
  }
}

function retyped(value: unknown): unknown {
  if (typeof value === "string") return Number.parseFloat(value) || 0;
  return textOf(value);
}

/** Every member of every object and list, the document itself first. */
function slotsIn(holder: Record<string, unknown> | unknown[]): Slot[] {
  const keys = Array.isArray(holder) ? holder.keys() : Object.keys(holder);
  return [...keys].flatMap((key) => {
    const value = (holder as Record<string | number, unknown>)[key];
    const below = typeof value === "object" && value !== null && !(value instanceof Verbatim) ? slotsIn(value as unknown[]) : [];
    return [{ holder, key }, ...below];
  });
}

/** JSON text of a document, with what stands in it verbatim. */
export function textOf(value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`)
      .join(",")}}`;
  return JSON.stringify(value) ?? "null";
}

/** Text damaged on its way: cut, overwritten or doubled somewhere. */
export const damage = fc.record({
  at: fc.nat(100_000),
  length: fc.nat(40),
  put: fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom('"', "{", "}", "[", "]", ",", ":", "\\", "\\u00")),
});

export function damaged(text: string, { at, length, put }: { readonly at: number; readonly length: number; readonly put: string }): string {
  const start = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, start) + put + text.slice(start + length);
}
