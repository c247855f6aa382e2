export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Marks a text that stands for a bare JSON number with more digits than a JavaScript number holds. A private-use character: no real text has it. */
const BARE = "\uE000#";
const BARE_TEXT = /"\uE000#(-?\d+)"/g;
/** Strings first, so that digits inside them are left alone; then whole numbers, so that 0.30000000000000004 is not cut. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/** A value that `writeJson` writes as a bare number, digit by digit: the vendors send ids beyond 2^53 that way. */
export function bare(digits: string): string {
  return BARE + digits;
}

/** The digits or text behind an id, whether it came as text, number or long bare number. */
export function idText(value: unknown): string {
  const text = String(value);
  return text.startsWith(BARE) ? text.slice(BARE.length) : text;
}

/** JSON.stringify, with `bare` values as numbers. */
export function writeJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(BARE) ? text.replace(BARE_TEXT, "$1") : text;
}

/** JSON.parse, with integers of 16 digits and more kept as `bare` values. Throws SyntaxError. */
export function readJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(STRING_OR_NUMBER, (token) => (LONG_INTEGER.test(token) ? `"${BARE}${token}"` : token)));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects in a list; nothing when it is not a list. */
export function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
