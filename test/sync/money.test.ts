import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromCents, toCents } from "../../src/sync/money.ts";

describe("toCents", () => {
  it.each([
    { amount: "14.99", cents: 1499 },
    { amount: 14.99, cents: 1499 },
    { amount: "10.65", cents: 1065 },
    { amount: 8.5, cents: 850 },
    { amount: 8, cents: 800 },
    { amount: "  8 ", cents: 800 },
    { amount: "007.10", cents: 710 },
    { amount: "1.005", cents: 101 }, // 1.005 * 100 is 100.49999999999999 in binary
    { amount: 1.005, cents: 101 },
    { amount: "1.00499999", cents: 100 },
    { amount: "0.995", cents: 100 }, // carries into the whole
    { amount: "9.999", cents: 1000 },
    { amount: "0.005", cents: 1 },
    { amount: "0.004", cents: 0 },
    { amount: "12.345678901234567890", cents: 1235 },
    { amount: 0.1 + 0.2, cents: 30 },
    { amount: "0", cents: 0 },
    { amount: "-1.50", cents: -150 },
    { amount: "-1.005", cents: -101 },
    { amount: "-0.001", cents: 0 },
    { amount: "999999999999.99", cents: 99_999_999_999_999 },
  ])("$amount is $cents cents", ({ amount, cents }) => {
    expect(toCents(amount)).toBe(cents);
  });

  it.each([
    undefined,
    "",
    " ",
    "abc",
    "1,50",
    "$1",
    "1.",
    ".5",
    "+1",
    "--1",
    "1e3",
    "1e21",
    1e21,
    1e-7,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "9999999999999",
    "1 2",
    "١",
  ])("%j is no amount", (amount) => {
    expect(toCents(amount)).toBeUndefined();
  });

  it("multiplies and adds exactly once in cents", () => {
    expect(6 * (toCents(10.65) ?? 0)).toBe(6390);
    expect(fromCents(6 * (toCents("10.65") ?? 0))).toBe("63.90");
    expect((toCents(0.1) ?? 0) + (toCents(0.2) ?? 0)).toBe(30);
  });

  it("reads back what fromCents wrote", () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999_999, max: 99_999_999_999_999 }), (cents) => toCents(fromCents(cents)) === cents),
    );
  });

  it("is never more than half a cent from the decimal text, and always a safe integer", () => {
    const decimal = fc.tuple(fc.nat(999_999_999), fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(decimal, ([whole, digits]) => {
        const cents = toCents(`${whole}.${digits.join("")}`) ?? Number.NaN;
        const exact = BigInt(`${whole}${digits.join("").padEnd(20, "0")}`); // in units of 10^-20
        const off = BigInt(cents) * 10n ** 18n - exact;
        return Number.isSafeInteger(cents) && off <= 5n * 10n ** 17n && off > -5n * 10n ** 17n;
      }),
    );
  });
});

describe("fromCents", () => {
  it.each([
    { cents: 0, text: "0.00" },
    { cents: 5, text: "0.05" },
    { cents: 99, text: "0.99" },
    { cents: 1065, text: "10.65" },
    { cents: -5, text: "-0.05" },
    { cents: -1065, text: "-10.65" },
    { cents: 99_999_999_999_999, text: "999999999999.99" },
  ])("$cents is $text", ({ cents, text }) => {
    expect(fromCents(cents)).toBe(text);
  });
});
