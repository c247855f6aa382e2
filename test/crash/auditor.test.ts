import { describe, expect, it } from "vitest";
import { audit } from "./auditor.ts";
import type { Facts, OrderRow, RunRow } from "./facts.ts";

const ID = "1200000001";
const TRACKING = "1Z1";
const UPDATED = "2026-01-02T03:04:05.000Z";

/** An order that is through, one SKU, one run: nothing to complain about. */
const dscoOrder = {
  dscoOrderId: ID,
  dscoStatus: "shipped",
  dscoLastUpdate: UPDATED,
  lineItems: [
    { sku: "MUG", quantity: 2, consumerPrice: 14.99 },
    { sku: "BOWL", quantity: 1, consumerPrice: 9.5 },
  ],
  packages: [
    {
      trackingNumber: TRACKING,
      items: [
        { sku: "BOWL", quantity: 1 },
        { sku: "MUG", quantity: 2 },
      ],
    },
  ],
};
const lingxingOrder: Facts["vendors"]["lingxing"]["orders"][number] = {
  globalOrderNo: "103",
  platformOrderNos: [ID],
  storeId: "1",
  status: 6,
  splitType: "1",
  deleted: false,
  wid: "0",
  logisticsTypeId: "",
  trackingNo: TRACKING,
  lines: [
    { sku: "MUG", quantity: 2, unitPrice: "14.99" },
    { sku: "BOWL", quantity: 1, unitPrice: "9.50" },
  ],
  sent: {},
};
const invoice = { dscoOrderId: ID, beforeShipment: false, invoice: { invoiceId: `INV-${ID}`, totalAmount: 39.48 } };
const mug = (quantity: number) => ({
  warehouses: [
    { code: "WH-CA", quantity },
    { code: "WH-NJ", quantity: 0 },
  ],
});
const row: OrderRow = {
  dsco_order_id: ID,
  platform_order_no: ID,
  lingxing_global_order_no: "103",
  shipped_tracking_no: TRACKING,
  dsco_invoice_id: `INV-${ID}`,
  ...{ push_status: 1, ack_status: 1, ship_status: 1, invoice_status: 1 },
  ...{ push_retry_count: 0, ack_retry_count: 0, ship_retry_count: 0, invoice_retry_count: 0 },
  ...{ push_run_id: "7", ack_run_id: "8", ship_run_id: "9", invoice_run_id: "10" },
};
const run: RunRow = {
  id: "7",
  job_name: "push_orders_to_lingxing",
  trace_id: "t7",
  ended_at: new Date(UPDATED),
  exit_code: 0,
  exit_name: "ok",
  ...{ items_read: 1, items_done: 1, items_waiting: 0, items_failed: 0, items_manual: 0, items_skipped: 0 },
};
const line = (msg: string, fields: object = {}) => ({ time: UPDATED, level: "info", msg, trace_id: "t7", ...fields });

type Changes = Partial<Omit<Facts, "vendors">> & {
  readonly dsco?: Partial<Facts["vendors"]["dsco"]>;
  readonly lingxing?: Partial<Facts["vendors"]["lingxing"]>;
};

function facts({ dsco, lingxing, ...changes }: Changes = {}): Facts {
  return {
    vendors: {
      dsco: { orders: [dscoOrder], invoices: [invoice], inventory: { MUG: mug(5) }, ...dsco },
      lingxing: {
        orders: [lingxingOrder],
        outbound: [],
        createAttempts: { [ID]: 1 },
        stock: [
          { wid: 1001, sku: "MUG", valid: 8 },
          { wid: 1001, sku: "MUG", valid: -3 },
          { wid: 1002, sku: "MUG", valid: -1 },
        ],
        ...lingxing,
      },
    },
    told: { create: new Map([[ID, 1]]), ack: new Map([[ID, 1]]), inventory: new Map([["MUG", 3]]) },
    orders: [row],
    snapshots: [{ dsco_order_id: ID, dsco_last_update: new Date(UPDATED) }],
    events: [{ dsco_order_id: ID, stage: "push", event: "push_done", job_run_id: 7 }],
    runs: [run],
    levels: [
      { dsco_sku: "MUG", warehouse_code: "WH-CA", status: 1, confirmed_quantity: 5 },
      { dsco_sku: "MUG", warehouse_code: "WH-NJ", status: 1, confirmed_quantity: 0 },
    ],
    tasks: [{ task_type: "bad_payload", dsco_order_id: ID, status: 2 }],
    watermarks: [
      { job_name: "pull_dsco_orders", watermark: '{"mode":"updatedSince","since":"2026-01-02T03:05:00.000Z"}' },
      { job_name: "ack_to_dsco", watermark: '{"mode":"update_time","since":1767323000}' },
    ],
    logs: [line("run_start"), line("run_end")],
    killed: new Set(),
    ...changes,
  };
}

const cancelled = { ...dscoOrder, dscoStatus: "cancelled", packages: [] };

describe("the auditor", () => {
  it.each<{ name: string; changes: Changes }>([
    { name: "an order that is through", changes: {} },
    {
      name: "a run that was killed and found dead",
      changes: {
        runs: [{ ...run, exit_code: null, exit_name: "died" }],
        logs: [line("run_start"), line("run_died", { trace_id: "t8", died_trace_id: "t7" })],
        killed: new Set(["t7"]),
      },
    },
    { name: "a run that was killed with its record closed", changes: { logs: [line("run_start")], killed: new Set(["t7"]) } },
    {
      name: "an order cancelled after its push",
      changes: {
        dsco: { orders: [cancelled], invoices: [] },
        orders: [{ ...row, ship_status: 3, invoice_status: 3 }],
        tasks: [{ task_type: "cancelled_after_push", dsco_order_id: ID, status: 0 }],
      },
    },
    {
      name: "an order cancelled before its push",
      changes: {
        dsco: { orders: [cancelled], invoices: [] },
        lingxing: { orders: [] },
        orders: [{ ...row, platform_order_no: null, push_status: 4, ack_status: 4, ship_status: 4, invoice_status: 4 }],
        events: [],
      },
    },
    {
      name: "an order cancelled before it was first seen",
      changes: { dsco: { orders: [cancelled], invoices: [] }, lingxing: { orders: [] }, orders: [], snapshots: [], events: [] },
    },
  ])("has nothing to say of $name", ({ changes }) => {
    expect(audit(facts(changes))).toEqual([]);
  });

  it.each<{ rule: string; what: string; changes: Changes }>([
    { rule: "lost", what: "DSCO has it, our tables have not", changes: { orders: [] } },
    { rule: "lost", what: "DSCO has it, our tables have not", changes: { orders: [], dsco: { orders: [cancelled] } } },
    {
      rule: "lost",
      what: "the watermark has passed it by",
      changes: { snapshots: [{ dsco_order_id: ID, dsco_last_update: new Date("2026-01-01") }] },
    },
    {
      rule: "lost",
      what: "its watermark lies in the future",
      changes: { watermarks: [{ job_name: "ack_to_dsco", watermark: '{"since":4102444800}' }] },
    },
    { rule: "repeated", what: "2 orders in Lingxing", changes: { lingxing: { orders: [lingxingOrder, lingxingOrder] } } },
    {
      rule: "repeated",
      what: "2 shipments at DSCO",
      changes: { dsco: { orders: [{ ...dscoOrder, packages: [...dscoOrder.packages, ...dscoOrder.packages] }] } },
    },
    { rule: "repeated", what: "2 invoices at DSCO", changes: { dsco: { invoices: [invoice, invoice] } } },
    { rule: "repeated", what: "ack: the vendor was told 2 times", changes: { told: { ack: new Map([[ID, 2]]) } } },
    {
      rule: "untrue",
      what: "push is done, and the vendor does not have it",
      changes: { lingxing: { orders: [{ ...lingxingOrder, deleted: true }] } },
    },
    {
      rule: "untrue",
      what: "ack is done, and the vendor does not have it",
      changes: { dsco: { orders: [{ ...dscoOrder, dscoStatus: "created" }] } },
    },
    {
      rule: "untrue",
      what: "ship is done, and the vendor does not have it",
      changes: { dsco: { orders: [{ ...dscoOrder, packages: [] }] } },
    },
    { rule: "untrue", what: "invoice is done, and the vendor does not have it", changes: { dsco: { invoices: [] } } },
    { rule: "untrue", what: "invoice stands at 0, and the vendor has it", changes: { orders: [{ ...row, invoice_status: 0 }] } },
    {
      rule: "untrue",
      what: "confirmed 4, DSCO shows 5",
      changes: { levels: facts().levels.map((level) => ({ ...level, confirmed_quantity: level.warehouse_code === "WH-CA" ? 4 : 0 })) },
    },
    {
      rule: "wrong",
      what: "Lingxing has 1 BOWL, ordered is 1 BOWL, 2 MUG",
      changes: { lingxing: { orders: [{ ...lingxingOrder, lines: lingxingOrder.lines.slice(1) }] } },
    },
    { rule: "wrong", what: "noted as 102, in Lingxing it is 103", changes: { orders: [{ ...row, lingxing_global_order_no: "102" }] } },
    {
      rule: "wrong",
      what: "shipped are 2 MUG, ordered is",
      changes: { dsco: { orders: [{ ...dscoOrder, packages: [{ trackingNumber: TRACKING, items: [{ sku: "MUG", quantity: 2 }] }] }] } },
    },
    {
      rule: "wrong",
      what: "DSCO has parcel 1Z1, out of the warehouse went 1Z2",
      changes: { lingxing: { orders: [{ ...lingxingOrder, trackingNo: "1Z2" }] } },
    },
    { rule: "wrong", what: "parcel noted as 1Z0", changes: { orders: [{ ...row, shipped_tracking_no: "1Z0" }] } },
    {
      rule: "wrong",
      what: "invoiced for 3949 cents, ordered for 3948",
      changes: { dsco: { invoices: [{ ...invoice, invoice: { ...invoice.invoice, totalAmount: 39.49 } }] } },
    },
    { rule: "wrong", what: "noted as null", changes: { orders: [{ ...row, dsco_invoice_id: null }] } },
    { rule: "wrong", what: "invoiced before it was shipped", changes: { dsco: { invoices: [{ ...invoice, beforeShipment: true }] } } },
    { rule: "wrong", what: "Lingxing has 5, DSCO shows 6", changes: { dsco: { inventory: { MUG: mug(6) } } } },
    { rule: "wrong", what: "Lingxing has 0, DSCO shows undefined", changes: { dsco: { inventory: {} } } },
    { rule: "unfinished", what: "invoice stands at 2", changes: { orders: [{ ...row, invoice_status: 2 }] } },
    { rule: "unfinished", what: "its figure stands at undefined", changes: { levels: [] } },
    { rule: "in_flight", what: "ship is in flight", changes: { orders: [{ ...row, ship_status: 9 }] } },
    { rule: "in_flight", what: "its figure is in flight", changes: { levels: facts().levels.map((level) => ({ ...level, status: 9 })) } },
    { rule: "charged", what: "ack was charged 1 times", changes: { orders: [{ ...row, ack_retry_count: 1 }] } },
    {
      rule: "charged",
      what: "a task for a person: sync_failed",
      changes: { tasks: [{ task_type: "sync_failed", dsco_order_id: null, status: 1 }] },
    },
    {
      rule: "not_ours",
      what: "push was run 7's, and run 6 recorded it",
      changes: { events: [{ dsco_order_id: ID, stage: "push", event: "push_adopted", job_run_id: 6 }] },
    },
    { rule: "not_ours", what: "push was recorded 2 times", changes: { events: [...facts().events, ...facts().events] } },
    { rule: "run", what: "its record is still open", changes: { runs: [{ ...run, ended_at: null }], killed: new Set(["t7"]) } },
    {
      rule: "run",
      what: "is on record as dead, and nobody killed it",
      changes: { runs: [{ ...run, exit_code: null, exit_name: "died" }] },
    },
    { rule: "run", what: "its record has no exit code", changes: { runs: [{ ...run, exit_code: null }] } },
    { rule: "run", what: "it read 2 and accounts for 1", changes: { runs: [{ ...run, items_read: 2 }] } },
    { rule: "run", what: "has 0 run_start", changes: { logs: [line("run_end")] } },
    { rule: "run", what: "has 0 run_end", changes: { logs: [line("run_start")] } },
    {
      rule: "run",
      what: "has 2 run_end",
      changes: { logs: [line("run_start"), line("run_end"), line("run_end")], killed: new Set(["t7"]) },
    },
    {
      rule: "run",
      what: "was reported dead and is not",
      changes: { logs: [line("run_start"), line("run_end"), line("run_died", { died_trace_id: "t7" })] },
    },
    {
      rule: "run",
      what: "was reported dead 2 times",
      changes: {
        logs: [line("run_start"), line("run_died", { died_trace_id: "t7" }), line("run_died", { died_trace_id: "t7" })],
        killed: new Set(["t7"]),
      },
    },
  ])("finds: $rule, $what", ({ rule, what, changes }) => {
    expect(audit(facts(changes))).toContainEqual(expect.objectContaining({ rule, what: expect.stringContaining(what) }));
  });
});
