import type { DscoLineItem, DscoOrder } from "../dsco/order.ts";
import type { NewInvoice, NewInvoiceLine } from "../dsco/reports.ts";
import { type Decided, requeueCommand, toPerson } from "./lingxing-standing.ts";
import { listed, NAMED } from "./listed.ts";
import { MOST_CENTS, toCents } from "./money.ts";
import { openQuantity } from "./order-reading.ts";
import { readTrackingNumbers } from "./outbound-goods.ts";
import type { PriceField } from "./push.ts";

export interface InvoiceRules {
  /** In order of preference; the first above zero counts. */
  readonly priceFields: readonly PriceField[];
}

export interface InvoiceFacts {
  readonly dscoOrderId: string;
  /** What the order went out under; of several numbers an invoice has no place for, none is named. */
  readonly trackingNo?: string | undefined;
  readonly now: Date;
}

export type InvoiceDecision =
  | {
      readonly do: "send";
      readonly invoice: NewInvoice;
      /** The price taken for each line of the invoice, in its order. */
      readonly priceFieldOf: readonly PriceField[];
    }
  | Decided;

/** DSCO promises nothing about an invoice that comes twice, so the number is one that can be looked up: fixed for the order. */
export function invoiceIdOf(dscoOrderId: string): string {
  return `INV-${dscoOrderId}`;
}

/** The bill for an order that has been shipped (POST /invoice/batch/small), or what a person must correct first. */
export function decideInvoice(order: DscoOrder, rules: InvoiceRules, facts: InvoiceFacts): InvoiceDecision {
  const billed = order.lineItems.map((line, index) => toBilled(line, index, rules)).filter((line) => line.quantity !== 0);
  const missing = order.lineItems.length === 0 ? ["lineItems"] : billed.flatMap((line) => line.missing);
  if (missing.length > 0) {
    return toPerson({
      type: "bad_payload",
      cause: `missing or unreadable: ${listed(missing)}`,
      nextStep: `have the retailer correct the order at DSCO, or name another price in IPASS_INVOICE_PRICE_FIELDS, then: ${requeueCommand("invoice")}`,
      detail: { fields: missing.slice(0, NAMED) },
    });
  }
  if (billed.length === 0) return { do: "outcome", outcome: { to: "notNeeded", reason: "every line is cancelled or rejected" } };

  const lines = billed.map(({ line, quantity, cents }): NewInvoiceLine => {
    const { lineNumber, dscoItemId, sku, partnerSku } = line;
    return { lineNumber, dscoItemId, sku, partnerSku, quantity, unitPriceCents: cents };
  });
  const totalCents = lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0);
  if (!(totalCents <= MOST_CENTS)) {
    return toPerson({
      type: "bad_payload",
      cause: "quantities and prices come to more than can be billed to the cent",
      nextStep: `have the retailer correct the order at DSCO, then: ${requeueCommand("invoice")}`,
    });
  }
  const [trackingNumber, ...others] = readTrackingNumbers(facts.trackingNo ?? "");
  const invoice: NewInvoice = {
    invoiceId: invoiceIdOf(facts.dscoOrderId),
    dscoOrderId: facts.dscoOrderId,
    poNumber: order.poNumber,
    invoiceDate: facts.now,
    currencyCode: order.currencyCode ?? "USD",
    trackingNumber: others.length === 0 ? trackingNumber : undefined,
    totalCents,
    lines,
  };
  return { do: "send", invoice, priceFieldOf: billed.flatMap(({ priceField }) => priceField ?? []) };
}

interface Billed {
  readonly line: DscoLineItem;
  readonly quantity: number;
  readonly cents: number;
  readonly priceField: PriceField | undefined;
  readonly missing: readonly string[];
}

function toBilled(line: DscoLineItem, index: number, { priceFields }: InvoiceRules): Billed {
  const name = `lineItems[${index}]`;
  const quantity = openQuantity(line);
  const price = priceFields.map((field) => ({ field, cents: toCents(line[field]) ?? 0 })).find(({ cents }) => cents > 0);
  const identified = line.dscoItemId !== undefined || line.sku !== undefined || line.partnerSku !== undefined;
  return {
    line,
    quantity: quantity ?? -1, // unreadable: kept, so that the line is reported and not dropped
    cents: price?.cents ?? 0,
    priceField: price?.field,
    missing: [
      ...(identified ? [] : [`${name}.sku`]),
      ...(quantity === undefined ? [`${name}.quantity`] : []),
      ...(price === undefined ? [`${name}.${priceFields.join("|")}`] : []),
    ],
  };
}
