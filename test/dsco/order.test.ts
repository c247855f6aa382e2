import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDscoOrder, readDscoOrderId } from "../../src/dsco/order.ts";

const wire = {
  dscoOrderId: "1200000001",
  poNumber: "PO-77001",
  dscoStatus: "created",
  dscoLifecycle: "acknowledged",
  testFlag: false,
  dscoRetailerId: "1000009999",
  currencyCode: "USD",
  dscoCreateDate: "2025-11-20T08:00:00Z",
  dscoLastUpdate: "2025-11-20T08:00:05.123Z",
  shipByDate: "2025-11-22T23:59:59Z",
  shippingServiceLevelCode: "FECG",
  requestedWarehouseCode: "WH-CA",
  cancelRequested: false,
  shipping: {
    name: "Ann Lee",
    address: ["1 Main St", "Apt 2"],
    city: "Reno",
    region: "NV",
    postal: "89501",
    country: "US",
    phone: "7755550100",
  },
  lineItems: [
    { lineNumber: 1, quantity: 2, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", expectedCost: 8.5, consumerPrice: 14.99 },
  ],
  packages: null,
};
const order = (overrides: object = {}) => parseDscoOrder(JSON.stringify({ ...wire, ...overrides }));
const line = (overrides: object = {}) => order({ lineItems: [{ ...wire.lineItems[0], ...overrides }] })?.lineItems[0];

describe("parseDscoOrder", () => {
  it("reads what the push needs", () => {
    expect(order()).toMatchObject({
      id: "1200000001",
      poNumber: "PO-77001",
      dscoStatus: "created",
      lifecycle: "acknowledged",
      testFlag: false,
      cancelRequested: false,
      retailerId: "1000009999",
      currencyCode: "USD",
      createdAt: new Date("2025-11-20T08:00:00Z"),
      lastUpdate: new Date("2025-11-20T08:00:05.123Z"),
      shipByDate: new Date("2025-11-22T23:59:59Z"),
      requestedWarehouseCode: "WH-CA",
      shippingServiceLevelCode: "FECG",
      shipping: {
        name: "Ann Lee",
        address: ["1 Main St", "Apt 2"],
        city: "Reno",
        region: "NV",
        postal: "89501",
        country: "US",
        phone: "7755550100",
      },
      lineItems: [
        {
          lineNumber: 1,
          quantity: 2,
          dscoItemId: "900001",
          sku: "MUG-BLUE",
          partnerSku: "CH-5512",
          expectedCost: "8.5",
          consumerPrice: "14.99",
        },
      ],
      wire,
    });
  });

  it.each<[string, object, object]>([
    [
      "a number for a text",
      { poNumber: 77001, shipping: { postal: 89501, phone: 7755550100 } },
      { poNumber: "77001", shipping: { postal: "89501", phone: "7755550100" } },
    ],
    ["an id beyond 2^53", { dscoRetailerId: "103336708973801472" }, { retailerId: "103336708973801472" }],
    [
      "texts with space around them",
      { currencyCode: " USD ", shipping: { city: " Reno\n" } },
      { currencyCode: "USD", shipping: { city: "Reno" } },
    ],
    ["blank texts", { poNumber: "  ", shipping: { city: "" } }, { poNumber: undefined, shipping: { city: undefined } }],
    [
      "objects for texts",
      { poNumber: {}, shipping: { city: ["Reno"], name: true } },
      { poNumber: undefined, shipping: { city: undefined, name: undefined } },
    ],
    [
      "null everywhere",
      { poNumber: null, dscoLastUpdate: null, shipping: { name: null, address: null } },
      { poNumber: undefined, lastUpdate: undefined, shipping: { name: undefined, address: [] } },
    ],
    ["one address line as a text", { shipping: { address: "1 Main St" } }, { shipping: { address: ["1 Main St"] } }],
    ["odd address lines", { shipping: { address: ["1 Main St", null, "", 2, {}] } }, { shipping: { address: ["1 Main St", "2"] } }],
    ["no shipping", { shipping: "to Ann" }, { shipping: { address: [], name: undefined } }],
    ["no lines", { lineItems: null }, { lineItems: [] }],
    ["lines that are none", { lineItems: { sku: "x" } }, { lineItems: [] }],
    ["a request to cancel as a text", { cancelRequested: "true", testFlag: 1 }, { cancelRequested: true, testFlag: true }],
    ["flags that are neither", { cancelRequested: "no", testFlag: {} }, { cancelRequested: false, testFlag: false }],
    ["a time without a zone", { dscoLastUpdate: "2025-11-20T08:00:05" }, { lastUpdate: new Date("2025-11-20T08:00:05Z") }],
    ["a time with an offset", { dscoLastUpdate: "2025-11-20T08:00:05.5+0800" }, { lastUpdate: new Date("2025-11-20T00:00:05.500Z") }],
    ["a day", { shipByDate: "2025-11-20" }, { shipByDate: new Date("2025-11-20T00:00:00Z") }],
    [
      "times that are none",
      { dscoLastUpdate: "yesterday", shipByDate: 1763700000, acknowledgeByDate: "2025-13-45T00:00:00Z" },
      { lastUpdate: undefined, shipByDate: undefined, acknowledgeByDate: undefined },
    ],
    ["statuses nobody knows", { dscoStatus: "on_hold", dscoLifecycle: "x" }, { dscoStatus: "on_hold", lifecycle: "x" }],
    [
      "what was asked for and what to ship with",
      { shipCarrier: " FedEx ", requestedShipCarrier: "USPS", shipMethod: "Ground", requestedShipMethod: null },
      { shipCarrier: "FedEx", requestedShipCarrier: "USPS", shipMethod: "Ground", requestedShipMethod: undefined },
    ],
    ["no packages", { packages: null }, { packages: [] }],
    ["packages that are none", { packages: { trackingNumber: "T-1" } }, { packages: [] }],
    ["no usable id", { dscoOrderId: "two words" }, { id: undefined, poNumber: "PO-77001" }],
  ])("reads %s", (_name, overrides, expected) => {
    expect(order(overrides)).toMatchObject(expected);
  });

  it.each<[string, object, object]>([
    ["a quantity as text", { quantity: " 3 " }, { quantity: 3 }],
    [
      "a broken quantity as absent",
      { quantity: 1.5, cancelledQuantity: "two", rejectedQuantity: null },
      { quantity: undefined, cancelledQuantity: undefined, rejectedQuantity: undefined },
    ],
    ["a price as text", { consumerPrice: " 14.990 " }, { consumerPrice: "14.990" }],
    ["a price that would not survive arithmetic", { consumerPrice: 1.005 }, { consumerPrice: "1.005" }],
    [
      "a price that is none as absent",
      { consumerPrice: "14.99 USD", retailPrice: null },
      { consumerPrice: undefined, retailPrice: undefined },
    ],
    [
      "every price field",
      { consumerPriceWithTax: 1, consumerPriceWithoutTax: 2, retailPrice: 3, msrp: 4, map: 5 },
      { consumerPriceWithTax: "1", consumerPriceWithoutTax: "2", retailPrice: "3", msrp: "4", map: "5" },
    ],
    [
      "what has been shipped, and from where",
      { shippedQuantity: "1", warehouseCode: " WH-CA " },
      { shippedQuantity: 1, warehouseCode: "WH-CA" },
    ],
    ["a numeric SKU", { sku: 5512 }, { sku: "5512" }],
    ["a SKU to the letter", { sku: " MUG ", partnerSku: "  " }, { sku: " MUG ", partnerSku: undefined }],
  ])("reads of a line %s", (_name, overrides, expected) => {
    expect(line(overrides)).toMatchObject(expected);
  });

  it("reads packages, and keeps one that cannot be read: something has been shipped", () => {
    const packages = [
      {
        trackingNumber: " T-1 ",
        items: [{ lineNumber: 1, dscoItemId: 900001, sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: "2" }, null],
      },
      { trackingNumber: 794600001111, items: null },
      { items: [] },
      "T-2",
    ];
    expect(order({ packages })?.packages).toEqual([
      { trackingNumber: "T-1", lines: [{ lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 2 }, {}] },
      { trackingNumber: "794600001111", lines: [] },
      { trackingNumber: "", lines: [] },
      { trackingNumber: "", lines: [] },
    ]);
  });

  it("keeps a line that is no object, empty, so that it is missed", () => {
    const lines = order({ lineItems: ["MUG", wire.lineItems[0], null] })?.lineItems;
    expect(lines).toHaveLength(3);
    expect(lines?.[0]).toMatchObject({ sku: undefined, quantity: undefined });
    expect(lines?.[1]?.sku).toBe("MUG-BLUE");
  });

  it.each(["", "null", "[]", '"x"', "7", "{", "[".repeat(100_000), `{"a":${"[".repeat(1_000)}${"]".repeat(1_000)}}`])(
    "reads nothing from what is no order (%#)",
    (text) => {
      expect(parseDscoOrder(text)).toBeUndefined();
    },
  );

  it("never throws, whatever the fields hold", () => {
    const fields = Object.fromEntries(
      [...Object.keys(wire), "acknowledgeByDate", "shipWarehouseCode", "shipCarrier"].map((name) => [name, fc.jsonValue({ maxDepth: 3 })]),
    );
    const inShipping = Object.fromEntries(Object.keys(wire.shipping).map((name) => [name, fc.jsonValue({ maxDepth: 2 })]));
    const inLine = Object.fromEntries(
      ["quantity", "sku", "consumerPrice", "status", "lineNumber"].map((name) => [name, fc.jsonValue({ maxDepth: 2 })]),
    );
    const anything = fc.record(
      {
        ...fields,
        shipping: fc.oneof(fc.record(inShipping), fc.jsonValue()),
        lineItems: fc.oneof(fc.array(fc.record(inLine)), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anything, (value) => {
        expect(parseDscoOrder(JSON.stringify(value))).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe("readDscoOrderId", () => {
  it.each<[unknown, string | undefined]>([
    ["1200000001", "1200000001"],
    [" 1200000001\n", "1200000001"],
    [1200000001, "1200000001"],
    [0, "0"],
    ["A-1/2_é订", "A-1/2_é订"],
    ["x".repeat(64), "x".repeat(64)],
    ["x".repeat(65), undefined],
    ["", undefined],
    ["   ", undefined],
    ["two words", undefined],
    ["tab\tin", undefined],
    ["nbsp\u00a0in", undefined],
    ["zero\u200bwidth", undefined],
    ["null\u0000", undefined],
    ["lone\ud800", undefined],
    [1.5, undefined],
    [-1, undefined],
    [1e21, undefined],
    [Number.NaN, undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    [["1"], undefined],
    [{ id: "1" }, undefined],
  ])("%o → %o", (value, expected) => expect(readDscoOrderId(value)).toBe(expected));

  it("keeps the digits of a long bare number", () => {
    expect(parseDscoOrder('{"dscoOrderId":103336708973801472}')?.id).toBe("103336708973801472");
  });
});
