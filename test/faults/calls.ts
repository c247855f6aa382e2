import { TOKEN } from "../../src/dsco/auth.ts";
import { ORDER_BY_ID, ORDER_PAGE } from "../../src/dsco/client.ts";
import { INVENTORY_BATCH, INVENTORY_LOG } from "../../src/dsco/inventory-client.ts";
import { ACKNOWLEDGE, FIND_INVOICES, INVOICE, INVOICE_LOG, ORDER_LOG, SHIP } from "../../src/dsco/report-client.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { ISSUE_TOKEN, REFRESH_TOKEN } from "../../src/lingxing/auth.ts";
import { CREATE_ORDERS } from "../../src/lingxing/client.ts";
import { INVENTORY_DETAILS } from "../../src/lingxing/inventory-reader.ts";
import { LIST_ORDERS } from "../../src/lingxing/order-list-reader.ts";
import { LIST_OUTBOUND } from "../../src/lingxing/outbound-reader.ts";
import type { CallName } from "../../src/sandbox/endpoint.ts";
import type { World } from "../jobs/world.ts";
import type { Bench, Standing } from "./bench.ts";
import { OrderBench, type OrderBenchOptions } from "./order-bench.ts";
import { PullBench } from "./pull-bench.ts";
import type { CallKind } from "./rule.ts";
import { StockBench } from "./stock-bench.ts";

/** A call that ipass makes, in a pass in which it makes it. */
export interface VendorCall {
  /** `<job>: <call>`. */
  readonly name: string;
  readonly kind: CallKind;
  readonly endpoint: Endpoint;
  /** The sandbox's name of it, or that of all further pages. */
  readonly target: CallName | "scroll";
  readonly bench: (world: World) => Bench;
  /** Faults that have to be there for the call to be made at all. */
  readonly given?: readonly string[];
  /** Several such calls are under way at once, each with items of its own. */
  readonly sideBySide?: true;
  /** Where the items stand when the call fails for good. Unless told: as before. */
  readonly stand?: Standing;
}

const orders =
  (options: OrderBenchOptions) =>
  (world: World): Bench =>
    new OrderBench(world, options);

export const CALLS: readonly VendorCall[] = [
  {
    name: "pull: first page of orders",
    kind: "read",
    endpoint: ORDER_PAGE,
    target: "order_page",
    bench: (world) => new PullBench(world),
  },
  {
    name: "pull: further page of orders",
    kind: "page",
    endpoint: ORDER_PAGE,
    target: "scroll",
    bench: (world) => new PullBench(world),
    stand: { done: 10, "as before": 15 },
  },
  {
    name: "pull: order by id",
    kind: "read",
    endpoint: ORDER_BY_ID,
    target: "order_get",
    bench: (world) => new PullBench(world, { named: 3 }),
  },
  {
    name: "pull: DSCO token",
    kind: "token",
    endpoint: TOKEN,
    target: "token",
    bench: (world) => new PullBench(world),
  },

  {
    name: "push: create",
    kind: "write",
    endpoint: CREATE_ORDERS,
    target: "create",
    bench: orders({ stage: "push" }),
    sideBySide: true,
  },
  {
    name: "push: orders that changed since they were pulled",
    kind: "read",
    endpoint: ORDER_PAGE,
    target: "order_page",
    bench: orders({ stage: "push", readied: (bench, ids) => bench.snapshotsAreOld(ids) }),
  },
  {
    name: "push: list, for orders that a killed pass has left in flight",
    kind: "read",
    endpoint: LIST_ORDERS,
    target: "list",
    bench: orders({ stage: "push", readied: (bench, ids) => bench.killedAfterEffect(ids) }),
  },
  {
    name: "push: list, for a create whose answer was lost in this pass",
    kind: "read",
    endpoint: LIST_ORDERS,
    target: "list",
    bench: orders({ stage: "push" }),
    given: ["create:reset-after:#1"],
    stand: { done: 6, "in flight": 2 },
  },
  {
    name: "push: Lingxing token, with orders claimed",
    kind: "token",
    endpoint: ISSUE_TOKEN,
    target: "token_issue",
    bench: orders({ stage: "push", readied: (bench) => bench.withoutToken("lingxing") }),
    sideBySide: true,
  },
  {
    name: "push: refresh of a Lingxing token that was refused",
    kind: "token once",
    endpoint: REFRESH_TOKEN,
    target: "token_refresh",
    bench: orders({ stage: "push" }),
    given: ["create:401:#1"],
    stand: { done: 6, "as before": 2 }, // the other creates were under way, with a token that is as good as before
  },

  { name: "ack: acknowledge", kind: "write", endpoint: ACKNOWLEDGE, target: "ack", bench: orders({ stage: "ack" }) },
  { name: "ack: list, for due orders", kind: "read", endpoint: LIST_ORDERS, target: "list", bench: orders({ stage: "ack" }) },
  {
    name: "ack: list, of what has changed",
    kind: "read",
    endpoint: LIST_ORDERS,
    target: "list",
    bench: orders({ stage: "ack", readied: (bench, ids) => bench.waitingForFeed(ids) }),
  },
  {
    name: "ack: log of a request",
    kind: "read",
    endpoint: ORDER_LOG,
    target: "order_log",
    bench: orders({ stage: "ack" }),
    stand: { "in flight": 8 },
  },
  {
    name: "ack: further page of that log",
    kind: "page",
    endpoint: ORDER_LOG,
    target: "scroll",
    bench: orders({ stage: "ack", sandbox: { logPageSize: 1 } }),
    stand: { "in flight": 8 },
  },
  {
    name: "ack: log of a time, for orders that a killed pass has left in flight",
    kind: "read",
    endpoint: ORDER_LOG,
    target: "order_log",
    bench: orders({ stage: "ack", readied: (bench, ids) => bench.killedAfterEffect(ids) }),
  },
  {
    name: "ack: orders as DSCO shows them, when the log does not tell",
    kind: "read",
    endpoint: ORDER_PAGE,
    target: "order_page",
    bench: orders({ stage: "ack", readied: (bench, ids) => bench.killedAfterEffect(ids, { logsAreSilent: true }) }),
  },
  {
    name: "ack: DSCO token, with orders claimed",
    kind: "token",
    endpoint: TOKEN,
    target: "token",
    bench: orders({ stage: "ack", readied: (bench) => bench.withoutToken("dsco") }),
  },

  { name: "ship: shipment", kind: "write", endpoint: SHIP, target: "ship", bench: orders({ stage: "ship" }) },
  { name: "ship: outbound orders", kind: "read", endpoint: LIST_OUTBOUND, target: "wms", bench: orders({ stage: "ship" }) },
  {
    name: "ship: log of a request",
    kind: "read",
    endpoint: ORDER_LOG,
    target: "order_log",
    bench: orders({ stage: "ship" }),
    stand: { "in flight": 8 },
  },

  { name: "invoice: invoices", kind: "write", endpoint: INVOICE, target: "invoice", bench: orders({ stage: "invoice" }) },
  {
    name: "invoice: log of a request",
    kind: "read",
    endpoint: INVOICE_LOG,
    target: "invoice_log",
    bench: orders({ stage: "invoice" }),
    stand: { "in flight": 8 },
  },
  {
    name: "invoice: invoice by number, when the log does not tell",
    kind: "read",
    endpoint: FIND_INVOICES,
    target: "invoice_get",
    bench: orders({ stage: "invoice", readied: (bench, ids) => bench.killedAfterEffect(ids, { logsAreSilent: true }) }),
  },

  { name: "stock: inventory", kind: "write", endpoint: INVENTORY_BATCH, target: "inventory", bench: (world) => new StockBench(world) },
  {
    name: "stock: what lies in the warehouses",
    kind: "read",
    endpoint: INVENTORY_DETAILS,
    target: "stock",
    bench: (world) => new StockBench(world),
  },
  {
    name: "stock: log of a request",
    kind: "read",
    endpoint: INVENTORY_LOG,
    target: "inventory_log",
    bench: (world) => new StockBench(world),
    stand: { "in flight": 8 },
  },
  {
    name: "stock: log of a time, for SKUs that a killed pass has left in flight",
    kind: "read",
    endpoint: INVENTORY_LOG,
    target: "inventory_log",
    bench: (world) => new StockBench(world, { killed: true }),
  },
];

const FOR_A_PERSON = "a read for a person who waits for the answer: nothing is recorded, and whoever sees it fail asks again";

/** Endpoints no pass calls, and why no fault of theirs can leave anything undone. */
export const NOT_IN_A_PASS: Readonly<Record<string, string>> = {
  "dsco.hello": FOR_A_PERSON,
  "dsco.warehouse_page": FOR_A_PERSON,
  "dsco.inventory_item": FOR_A_PERSON,
  "lingxing.warehouses": FOR_A_PERSON,
  "lingxing.stores": FOR_A_PERSON,
};
