/**
 * How single fields are read out of what DSCO sent, each leniently: what is missing or odd reads as absent, is found at the push and named
 * to a person, while one that failed here would hold up its whole page. Plain functions, not schemas: orders are full of nulls, and a
 * schema that fails and is caught makes up an error first, which cost more than all the rest of reading an order.
 */

/** An object's fields; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** Text, trimmed; blank counts as absent. Numbers are taken for text: postal codes, phones and SKUs arrive as both. */
export function text(value: unknown): string | undefined {
  return key(value)?.trim();
}

/** As `text`, but kept to the letter: a key is sent back as it came. */
export function key(value: unknown): string | undefined {
  const written = typeof value === "string" || (typeof value === "number" && Number.isFinite(value)) ? String(value) : "";
  return written.trim() === "" ? undefined : written;
}

/** A whole number, also where it is written as text. */
export function whole(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

/** A decimal number as text, never through arithmetic. */
export function decimal(value: unknown): string | undefined {
  const digits = text(value);
  return digits !== undefined && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits) ? digits : undefined;
}

export function flag(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === "string" && ["true", "1"].includes(value.trim().toLowerCase()));
}

/** ISO 8601; a time without a zone is read as UTC, since the vendor promises none. */
export function date(value: unknown): Date | undefined {
  const written = typeof value === "string" ? value.trim() : "";
  if (!/^\d{4}-\d{2}-\d{2}/.test(written)) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(written) || written.length === 10 ? written : `${written}Z`;
  const parsed = new Date(zoned);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

/** A list's elements; of anything else, none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list that say something; a single text is a list of one. */
export function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => text(one) ?? []);
}
