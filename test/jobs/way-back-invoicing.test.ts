import { describe, expect, it } from "vitest";
import { aBowl, aLine, INVOICE, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

/** Seconds until a job has the outcome of what it sends: far beyond any test. */
const NEVER_SETTLED_MS = 3_600_000;

describe("an invoice", () => {
  it.each([
    { name: "6 × 10.65", lineItems: [aLine({ quantity: 6, consumerPrice: 10.65 })], total: 63.9 },
    { name: "0.1 + 0.2", lineItems: [aLine({ quantity: 1, consumerPrice: 0.1 }), aBowl({ consumerPrice: 0.2 })], total: 0.3 },
    { name: "3 × 1.005, rounded before it is multiplied", lineItems: [aLine({ quantity: 3, consumerPrice: 1.005 })], total: 3.03 },
    {
      name: "19 × 0.29 + 7 × 1.13",
      lineItems: [aLine({ quantity: 19, consumerPrice: 0.29 }), aBowl({ quantity: 7, consumerPrice: 1.13 })],
      total: 13.42,
    },
  ])("is exact to the cent: $name", async ({ lineItems, total }) => {
    await life.open();
    const id = await life.shipped({ lineItems, poNumber: "PO-CENTS" });
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: 1, done: 1 } });
    const [invoice, ...others] = life.invoices(id);
    expect(others).toEqual([]);
    expect(invoice).toMatchObject({
      invoiceId: `INV-${id}`,
      dscoOrderId: id,
      poNumber: "PO-CENTS",
      currencyCode: "USD",
      totalAmount: total,
      lineItemsSubtotal: total,
      numberOfLineItems: lineItems.length,
      ship: { trackingNumber: expect.stringMatching(/^1ZSANDBOX/) },
    });
    const lines = invoice?.lineItems as { extendedAmount: number }[];
    expect(lines.reduce((cents, { extendedAmount }) => cents + Math.round(extendedAmount * 100), 0)).toBe(Math.round(total * 100));
    expect(life.requests.invoice_get, "one that was never sent needs no look-up").toBeUndefined();
    expect(await life.row(id)).toMatchObject({ invoice_status: 1, dsco_invoice_id: `INV-${id}` });
  });

  it("leaves out what was cancelled", async () => {
    await life.open();
    const id = await life.shipped({
      lineItems: [
        aLine({ quantity: 3, cancelledQuantity: 1, consumerPrice: 10 }),
        aBowl({ cancelledQuantity: 1 }),
        aBowl({ lineNumber: 3, status: "rejected" }),
      ],
    });
    await life.ran(INVOICE);
    expect(life.invoices(id)).toMatchObject([
      { totalAmount: 20, numberOfLineItems: 1, lineItems: [{ lineNumber: 1, quantity: 2, unitPrice: 10 }] },
    ]);
  });

  it("takes the first price there is, and the order's history says which", async () => {
    await life.open();
    const prices = (consumerPrice: number | null, retailPrice: number | null) => ({
      quantity: 1,
      consumerPrice,
      retailPrice,
      expectedCost: 3,
    });
    const lineItems = [
      aLine(prices(1, 2)),
      aBowl(prices(null, 2)),
      aBowl({ ...prices(0, null), lineNumber: 3, dscoItemId: "900003", sku: "BED-1", partnerSku: "CH-3" }),
    ];
    const id = await life.shipped({ lineItems });
    await life.ran(INVOICE);
    expect(life.invoices(id)).toMatchObject([{ totalAmount: 6, lineItems: [{ unitPrice: 1 }, { unitPrice: 2 }, { unitPrice: 3 }] }]);
    expect(await life.events(id, "invoice_queued")).toMatchObject([
      { invoice_id: `INV-${id}`, total_cents: 600, price_fields: ["consumerPrice", "retailPrice", "expectedCost"] },
    ]);
  });

  it("takes the price that the settings name", async () => {
    await life.open({}, { IPASS_INVOICE_PRICE_FIELDS: "expectedCost" });
    const id = await life.shipped({ lineItems: [aLine({ quantity: 2, expectedCost: 8.5 })] });
    await life.ran(INVOICE);
    expect(life.invoices(id)).toMatchObject([{ totalAmount: 17 }]);
    expect(await life.events(id, "invoice_queued")).toMatchObject([{ price_fields: ["expectedCost"] }]);
  });

  it("without a price is a person's", async () => {
    await life.open({}, { IPASS_INVOICE_PRICE_FIELDS: "retailPrice" });
    const id = await life.shipped();
    expect(await life.run(INVOICE)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id)).toMatchObject([
      { task_type: "bad_payload", stage: "invoice", payload: expect.stringContaining("lineItems[0].retailPrice") },
    ]);
    expect(life.invoices(id)).toEqual([]);
  });

  it("is not written before the shipment is confirmed", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship" });
    life.world.vendors.changeSettings({ settleMs: NEVER_SETTLED_MS });
    expect(await life.run(SHIP, { maxDurationSec: 1 })).toMatchObject({ exit: { code: 15 }, counts: { read: 1, waiting: 1 } });
    expect(await life.stages(id)).toEqual([1, 1, 9, 0]);
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: 0 } });
    expect(await life.run(INVOICE, { orders: [id] }), "nor when it is asked for by name").toMatchObject({
      counts: { read: 1, skipped: 1 },
    });

    life.world.vendors.changeSettings({ settleMs: 0 });
    await life.ran(SHIP);
    await life.ran(INVOICE);
    expect(life.invoices(id)).toHaveLength(1);
    expect(life.world.vendors.summary().dsco).toMatchObject({ packages: 1, invoicesBeforeShipment: 0 });
  });

  it("that stands at DSCO already when it is to be sent again is adopted", async () => {
    await life.open();
    const id = await life.shipped();
    life.world.vendors.changeSettings({ refuse: { [`INV-${id}`]: "totals are under review" } });
    expect(await life.run(INVOICE)).toMatchObject({ exit: { code: 3 }, counts: { failed: 1 } });
    expect(await life.row(id)).toMatchObject({
      invoice_status: 2,
      invoice_retry_count: 1,
      invoice_error: expect.stringContaining("totals are under review"),
    });
    life.world.vendors.changeSettings({ refuse: {} });
    const byHand = await fetch(`${life.world.vendors.dscoUrl}/invoice`, {
      method: "POST",
      headers: { authorization: `bearer ${life.world.vendors.env.IPASS_DSCO_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ invoiceId: `INV-${id}`, dscoOrderId: id, totalAmount: 29.98 }),
    });
    expect(byHand.status).toBe(201);
    const before = life.requests.invoice;
    await life.later(120);
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.requests.invoice, "no further write").toBe(before);
    expect(life.invoices(id)).toHaveLength(1);
    expect(await life.row(id)).toMatchObject({ invoice_status: 1, dsco_invoice_id: `INV-${id}` });
  });
});
