/** Fifteen digits are what a JSON number carries to the cent: beyond them the double nearest to an amount may print as another one. */
export const MOST_CENTS = 999_999_999_999_999;

/**
 * Integer cents of a decimal amount, read from its decimal text and rounded half up, so that 10.65 is 1065 and 1.005 is 101:
 * binary fractions never take part. Undefined for anything that is no plain amount of a sane size.
 */
export function toCents(amount: string | number | undefined): number | undefined {
  if (amount === undefined) return undefined;
  const text = typeof amount === "number" ? String(amount) : amount.trim();
  const match = /^(-)?(\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "0", fraction = ""] = match;
  const cents = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, "0")) + (Number(fraction[2] ?? "0") >= 5 ? 1 : 0);
  return sign === undefined || cents === 0 ? cents : -cents;
}

/** 1065 → "10.65". */
export function fromCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
