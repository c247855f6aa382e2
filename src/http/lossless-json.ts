import { parse } from "lossless-json";

/** Far beyond any real answer (a handful of levels), far below what a recursive reader survives. */
const MAX_DEPTH = 500;

/** A bare integer too long for a double; digits inside a text match only by accident, which costs time and nothing else. */
const LONG_INTEGER = /(?:^|[[:,\s])-?\d{16,}(?=[\s,\]}]|$)/;

/**
 * JSON.parse for answers with ids beyond 2^53: integers outside the safe range become texts, every other number a number.
 * The last of duplicate keys wins.
 * @throws SyntaxError on anything that is not JSON, or nested deeper than 500 levels. Its message holds nothing of the text, which may be
 * a customer's address.
 */
export function parseLossless(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError("JSON is nested too deeply");
  try {
    // The native parser is about eight times as fast and exact wherever no long integer occurs.
    if (!LONG_INTEGER.test(text)) return JSON.parse(text);
    return parse(text, null, { parseNumber: toNumberOrText, onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    throw new SyntaxError("not valid JSON");
  }
}

function toNumberOrText(digits: string): number | string {
  const value = Number(digits);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits) ? digits : value;
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Index of the quote that closes the string opened at `start`; the text's length when none does. */
export function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === 0x5c) at--;
  return (quote - at) % 2 === 0;
}
