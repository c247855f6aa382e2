import { describe, expect, it } from "vitest";
import { ORDER_BY_ID, ORDER_PAGE } from "../../src/dsco/client.ts";
import { INVENTORY_BATCH, INVENTORY_LOG } from "../../src/dsco/inventory-client.ts";
import { ACKNOWLEDGE, FIND_INVOICES, INVOICE, INVOICE_LOG, ORDER_LOG, SHIP } from "../../src/dsco/report-client.ts";

describe("the pace of calls to DSCO", () => {
  it.each([
    [ORDER_PAGE, { perSecond: 10, perMinute: 500 }],
    [ORDER_BY_ID, { perSecond: 10, perMinute: 500 }],
    [ACKNOWLEDGE, { perSecond: 15, perMinute: 1000 }],
    [FIND_INVOICES, { perSecond: 15, perMinute: 1000 }],
  ])("of $0.name is what DSCO states", ({ limit }, stated) => expect(limit).toEqual(stated));

  it.each([SHIP, INVOICE, INVENTORY_BATCH])("of $name, for which DSCO states nothing, is below all that it states", ({ limit }) => {
    expect(limit.perSecond).toBeLessThanOrEqual(5); // POST /inventory/singleItem
    expect(limit.perMinute).toBeLessThanOrEqual(300); // POST /order/singleShipment
  });

  it.each([ORDER_LOG, INVOICE_LOG, INVENTORY_LOG])("of $name is that of the one read of many it states a rate for", ({ limit }) => {
    expect(limit).toEqual(ORDER_PAGE.limit);
  });
});
