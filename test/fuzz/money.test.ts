import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toWireInvoice } from "../../src/dsco/report-bodies.ts";
import { decideInvoice } from "../../src/sync/invoice.ts";
import { fromCents, MOST_CENTS, toCents } from "../../src/sync/money.ts";
import { aDscoLine, aDscoOrder, somePushRules } from "../helpers/builders.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

/** A decimal number in its parts: as it is written, and with nothing but whole numbers to reckon with. */
const decimal = fc
  .record({
    negative: fc.boolean(),
    whole: fc.oneof(fc.nat(30).map(BigInt), fc.bigInt({ min: 0n, max: 999_999_999_999n })),
    fraction: fc.oneof(
      fc.constant(""),
      fc.stringMatching(/^[0-9]{1,25}$/),
      fc.constantFrom("5", "05", "005", "0049", "995", "9949999999", "9950"),
    ),
  })
  .map(({ negative, whole, fraction }) => ({
    text: `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`,
    negative,
    whole,
    fraction,
  }));

/** Half up, away from zero, by long division of whole numbers. */
function referenceCents({ negative, whole, fraction }: { negative: boolean; whole: bigint; fraction: string }): bigint {
  const scale = 10n ** BigInt(fraction.length);
  const numerator = (whole * scale + BigInt(fraction === "" ? 0 : fraction)) * 100n;
  const cents = (2n * numerator + scale) / (2n * scale);
  return negative ? -cents : cents;
}

/** The cents a decimal text says, of which it may say no more than two. */
function exactCents(text: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) throw new Error(`${text} is no amount to the cent`);
  return BigInt(match[1] ?? "") * 100n + BigInt((match[2] ?? "").padEnd(2, "0"));
}

describe("money", FUZZ_TIMEOUT, () => {
  it("is rounded as whole numbers of any length would be", () => {
    fc.assert(
      fc.property(decimal, (amount) => {
        expect(BigInt(toCents(amount.text) ?? Number.NaN)).toBe(referenceCents(amount));
      }),
      cases(3_000),
    );
  });

  it("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999_999 }), (cents) => {
        expect(exactCents(fromCents(cents))).toBe(BigInt(cents));
        expect(toCents(fromCents(cents))).toBe(cents);
      }),
      cases(1_000),
    );
  });

  it("on an invoice's wire adds up to the cent, whatever the prices and quantities", () => {
    const line = fc.record({
      quantity: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000_000 })),
      price: decimal.filter((amount) => !amount.negative && referenceCents(amount) > 0n),
    });
    const { priceFields } = somePushRules();
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        const order = aDscoOrder({
          lineItems: lines.map(({ quantity, price }, n) => aDscoLine({ lineNumber: n + 1, quantity, consumerPrice: price.text })),
        });
        const total = lines.reduce((sum, { quantity, price }) => sum + BigInt(quantity) * referenceCents(price), 0n);
        const decision = decideInvoice(order, { priceFields }, { dscoOrderId: "1", now: new Date(0) });
        if (total > BigInt(MOST_CENTS)) {
          expect(decision).toMatchObject({ do: "outcome", outcome: { to: "manual" } });
          return;
        }
        if (decision.do !== "send") throw new Error("not sent");
        const wire = JSON.parse(JSON.stringify(toWireInvoice(decision.invoice)), (_, value: unknown) =>
          typeof value === "number" ? String(value) : value,
        ) as {
          totalAmount: string;
          lineItemsSubtotal: string;
          lineItems: { quantity: string; unitPrice: string; extendedAmount: string }[];
        };
        expect(exactCents(wire.totalAmount)).toBe(total);
        expect(wire.lineItemsSubtotal).toBe(wire.totalAmount);
        expect(wire.lineItems.reduce((sum, { extendedAmount }) => sum + exactCents(extendedAmount), 0n)).toBe(total);
        for (const [n, each] of wire.lineItems.entries()) {
          expect(exactCents(each.unitPrice)).toBe(referenceCents(lines[n]?.price ?? { negative: false, whole: 0n, fraction: "" }));
          expect(exactCents(each.extendedAmount)).toBe(BigInt(each.quantity) * exactCents(each.unitPrice));
        }
      }),
      cases(500),
    );
  });
});
