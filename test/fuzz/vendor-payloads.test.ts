import fc from "fast-check";
import { stringify } from "lossless-json";
import { describe, expect, it } from "vitest";
import { readInvoiceEntry, readOrderEntry } from "../../src/dsco/change-log.ts";
import { readStockEntry } from "../../src/dsco/inventory-log.ts";
import { messagesText } from "../../src/dsco/messages.ts";
import { type DscoOrder, parseDscoOrder } from "../../src/dsco/order.ts";
import { toWireInvoice, toWireShipments } from "../../src/dsco/report-bodies.ts";
import { sliceArray } from "../../src/http/json-slices.ts";
import { judgeShape } from "../../src/http/judge.ts";
import { parseLossless } from "../../src/http/lossless-json.ts";
import type { RawAnswer } from "../../src/http/verdict.ts";
import { canonicalBody } from "../../src/lingxing/canonical-body.ts";
import { inspectEnvelope } from "../../src/lingxing/envelope.ts";
import { LIST_ORDERS } from "../../src/lingxing/order-list-reader.ts";
import { type LingxingOrder, toLingxingOrder, toWireOrder } from "../../src/lingxing/orders.ts";
import { type OutboundOrder, toOutboundOrder } from "../../src/lingxing/outbound.ts";
import { CreateAnswer, ListAnswer, OutboundAnswer } from "../../src/lingxing/schemas.ts";
import { signLingxing } from "../../src/lingxing/sign.ts";
import { maskPersonalData, personalDataOf } from "../../src/personal-data.ts";
import { Redactor } from "../../src/redact.ts";
import { decideAck } from "../../src/sync/ack.ts";
import { decideInvoice } from "../../src/sync/invoice.ts";
import { decidePull } from "../../src/sync/pull.ts";
import { decideFound, decidePush } from "../../src/sync/push.ts";
import { pushFingerprint } from "../../src/sync/push-fingerprint.ts";
import { decideShipment } from "../../src/sync/shipment.ts";
import { aDscoLine, aDscoWireOrder, aKnownOrder, aPulledOrder, aSkuMap, somePushRules } from "../helpers/builders.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";
import { damage, damaged, mutated, mutation, textOf } from "./mutations.ts";

const NOW = new Date("2026-01-06T08:00:00Z");
const APP_ID = "ak_T3stAppId0001";
const RULES = somePushRules({
  skuMap: aSkuMap({ "LX-1": "MUG-BLUE" }),
  storeMap: new Map([["1000009999", "110000000000000001"]]),
  warehouseMap: new Map([["WH-CA", "1001"]]),
  logisticsMap: new Map([["WH-CA-FECG", "7"]]),
});
const PRICES = { priceFields: RULES.priceFields };

/** An order with everything in it that ipass reads. */
const ORDER = aDscoWireOrder({
  dscoStatus: "shipment_pending",
  requestedWarehouseCode: "WH-CA",
  requestedShippingServiceLevelCode: "FECG",
  acknowledgeByDate: "2026-01-06T08:00:00Z",
  shipByDate: "2026-01-07T08:00:00Z",
  giftMessage: "With love",
  lineItems: [
    aDscoLine({ cancelledQuantity: 0, shippedQuantity: 0, status: "accepted" }),
    aDscoLine({ lineNumber: 2, sku: "BOWL-RED", quantity: 1 }),
  ],
  packages: [{ trackingNumber: "1ZOLD", items: [{ lineNumber: 2, sku: "BOWL-RED", quantity: 1 }] }],
});

const LISTED = {
  code: 0,
  message: "success",
  request_id: "r-1",
  data: {
    total: "2",
    list: [
      {
        global_order_no: "103336708973801472",
        store_id: "110000000000000001",
        status: 6,
        split_type: "1",
        is_delete: 0,
        update_time: 1767600000,
        platform_info: [{ platform_order_no: "1200000001" }],
        item_info: [{ platform_order_no: "1200000001", local_sku: "LX-1" }],
        logistics_info: { tracking_no: "1ZNEW" },
      },
      {
        global_order_no: "103336708973801473",
        store_id: "110000000000000001",
        status: 7,
        platform_info: [{ platform_order_no: "1200000001" }],
      },
    ],
  },
};

const OUTBOUND = {
  code: 0,
  total: 1,
  data: [
    {
      wo_number: "WO1",
      order_number: "103336708973801472",
      platform_order_no: ["1200000001"],
      status: 3,
      tracking_no: "1ZNEW,1ZOTHER",
      delivered_at: "2026-01-06 10:00:00",
      stock_delivered_at: "2026-01-06 10:05:00",
      product_info: [
        { sku: "LX-1", seller_sku: "MUG-BLUE", count: 2, bundle_type: 0 },
        { sku: "BOWL-RED", seller_sku: "BOWL-RED", count: 1, bundle_type: 1, platform_order_no: "1200000001" },
      ],
    },
  ],
};

const CREATED = {
  code: 0,
  data: [
    {
      success_details: [{ platform_order_no: "1200000001", global_order_no: "103336708973801472" }],
      error_details: [{ platform_order_no: "1200000002", error_message: "收件人 Ann Lee 无效" }],
    },
  ],
  error_details: ["x"],
};

const LOG_ENTRY = {
  status: "failure",
  requestId: "r-1",
  dateProcessed: "2026-01-06T08:00:00Z",
  requestMethodDetail: "createShipmentSmallBatch",
  payload: {
    id: "1200000001",
    type: "DSCO_ORDER_ID",
    dscoOrderId: "1200000001",
    invoiceId: "INV-1200000001",
    sku: "MUG-BLUE",
    warehouses: [{ code: "WH-CA", quantity: 3 }],
    shipments: [{ trackingNumber: "1Z", lineItems: [{ quantity: 1 }] }],
  },
  results: [{ code: "x", severity: "error", description: ["Ann Lee is wrong", { shipping: "1 Main St" }] }],
};

const wrongs = fc.array(mutation, { minLength: 1, maxLength: 6 });
const textsOf = (document: unknown) => wrongs.map((mutations) => mutated(document, mutations));
const redact = (text: string) => new Redactor().redact(text);

/** Everything ipass ever does with an order's text, with what Lingxing says about it. */
function live(order: DscoOrder, found: readonly LingxingOrder[], outbound: readonly OutboundOrder[]): void {
  const id = order.id ?? "1200000001";
  pushFingerprint(order);
  const pulled = aPulledOrder({
    id,
    status: order.dscoStatus ?? "",
    lastUpdate: order.lastUpdate,
    cancelRequested: order.cancelRequested,
    fingerprint: pushFingerprint(order),
  });
  decidePull(pulled, undefined, { includeTestOrders: false });
  decidePull(pulled, aKnownOrder({ pushed: "city=1;lines=2" }), { includeTestOrders: false });

  const push = decidePush(order, RULES);
  if (push.do === "create") {
    const body = canonicalBody({ platform_code: 10009, store_id: push.storeId, orders: [toWireOrder(push.order)] });
    const sent = stringify(body) ?? "";
    signLingxing({ ...body, access_token: "t", app_key: APP_ID, timestamp: 1 }, APP_ID);
    // The server serialises what it received and compares.
    expect(JSON.stringify(JSON.parse(sent))).toBe(sent);
  }
  decideFound(found);
  decideAck(found, order, { pushedAt: NOW, now: NOW });
  for (const multiPackage of ["manual", "send"] as const) {
    const facts = { platformOrderNo: "1200000001", now: NOW, pushedAt: NOW, waitingSince: NOW, siblings: new Map([["1200000002", order]]) };
    const shipment = decideShipment(order, found, outbound, { dateSource: "delivered_at", multiPackage, skuMap: RULES.skuMap }, facts);
    if (shipment.do === "send") {
      const wanted = order.lineItems.reduce((sum, { quantity = 0 }) => sum + Math.max(0, quantity), 0);
      const told = shipment.shipments.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
      expect(told).toBeLessThanOrEqual(wanted);
      stringify(toWireShipments({ dscoOrderId: id, shipments: shipment.shipments }));
    }
  }
  const invoice = decideInvoice(order, PRICES, { dscoOrderId: id, trackingNo: "1Z,2Z", now: NOW });
  if (invoice.do === "send") stringify(toWireInvoice(invoice.invoice));

  personalDataOf(order.wire);
  maskPersonalData("order 1200000001: Ann Lee, 1 Main St, Reno is no good", order.wire);
}

const someFound = ListAnswer.parse(LISTED).data.list.map(toLingxingOrder);
const someOutbound = OutboundAnswer.parse(OUTBOUND).rows.map(toOutboundOrder);

describe("an order that has gone wrong in any way", FUZZ_TIMEOUT, () => {
  it("is read, or is not, and can be taken through every decision", () => {
    fc.assert(
      fc.property(textsOf(ORDER), (text) => {
        const order = parseDscoOrder(text);
        if (order !== undefined) live(order, someFound, someOutbound);
      }),
      cases(1_500),
    );
  });

  it("reads the same with odd names added to it: nothing is smuggled in through a prototype", () => {
    const keys = fc.constantFrom("__proto__", "constructor", "prototype");
    const smuggled = fc.constantFrom(
      { dscoStatus: "cancelled", dscoOrderId: "666", cancelRequested: true, lineItems: [] },
      { quantity: 9, sku: "X", name: "Eve", country: "XX" },
    );
    const bare = aDscoWireOrder({ dscoStatus: undefined, cancelRequested: undefined, shipping: { phone: undefined } });
    fc.assert(
      fc.property(keys, smuggled, fc.nat(50), fc.boolean(), (key, value, where, long) => {
        // A long number sends the text to another parser.
        const document = { ...bare, ...(long ? { someId: 1 } : {}) };
        const texts = [document, JSON.parse(mutated(document, [{ where, how: "add", key, value }]))].map((each) =>
          textOf(each).replace('"someId":1', '"someId":12345678901234567890'),
        );
        const [plain, other] = texts.map((text) => parseDscoOrder(text));
        expect({ ...other, wire: undefined }).toEqual({ ...plain, wire: undefined });
        expect(Object.prototype).not.toHaveProperty("dscoStatus");
      }),
      cases(300),
    );
  });

  it("is decided upon with whatever Lingxing says about it", () => {
    const order = parseDscoOrder(textOf(ORDER));
    if (order === undefined) throw new Error("no order");
    fc.assert(
      fc.property(textsOf(LISTED), textsOf(OUTBOUND), (listed, shipped) => {
        const list = ListAnswer.safeParse(safely(listed));
        const outbound = OutboundAnswer.safeParse(safely(shipped));
        const found = list.success ? list.data.data.list.map(toLingxingOrder) : someFound;
        const left = outbound.success ? outbound.data.rows.map(toOutboundOrder) : someOutbound;
        live(order, found, left);
      }),
      cases(1_500),
    );
  });
});

describe("an answer that has gone wrong in any way", FUZZ_TIMEOUT, () => {
  const documents = fc.constantFrom<unknown>(LISTED, OUTBOUND, CREATED, { code: "2001003", msg: "x", error_details: [{ message: "y" }] });

  it("gets a verdict from the envelope and the schema", () => {
    const status = fc.constantFrom(200, 200, 200, 204, 302, 400, 401, 404, 429, 500, 502);
    const schema = fc.constantFrom(ListAnswer, OutboundAnswer, CreateAnswer);
    fc.assert(
      fc.property(documents.chain(textsOf), fc.option(damage, { nil: undefined }), status, schema, (text, hit, code, shape) => {
        const answer: RawAnswer = { status: code, headers: new Headers(), text: hit === undefined ? text : damaged(text, hit) };
        const verdict = judgeShape(inspectEnvelope(answer, LIST_ORDERS), answer, LIST_ORDERS, parseLossless, shape);
        expect(verdict.kind).toEqual(expect.any(String));
        if (verdict.kind !== "ok") expect(verdict.reason.length).toBeLessThan(1_500);
      }),
      cases(1_500),
    );
  });

  it("of a change log is an entry, or is none", () => {
    fc.assert(
      fc.property(textsOf(LOG_ENTRY), (text) => {
        for (const entry of [readOrderEntry(text, redact), readInvoiceEntry(text, redact), readStockEntry(text, redact)]) {
          if (entry === undefined) continue;
          expect(Number.isNaN(entry.processedAt.getTime())).toBe(false);
          expect(entry.reason.length).toBeLessThanOrEqual(301);
        }
      }),
      cases(1_500),
    );
  });

  it("of messages is one short line", () => {
    fc.assert(
      fc.property(textsOf(LOG_ENTRY.results), (text) => {
        expect(messagesText(safely(text)).length).toBeLessThan(2_500);
      }),
      cases(1_000),
    );
  });
});

describe("a page that has gone wrong in any way", FUZZ_TIMEOUT, () => {
  const page = { scrollId: "s", orders: [ORDER, aDscoWireOrder({ dscoOrderId: "1200000002" })] };

  it("is cut into texts that are what the native parser sees, or is no page", () => {
    fc.assert(
      fc.property(textsOf(page), fc.option(damage, { nil: undefined }), (whole, hit) => {
        const text = hit === undefined ? whole : damaged(whole, hit);
        let slices: string[];
        try {
          slices = sliceArray(text, "orders").slices;
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          return;
        }
        const { orders } = JSON.parse(text) as { orders: unknown[] };
        expect(slices.map((slice) => JSON.parse(slice) as unknown)).toEqual(orders);
        for (const slice of slices) parseDscoOrder(slice);
      }),
      cases(2_000),
    );
  });

  it.each([
    { name: "10 MB of one text", part: () => JSON.stringify("x".repeat(10_000_000)) },
    { name: "10 MB of quotes", part: () => JSON.stringify('"'.repeat(5_000_000)) },
    { name: "a hundred thousand elements", part: () => `[${"0,".repeat(100_000)}0]` },
    { name: "a hundred thousand levels of lists", part: () => `${"[".repeat(100_000)}${"]".repeat(100_000)}` },
    { name: "a hundred thousand levels of objects", part: () => `${'{"a":'.repeat(100_000)}0${"}".repeat(100_000)}` },
    { name: "a number of a million digits", part: () => "9".repeat(1_000_000) },
  ])("holds $name, and its neighbours are read", ({ part }) => {
    for (const field of ["lineItems", "dscoOrderId"]) {
      const odd = textOf(ORDER).replace(new RegExp(`"${field}":`), () => `"${field}":${part()},"was_${field}":`);
      const { slices } = sliceArray(`{"orders":[${textOf(ORDER)},${odd},${textOf(ORDER)}]}`, "orders");
      expect(slices).toHaveLength(3);
      expect(slices.map((slice) => parseDscoOrder(slice)?.id).filter((id) => id === "1200000001").length).toBeGreaterThanOrEqual(2);
      const order = parseDscoOrder(slices[1] ?? "");
      if (order !== undefined) live(order, someFound, someOutbound);
    }
  });

  it.each(["name", "phone"])("holds 3 MB in an address's %s, which is never more than a text to hide", (field) => {
    const order = parseDscoOrder(textOf(aDscoWireOrder({ shipping: { [field]: `Ann ${"Lee 7 ".repeat(500_000)}` } })));
    if (order === undefined) throw new Error("no order");
    live(order, someFound, someOutbound);
  });
});

function safely(text: string): unknown {
  try {
    return parseLossless(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
