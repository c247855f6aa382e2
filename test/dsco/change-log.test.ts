import { describe, expect, it } from "vitest";
import { readInvoiceEntry, readOrderEntry } from "../../src/dsco/change-log.ts";

const same = (text: string) => text;
const wire = (payload: unknown, overrides: object = {}) =>
  JSON.stringify({
    status: "success",
    dateProcessed: "2025-11-20T09:00:07.500Z",
    requestMethod: "api",
    requestId: "r-1",
    payload,
    ...overrides,
  });
const order = (payload: unknown, overrides: object = {}) => readOrderEntry(wire(payload, overrides), same);
const whole = { dscoOrderId: "12", poNumber: "PO-1", lineItems: [], shipping: {}, packages: [{ trackingNumber: "T-1" }] };

describe("readOrderEntry", () => {
  it("reads an acknowledgement in full", () => {
    expect(order({ id: "12", type: "DSCO_ORDER_ID" })).toEqual({
      key: "12",
      status: "success",
      processedAt: new Date("2025-11-20T09:00:07.500Z"),
      requestId: "r-1",
      about: "acknowledgement",
      trackingNumbers: [],
      reason: "",
    });
  });

  it.each<[string, unknown, object]>([
    ["an acknowledgement with a number for an id", { id: 12, type: "DSCO_ORDER_ID" }, { key: "12", about: "acknowledgement" }],
    ["one by PO number", { id: "PO-1", type: "PO_NUMBER" }, { key: "PO-1", keyKind: "poNumber", about: "acknowledgement" }],
    [
      "one by our own number",
      { id: 77, type: "SUPPLIER_ORDER_NUMBER" },
      { key: "77", keyKind: "supplierOrderNumber", about: "acknowledgement" },
    ],
    ["a cancellation, which is none of our business", { id: "12", type: "DSCO_ORDER_ID", lineItems: [] }, { key: "12", about: undefined }],
    [
      "shipments",
      { dscoOrderId: 12, shipments: [{ trackingNumber: "T-1" }, { trackingNumber: 794600001111 }, { trackingNumber: " T-1" }, null, {}] },
      { key: "12", about: "shipment", trackingNumbers: ["T-1", "794600001111"] },
    ],
    [
      "shipments by PO number",
      { poNumber: " PO-1 ", shipments: [] },
      { key: "PO-1", keyKind: "poNumber", about: "shipment", trackingNumbers: [] },
    ],
    [
      "shipments by our own number",
      { dscoOrderId: null, supplierOrderNumber: "LX-1", shipments: [] },
      { key: "LX-1", keyKind: "supplierOrderNumber", about: "shipment" },
    ],
    ["a whole order", whole, { key: "12", about: undefined, trackingNumbers: [] }],
    ["a whole order without DSCO's number", { ...whole, dscoOrderId: undefined }, { key: "PO-1", keyKind: "poNumber", about: undefined }],
  ])("reads %s", (_name, payload, expected) => {
    expect(order(payload)).toMatchObject(expected);
  });

  it("says by DSCO's number unless it must name another", () => {
    expect(order(whole)).not.toHaveProperty("keyKind");
  });

  it.each<[unknown, object]>([
    ["acknowledgeOrders", { about: "acknowledgement", trackingNumbers: [] }],
    ["createShipmentSmallBatch", { about: "shipment", trackingNumbers: ["T-1"] }],
    [
      { api: "singleShipment", n: 1, inner: {} },
      { about: "shipment", trackingNumbers: ["T-1"] },
    ],
    ["updateOrder", { about: undefined, trackingNumbers: [] }],
    [null, { about: undefined, trackingNumbers: [] }],
  ])("tells of a whole order by the call's name %o what was done", (requestMethodDetail, expected) => {
    expect(order(whole, { requestMethodDetail })).toMatchObject(expected);
  });

  it("keeps the digits of a long id", () => {
    const text = wire({ type: "DSCO_ORDER_ID" }).replace('"type"', '"id":103336708973801472,"type"');
    expect(readOrderEntry(text, same)?.key).toBe("103336708973801472");
  });

  it.each<[string, string | undefined]>([
    ["failure", "failure"],
    ["FAILURE", "failure"],
    ["pending", "pending"],
    ["success_or_failure", undefined],
    ["", undefined],
  ])("reads status %o", (status, expected) => {
    expect(order({ id: "12", type: "DSCO_ORDER_ID" }, { status })?.status).toBe(expected);
  });

  it.each<[string, unknown, object]>([
    ["no payload", undefined, {}],
    ["a payload that is a list", [], {}],
    ["no id at all", { shipments: [] }, {}],
    ["an id that cannot be one", { dscoOrderId: "two words", shipments: [] }, {}],
    ["a type nobody knows", { id: "12", type: "OTHER" }, {}],
    ["no time", { id: "12", type: "DSCO_ORDER_ID" }, { dateProcessed: null }],
    ["a time that is none", { id: "12", type: "DSCO_ORDER_ID" }, { dateProcessed: "soon" }],
  ])("makes nothing of %s", (_name, payload, overrides) => {
    expect(order(payload, overrides)).toBeUndefined();
  });

  const failure = (results: unknown, redact = same) =>
    readOrderEntry(wire({ id: "12", type: "DSCO_ORDER_ID" }, { status: "failure", results }), redact)?.reason;

  it.each<[string, unknown, string]>([
    ["a text", [{ code: "bad", severity: "error", description: "no such\n order" }], "bad no such order"],
    ["a list", [{ code: "bad", description: ["one", "two", null] }], "bad one two"],
    ["an object", [{ code: "bad", description: { field: "sku", line: 2, lastName: "Lee", nested: {} } }], "bad field sku, line 2"],
    ["several", [{ code: "a" }, { code: "b", description: "c" }], "a; b c"],
    [
      "errors before anything else",
      [
        { code: "note", severity: "info" },
        { code: "bad", severity: "error" },
      ],
      "bad",
    ],
    ["a warning alone", [{ code: "note", severity: "warn" }], "note"],
    ["plain texts", ["no"], "no"],
    ["nothing", undefined, "refused without a reason"],
    ["no list", "no", "refused without a reason"],
  ])("reads a reason from %s", (_name, results, expected) => {
    expect(failure(results)).toBe(expected);
  });

  it("gives the reason redacted and short, and none for a success", () => {
    const long = [{ code: "bad", description: ["x".repeat(200), "y".repeat(200)] }];
    expect(failure([{ code: "bad canary" }], (text) => text.replace("canary", "***"))).toBe("bad ***");
    expect(failure(long)).toHaveLength(301);
    expect(order({ id: "12", type: "DSCO_ORDER_ID" }, { results: [{ code: "note" }] })?.reason).toBe("");
  });
});

describe("readInvoiceEntry", () => {
  it.each<[unknown, string | undefined]>([
    ["INV-12", "INV-12"],
    [" INV-12 ", "INV-12"],
    [12, "12"],
    ["", undefined],
    [undefined, undefined],
  ])("goes by invoiceId %o", (invoiceId, expected) => {
    const entry = readInvoiceEntry(wire({ invoiceId, dscoOrderId: "12", totalAmount: 17.0, lineItems: [] }), same);
    expect(entry?.key).toBe(expected);
    if (expected !== undefined) expect(entry).toMatchObject({ about: "invoice", trackingNumbers: [] });
  });
});
