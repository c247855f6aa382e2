import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DscoOrder } from "../../src/dsco/order.ts";
import type { LingxingOrder } from "../../src/lingxing/orders.ts";
import type { OutboundItem, OutboundOrder } from "../../src/lingxing/outbound.ts";
import { siblingNumbers } from "../../src/sync/outbound-goods.ts";
import { decideShipment, type ShipmentFacts, type ShipmentRules } from "../../src/sync/shipment.ts";
import { aDscoLine, aDscoOrder, aLingxingOrder, aSkuMap } from "../helpers/builders.ts";

const NO = "1200000001";
const NOW = new Date("2026-01-08T08:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3600_000);
const someRules: ShipmentRules = { dateSource: "delivered_at", multiPackage: "manual", skuMap: undefined };
const sending: ShipmentRules = { ...someRules, multiPackage: "send" };

function anItem(overrides: Partial<OutboundItem> = {}): OutboundItem {
  return { sku: "MUG-BLUE", sellerSku: undefined, count: 2, bundleType: 0, platformOrderNo: undefined, ...overrides };
}

/** An outbound order that has left with everything the builder's order wants. */
function aWo(overrides: Partial<OutboundOrder> = {}): OutboundOrder {
  return {
    woNumber: "WO1",
    globalOrderNo: "103336708973801472",
    platformOrderNos: [NO],
    status: 3,
    trackingNo: "T1",
    deliveredAt: "2026-01-08 10:00:00",
    stockDeliveredAt: "2026-01-08 11:00:00",
    items: [anItem()],
    ...overrides,
  };
}

const shipped = [aLingxingOrder({ status: 6, updateTime: hoursAgo(3).getTime() / 1000 })];
const linesOf = (...lines: Record<string, unknown>[]) => lines.map((line, index) => aDscoLine({ lineNumber: index + 1, ...line }));

interface Case {
  readonly order?: DscoOrder;
  readonly found?: readonly LingxingOrder[];
  readonly outbound?: readonly OutboundOrder[];
  readonly rules?: Partial<ShipmentRules>;
  readonly facts?: Partial<ShipmentFacts>;
}

function decide({ order = aDscoOrder(), found = shipped, outbound = [aWo()], rules, facts }: Case = {}) {
  const standard = { platformOrderNo: NO, now: NOW, pushedAt: hoursAgo(72), waitingSince: hoursAgo(70) };
  return decideShipment(order, found, outbound, { ...someRules, ...rules }, { ...standard, ...facts });
}

/** What went out, as `tracking number: line × quantity`, a star where the line spans parcels. */
function sent(decision: ReturnType<typeof decide>): Record<string, string> | typeof decision {
  if (decision.do !== "send") return decision;
  return Object.fromEntries(
    decision.shipments.map(({ trackingNumber, lines }) => [
      trackingNumber,
      lines.map((line) => `${line.lineNumber}×${line.quantity}${line.packageSpan === true ? "*" : ""}`).join(" "),
    ]),
  );
}

const task = (type: string, detail?: object) => ({ do: "outcome", outcome: { to: "manual", type, ...(detail && { detail }) } });
const waits = (reason: RegExp) => ({ do: "wait", reason: expect.stringMatching(reason) });

describe("a complete shipment", () => {
  it("is reported with everything the order says about it", () => {
    const order = aDscoOrder({
      requestedShipCarrier: "FedEx",
      shipCarrier: "USPS",
      requestedShipMethod: "Ground",
      shipMethod: "Priority",
      requestedShippingServiceLevelCode: "FECG",
      shippingServiceLevelCode: "USPM",
      requestedWarehouseCode: "WH-CA",
      shipWarehouseCode: "WH-NJ",
    });
    expect(decide({ order })).toEqual({
      do: "send",
      trackingNumbers: ["T1"],
      shipments: [
        {
          trackingNumber: "T1",
          shipDate: new Date("2026-01-08T02:00:00Z"),
          shipCarrier: "FedEx",
          shipMethod: "Ground",
          shippingServiceLevelCode: "FECG",
          warehouseCode: "WH-CA",
          lines: [{ lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 2 }],
        },
      ],
    });
  });

  it("takes DSCO's carrier, method, level and warehouse where the retailer asked for none", () => {
    const order = aDscoOrder({ shipCarrier: "USPS", shipMethod: "Priority", shippingServiceLevelCode: "USPM", dscoWarehouseCode: "WH-NJ" });
    const [shipment] = expectSend(decide({ order })).shipments;
    expect(shipment).toMatchObject({
      shipCarrier: "USPS",
      shipMethod: "Priority",
      shippingServiceLevelCode: "USPM",
      warehouseCode: "WH-NJ",
    });
  });

  it.each([
    { name: "all lines name the same", codes: ["WH-TX", "WH-TX"], expected: "WH-TX" },
    { name: "lines name different ones", codes: ["WH-TX", "WH-CA"], expected: undefined },
    { name: "one line names none", codes: ["WH-TX", undefined], expected: undefined },
  ])("takes the lines' warehouse where the order names none: $name", ({ codes, expected }) => {
    const order = aDscoOrder({ lineItems: linesOf(...codes.map((warehouseCode) => ({ warehouseCode, quantity: 1 }))) });
    expect(expectSend(decide({ order })).shipments[0]?.warehouseCode).toBe(expected);
  });
});

describe("readiness in Lingxing", () => {
  it.each([
    { name: "waits until it is shipped", found: [aLingxingOrder({ status: 5 })], outbound: [], expected: waits(/awaiting shipment \(5\)/) },
    { name: "waits for an outbound order to leave", outbound: [], expected: waits(/no outbound order has left/) },
    {
      name: "goes to a person when the platform shipped it",
      found: [aLingxingOrder({ status: 9 })],
      expected: task("shipped_by_platform"),
    },
    { name: "goes to a person when it is cancelled", found: [aLingxingOrder({ status: 7 })], expected: task("lingxing_cancelled") },
    { name: "goes to a person when it is deleted", found: [aLingxingOrder({ deleted: true })], expected: task("lingxing_cancelled") },
    { name: "goes to a person when it is gone a day after the push", found: [], expected: task("lingxing_missing") },
    { name: "waits for it to show within a day", found: [], facts: { pushedAt: hoursAgo(2) }, expected: waits(/not in Lingxing/) },
  ])("$name", ({ expected, ...given }) => {
    expect(decide(given)).toMatchObject(expected);
  });

  it.each([1, 2, 4])("never counts an outbound order at %i, whatever its tracking number", (status) => {
    expect(decide({ outbound: [aWo({ status })] })).toMatchObject(waits(/no outbound order has left/));
  });

  it("counts no outbound order of another order or of another store with the same number", () => {
    expect(decide({ outbound: [aWo({ platformOrderNos: ["1200000002"] })] })).toMatchObject({ do: "wait" });
    expect(decide({ outbound: [aWo({ globalOrderNo: "103336708973809999" })] })).toMatchObject({ do: "wait" });
  });

  it("counts an outbound order once although two day windows list it", () => {
    expect(sent(decide({ outbound: [aWo(), aWo()] }))).toEqual({ T1: "1×2" });
  });

  it("is not needed when nothing of the order is left, also if Lingxing cancelled it", () => {
    const order = aDscoOrder({ lineItems: linesOf({ status: "cancelled" }, { cancelledQuantity: 2 }) });
    const notNeeded = { do: "outcome", outcome: { to: "notNeeded" } };
    expect(decide({ order, outbound: [] })).toMatchObject(notNeeded);
    expect(decide({ order, outbound: [], found: [aLingxingOrder({ status: 7 })] })).toMatchObject(notNeeded);
  });

  it.each([
    { lineItems: linesOf({ quantity: undefined }), fields: ["lineItems[0].quantity"] },
    { lineItems: linesOf({ sku: undefined, partnerSku: undefined }), fields: ["lineItems[0].sku"] },
    { lineItems: [], fields: ["lineItems"] },
  ])("goes to a person when the order cannot be read: $fields", ({ lineItems, fields }) => {
    expect(decide({ order: aDscoOrder({ lineItems }) })).toMatchObject(task("bad_payload", { fields }));
  });
});

describe("quantities", () => {
  const two = linesOf({ quantity: 3 }, { sku: "MUG-RED", partnerSku: "CH-2", quantity: 1 });
  const blue = (count: number) => anItem({ count });
  const red = (count: number) => anItem({ sku: "MUG-RED", count });
  it.each([
    { name: "sends what is complete", lineItems: two, items: [blue(3), red(1)], expected: { T1: "1×3 2×1" } },
    { name: "waits for a line that has not left", lineItems: two, items: [blue(3)], expected: waits(/shipped so far: 0 of 1 MUG-RED/) },
    { name: "waits for the rest of a line", lineItems: two, items: [blue(2), red(1)], expected: waits(/2 of 3 MUG-BLUE/) },
    {
      name: "less what was cancelled",
      lineItems: linesOf({ quantity: 3, cancelledQuantity: 1 }),
      items: [blue(2)],
      expected: { T1: "1×2" },
    },
    { name: "less what was rejected", lineItems: linesOf({ quantity: 3, rejectedQuantity: 2 }), items: [blue(1)], expected: { T1: "1×1" } },
    {
      name: "leaves a cancelled line out",
      lineItems: linesOf({ quantity: 3 }, { sku: "MUG-RED", status: "cancelled" }),
      items: [blue(3)],
      expected: { T1: "1×3" },
    },
    { name: "asks a person when more left than is wanted", lineItems: two, items: [blue(4), red(1)], expected: task("sync_failed") },
    {
      name: "asks a person when what was cancelled left all the same",
      lineItems: linesOf({ quantity: 3 }, { sku: "MUG-RED", status: "cancelled" }),
      items: [blue(3), red(1)],
      expected: task("sync_failed", { shipped_of_wanted: ["1 of 0 MUG-RED"] }),
    },
    { name: "does not count a row of none", lineItems: linesOf({ quantity: 3 }), items: [blue(3), red(0)], expected: { T1: "1×3" } },
    { name: "adds up the rows of a SKU", lineItems: linesOf({ quantity: 3 }), items: [blue(1), blue(2)], expected: { T1: "1×3" } },
    {
      name: "fills several lines of one SKU by line number",
      lineItems: [
        aDscoLine({ lineNumber: 7, quantity: 2 }),
        aDscoLine({ lineNumber: 3, quantity: 1 }),
        aDscoLine({ lineNumber: undefined, quantity: 1 }),
      ],
      items: [blue(4)],
      expected: { T1: "3×1 7×2 undefined×1" },
    },
  ])("$name", ({ lineItems, items, expected }) => {
    expect(sent(decide({ order: aDscoOrder({ lineItems }), outbound: [aWo({ items })] }))).toMatchObject(expected);
  });

  it("adds up the parts of a split order, and waits for the one that has not left", () => {
    const parts = [
      aLingxingOrder({ globalOrderNo: "11", status: 6, splitType: "3" }),
      aLingxingOrder({ globalOrderNo: "12", status: 5, splitType: "3" }),
    ];
    const first = aWo({ globalOrderNo: "11", items: [blue(1)] });
    const second = aWo({ woNumber: "WO2", globalOrderNo: "12", items: [blue(1)] });
    expect(decide({ found: parts, outbound: [first] })).toMatchObject(waits(/1 of 2 MUG-BLUE/));
    const done = parts.map((part) => ({ ...part, status: 6 }));
    expect(sent(decide({ found: done, outbound: [first, second] }))).toEqual({ T1: "1×2" });
  });

  it.each([
    { name: "all that lives has left", rest: 6, outbound: [], expected: task("lingxing_cancelled") },
    { name: "another part may still leave", rest: 5, outbound: [], expected: { do: "wait" } },
    {
      name: "an outbound order is still to leave",
      rest: 6,
      outbound: [aWo({ woNumber: "WO2", globalOrderNo: "11", status: 2 })],
      expected: { do: "wait" },
    },
  ])("when a part is cancelled and $name: $expected.do", ({ rest, outbound, expected }) => {
    const found = [
      aLingxingOrder({ globalOrderNo: "11", status: 6 }),
      aLingxingOrder({ globalOrderNo: "12", status: 7 }),
      aLingxingOrder({ globalOrderNo: "13", status: rest }),
    ];
    expect(decide({ found, outbound: [aWo({ globalOrderNo: "11", items: [blue(1)] }), ...outbound] })).toMatchObject(expected);
  });

  it("does not mind a cancelled part when what is wanted is complete without it", () => {
    const found = [aLingxingOrder({ globalOrderNo: "11", status: 6 }), aLingxingOrder({ globalOrderNo: "12", status: 7 })];
    expect(sent(decide({ found, outbound: [aWo({ globalOrderNo: "11" })] }))).toEqual({ T1: "1×2" });
  });
});

describe("SKUs", () => {
  const skuMap = aSkuMap({ "LOCAL-1": "MUG-BLUE" });
  it.each([
    { name: "are mapped back", items: [anItem({ sku: "LOCAL-1" })], skuMap, expected: { T1: "1×2" } },
    { name: "are the same on both sides without a map", items: [anItem()], skuMap: undefined, expected: { T1: "1×2" } },
    {
      name: "are the same on both sides where the map names neither",
      items: [anItem()],
      skuMap: aSkuMap({ X: "Y" }),
      expected: { T1: "1×2" },
    },
    { name: "may bear blanks around them", items: [anItem({ sku: " MUG-BLUE " })], skuMap: undefined, expected: { T1: "1×2" } },
    { name: "may be the retailer's", items: [anItem({ sku: "CH-5512" })], skuMap: undefined, expected: { T1: "1×2" } },
    {
      name: "go to a person when no line has them",
      items: [anItem(), anItem({ sku: "GIFT", count: 1 })],
      skuMap: undefined,
      expected: task("missing_mapping", { lingxing_skus: ["GIFT"] }),
    },
    {
      name: "go to a person when the map gives their name to another product",
      items: [anItem()],
      skuMap,
      expected: task("missing_mapping", { lingxing_skus: ["MUG-BLUE"] }),
    },
    {
      name: "go to a person when there is none, though the MSKU is the ordered one",
      items: [anItem({ sku: undefined, sellerSku: "MUG-BLUE" })],
      skuMap: undefined,
      expected: task("missing_mapping"),
    },
    {
      name: "go to a person when other goods left under the ordered MSKU",
      items: [anItem({ sku: "MUG-GREEN", sellerSku: "MUG-BLUE" })],
      skuMap: undefined,
      expected: task("missing_mapping", { lingxing_skus: ["MUG-GREEN"] }),
    },
  ])("$name", ({ items, skuMap: map, expected }) => {
    expect(sent(decide({ outbound: [aWo({ items })], rules: { skuMap: map } }))).toMatchObject(expected);
  });

  it("match a line by the retailer's SKU where it has no other", () => {
    const order = aDscoOrder({ lineItems: linesOf({ sku: undefined }) });
    expect(sent(decide({ order, outbound: [aWo({ items: [anItem({ sku: "CH-5512" })] })] }))).toEqual({ T1: "1×2" });
  });

  it("go to a person when the retailer's SKU stands on lines of two products", () => {
    const order = aDscoOrder({ lineItems: linesOf({ quantity: 1 }, { sku: "MUG-RED", quantity: 1 }) });
    expect(decide({ order, outbound: [aWo({ items: [anItem({ sku: "CH-5512" })] })] })).toMatchObject(task("missing_mapping"));
  });
});

describe("bundles", () => {
  const bundle = (count = 1) => anItem({ sku: "SET", count, bundleType: 1 });
  const part = (name: string, count = 1) => anItem({ sku: name, count, bundleType: 2 });
  const soldAsOne = linesOf({ sku: "SET", quantity: 1 });
  const soldAsParts = linesOf({ sku: "CUP", partnerSku: "C", quantity: 1 }, { sku: "SPOON", partnerSku: "S", quantity: 2 });
  it.each([
    { name: "sold as one SKU count once", lineItems: soldAsOne, items: [bundle(), part("CUP"), part("SPOON", 2)], expected: { T1: "1×1" } },
    {
      name: "sold as components count by these",
      lineItems: soldAsParts,
      items: [bundle(), part("CUP"), part("SPOON", 2)],
      expected: { T1: "1×1 2×2" },
    },
    { name: "listed without their components count", lineItems: soldAsOne, items: [bundle()], expected: { T1: "1×1" } },
    {
      name: "listed by components alone count by these",
      lineItems: soldAsParts,
      items: [part("CUP"), part("SPOON", 2)],
      expected: { T1: "1×1 2×2" },
    },
    {
      name: "beside a plain line of a component's SKU count once",
      lineItems: linesOf({ sku: "SET", partnerSku: "B", quantity: 1 }, { sku: "CUP", partnerSku: "C", quantity: 1 }),
      items: [bundle(), part("CUP"), part("SPOON", 2), anItem({ sku: "CUP", count: 1 })],
      expected: { T1: "1×1 2×1" },
    },
    {
      name: "that neither reading fits go to a person by the bundle's name",
      lineItems: linesOf({ quantity: 1 }),
      items: [bundle(), part("CUP")],
      expected: task("missing_mapping", { lingxing_skus: ["SET"] }),
    },
    {
      name: "of which one is sold as one and another as components go to a person",
      lineItems: linesOf({ sku: "SET", partnerSku: "B", quantity: 1 }, { sku: "KEY", partnerSku: "K", quantity: 1 }),
      items: [bundle(), part("CUP"), anItem({ sku: "RING", count: 1, bundleType: 1 }), part("KEY")],
      expected: task("missing_mapping", { lingxing_skus: ["RING"] }),
    },
  ])("$name", ({ lineItems, items, expected }) => {
    expect(sent(decide({ order: aDscoOrder({ lineItems }), outbound: [aWo({ items })] }))).toMatchObject(expected);
  });

  it("are read in one way over all parcels of an order", () => {
    const order = aDscoOrder({
      lineItems: linesOf({ sku: "SET", partnerSku: "B", quantity: 1 }, { sku: "CUP", partnerSku: "C", quantity: 1 }),
    });
    const outbound = [aWo({ items: [bundle(), part("CUP")] }), aWo({ woNumber: "WO2", items: [anItem({ sku: "CUP", count: 1 })] })];
    expect(sent(decide({ order, outbound }))).toEqual({ T1: "1×1 2×1" });
  });
});

describe("tracking numbers", () => {
  it.each(["", "   ", ",", "，; "])("are waited for while the field is %j", (trackingNo) => {
    expect(decide({ outbound: [aWo({ trackingNo })] })).toMatchObject(waits(/no tracking number yet for WO1/));
  });

  it("are waited for while one of several outbound orders has none", () => {
    const outbound = [aWo({ items: [anItem({ count: 1 })] }), aWo({ woNumber: "WO2", trackingNo: "", items: [anItem({ count: 1 })] })];
    expect(decide({ outbound })).toMatchObject(waits(/for WO2/));
  });

  it.each(["T1,T2", "T1 T2", "T1;T2", "T1，T2", "T1；T2", "T1、T2", " T1 ,, T2; ", "T1\nT2", "T1\u3000T2"])(
    "are several in %j",
    (trackingNo) => {
      const outbound = [aWo({ trackingNo })];
      expect(decide({ outbound })).toMatchObject(task("multi_shipment", { tracking_numbers: ["T1", "T2"] }));
      expect(sent(decide({ outbound, rules: sending }))).toEqual({ T1: "1×1*", T2: "1×1*" });
    },
  );

  it("are one when the field repeats it", () => {
    expect(sent(decide({ outbound: [aWo({ trackingNo: "T1, T1" })] }))).toEqual({ T1: "1×2" });
  });

  it("that are several go to a person, or with `send` become one shipment each", () => {
    const outbound = [aWo({ items: [anItem({ count: 1 })] }), aWo({ woNumber: "WO2", trackingNo: "T2", items: [anItem({ count: 1 })] })];
    expect(decide({ outbound })).toMatchObject(task("multi_shipment"));
    expect(decide({ outbound, rules: sending })).toMatchObject({ do: "send", trackingNumbers: ["T1", "T2"] });
    expect(sent(decide({ outbound, rules: sending }))).toEqual({ T1: "1×1*", T2: "1×1*" });
  });

  it("flag only the lines that span them", () => {
    const order = aDscoOrder({ lineItems: linesOf({ quantity: 1 }, { quantity: 2 }, { sku: "MUG-RED", partnerSku: "R", quantity: 1 }) });
    const outbound = [
      aWo({ items: [anItem({ count: 2 })] }),
      aWo({ woNumber: "WO2", trackingNo: "T2", items: [anItem({ count: 1 }), anItem({ sku: "MUG-RED", count: 1 })] }),
    ];
    expect(sent(decide({ order, outbound, rules: sending }))).toEqual({ T1: "1×1 2×1*", T2: "2×1* 3×1" });
  });

  it("in one field each get a piece while there are enough", () => {
    const order = aDscoOrder({ lineItems: linesOf({ quantity: 1 }, { sku: "MUG-RED", partnerSku: "R", quantity: 1 }) });
    const outbound = [aWo({ trackingNo: "T1,T2", items: [anItem({ count: 1 }), anItem({ sku: "MUG-RED", count: 1 })] })];
    expect(sent(decide({ order, outbound, rules: sending }))).toEqual({ T1: "1×1", T2: "2×1" });
  });

  it("that are more than the pieces go to a person even with `send`", () => {
    expect(decide({ outbound: [aWo({ trackingNo: "T1,T2,T3" })], rules: sending })).toMatchObject(task("multi_shipment"));
  });

  it("wait like one while the order is not complete", () => {
    const order = aDscoOrder({ lineItems: linesOf({ quantity: 3 }) });
    expect(decide({ order, outbound: [aWo({ trackingNo: "T1,T2" })] })).toMatchObject(waits(/2 of 3/));
  });

  it("shared by several outbound orders make one shipment, of the latest date", () => {
    const outbound = [
      aWo({ items: [anItem({ count: 1 })], deliveredAt: "2026-01-08 12:00:00" }),
      aWo({ woNumber: "WO2", items: [anItem({ count: 1 })], deliveredAt: "2026-01-08 09:00:00" }),
    ];
    const decision = expectSend(decide({ outbound }));
    expect(sent(decision)).toEqual({ T1: "1×2" });
    expect(decision.shipments[0]?.shipDate).toEqual(new Date("2026-01-08T04:00:00Z"));
  });
});

describe("what DSCO has already", () => {
  const packages = (...numbers: string[]) => numbers.map((trackingNumber) => ({ trackingNumber, items: [] }));
  const outbound = [aWo({ items: [anItem({ count: 1 })] }), aWo({ woNumber: "WO2", trackingNo: "T2", items: [anItem({ count: 1 })] })];
  const adopted = { do: "outcome", outcome: { to: "done", how: "adopted" } };

  it("is adopted when all numbers are there", () => {
    expect(decide({ order: aDscoOrder({ packages: packages("T1") }) })).toEqual({ ...adopted, trackingNumbers: ["T1"] });
    expect(decide({ order: aDscoOrder({ dscoStatus: "shipped", packages: packages("t1 ") }) })).toMatchObject(adopted);
    expect(decide({ order: aDscoOrder({ packages: packages("T2", "T1") }), outbound })).toMatchObject(adopted);
  });

  it("is left out, the rest sent as it would have been", () => {
    const order = aDscoOrder({ packages: packages("T1"), lineItems: linesOf({ shippedQuantity: 1 }) });
    const decision = decide({ order, outbound, rules: sending });
    expect(sent(decision)).toEqual({ T2: "1×1*" });
    expect(decision).toMatchObject({ trackingNumbers: ["T1", "T2"] });
    expect(decide({ order, outbound })).toMatchObject(task("multi_shipment", { unreported: ["T2"] }));
  });

  it("is adopted no sooner than the order is complete", () => {
    const order = aDscoOrder({ packages: packages("T1"), lineItems: linesOf({ quantity: 3 }) });
    expect(decide({ order })).toMatchObject({ do: "wait" });
  });

  it("is not reported a second time under another number", () => {
    const byHand = packages("OTHER");
    const expected = task("multi_shipment", { tracking_numbers_at_dsco: ["OTHER"], unreported: ["T1"] });
    expect(decide({ order: aDscoOrder({ dscoStatus: "shipped", packages: byHand }) })).toMatchObject(expected);
    expect(decide({ order: aDscoOrder({ packages: byHand, lineItems: linesOf({ shippedQuantity: 1 }) }) })).toMatchObject(expected);
  });

  it("is enough when DSCO has it shipped and nothing has left in Lingxing", () => {
    const order = aDscoOrder({ dscoStatus: "shipped", packages: packages("OTHER") });
    const expected = { do: "outcome", outcome: { to: "notNeeded", reason: expect.stringContaining("OTHER") } };
    expect(decide({ order, outbound: [], found: [aLingxingOrder({ status: 5 })] })).toMatchObject(expected);
  });
});

describe("merged outbound orders", () => {
  const merged = { platformOrderNos: [NO, "1200000002"] };
  const other = aDscoOrder({ dscoOrderId: "1200000002", lineItems: linesOf({ quantity: 1 }) });
  const siblings = new Map([["1200000002", other]]);

  it("are told apart by the items' numbers", () => {
    const items = [anItem({ platformOrderNo: NO }), anItem({ platformOrderNo: "1200000002", count: 1 })];
    expect(sent(decide({ outbound: [aWo({ ...merged, items })] }))).toEqual({ T1: "1×2" });
  });

  it.each([
    { name: "are all this one's and more when the totals are equal", count: 3, given: siblings, expected: { T1: "1×2" } },
    { name: "go to a person when less left than all want", count: 2, given: siblings, expected: task("sync_failed") },
    { name: "go to a person when more left than all want", count: 4, given: siblings, expected: task("sync_failed") },
    { name: "go to a person when one of the orders is not ours", count: 3, given: undefined, expected: task("sync_failed") },
  ])("without numbers $name", ({ count, given, expected }) => {
    expect(sent(decide({ outbound: [aWo({ ...merged, items: [anItem({ count })] })], facts: { siblings: given } }))).toMatchObject(
      expected,
    );
  });

  it("without numbers name the orders that are not ours", () => {
    const cause = expect.stringMatching(/what 1200000002 holds is not known/);
    expect(decide({ outbound: [aWo({ ...merged, items: [anItem({ count: 3 })] })] })).toMatchObject({ outcome: { cause } });
  });

  it("without numbers wait while more of them is to leave", () => {
    const outbound = [
      aWo({ ...merged, items: [anItem({ count: 2 })] }),
      aWo({ ...merged, woNumber: "WO2", status: 2, items: [anItem({ count: 1 })] }),
    ];
    expect(decide({ outbound, facts: { siblings } })).toMatchObject(waits(/2 of 3 MUG-BLUE/));
  });

  it("with some numbers missing are counted as a whole", () => {
    const items = [anItem({ platformOrderNo: "1200000002", count: 1 }), anItem({ count: 2 })];
    expect(sent(decide({ outbound: [aWo({ ...merged, items })], facts: { siblings } }))).toEqual({ T1: "1×2" });
    expect(decide({ outbound: [aWo({ ...merged, items: [...items, anItem({ count: 1 })] })], facts: { siblings } })).toMatchObject(
      task("sync_failed"),
    );
  });

  it("without numbers go to a person when there are several parcels, also with `send`", () => {
    const outbound = [aWo({ ...merged, trackingNo: "T1,T2", items: [anItem({ count: 3 })] })];
    expect(decide({ outbound, rules: sending, facts: { siblings } })).toMatchObject(task("multi_shipment"));
  });

  it("with numbers go to a person when a field holds several tracking numbers, also with `send`", () => {
    const items = [anItem({ platformOrderNo: NO }), anItem({ platformOrderNo: "1200000002", count: 1 })];
    expect(decide({ outbound: [aWo({ ...merged, trackingNo: "T1,T2", items })], rules: sending })).toMatchObject(task("multi_shipment"));
  });

  it("name the orders whose quantities are needed", () => {
    const told = [anItem({ platformOrderNo: NO }), anItem({ platformOrderNo: "1200000002" })];
    expect(siblingNumbers(NO, [aWo(merged)])).toEqual(["1200000002"]);
    expect(siblingNumbers(NO, [aWo({ ...merged, items: told })])).toEqual([]);
    expect(siblingNumbers(NO, [aWo(), aWo({ ...merged, status: 2 }), aWo({ platformOrderNos: ["3", "4"] })])).toEqual([]);
    expect(siblingNumbers(NO, [aWo(merged), aWo({ platformOrderNos: [NO, "5"], woNumber: "WO2", items: told })])).toEqual([
      "1200000002",
      "5",
    ]);
  });
});

describe("the ship date", () => {
  it.each([
    { dateSource: "delivered_at" as const, expected: new Date("2026-01-08T02:00:00Z") },
    { dateSource: "stock_delivered_at" as const, expected: new Date("2026-01-08T03:00:00Z") },
    { dateSource: "none" as const, expected: undefined },
  ])("is by $dateSource $expected", ({ dateSource, expected }) => {
    expect(expectSend(decide({ rules: { dateSource } })).shipments[0]?.shipDate).toEqual(expected);
  });

  it("is not asked for with `none`", () => {
    expect(sent(decide({ outbound: [aWo({ deliveredAt: "soon", stockDeliveredAt: "" })], rules: { dateSource: "none" } }))).toEqual({
      T1: "1×2",
    });
  });

  it.each(["", "0000-00-00 00:00:00"])("is waited for while it is %j", (deliveredAt) => {
    expect(decide({ outbound: [aWo({ deliveredAt })] })).toMatchObject(waits(/delivered_at is still empty for WO1/));
  });

  it.each([
    {
      name: "Lingxing's last change and the wait are a day old",
      changed: hoursAgo(24),
      waitingSince: hoursAgo(30),
      expected: task("bad_payload"),
    },
    { name: "Lingxing changed it since", changed: hoursAgo(23), waitingSince: hoursAgo(90), expected: { do: "wait" } },
    { name: "it has been waited for less than a day", changed: hoursAgo(90), waitingSince: hoursAgo(23), expected: { do: "wait" } },
    { name: "only the wait is known", changed: undefined, waitingSince: hoursAgo(24), expected: task("bad_payload") },
    { name: "nothing is known", changed: undefined, waitingSince: undefined, expected: { do: "wait" } },
  ])("that stays empty: $name", ({ changed, waitingSince, expected }) => {
    const found = [aLingxingOrder({ status: 6, ...(changed && { updateTime: changed.getTime() / 1000 }) })];
    expect(decide({ found, outbound: [aWo({ deliveredAt: "" })], facts: { waitingSince } })).toMatchObject(expected);
  });

  it("that cannot be read goes to a person at once", () => {
    expect(decide({ outbound: [aWo({ deliveredAt: "tomorrow" })] })).toMatchObject(task("bad_payload"));
  });

  it("is asked of the parcels that are to be sent, not of those DSCO has", () => {
    const outbound = [
      aWo({ items: [anItem({ count: 1 })], deliveredAt: "" }),
      aWo({ woNumber: "WO2", trackingNo: "T2", items: [anItem({ count: 1 })] }),
    ];
    const order = aDscoOrder({ packages: [{ trackingNumber: "T1", items: [] }] });
    expect(sent(decide({ order, outbound, rules: sending }))).toEqual({ T2: "1×1*" });
    expect(decide({ outbound, rules: sending })).toMatchObject({ do: "wait" });
  });
});

it("never sends more of a line than is wanted, and all of it when it sends", () => {
  const skus = fc.constantFrom("A", "B", "C");
  const line = fc.record({ sku: skus, quantity: fc.integer({ min: 0, max: 6 }), cancelledQuantity: fc.integer({ min: -2, max: 4 }) });
  const item = fc.record({ sku: skus, count: fc.integer({ min: 0, max: 4 }), bundleType: fc.constantFrom(0, 0, 0, 1, 2) });
  const wo = fc.record({ trackingNo: fc.constantFrom("T1", "T2", "T1,T2", "T3 T1", "T2;T3;T4"), items: fc.array(item, { maxLength: 4 }) });
  const given = fc.array(line, { minLength: 1, maxLength: 5 }).chain((lines) => {
    // Half of the time the goods are just what is wanted: chance alone would seldom make a complete order.
    const wanted = lines.map(({ sku, quantity, cancelledQuantity }) => ({
      trackingNo: "T1,T2",
      items: [{ sku, count: Math.max(0, quantity - Math.max(0, cancelledQuantity)), bundleType: 0 }],
    }));
    return fc.tuple(fc.constant(lines), fc.oneof(fc.array(wo, { maxLength: 4 }), fc.constant(wanted)));
  });
  let sendings = 0;
  fc.assert(
    fc.property(given, ([lines, wos]) => {
      const order = aDscoOrder({ lineItems: linesOf(...lines.map((one) => ({ ...one, partnerSku: undefined }))) });
      const outbound = wos.map(({ trackingNo, items }, index) =>
        aWo({ woNumber: `WO${index}`, trackingNo, items: items.map((one) => anItem(one)) }),
      );
      const decision = decide({ order, outbound, rules: sending });
      if (decision.do !== "send") return;
      sendings++;
      const parcels = decision.shipments.map((shipment) => shipment.lines);
      for (const [index, { quantity, cancelledQuantity }] of lines.entries()) {
        const mine = parcels.flatMap((parcel) => parcel.filter(({ lineNumber }) => lineNumber === index + 1));
        const total = mine.reduce((sum, one) => sum + one.quantity, 0);
        expect(total).toBe(Math.max(0, quantity - Math.max(0, cancelledQuantity)));
        for (const one of mine) {
          expect(one.quantity).toBeGreaterThan(0);
          expect(one.packageSpan === true).toBe(mine.length > 1);
        }
      }
      expect(parcels.every((parcel) => parcel.length > 0)).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(sendings).toBeGreaterThan(20);
});

function expectSend(decision: ReturnType<typeof decide>): Extract<typeof decision, { do: "send" }> {
  if (decision.do !== "send") throw new Error(`not sent: ${JSON.stringify(decision)}`);
  return decision;
}
