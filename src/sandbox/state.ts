import type { DscoSandbox } from "./dsco/dsco.ts";
import { toWire } from "./dsco/inventory.ts";
import { latestVersion } from "./dsco/order-book.ts";
import type { Json, JsonObject } from "./json.ts";
import type { LingxingSandbox } from "./lingxing/lingxing.ts";
import type { OutboundProduct } from "./lingxing/order-desk.ts";

export interface LingxingOrderState {
  readonly globalOrderNo: string;
  readonly platformOrderNos: readonly string[];
  readonly storeId: string;
  readonly status: number;
  readonly splitType: string;
  readonly deleted: boolean;
  readonly wid: string;
  readonly logisticsTypeId: string;
  readonly trackingNo: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: string }[];
  /** The order as it came in. */
  readonly sent: JsonObject;
}

export interface OutboundState {
  readonly woNumber: string;
  readonly globalOrderNo: string;
  readonly platformOrderNos: readonly string[];
  readonly status: number;
  readonly trackingNo: string;
  readonly deliveredAt: string;
  readonly products: readonly OutboundProduct[];
}

/** What is true at both vendors, lags apart. */
export interface SandboxState {
  readonly dsco: {
    /** Whole orders, `packages` included. */
    readonly orders: readonly JsonObject[];
    readonly invoices: readonly { readonly dscoOrderId: string; readonly beforeShipment: boolean; readonly invoice: JsonObject }[];
    /** By sku; only items that were ever updated. */
    readonly inventory: Readonly<Record<string, Json>>;
  };
  readonly lingxing: {
    readonly orders: readonly LingxingOrderState[];
    readonly outbound: readonly OutboundState[];
    /** How often a create asked for each platform number, refused duplicates included. */
    readonly createAttempts: Readonly<Record<string, number>>;
    /** Row by row, as it lies in the warehouses. */
    readonly stock: readonly { readonly wid: number; readonly sku: string; readonly valid: number }[];
  };
}

/** The same in figures: enough to see that nothing was done twice, also for a hundred thousand orders. */
export interface SandboxSummary {
  readonly dsco: {
    readonly orders: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly ordersWithPackages: number;
    readonly packages: number;
    readonly maxPackagesOfAnOrder: number;
    readonly invoices: number;
    readonly invoicedOrders: number;
    readonly maxInvoicesOfAnOrder: number;
    readonly invoicesBeforeShipment: number;
    readonly inventoryItems: number;
    readonly inventoryUpdates: number;
  };
  readonly lingxing: {
    readonly orders: number;
    readonly platformNumbers: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly createAttempts: number;
    readonly maxAttemptsForANumber: number;
  };
}

export function readState(dsco: DscoSandbox, lingxing: LingxingSandbox): SandboxState {
  dsco.settle();
  return {
    dsco: {
      orders: dsco.book.orders.map((stored) => dsco.book.latest(stored)),
      invoices: dsco.invoices.invoices.map(({ dscoOrderId, beforeShipment, invoice }) => ({ dscoOrderId, beforeShipment, invoice })),
      inventory: Object.fromEntries(
        [...dsco.inventory.items.values()]
          .filter(({ updates }) => updates > 0)
          .map((item) => [item.sku, { ...toWire(item), updates: item.updates }]),
      ),
    },
    lingxing: {
      orders: lingxing.desk.orders.map((order) => ({
        globalOrderNo: order.globalOrderNo,
        platformOrderNos: order.numbers,
        storeId: order.storeId,
        status: order.status,
        splitType: order.splitType,
        deleted: order.deleted,
        wid: order.wid,
        logisticsTypeId: order.logisticsTypeId,
        trackingNo: order.trackingNo,
        lines: order.lines.map(({ localSku, quantity, unitPrice }) => ({ sku: localSku, quantity, unitPrice })),
        sent: order.sent,
      })),
      outbound: lingxing.desk.outbound.map(({ woNumber, order, status, trackingNo, deliveredAt, products }) => ({
        woNumber,
        globalOrderNo: order.globalOrderNo,
        platformOrderNos: order.numbers,
        status,
        trackingNo,
        deliveredAt,
        products,
      })),
      createAttempts: Object.fromEntries(lingxing.desk.createAttempts),
      stock: lingxing.stock.rows.map(({ wid, sku, valid }) => ({ wid, sku, valid })),
    },
  };
}

export function readSummary(dsco: DscoSandbox, lingxing: LingxingSandbox): SandboxSummary {
  dsco.settle();
  const orders = dsco.book.orders.map(latestVersion);
  const packages = orders.map((order) => order.packages).filter((count) => count > 0);
  const { invoices } = dsco.invoices;
  const invoicesByOrder = tally(invoices.map(({ dscoOrderId }) => dscoOrderId));
  const updates = [...dsco.inventory.items.values()].map((item) => item.updates).filter((count) => count > 0);
  const lxOrders = lingxing.desk.orders;
  const attempts = [...lingxing.desk.createAttempts.values()];
  return {
    dsco: {
      orders: orders.length,
      byStatus: tally(orders.map(({ status }) => status)),
      ordersWithPackages: packages.length,
      packages: sum(packages),
      maxPackagesOfAnOrder: greatest(packages),
      invoices: invoices.length,
      invoicedOrders: Object.keys(invoicesByOrder).length,
      maxInvoicesOfAnOrder: greatest(Object.values(invoicesByOrder)),
      invoicesBeforeShipment: invoices.filter(({ beforeShipment }) => beforeShipment).length,
      inventoryItems: updates.length,
      inventoryUpdates: sum(updates),
    },
    lingxing: {
      orders: lxOrders.length,
      platformNumbers: new Set(lxOrders.flatMap(({ numbers }) => numbers)).size,
      byStatus: tally(lxOrders.map(({ status, deleted }) => (deleted ? "deleted" : String(status)))),
      createAttempts: sum(attempts),
      maxAttemptsForANumber: greatest(attempts),
    },
  };
}

function tally(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
