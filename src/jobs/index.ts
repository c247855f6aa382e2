import type { JobName } from "../sync/job-name.ts";
import type { Job } from "./job.ts";

/** Each job is loaded only when it runs: start-up is paid every minute. */
export const JOBS: Readonly<Record<JobName, () => Promise<Job>>> = {
  pull_dsco_orders: async () => (await import("./pull-dsco-orders.ts")).pullDscoOrders,
  push_orders_to_lingxing: async () => (await import("./push-orders-to-lingxing.ts")).pushOrdersToLingxing,
  ack_to_dsco: async () => (await import("./ack-to-dsco.ts")).ackToDsco,
  ship_to_dsco: async () => (await import("./ship-to-dsco.ts")).shipToDsco,
  invoice_to_dsco: async () => (await import("./invoice-to-dsco.ts")).invoiceToDsco,
  sync_stock: async () => (await import("./sync-stock.ts")).syncStock,
};
