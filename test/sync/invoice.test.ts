import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideInvoice, invoiceIdOf } from "../../src/sync/invoice.ts";
import type { PriceField } from "../../src/sync/push.ts";
import { aDscoLine, aDscoOrder } from "../helpers/builders.ts";

const NOW = new Date("2026-01-07T08:00:00Z");
const rules: { priceFields: PriceField[] } = { priceFields: ["consumerPrice", "retailPrice", "expectedCost"] };
const facts = { dscoOrderId: "1200000001", trackingNo: "794600001111", now: NOW };

/** The decision for an order of these lines; numbered from 1 unless told otherwise. */
function decide(...lines: Record<string, unknown>[]) {
  return decideInvoice(aDscoOrder({ lineItems: lines.map((line, index) => aDscoLine({ lineNumber: index + 1, ...line })) }), rules, facts);
}

describe("an invoice", () => {
  it("names the order, its lines and its parcel", () => {
    expect(decide({})).toEqual({
      do: "send",
      invoice: {
        invoiceId: "INV-1200000001",
        dscoOrderId: "1200000001",
        poNumber: "PO-77001",
        invoiceDate: NOW,
        currencyCode: "USD",
        trackingNumber: "794600001111",
        totalCents: 2998,
        lines: [{ lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 2, unitPriceCents: 1499 }],
      },
      priceFieldOf: ["consumerPrice"],
    });
  });

  it.each([
    { trackingNo: "T1", expected: "T1" },
    { trackingNo: "T1,T2", expected: undefined },
    { trackingNo: undefined, expected: undefined },
  ])("names the tracking number $expected for $trackingNo", ({ trackingNo, expected }) => {
    const decision = decideInvoice(aDscoOrder(), rules, { ...facts, trackingNo });
    expect(decision).toMatchObject({ invoice: { trackingNumber: expected } });
  });

  it("bears the same number each time", () => {
    expect(invoiceIdOf("1200000001")).toBe("INV-1200000001");
  });

  it.each([
    { currencyCode: "CAD", expected: "CAD" },
    { currencyCode: undefined, expected: "USD" },
  ])("is in $expected for the currency $currencyCode", ({ currencyCode, expected }) => {
    expect(decideInvoice(aDscoOrder({ currencyCode }), rules, facts)).toMatchObject({ invoice: { currencyCode: expected } });
  });

  it.each([
    {
      name: "0.1 + 0.2 is 30 cents",
      lines: [
        { quantity: 1, consumerPrice: 0.1 },
        { quantity: 1, consumerPrice: 0.2 },
      ],
      totalCents: 30,
    },
    { name: "6 × 10.65 is 63.90", lines: [{ quantity: 6, consumerPrice: 10.65 }], totalCents: 6390 },
    { name: "3 × 0.1 is 30 cents", lines: [{ quantity: 3, consumerPrice: "0.1" }], totalCents: 30 },
    { name: "1.005 is rounded up before it is multiplied", lines: [{ quantity: 3, consumerPrice: 1.005 }], totalCents: 303 },
    { name: "1.004999 is rounded down before it is multiplied", lines: [{ quantity: 1000, consumerPrice: 1.004999 }], totalCents: 100_000 },
    { name: "19.99 × 3", lines: [{ quantity: 3, consumerPrice: 19.99 }], totalCents: 5997 },
  ])("counts in cents: $name", ({ lines, totalCents }) => {
    expect(decide(...lines)).toMatchObject({ do: "send", invoice: { totalCents } });
  });

  it.each([
    { name: "less what was cancelled", line: { quantity: 5, cancelledQuantity: 2 }, quantity: 3 },
    { name: "less what was rejected", line: { quantity: 5, cancelledQuantity: 1, rejectedQuantity: 1 }, quantity: 3 },
  ])("bills a line $name", ({ line, quantity }) => {
    expect(decide({ ...line, consumerPrice: 2 })).toMatchObject({ invoice: { totalCents: quantity * 200, lines: [{ quantity }] } });
  });

  it.each([
    { name: "cancelled", line: { status: "cancelled" } },
    { name: "rejected", line: { status: "rejected" } },
    { name: "cancelled to the last piece", line: { quantity: 2, cancelledQuantity: 2 } },
    { name: "cancelled, and without a price", line: { status: "cancelled", consumerPrice: undefined, expectedCost: undefined } },
    { name: "of no pieces", line: { quantity: 0 } },
  ])("leaves out a line that is $name", ({ line }) => {
    const decision = decide({}, { ...line, sku: "MUG-RED" });
    expect(decision).toMatchObject({ do: "send", invoice: { lines: [{ sku: "MUG-BLUE" }] }, priceFieldOf: ["consumerPrice"] });
    expect(decision.do === "send" && decision.invoice.lines).toHaveLength(1);
  });

  it("is not needed when nothing is left", () => {
    expect(decide({ status: "cancelled" }, { quantity: 1, cancelledQuantity: 1 })).toMatchObject({
      do: "outcome",
      outcome: { to: "notNeeded" },
    });
  });
});

describe("the price of a line", () => {
  const none = { consumerPrice: undefined, retailPrice: undefined, expectedCost: undefined };
  it.each([
    { name: "the first named", line: { consumerPrice: 9, retailPrice: 8, expectedCost: 7 }, cents: 900, field: "consumerPrice" },
    { name: "the next when the first is absent", line: { retailPrice: 8, expectedCost: 7 }, cents: 800, field: "retailPrice" },
    { name: "the next when the first is 0", line: { consumerPrice: 0, expectedCost: 7 }, cents: 700, field: "expectedCost" },
    { name: "the next when the first is below a cent", line: { consumerPrice: 0.004, retailPrice: 8 }, cents: 800, field: "retailPrice" },
    { name: "the next when the first is negative", line: { consumerPrice: -1, retailPrice: 8 }, cents: 800, field: "retailPrice" },
    { name: "the next when the first is no number", line: { consumerPrice: "n/a", retailPrice: "8.00" }, cents: 800, field: "retailPrice" },
  ])("is $name", ({ line, cents, field }) => {
    expect(decide({ ...none, ...line })).toMatchObject({ invoice: { lines: [{ unitPriceCents: cents }] }, priceFieldOf: [field] });
  });

  it("follows the setting", () => {
    const decision = decideInvoice(aDscoOrder(), { priceFields: ["expectedCost", "consumerPrice"] }, facts);
    expect(decision).toMatchObject({ invoice: { totalCents: 1700 }, priceFieldOf: ["expectedCost"] });
  });

  it("is told for each line of the invoice", () => {
    const decision = decide({ ...none, expectedCost: 1 }, { status: "cancelled" }, { consumerPrice: 2 });
    expect(decision).toMatchObject({ priceFieldOf: ["expectedCost", "consumerPrice"] });
  });
});

describe("an order that cannot be billed", () => {
  it.each([
    { name: "one line", lines: [{ quantity: 9_007_199_254_740_991, consumerPrice: 2 }] },
    { name: "all lines together", lines: Array(3).fill({ quantity: 4_000_000_000_000_000, consumerPrice: 0.01 }) },
  ])("goes to a person when $name comes to more than a number can hold to the cent", ({ lines }) => {
    expect(decide(...lines)).toMatchObject({ do: "outcome", outcome: { to: "manual", type: "bad_payload" } });
  });

  const unpriced = { consumerPrice: undefined, expectedCost: undefined };
  it.each([
    { name: "a missing price", lines: [{}, unpriced], fields: ["lineItems[1].consumerPrice|retailPrice|expectedCost"] },
    { name: "a missing quantity", lines: [{ quantity: undefined }], fields: ["lineItems[0].quantity"] },
    {
      name: "a line that names no item",
      lines: [{ dscoItemId: undefined, sku: undefined, partnerSku: undefined }],
      fields: ["lineItems[0].sku"],
    },
    { name: "no lines", lines: [], fields: ["lineItems"] },
  ])("goes to a person with the line named: $name", ({ lines, fields }) => {
    expect(decide(...lines)).toMatchObject({ do: "outcome", outcome: { to: "manual", type: "bad_payload", detail: { fields } } });
  });
});

it("totals its lines to the cent, whatever the prices", () => {
  const line = fc.record({
    quantity: fc.integer({ min: 0, max: 1000 }),
    cancelledQuantity: fc.integer({ min: 0, max: 5 }),
    consumerPrice: fc.oneof(
      fc.double({ min: 0, max: 10_000, noNaN: true }).map((price) => price.toFixed(4)),
      fc.constant(undefined),
    ),
    expectedCost: fc.integer({ min: 1, max: 1_000_000 }).map((cents) => cents / 100),
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      const decision = decide(...lines);
      if (decision.do !== "send") return;
      const { invoice, priceFieldOf } = decision;
      expect(invoice.totalCents).toBe(invoice.lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0));
      expect(Number.isSafeInteger(invoice.totalCents)).toBe(true);
      expect(priceFieldOf).toHaveLength(invoice.lines.length);
      for (const { lineNumber = 0, quantity, unitPriceCents } of invoice.lines) {
        const ordered = lines[lineNumber - 1];
        expect(quantity).toBe((ordered?.quantity ?? 0) - (ordered?.cancelledQuantity ?? 0));
        expect(unitPriceCents).toBeGreaterThan(0);
      }
    }),
  );
});
