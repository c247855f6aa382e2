// The mix of situations that orders are in after months of passes, in thousandths. Tables, to be read and argued about.

/** @typedef {"push" | "ack" | "ship" | "invoice"} Stage */
/**
 * @typedef {object} Situation
 * @property {number} perMille
 * @property {readonly [number, number, number, number]} stages status of push, ack, ship and invoice
 * @property {string} dscoStatus
 * @property {Stage} [at] the stage that the rest is about
 * @property {number} [retries]
 * @property {string} [error]
 * @property {string} [hold] why stages at 3 are there, or all at 4
 * @property {string} [waitsFor]
 * @property {number} [nextMinutes] the next attempt lies within so many minutes; without it the stage is due now
 */

/** Orders of former days. @type {readonly Situation[]} */
export const FINISHED = [
  { perMille: 969, stages: [1, 1, 1, 1], dscoStatus: "shipped" },
  { perMille: 20, stages: [4, 4, 4, 4], dscoStatus: "cancelled", hold: "cancelled" },
  { perMille: 6, stages: [1, 1, 1, 4], dscoStatus: "shipped" },
  { perMille: 4, stages: [1, 4, 4, 4], dscoStatus: "shipped" },
  { perMille: 1, stages: [1, 1, 3, 0], dscoStatus: "shipment_pending", at: "ship", hold: "multi_shipment", error: "two parcels" },
];

/** Orders of today. @type {readonly Situation[]} */
export const OPEN = [
  { perMille: 60, stages: [0, 0, 0, 0], dscoStatus: "created" },
  { perMille: 10, stages: [2, 0, 0, 0], dscoStatus: "created", at: "push", retries: 2, error: "sku not found", nextMinutes: 30 },
  { perMille: 10, stages: [9, 0, 0, 0], dscoStatus: "created", at: "push", nextMinutes: 5 },
  { perMille: 30, stages: [3, 0, 0, 0], dscoStatus: "created", at: "push", hold: "bad_payload", error: "missing city" },
  { perMille: 300, stages: [1, 0, 0, 0], dscoStatus: "created", at: "ack", waitsFor: "the review in Lingxing (status 4)", nextMinutes: 60 },
  { perMille: 20, stages: [1, 9, 0, 0], dscoStatus: "created", at: "ack", nextMinutes: 5 },
  { perMille: 10, stages: [1, 2, 0, 0], dscoStatus: "created", at: "ack", retries: 1, error: "no such order", nextMinutes: 30 },
  { perMille: 10, stages: [1, 3, 0, 0], dscoStatus: "created", at: "ack", hold: "lingxing_cancelled", error: "cancelled in Lingxing" },
  { perMille: 400, stages: [1, 1, 0, 0], dscoStatus: "shipment_pending", at: "ship", waitsFor: "the warehouse", nextMinutes: 60 },
  { perMille: 20, stages: [1, 1, 9, 0], dscoStatus: "shipment_pending", at: "ship", nextMinutes: 5 },
  { perMille: 20, stages: [1, 1, 3, 0], dscoStatus: "shipment_pending", at: "ship", hold: "multi_shipment", error: "two parcels" },
  { perMille: 10, stages: [1, 1, 3, 3], dscoStatus: "cancelled", at: "ship", hold: "cancelled_after_push", error: "cancelled at DSCO" },
  { perMille: 60, stages: [1, 1, 1, 0], dscoStatus: "shipped" },
  { perMille: 20, stages: [1, 1, 1, 9], dscoStatus: "shipped", at: "invoice", nextMinutes: 5 },
  { perMille: 10, stages: [1, 1, 1, 2], dscoStatus: "shipped", at: "invoice", retries: 1, error: "total differs", nextMinutes: 30 },
  { perMille: 10, stages: [1, 1, 1, 3], dscoStatus: "shipped", at: "invoice", hold: "max_retry_exceeded", error: "total differs" },
];

/** @typedef {{ perMille: number, code: number | undefined, name: string }} RunEnd without a code: killed */

/** How runs ended. @type {readonly RunEnd[]} */
export const RUN_ENDS = [
  { perMille: 960, code: 0, name: "ok" },
  { perMille: 30, code: 3, name: "partial" },
  { perMille: 8, code: 14, name: "vendor" },
  { perMille: 2, code: undefined, name: "died" },
];

/** An order as DSCO sends it, `<id>` for its number; nobody's name and address. */
export const SAMPLE_ORDER = JSON.stringify({
  dscoOrderId: "<id>",
  poNumber: "PO-<id>",
  consumerOrderNumber: "C-<id>",
  dscoRetailerId: "1000009999",
  dscoSupplierId: "1000001111",
  orderType: "Dropship",
  dscoStatus: "created",
  dscoLifecycle: "created",
  testFlag: false,
  cancelRequested: false,
  currencyCode: "USD",
  requestedShipCarrier: "FedEx",
  requestedShipMethod: "Ground",
  requestedShippingServiceLevelCode: "FECG",
  shipCarrier: "FedEx",
  shipMethod: "Ground",
  shippingServiceLevelCode: "FECG",
  requestedWarehouseCode: "WH-CA",
  shipping: {
    name: "Ann Sample",
    address: ["1 Example St"],
    city: "Reno",
    region: "NV",
    postal: "89501",
    country: "US",
    phone: "7755550100",
  },
  lineItems: [1, 2].map((lineNumber) => ({
    lineNumber,
    quantity: lineNumber,
    dscoItemId: `90000${lineNumber}`,
    sku: `MUG-0000${lineNumber}`,
    partnerSku: `CH-0000${lineNumber}`,
    upc: "012340000001",
    title: `Sample item 0000${lineNumber}`,
    expectedCost: 8.99,
    consumerPrice: 14.99,
    retailPrice: null,
    status: null,
    cancelledQuantity: 0,
  })),
  packages: null,
});
