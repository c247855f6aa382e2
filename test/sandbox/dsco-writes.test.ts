import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/sandbox/json.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aSandbox, type CallResult, dsco, listIn, TestClock } from "./vendor-calls.ts";

const ID = "1200000001";

interface Line extends JsonObject {
  lineNumber: number;
  quantity: number;
  sku: string;
}

function orderOf(sandbox: Sandbox, id = ID): JsonObject & { lineItems: Line[]; packages: JsonObject[] | null } {
  const order = sandbox.state().dsco.orders.find(({ dscoOrderId }) => dscoOrderId === id);
  if (order === undefined) throw new Error(`no order ${id}`);
  return order as JsonObject & { lineItems: Line[]; packages: JsonObject[] | null };
}

/** The body that ships all of an order. */
function wholeShipment(sandbox: Sandbox, id = ID, trackingNumber = "1Z1"): JsonObject {
  const lineItems = orderOf(sandbox, id).lineItems.map(({ lineNumber, sku, quantity }) => ({ lineNumber, sku, quantity }));
  return { dscoOrderId: id, shipments: [{ trackingNumber, shipDate: "2025-11-20T09:00:00Z", lineItems }] };
}

function invoiceFor(sandbox: Sandbox, id = ID): JsonObject {
  const lineItems = orderOf(sandbox, id).lineItems.map(({ lineNumber, sku, quantity }) => ({ lineNumber, sku, quantity, unitPrice: 1 }));
  const totalAmount = lineItems.reduce((sum, { quantity }) => sum + quantity, 0);
  return { invoiceId: `INV-${id}`, dscoOrderId: id, totalAmount, lineItems, ship: { trackingNumber: "1Z1" } };
}

/** Sends a batch and reads its log; each entry as status and reason. */
async function outcome(sandbox: Sandbox, path: string, log: string, body: unknown): Promise<string[]> {
  const accepted = await dsco(sandbox, "POST", path, { body });
  expect(accepted).toMatchObject({ status: 202, json: { status: "pending" } });
  return entries(await dsco(sandbox, "GET", `${log}?requestId=${String(accepted.json?.requestId)}`));
}

function entries({ json }: CallResult): string[] {
  const logs = json?.logs as { status: string; results?: { description: string }[] }[];
  return logs.map(({ status, results }) => `${status} ${results?.[0]?.description ?? ""}`.trim());
}

describe("POST /order/acknowledge", () => {
  const ack = (sandbox: Sandbox, ...body: object[]): Promise<string[]> => outcome(sandbox, "/order/acknowledge", "/order/log", body);

  it("moves an order on, stores our number, and takes a repeat", async () => {
    const sandbox = await aSandbox();
    const body = { id: ID, type: "DSCO_ORDER_ID", supplierOrderNumber: "LX-1" };
    expect(await ack(sandbox, body)).toEqual(["success"]);
    expect(orderOf(sandbox)).toMatchObject({ dscoStatus: "shipment_pending", dscoLifecycle: "acknowledged", supplierOrderNumber: "LX-1" });
    expect((await dsco(sandbox, "GET", "/order/?orderKey=supplierOrderNumber&value=LX-1")).json).toMatchObject({ dscoOrderId: ID });
    expect(await ack(sandbox, body)).toEqual(["success"]);
  });

  it("fails one by one: unknown, cancelled, refused by us; the neighbours are done", async () => {
    const sandbox = await aSandbox({ refuse: { "1200000003": "account on hold" } });
    sandbox.changeOrders({ cancel: ["1200000002"] });
    const found = await ack(
      sandbox,
      { id: 1_200_000_001, type: "DSCO_ORDER_ID" },
      { id: "PO-none", type: "PO_NUMBER" },
      { id: "1200000002", type: "DSCO_ORDER_ID" },
      { id: "1200000003", type: "DSCO_ORDER_ID" },
      { id: "PO-7-000004", type: "PO_NUMBER" },
    );
    expect(found).toEqual([
      "success",
      "failure no order with PO_NUMBER PO-none",
      "failure a cancelled order cannot be acknowledged",
      "failure account on hold",
      "success",
    ]);
    expect(orderOf(sandbox, "1200000003")).toMatchObject({ dscoStatus: "created" });
  });
});

describe("shipments", () => {
  const ship = (sandbox: Sandbox, ...body: object[]): Promise<string[]> =>
    outcome(sandbox, "/order/shipment/batch/small", "/order/log", body);

  it("become packages, and complete the order", async () => {
    const sandbox = await aSandbox();
    expect(await ship(sandbox, wholeShipment(sandbox))).toEqual(["success"]);
    const order = orderOf(sandbox);
    expect(order).toMatchObject({ dscoStatus: "shipped", dscoLifecycle: "completed" });
    expect(order.packages).toMatchObject([
      { trackingNumber: "1Z1", items: order.lineItems.map(({ sku, quantity }) => ({ sku, quantity })) },
    ]);
  });

  it("are taken twice: what a client sends again can be counted", async () => {
    const sandbox = await aSandbox();
    const body = wholeShipment(sandbox);
    expect(await ship(sandbox, body, body)).toEqual(["success", "success"]);
    expect((await dsco(sandbox, "POST", "/order/singleShipment", { body })).json).toEqual({ status: "success", success: true });
    expect(sandbox.summary().dsco).toMatchObject({ ordersWithPackages: 1, packages: 3, maxPackagesOfAnOrder: 3 });
  });

  it.each([
    ["an unknown order", (body: JsonObject) => ({ ...body, dscoOrderId: "5" }), /no such order/],
    ["an unknown line", (body: JsonObject) => withLine(body, { lineNumber: 9 }), /no line 9/],
    ["another sku on the line", (body: JsonObject) => withLine(body, { sku: "OTHER" }), /no line 1 \(sku OTHER\)/],
    ["more than ordered", (body: JsonObject) => withLine(body, { quantity: 99 }), /99 shipped, \d ordered/],
  ])("fail for %s, also one at a time", async (_, spoil, reason) => {
    const sandbox = await aSandbox();
    const body = spoil(wholeShipment(sandbox));
    const [entry] = await ship(sandbox, body);
    expect(entry).toMatch(/^failure/);
    expect(entry).toMatch(reason);
    const single = await dsco(sandbox, "POST", "/order/singleShipment", { body });
    expect(single.status).toBe(400);
    expect(single.text).toMatch(reason);
    expect(orderOf(sandbox).packages).toBeNull();
  });

  it("count what was cancelled, and refuse a cancelled order", async () => {
    const sandbox = await aSandbox({ orders: 2 });
    const [line] = orderOf(sandbox).lineItems;
    sandbox.changeOrders({
      patch: [{ id: ID, set: { lineItems: [{ ...line, quantity: 3, cancelledQuantity: 1 }] } }],
      cancel: ["1200000002"],
    });
    const body = wholeShipment(sandbox);
    expect((await ship(sandbox, body, wholeShipment(sandbox, "1200000002"))).join()).toMatch(
      /failure line 1 .*: 3 shipped, 2 ordered,failure a cancelled order cannot be shipped/,
    );
    expect(await ship(sandbox, withLine(body, { quantity: 2 }))).toEqual(["success"]);
    expect(orderOf(sandbox)).toMatchObject({ dscoStatus: "shipped" });
  });

  it("of one line in two parcels want packageSpanFlag", async () => {
    const sandbox = await aSandbox({ orders: 1 });
    const [line] = orderOf(sandbox).lineItems;
    sandbox.changeOrders({ patch: [{ id: ID, set: { lineItems: [{ ...line, quantity: 2 }] } }] });
    const parcels = (flag: object): JsonObject => ({
      dscoOrderId: ID,
      shipments: ["1Z1", "1Z2"].map((trackingNumber) => ({
        trackingNumber,
        lineItems: [{ lineNumber: 1, sku: line?.sku ?? "", quantity: 1, ...flag }],
      })),
    });
    expect((await ship(sandbox, parcels({})))[0]).toMatch(/split over 2 packages without packageSpanFlag/);
    expect(await ship(sandbox, parcels({ packageSpanFlag: true }))).toEqual(["success"]);
    expect(orderOf(sandbox).packages).toHaveLength(2);
  });
});

function withLine(body: JsonObject, over: object): JsonObject {
  const copy = structuredClone(body) as { shipments: [{ lineItems: [object] }] } & JsonObject;
  Object.assign(copy.shipments[0].lineItems[0], over);
  return copy;
}

describe("invoices", () => {
  const read = async (sandbox: Sandbox, key: string, value: string): Promise<number> =>
    listIn(await dsco(sandbox, "GET", `/invoice?key=${key}&value=${value}`), "invoices").length;

  it("are found by their keys after the read lag, and kept twice when sent twice", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now, readLagMs: 5000 });
    const body = invoiceFor(sandbox);
    expect((await dsco(sandbox, "POST", "/invoice", { body })).status).toBe(201);
    expect(await outcome(sandbox, "/invoice/batch/small", "/invoice/log", [body])).toEqual(["success"]);
    expect(await read(sandbox, "invoiceId", `INV-${ID}`)).toBe(0);
    clock.advance(5000);
    expect(await read(sandbox, "invoiceId", `INV-${ID}`)).toBe(2);
    expect(await read(sandbox, "poNumber", "PO-7-000001")).toBe(2);
    expect(await read(sandbox, "trackingNumber", "1Z1")).toBe(2);
    expect(await read(sandbox, "dscoInvoiceId", "55501")).toBe(1);
    expect(sandbox.summary().dsco).toMatchObject({ invoices: 2, invoicedOrders: 1, maxInvoicesOfAnOrder: 2, invoicesBeforeShipment: 2 });
  });

  it("fail for an unknown order, a cancelled one and an unknown line", async () => {
    const sandbox = await aSandbox();
    sandbox.changeOrders({ cancel: ["1200000002"] });
    const body = invoiceFor(sandbox);
    const stranger = { ...body, lineItems: [{ sku: "OTHER", quantity: 1, unitPrice: 1 }] };
    const found = await outcome(sandbox, "/invoice/batch/small", "/invoice/log", [
      { ...body, dscoOrderId: "5" },
      invoiceFor(sandbox, "1200000002"),
      stranger,
      body,
    ]);
    expect(found).toEqual([
      "failure no such order",
      "failure a cancelled order cannot be invoiced",
      "failure the order has no line ? (sku OTHER)",
      "success",
    ]);
  });
});

describe("inventory", () => {
  const item = (sku: string, over: object = {}): object => ({
    sku,
    status: "in-stock",
    quantityAvailable: 45,
    warehouses: [
      { code: "WH-CA", quantity: 40 },
      { code: "WH-NJ", quantity: 5 },
    ],
    ...over,
  });

  it("is stored per warehouse; one that is left out keeps its figure", async () => {
    const sandbox = await aSandbox();
    const sku = orderOf(sandbox).lineItems[0]?.sku ?? "";
    const send = (body: object): Promise<string[]> => outcome(sandbox, "/inventory/batch/small", "/inventory/log", [body]);
    expect(await send(item(sku))).toEqual(["success"]);
    expect(await send(item(sku, { quantityAvailable: 0, status: "out-of-stock", warehouses: [{ code: "WH-NJ", quantity: 0 }] }))).toEqual([
      "success",
    ]);
    expect((await dsco(sandbox, "GET", `/inventory?itemKey=sku&value=${sku}`)).json).toMatchObject({
      quantityAvailable: 0,
      status: "out-of-stock",
      warehouses: [
        { code: "WH-CA", quantity: 40 },
        { code: "WH-NJ", quantity: 0 },
      ],
    });
    expect(sandbox.state().dsco.inventory[sku]).toMatchObject({ updates: 2 });
  });

  it.each([
    ["a sum that is not the total", { quantityAvailable: 44 }, /44 is not the sum of the warehouses, 45/],
    ["no total", { quantityAvailable: undefined }, /undefined is not the sum/],
    ["no status", { status: undefined }, /status has to be/],
    ["an unknown status", { status: "available" }, /status has to be/],
    ["no warehouse", { warehouses: [], quantityAvailable: 0 }, /at least one warehouse/],
    ["an unknown warehouse", { warehouses: [{ code: "WH-X", quantity: 45 }] }, /unknown warehouse WH-X/],
    ["no quantity", { warehouses: [{ code: "WH-CA" }], quantityAvailable: 0 }, /needs a quantity/],
    ["a negative quantity", { warehouses: [{ code: "WH-CA", quantity: -1 }], quantityAvailable: -1 }, /0 or more/],
  ])("fails in the log for %s, and one at a time with 400", async (_, over, reason) => {
    const sandbox = await aSandbox();
    const sku = orderOf(sandbox).lineItems[0]?.sku ?? "";
    const body = item(sku, over);
    expect((await outcome(sandbox, "/inventory/batch/small", "/inventory/log", [body]))[0]).toMatch(reason);
    expect((await dsco(sandbox, "POST", "/inventory/singleItem", { body })).status).toBe(400);
    expect(sandbox.summary().dsco.inventoryItems).toBe(0);
  });

  it("of an unknown sku fails in the log, or is dropped when asked so", async () => {
    const sandbox = await aSandbox();
    const sku = orderOf(sandbox).lineItems[0]?.sku ?? "";
    const body = [item("NOBODY"), item(sku)];
    expect(await outcome(sandbox, "/inventory/batch/small", "/inventory/log", body)).toEqual([
      "failure unknown sku NOBODY: a new item needs upc, ean or gtin",
      "success",
    ]);
    expect(await outcome(sandbox, "/inventory/batch/small?skipItemsThatDontExist=true", "/inventory/log", body)).toEqual(["success"]);
  });
});

describe("the change log", () => {
  const acks = Array.from({ length: 10 }, (_, index) => ({ id: String(1_200_000_001 + index), type: "DSCO_ORDER_ID" }));

  it("settles object by object, and says PROCESSING until the last one", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now, settleMs: 10_000 });
    const accepted = await dsco(sandbox, "POST", "/order/acknowledge", { body: acks });
    const log = (): Promise<CallResult> => dsco(sandbox, "GET", `/order/log?requestId=${String(accepted.json?.requestId)}`);
    const seen = async (): Promise<unknown[]> => {
      const answer = await log();
      return [answer.json?.status, listIn(answer, "logs").length];
    };
    expect(await seen()).toEqual(["PROCESSING", 0]);
    clock.advance(4000);
    expect(await seen()).toEqual(["PROCESSING", 4]);
    expect(orderOf(sandbox)).toMatchObject({ dscoStatus: "shipment_pending", dscoLastUpdate: "2025-11-20T10:00:01.000Z" });
    expect(orderOf(sandbox, "1200000005")).toMatchObject({ dscoStatus: "created" });
    clock.advance(6000);
    expect(await seen()).toEqual(["COMPLETED", 10]);
  });

  it("follows a new settle time at once", async () => {
    const sandbox = await aSandbox({ settleMs: 3_600_000 });
    const accepted = await dsco(sandbox, "POST", "/order/acknowledge", { body: acks });
    sandbox.changeSettings({ settleMs: 0 });
    const { json } = await dsco(sandbox, "GET", `/order/log?requestId=${String(accepted.json?.requestId)}`);
    expect(json).toMatchObject({ status: "COMPLETED" });
  });

  it("comes in pages, filtered by status", async () => {
    const sandbox = await aSandbox({ logPageSize: 4 });
    sandbox.changeOrders({ cancel: ["1200000002"] });
    const accepted = await dsco(sandbox, "POST", "/order/acknowledge", { body: acks });
    const path = `/order/log?requestId=${String(accepted.json?.requestId)}`;
    const pages: number[] = [];
    let page = await dsco(sandbox, "GET", path);
    while (listIn(page, "logs").length > 0) {
      pages.push(listIn(page, "logs").length);
      page = await dsco(sandbox, "GET", `/order/log?scrollId=${String(page.json?.scrollId)}`);
    }
    expect(pages).toEqual([4, 4, 2]);
    const failures = await dsco(sandbox, "GET", `${path}&status=failure`);
    expect(failures.json).toMatchObject({ logs: [{ payload: { id: "1200000002", type: "DSCO_ORDER_ID" } }] });
    expect(failures.json?.scrollId).toBeUndefined();
  });

  it("is found by time, start included, end not, single calls too", async () => {
    const clock = new TestClock();
    const sandbox = await aSandbox({ now: clock.now });
    await dsco(sandbox, "POST", "/order/singleShipment", { body: wholeShipment(sandbox) });
    const between = async (start: number, end: number): Promise<unknown> => {
      const query = `startDate=${new Date(clock.ms + start).toISOString()}&endDate=${new Date(clock.ms + end).toISOString()}`;
      const answer = await dsco(sandbox, "GET", `/order/log?${query}`);
      return [answer.json?.status, listIn(answer, "logs").length];
    };
    expect(await between(0, 1)).toEqual([undefined, 1]);
    expect(await between(-1, 0)).toEqual([undefined, 0]);
    expect(await between(1, 2)).toEqual([undefined, 0]);
  });
});
