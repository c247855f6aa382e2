import { OutageError } from "../../errors.ts";
import type { LingxingClient } from "../../lingxing/client.ts";
import type { JobName } from "../../sync/job-name.ts";
import type { Check, Context } from "../check.ts";
import { type Finding, pass } from "../finding.ts";

/** A number no order has. */
const NO_ORDER = "ipass-doctor";
const DAY_MS = 24 * 3600_000;

const hello: Check = {
  id: "dsco.hello",
  broken: "fail",
  remote: true,
  async run({ dsco, needed }) {
    if (!needed.has("dsco")) return pass("dsco.hello", "no job that is switched on talks to DSCO");
    const client = await dsco();
    await reaching("IPASS_DSCO_BASE_URL", () => client.hello());
    return pass("dsco.hello", "DSCO answers, and takes the credentials");
  },
};

/** To a pass, a vendor that is out says "wait". To whoever sets ipass up, it may as well be the wrong address. */
async function reaching(variable: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof OutageError) || error.exit !== "vendor") throw error;
    const step = `run ipass doctor again in some minutes; if it stays, check ${variable} and this machine's way there (firewall, proxy, DNS)`;
    throw new OutageError("vendor", error.message, step, { cause: error });
  }
}

/** Each interface has to be granted to the app by itself, so each one a job reads is asked, for nothing in particular. */
const reading = (
  id: string,
  readers: readonly JobName[],
  found: string,
  ask: (client: LingxingClient, context: Context) => Promise<unknown>,
): Check => ({
  id,
  broken: "fail",
  remote: true,
  async run(context): Promise<Finding> {
    if (!readers.some((job) => context.enabled.has(job))) return pass(id, "no job that is switched on reads it");
    const client = await context.lingxing();
    await reaching("IPASS_LINGXING_BASE_URL", () => ask(client, context));
    return pass(id, found);
  },
});

const orders = reading(
  "lingxing.orders",
  ["push_orders_to_lingxing", "ack_to_dsco", "ship_to_dsco"],
  "the order list answers; whether orders may be created shows only when the first one is",
  (client, { app }) => client.ordersByNumber([app.config(["lingxingStore"]).lingxingStore.storeId], [NO_ORDER]),
);

const outbound = reading("lingxing.outbound", ["ship_to_dsco"], "the list of outbound orders answers", async (client, { now }) => {
  const createdTo = await now();
  return client.outboundOrders({ platformOrderNos: [NO_ORDER], createdFrom: new Date(createdTo.getTime() - DAY_MS), createdTo });
});

const stock = reading("lingxing.stock", ["sync_stock"], "the stock of the mapped warehouses can be read", (client, { app }) =>
  client.inventory.lists([...app.config(["stock"]).stock.warehouseMap.keys()], NO_ORDER),
);

export const VENDOR_CHECKS: readonly Check[] = [hello, orders, outbound, stock];
