import type { NewAcknowledgement, NewInvoice, NewOrderShipments, NewShipment, NewShipmentLine } from "./reports.ts";

/** To an entry of POST /order/acknowledge. */
export function toWireAcknowledgement({ dscoOrderId, supplierOrderNumber }: NewAcknowledgement): Record<string, unknown> {
  return { id: dscoOrderId, type: "DSCO_ORDER_ID", supplierOrderNumber: filled(supplierOrderNumber) };
}

/** To an entry of POST /order/shipment/batch/small. */
export function toWireShipments({ dscoOrderId, shipments }: NewOrderShipments): Record<string, unknown> {
  return { dscoOrderId, shipments: shipments.map(toWireShipment) };
}

function toWireShipment(shipment: NewShipment): Record<string, unknown> {
  return {
    trackingNumber: shipment.trackingNumber,
    shipDate: shipment.shipDate && toWireTime(shipment.shipDate),
    shipCarrier: filled(shipment.shipCarrier),
    shipMethod: filled(shipment.shipMethod),
    shippingServiceLevelCode: filled(shipment.shippingServiceLevelCode),
    warehouseCode: filled(shipment.warehouseCode),
    lineItems: shipment.lines.map((line) => ({
      ...toWireItem(line),
      quantity: line.quantity,
      packageSpanFlag: line.packageSpan === true ? true : undefined,
    })),
  };
}

/** To an entry of POST /invoice/batch/small. */
export function toWireInvoice(invoice: NewInvoice): Record<string, unknown> {
  const trackingNumber = filled(invoice.trackingNumber);
  const extendedCents = invoice.lines.map(({ quantity, unitPriceCents }) => quantity * unitPriceCents);
  return {
    invoiceId: invoice.invoiceId,
    dscoOrderId: invoice.dscoOrderId,
    poNumber: filled(invoice.poNumber),
    invoiceDate: toWireTime(invoice.invoiceDate),
    currencyCode: invoice.currencyCode,
    totalAmount: toAmount(invoice.totalCents),
    lineItemsSubtotal: toAmount(extendedCents.reduce((sum, cents) => sum + cents, 0)),
    numberOfLineItems: invoice.lines.length,
    ship: trackingNumber && { trackingNumber }, // may not be there without anything in it
    lineItems: invoice.lines.map((line, index) => ({
      ...toWireItem(line),
      quantity: line.quantity,
      unitPrice: toAmount(line.unitPriceCents),
      extendedAmount: toAmount(extendedCents[index] ?? 0),
    })),
  };
}

/** An item is known by any of its ids; with the line number two lines of one item are told apart. */
function toWireItem({ lineNumber, dscoItemId, sku, partnerSku }: Omit<NewShipmentLine, "quantity">): Record<string, unknown> {
  return { lineNumber, dscoItemId: filled(dscoItemId), sku: filled(sku), partnerSku: filled(partnerSku) };
}

/** As the vendor writes a ship date: `2025-11-21T18:30:00Z`, without milliseconds. */
function toWireTime(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** One division gives the double nearest to the decimal, which prints as that decimal: 1065 is written 10.65. A sum of doubles would not. */
function toAmount(cents: number): number {
  if (!Number.isSafeInteger(cents)) throw new Error("an amount is a whole number of cents");
  return cents / 100;
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
