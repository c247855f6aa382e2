import { describe, expect, it } from "vitest";
import { changedFields } from "../../src/sync/fingerprint.ts";
import { decidePush } from "../../src/sync/push.ts";
import { CHANGED_LINES, pushFingerprint } from "../../src/sync/push-fingerprint.ts";
import { aDscoLine, aDscoOrder, aSkuMap, somePushRules } from "../helpers/builders.ts";

const line = aDscoLine;
const before = { lineItems: [line(), line({ lineNumber: 2, sku: "MUG-RED" })] };
const changed = (after: Parameters<typeof aDscoOrder>[0]) =>
  changedFields(pushFingerprint(aDscoOrder(before)), pushFingerprint(aDscoOrder({ ...before, ...after })));

describe("an order that changed after its push is told by field", () => {
  it.each([
    { name: "the name", after: { shipping: { name: "Bob Ray" } }, fields: ["name"] },
    { name: "a line of the address", after: { shipping: { address: ["1 Main St", "Apt 3"] } }, fields: ["address"] },
    { name: "an address line less", after: { shipping: { address: ["1 Main St"] } }, fields: ["address"] },
    {
      name: "city, state and postal code",
      after: { shipping: { city: "Elko", region: "UT", postal: "89801" } },
      fields: ["city", "postal", "region"],
    },
    { name: "the country", after: { shipping: { country: "CA" } }, fields: ["country"] },
    { name: "the phone", after: { shipping: { phone: null } }, fields: ["phone"] },
    { name: "a quantity", after: { lineItems: [line({ quantity: 3 }), line({ lineNumber: 2, sku: "MUG-RED" })] }, fields: [CHANGED_LINES] },
    {
      name: "a line cancelled in part",
      after: { lineItems: [line({ cancelledQuantity: 1 }), line({ lineNumber: 2, sku: "MUG-RED" })] },
      fields: [CHANGED_LINES],
    },
    {
      name: "a line cancelled",
      after: { lineItems: [line(), line({ lineNumber: 2, sku: "MUG-RED", status: "cancelled" })] },
      fields: [CHANGED_LINES],
    },
    { name: "a line gone", after: { lineItems: [line()] }, fields: [CHANGED_LINES, "prices"] },
    {
      name: "another SKU",
      after: { lineItems: [line({ sku: "MUG-GREEN" }), line({ lineNumber: 2, sku: "MUG-RED" })] },
      fields: [CHANGED_LINES],
    },
    {
      name: "no shipping any more",
      after: { shipping: null },
      fields: ["address", "city", "country", "name", "phone", "postal", "region"],
    },
  ])("$name", ({ after, fields }) => {
    expect(changed(after)).toEqual(fields);
  });

  it.each([
    {
      name: "status and dates",
      after: { dscoStatus: "shipment_pending", dscoLastUpdate: "2026-01-09T00:00:00Z", shipByDate: "2026-01-10T00:00:00Z" },
    },
    {
      name: "what was shipped",
      after: {
        packages: [{ trackingNumber: "794600001111" }],
        lineItems: [line({ shippedQuantity: 2 }), line({ lineNumber: 2, sku: "MUG-RED" })],
      },
    },
    {
      name: "the retailer's own SKU beside ours",
      after: { lineItems: [line({ partnerSku: "CH-1" }), line({ lineNumber: 2, sku: "MUG-RED" })] },
    },
    { name: "an accepted line", after: { lineItems: [line({ status: "accepted" }), line({ lineNumber: 2, sku: "MUG-RED" })] } },
    { name: "the old names for the same address", after: { shipping: { address: null, address1: "1 Main St", address2: "Apt 2" } } },
    { name: "blanks around it", after: { shipping: { name: " Ann Lee ", address: ["1 Main St", "", "Apt 2"] } } },
    { name: "who else is named", after: { billTo: { name: "Bob Ray" }, shipping: { email: "ann@example.com" } } },
  ])("and not for $name", ({ after }) => {
    expect(changed(after)).toEqual([]);
  });
});

it("does not depend on our settings: another map makes another order, not a changed one", () => {
  const order = aDscoOrder();
  const rules = [somePushRules(), somePushRules({ skuMap: aSkuMap({ L: "MUG-BLUE" }), priceFields: ["expectedCost"] })];
  expect(decidePush(order, rules[0] as never)).not.toEqual(decidePush(order, rules[1] as never));
  expect(pushFingerprint.length).toBe(1);
});

it("fits its column and says nothing of the person", () => {
  const fingerprint = pushFingerprint(aDscoOrder({ shipping: { address: ["x".repeat(5000)] } }));
  expect(fingerprint.length).toBeLessThan(1024);
  for (const personal of ["Ann", "Reno", "89501"]) expect(fingerprint).not.toContain(personal);
});
