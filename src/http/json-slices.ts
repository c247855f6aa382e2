import { endOfString, parseLossless } from "./lossless-json.ts";

export interface ArraySlices {
  /** The elements of the array, each exactly as it was written. */
  readonly slices: string[];
  /** The other top-level members, parsed. */
  readonly rest: Readonly<Record<string, unknown>>;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes apart `{"<key>": [...], ...}` without looking into the elements: each keeps its text as the vendor sent it, and an odd one does not
 * spoil its neighbours. Strict JSON; of duplicate keys the last wins.
 * @throws SyntaxError when the text is not JSON, not an object, or has no array under `key`.
 */
export function sliceArray(text: string, key: string): ArraySlices {
  checkSyntax(text);
  const top = skipSpace(text, 0);
  if (text[top] !== "{") throw new SyntaxError("JSON is not an object");
  let slices: string[] | undefined;
  const others = new Map<string, Span>();
  for (const member of elementsAt(text, top)) {
    const keyEnd = endOfString(text, member.start) + 1;
    const name: unknown = JSON.parse(text.slice(member.start, keyEnd));
    const value = { start: skipSpace(text, skipSpace(text, keyEnd) + 1), end: member.end };
    if (name === key) slices = text[value.start] === "[" ? sliceElements(text, value.start) : undefined;
    else others.set(String(name), value);
  }
  if (slices === undefined) throw new SyntaxError(`JSON has no array "${key}"`);
  const rest = Object.fromEntries([...others].map(([name, { start, end }]) => [name, parseLossless(text.slice(start, end))]));
  return { slices, rest };
}

/**
 * The elements of a top-level array, verbatim.
 * @throws SyntaxError when the text is not a JSON array.
 */
export function sliceTopArray(text: string): string[] {
  checkSyntax(text);
  const top = skipSpace(text, 0);
  if (text[top] !== "[") throw new SyntaxError("JSON is not an array");
  return sliceElements(text, top);
}

/** The native parser is the judge of syntax; what follows may then trust every bracket and quote it meets. */
function checkSyntax(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new SyntaxError("not valid JSON"); // the engine's message quotes the text, which may be a customer's address
  }
}

function sliceElements(text: string, open: number): string[] {
  return elementsAt(text, open).map(({ start, end }) => text.slice(start, end));
}

/** Where the elements (or `"key": value` members) of the container opened at `open` stand, without the space around them. */
function elementsAt(text: string, open: number): Span[] {
  const spans: Span[] = [];
  let start = skipSpace(text, open + 1);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x2c && depth === 0) {
      spans.push({ start, end: trimEnd(text, start, at) });
      start = skipSpace(text, at + 1);
    } else if (code === 0x5d || code === 0x7d) {
      if (depth-- > 0) continue;
      if (at > start) spans.push({ start, end: trimEnd(text, start, at) });
      break;
    }
  }
  return spans;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}
