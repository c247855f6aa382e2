import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewLingxingOrder } from "../../src/lingxing/orders.ts";
import { openQuantity, serviceLevelOf, warehouseOf } from "../../src/sync/order-reading.ts";
import { decideFound, decidePush, type PushRules } from "../../src/sync/push.ts";
import { aDscoLine, aDscoOrder, aLingxingOrder, aSkuMap, somePushRules } from "../helpers/builders.ts";

type Wire = Parameters<typeof aDscoOrder>[0];

const decide = (order: Wire = {}, rules: Partial<PushRules> = {}) => decidePush(aDscoOrder(order), somePushRules(rules));

/** What would be created; fails when the order went to a person. */
function created(order: Wire = {}, rules: Partial<PushRules> = {}): NewLingxingOrder {
  const decision = decide(order, rules);
  if (decision.do !== "create") throw new Error(`not created: ${JSON.stringify(decision)}`);
  return decision.order;
}

function manual(order: Wire = {}, rules: Partial<PushRules> = {}) {
  const decision = decide(order, rules);
  if (decision.do !== "outcome" || decision.outcome.to !== "manual") throw new Error(`not for a person: ${JSON.stringify(decision)}`);
  return decision.outcome;
}

const unmapped = (order: Wire, rules: Partial<PushRules>) => {
  const outcome = manual(order, rules);
  expect(outcome.type).toBe("missing_mapping");
  return outcome.detail?.unmapped;
};

describe("decidePush creates", () => {
  it("the whole of an order", () => {
    expect(decide()).toEqual({
      do: "create",
      storeId: "110000000000000001",
      platformOrderNo: "1200000001",
      order: {
        platformOrderNo: "1200000001",
        receiverName: "Ann Lee",
        receiverCountryCode: "US",
        city: "Reno",
        addressLine1: "1 Main St",
        addressLine2: "Apt 2",
        addressLine3: undefined,
        stateOrRegion: "NV",
        postalCode: "89501",
        receiverMobile: "7755550100",
        amountCurrency: "USD",
        items: [{ sku: "MUG-BLUE", quantity: 2, unitPrice: "14.99" }],
      },
    });
  });

  it.each([
    { name: "under the PO number", order: {}, rules: { platformOrderNo: "poNumber" }, expected: { platformOrderNo: "PO-77001" } },
    {
      name: "an id beyond 2^53 to its last digit",
      order: { dscoOrderId: "9007199254740993" },
      expected: { platformOrderNo: "9007199254740993" },
    },
    {
      name: "first and last name joined",
      order: { shipping: { name: undefined, firstName: "Ann", lastName: "Lee" } },
      expected: { receiverName: "Ann Lee" },
    },
    { name: "a last name alone", order: { shipping: { name: " ", lastName: "Lee" } }, expected: { receiverName: "Lee" } },
    {
      name: "the name before the parts",
      order: { shipping: { firstName: "Bob", lastName: "Ray" } },
      expected: { receiverName: "Ann Lee" },
    },
    {
      name: "address[] before address1",
      order: { shipping: { address1: "9 Old Rd", address2: "Flat 9" } },
      expected: { addressLine1: "1 Main St", addressLine2: "Apt 2" },
    },
    {
      name: "address1 and address2 without address[]",
      order: { shipping: { address: null, address1: "9 Old Rd", address2: "Flat 9" } },
      expected: { addressLine1: "9 Old Rd", addressLine2: "Flat 9", addressLine3: undefined },
    },
    {
      name: "address1 where address[] holds only blanks",
      order: { shipping: { address: ["", " "], address1: "9 Old Rd" } },
      expected: { addressLine1: "9 Old Rd", addressLine2: undefined },
    },
    {
      name: "address2 where it is all there is",
      order: { shipping: { address: [], address2: "9 Old Rd" } },
      expected: { addressLine1: "9 Old Rd" },
    },
    {
      name: "a third address line",
      order: { shipping: { address: ["Unit 1", "", "1 Main St", "Rear"] } },
      expected: { addressLine1: "Unit 1", addressLine2: "1 Main St", addressLine3: "Rear" },
    },
    { name: "state where region is missing", order: { shipping: { region: null, state: "CA" } }, expected: { stateOrRegion: "CA" } },
    { name: "region before state", order: { shipping: { state: "CA" } }, expected: { stateOrRegion: "NV" } },
    {
      name: "neither region, postal code nor phone",
      order: { shipping: { region: null, postal: "", phone: null } },
      expected: { stateOrRegion: undefined, postalCode: undefined, receiverMobile: undefined },
    },
    { name: "a postal code that came as a number", order: { shipping: { postal: 89501 } }, expected: { postalCode: "89501" } },
    { name: "US dollars where no currency is given", order: { currencyCode: null }, expected: { amountCurrency: "USD" } },
    { name: "the order's own currency", order: { currencyCode: "CAD" }, expected: { amountCurrency: "CAD" } },
  ] as const)("$name", ({ order, expected, ...rest }) => {
    expect(created(order, "rules" in rest ? rest.rules : {})).toMatchObject(expected);
  });

  it.each([
    { country: "US", code: "US" },
    { country: "us", code: "US" },
    { country: " ca ", code: "CA" },
    { country: "USA", code: "US" },
    { country: "usa", code: "US" },
    { country: "CAN", code: "CA" },
    { country: "GBR", code: "GB" },
    { country: "PRI", code: "PR" },
  ])("for country $country: $code", ({ country, code }) => {
    expect(created({ shipping: { country } }).receiverCountryCode).toBe(code);
  });
});

describe("decidePush names what is missing", () => {
  it.each([
    { name: "no PO number", order: { poNumber: " " }, rules: { platformOrderNo: "poNumber" }, fields: ["poNumber"] },
    {
      name: "a PO number longer than its column",
      order: { poNumber: "9".repeat(256) },
      rules: { platformOrderNo: "poNumber" },
      fields: ["poNumber (over 255 characters)"],
    },
    { name: "no recipient", order: { shipping: { name: null } }, fields: ["shipping.name"] },
    { name: "no address", order: { shipping: { address: null } }, fields: ["shipping.address"] },
    { name: "blank address lines", order: { shipping: { address: ["", "  "], address1: " " } }, fields: ["shipping.address"] },
    { name: "no city", order: { shipping: { city: "" } }, fields: ["shipping.city"] },
    { name: "no country", order: { shipping: { country: null } }, fields: ["shipping.country"] },
    { name: "three letters of no country", order: { shipping: { country: "XXX" } }, fields: ["shipping.country"] },
    { name: "a country in words", order: { shipping: { country: "United States" } }, fields: ["shipping.country"] },
    {
      name: "no shipping at all",
      order: { shipping: null },
      fields: ["shipping.name", "shipping.address", "shipping.city", "shipping.country"],
    },
    {
      name: "shipping of a wrong type",
      order: { shipping: "1 Main St" },
      fields: ["shipping.name", "shipping.address", "shipping.city", "shipping.country"],
    },
    { name: "no lines", order: { lineItems: [] }, fields: ["lineItems"] },
    { name: "lines of a wrong type", order: { lineItems: "2 mugs" }, fields: ["lineItems"] },
    {
      name: "every line cancelled or rejected",
      order: { lineItems: [aDscoLine({ status: "cancelled" }), aDscoLine({ status: "rejected" }), aDscoLine({ cancelledQuantity: 2 })] },
      fields: ["lineItems (every line is cancelled or rejected)"],
    },
    { name: "no SKU", order: { lineItems: [aDscoLine({ sku: null, partnerSku: "" })] }, fields: ["lineItems[0].sku"] },
    { name: "no quantity", order: { lineItems: [aDscoLine({ quantity: null })] }, fields: ["lineItems[0].quantity"] },
    { name: "a negative quantity", order: { lineItems: [aDscoLine({ quantity: -1 })] }, fields: ["lineItems[0].quantity"] },
    { name: "half a mug", order: { lineItems: [aDscoLine({ quantity: 1.5 })] }, fields: ["lineItems[0].quantity"] },
    {
      name: "no price",
      order: { lineItems: [aDscoLine({ consumerPrice: 0, retailPrice: "n/a", expectedCost: -1 })] },
      fields: ["lineItems[0].consumerPrice|retailPrice|expectedCost"],
    },
    {
      name: "a line that is no object",
      order: { lineItems: [aDscoLine(), "MUG"] },
      fields: ["lineItems[1].sku", "lineItems[1].quantity", "lineItems[1].consumerPrice|retailPrice|expectedCost"],
    },
    {
      name: "counted among all lines, dropped ones too",
      order: { lineItems: [aDscoLine({ status: "cancelled", sku: null }), aDscoLine({ sku: null, partnerSku: null })] },
      fields: ["lineItems[1].sku"],
    },
    {
      name: "everything at once",
      order: { poNumber: null, shipping: { name: null, address: null, city: null, country: "??" }, lineItems: [{}] },
      rules: { platformOrderNo: "poNumber", priceFields: ["msrp"] },
      fields: [
        "poNumber",
        "shipping.name",
        "shipping.address",
        "shipping.city",
        "shipping.country",
        "lineItems[0].sku",
        "lineItems[0].quantity",
        "lineItems[0].msrp",
      ],
    },
  ] as const)("$name", ({ order, fields, ...rest }) => {
    const outcome = manual(order, "rules" in rest ? (rest.rules as Partial<PushRules>) : {});
    expect(outcome).toMatchObject({ type: "bad_payload", detail: { fields }, nextStep: expect.stringMatching(/retailer/) });
    expect(outcome.cause).toBe(`missing or unreadable: ${fields.join(", ")}`);
  });

  it("before it asks for a mapping", () => {
    expect(manual({ shipping: { city: null } }, { storeMap: new Map() }).type).toBe("bad_payload");
  });

  it("with no word about the person", () => {
    const told = JSON.stringify(manual({ shipping: { country: "Ann Lee's country" } }));
    for (const personal of ["Ann", "Lee", "Main St", "Reno", "89501", "7755550100"]) expect(told).not.toContain(personal);
  });

  it("in a text that fits its column, however many lines are broken", () => {
    const outcome = manual({ lineItems: Array(5000).fill({ lineNumber: 1 }) });
    expect(JSON.stringify(outcome).length).toBeLessThan(10_000);
    expect(outcome.cause).toContain("lineItems[0].sku");
    expect(outcome.cause).toMatch(/and \d+ more$/);
  });
});

describe("decidePush on lines", () => {
  const items = (lines: readonly Wire[], rules: Partial<PushRules> = {}) =>
    created({ lineItems: lines.map((line) => aDscoLine(line)) }, rules).items;

  it.each([
    { name: "the first price above 0", line: { consumerPrice: "0.00", retailPrice: 12.5 }, unitPrice: "12.50" },
    { name: "a price that rounds to nothing is none", line: { consumerPrice: "0.004", expectedCost: 8 }, unitPrice: "8.00" },
    { name: "negative is no price", line: { consumerPrice: -3, expectedCost: 8.5 }, unitPrice: "8.50" },
    { name: "a text is a price", line: { consumerPrice: "10.65" }, unitPrice: "10.65" },
    { name: "rounded half up in decimal", line: { consumerPrice: 1.005 }, unitPrice: "1.01" },
    { name: "long fractions", line: { consumerPrice: "12.345678901234567890" }, unitPrice: "12.35" },
    { name: "junk is no price", line: { consumerPrice: "free", expectedCost: 8.5 }, unitPrice: "8.50" },
    { name: "the last in the chain", line: { consumerPrice: null, expectedCost: 8.5 }, unitPrice: "8.50" },
  ])("price: $name", ({ line, unitPrice }) => {
    expect(items([line])[0]?.unitPrice).toBe(unitPrice);
  });

  it("takes the price fields in the order of the setting", () => {
    expect(items([{ expectedCost: 8.5, consumerPrice: 14.99 }], { priceFields: ["expectedCost", "consumerPrice"] })[0]?.unitPrice).toBe(
      "8.50",
    );
  });

  it.each([
    { name: "less what was cancelled", line: { quantity: 5, cancelledQuantity: 2 }, quantity: 3 },
    { name: "less what was rejected", line: { quantity: 5, rejectedQuantity: 1, cancelledQuantity: 2 }, quantity: 2 },
    { name: "as a text", line: { quantity: "5" }, quantity: 5 },
    { name: "accepted is no reason to drop a line", line: { quantity: 5, status: "accepted" }, quantity: 5 },
    { name: "never more than ordered", line: { quantity: 5, cancelledQuantity: -2, rejectedQuantity: -1 }, quantity: 5 },
  ])("quantity: $name", ({ line, quantity }) => {
    expect(items([line])[0]?.quantity).toBe(quantity);
  });

  it("drops lines with nothing left, and keeps the others in order", () => {
    const lines = [
      { sku: "A", status: "cancelled" },
      { sku: "B" },
      { sku: "C", status: "rejected" },
      { sku: "D", quantity: 2, cancelledQuantity: 1, rejectedQuantity: 1 },
      { sku: "E", quantity: 1, cancelledQuantity: 5 },
      { sku: "F", quantity: 0 },
      { sku: "G" },
    ];
    expect(items(lines).map(({ sku }) => sku)).toEqual(["B", "G"]);
  });

  it("does not ask for the price or SKU of a line it drops", () => {
    expect(items([{ sku: null, partnerSku: null, consumerPrice: null, expectedCost: null, status: "cancelled" }, {}])).toHaveLength(1);
  });

  it.each([
    { name: "sku before partnerSku", line: {}, sku: "MUG-BLUE" },
    { name: "partnerSku where sku is missing", line: { sku: null }, sku: "CH-5512" },
    { name: "a number", line: { sku: 5512 }, sku: "5512" },
  ])("SKU: $name", ({ line, sku }) => {
    expect(items([line])[0]?.sku).toBe(sku);
  });
});

describe("decidePush on SKU maps", () => {
  const skuMap = aSkuMap({ "LOCAL-1": "MUG-BLUE", "MUG-RED": "MUG-GREEN" });
  const line = (sku: string) => ({ lineItems: [aDscoLine({ sku })] });

  it.each([
    { name: "DSCO's to Lingxing's", sku: "MUG-BLUE", to: "LOCAL-1" },
    { name: "a DSCO SKU mapped to a Lingxing SKU that is one of DSCO's too", sku: "MUG-GREEN", to: "MUG-RED" },
    { name: "a SKU on neither side goes by its own name", sku: "MUG-WHITE", to: "MUG-WHITE" },
    { name: "case counts", sku: "mug-blue", to: "mug-blue" },
  ])("$name", ({ sku, to }) => {
    expect(created(line(sku), { skuMap }).items[0]?.sku).toBe(to);
  });

  it.each(["LOCAL-1", "MUG-RED"])("%s is Lingxing's name for another product: a person decides", (sku) => {
    expect(unmapped(line(sku), { skuMap })).toEqual([`SKU ${sku}`]);
  });

  it("a SKU mapped to itself is itself", () => {
    expect(created(line("SAME"), { skuMap: aSkuMap({ SAME: "SAME" }) }).items[0]?.sku).toBe("SAME");
  });

  it("maps partnerSku as well when it stands in for sku", () => {
    const order = { lineItems: [aDscoLine({ sku: null, partnerSku: "MUG-BLUE" })] };
    expect(created(order, { skuMap }).items[0]?.sku).toBe("LOCAL-1");
  });

  it("never lets two DSCO SKUs reach one Lingxing SKU, and comes back to where it started", () => {
    const names = fc.constantFrom("a", "b", "c", "d", "e");
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(names, names), { selector: ([lingxing]) => lingxing }), names, names, (pairs, one, other) => {
        const unique = pairs.filter(([, dsco], index) => pairs.findIndex(([, earlier]) => earlier === dsco) === index);
        const map = aSkuMap(Object.fromEntries(unique));
        const [a, b] = [one, other].map((sku) => {
          const decision = decide(line(sku), { skuMap: map });
          return decision.do === "create" ? decision.order.items[0]?.sku : undefined;
        });
        if (a !== undefined) expect(map.toDsco.get(a) ?? a).toBe(one);
        if (one !== other && a !== undefined) expect(a).not.toBe(b);
      }),
    );
  });
});

describe("decidePush on stores, warehouses and logistics", () => {
  const storeMap = new Map([["1000009999", "220000000000000002"]]);
  const warehouseMap = new Map([["WH-CA", "33"]]);
  const logisticsMap = new Map([["WH-CA-FECG", "200000000000000001"]]);
  const routed = { requestedWarehouseCode: "WH-CA", shippingServiceLevelCode: "FECG" };

  it("takes the store of the retailer, or the one store of the settings", () => {
    expect(decide({}, { storeMap })).toMatchObject({ do: "create", storeId: "220000000000000002" });
    expect(decide({ dscoRetailerId: null })).toMatchObject({ do: "create", storeId: "110000000000000001" });
  });

  it.each([
    {
      name: "an unknown retailer",
      order: { dscoRetailerId: "42" },
      rules: { storeMap },
      expected: ["retailer 42 in IPASS_STORE_MAP_JSON"],
    },
    {
      name: "no retailer",
      order: { dscoRetailerId: null },
      rules: { storeMap },
      expected: ["retailer (none given) in IPASS_STORE_MAP_JSON"],
    },
    {
      name: "an unknown warehouse",
      order: { ...routed, requestedWarehouseCode: "WH-NJ" },
      rules: { warehouseMap },
      expected: ["warehouse WH-NJ in IPASS_WAREHOUSE_MAP_JSON"],
    },
    {
      name: "an unknown route",
      order: { ...routed, shippingServiceLevelCode: "UPSG" },
      rules: { logisticsMap },
      expected: ["WH-CA-UPSG in IPASS_LOGISTICS_MAP_JSON"],
    },
    {
      name: "everything at once, SKUs first",
      order: { ...routed, dscoRetailerId: "42", requestedWarehouseCode: "WH-NJ", lineItems: [aDscoLine({ sku: "L" })] },
      rules: { storeMap, warehouseMap, logisticsMap, skuMap: aSkuMap({ L: "D" }) },
      expected: [
        "SKU L",
        "retailer 42 in IPASS_STORE_MAP_JSON",
        "warehouse WH-NJ in IPASS_WAREHOUSE_MAP_JSON",
        "WH-NJ-FECG in IPASS_LOGISTICS_MAP_JSON",
      ],
    },
  ])("a person for $name", ({ order, rules, expected }) => {
    expect(unmapped(order, rules)).toEqual(expected);
    expect(manual(order, rules).nextStep).toMatch(/requeue <dscoOrderId> --stage push/);
  });

  it.each([
    { name: "both maps", order: routed, rules: { warehouseMap, logisticsMap }, wid: "33", logisticsTypeId: "200000000000000001" },
    { name: "no map", order: routed, rules: {} },
    { name: "the warehouse map alone", order: routed, rules: { warehouseMap } },
    { name: "the logistics map alone", order: routed, rules: { logisticsMap } },
    { name: "an order that names no warehouse", order: { shippingServiceLevelCode: "FECG" }, rules: { warehouseMap, logisticsMap } },
    { name: "an order that names no service level", order: { requestedWarehouseCode: "WH-CA" }, rules: { warehouseMap, logisticsMap } },
  ])("wid and logistics_type_id, both or neither: $name", ({ order, rules, ...expected }) => {
    const { wid, logisticsTypeId } = created(order, rules);
    const { name: _, ...ids } = { wid: undefined, logisticsTypeId: undefined, ...expected };
    expect({ wid, logisticsTypeId }).toEqual(ids);
  });

  it("asks the retailer's wish first, then what was shipped from, then DSCO's choice", () => {
    const codes = { requestedWarehouseCode: "R", shipWarehouseCode: "S", dscoWarehouseCode: "D" };
    expect(warehouseOf(aDscoOrder(codes))).toBe("R");
    expect(warehouseOf(aDscoOrder({ ...codes, requestedWarehouseCode: "" }))).toBe("S");
    expect(warehouseOf(aDscoOrder({ dscoWarehouseCode: "D" }))).toBe("D");
    expect(warehouseOf(aDscoOrder())).toBeUndefined();
    expect(serviceLevelOf(aDscoOrder({ requestedShippingServiceLevelCode: "R", shippingServiceLevelCode: "S" }))).toBe("R");
    expect(serviceLevelOf(aDscoOrder({ shippingServiceLevelCode: "S" }))).toBe("S");
  });
});

describe("openQuantity", () => {
  it("is between 0 and what was ordered, or unknown", () => {
    const whole = fc.option(fc.integer({ min: -10, max: 10 }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ quantity: whole, cancelledQuantity: whole, rejectedQuantity: whole }), (line) => {
        const open = openQuantity(line);
        if (line.quantity === undefined || line.quantity < 0) return open === undefined;
        return open !== undefined && open >= 0 && open <= line.quantity;
      }),
    );
  });
});

describe("decideFound", () => {
  const found = (...orders: Parameters<typeof aLingxingOrder>[0][]) => decideFound(orders.map((order) => aLingxingOrder(order)));
  const adopted = (globalOrderNo: string) => ({ to: "done", how: "adopted", globalOrderNo });

  it("is undefined when nothing is there", () => {
    expect(found()).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 6, 8, 9])("adopts a live order at status %i", (status) => {
    expect(found({ globalOrderNo: "901234567890123456", status })).toEqual(adopted("901234567890123456"));
  });

  it.each([
    { name: "cancelled", orders: [{ status: 7 }] },
    { name: "deleted", orders: [{ deleted: true }] },
    { name: "cancelled and deleted", orders: [{ status: 7, deleted: true }] },
    {
      name: "one of each",
      orders: [
        { status: 7, globalOrderNo: "1" },
        { deleted: true, globalOrderNo: "2" },
      ],
    },
  ])("asks a person when it is only there as $name", ({ orders }) => {
    expect(found(...orders)).toMatchObject({ to: "manual", type: "lingxing_cancelled", detail: { global_order_nos: expect.any(Array) } });
  });

  it("names every dead order to the person", () => {
    expect(found({ status: 7, globalOrderNo: "1" }, { deleted: true, globalOrderNo: "2" })).toMatchObject({
      detail: { global_order_nos: ["1", "2"] },
    });
  });

  it.each([
    { name: "the live one beside a cancelled one", orders: [{ globalOrderNo: "1", status: 7 }, { globalOrderNo: "2" }], expected: "2" },
    { name: "the live one beside a deleted one", orders: [{ globalOrderNo: "1", deleted: true }, { globalOrderNo: "2" }], expected: "2" },
    {
      name: "the original before its parts",
      orders: [
        { globalOrderNo: "1", splitType: "3" },
        { globalOrderNo: "2", splitType: "1" },
      ],
      expected: "2",
    },
    {
      name: "the same part every time, in whatever order they come",
      orders: [
        { globalOrderNo: "3", splitType: "3" },
        { globalOrderNo: "1", splitType: "3" },
        { globalOrderNo: "2", splitType: "2" },
      ],
      expected: "1",
    },
  ])("adopts $name", ({ orders, expected }) => {
    expect(found(...orders)).toEqual(adopted(expected));
    expect(found(...orders.toReversed())).toEqual(adopted(expected));
  });
});
