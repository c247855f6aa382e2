import type { JsonObject } from "../../src/sandbox/json.ts";
import { STAGE_STATUS, STAGES, type Stage } from "../../src/sync/stage.ts";
import type { Facts, OrderRow } from "./facts.ts";
import type { Rule, Violation } from "./violation.ts";

type Wire = JsonObject;
type LingxingOrder = Facts["vendors"]["lingxing"]["orders"][number];

/** One order, as everybody has it. */
interface Case {
  readonly id: string;
  readonly dsco: Wire;
  readonly row: OrderRow;
  readonly inLingxing: readonly LingxingOrder[];
  readonly packages: readonly Wire[];
  readonly invoices: readonly Wire[];
}

export function* auditOrders(facts: Facts): Generator<Violation> {
  const rows = new Map(facts.orders.map((row) => [row.dsco_order_id, row]));
  const byNumber = groupBy(
    facts.vendors.lingxing.orders.filter(({ deleted }) => !deleted),
    ({ platformOrderNos }) => platformOrderNos,
  );
  const invoices = groupBy(facts.vendors.dsco.invoices, ({ dscoOrderId }) => [dscoOrderId]);
  for (const dsco of facts.vendors.dsco.orders) {
    const id = String(dsco.dscoOrderId);
    const row = rows.get(id);
    if (row === undefined) {
      // One that was cancelled before it was first seen is nobody's concern.
      if (dsco.dscoStatus !== "cancelled" || byNumber.has(id)) yield { rule: "lost", about: id, what: "DSCO has it, our tables have not" };
      continue;
    }
    const one: Case = {
      id,
      dsco,
      row,
      inLingxing: byNumber.get(row.platform_order_no ?? id) ?? [],
      packages: objects(dsco.packages),
      invoices: (invoices.get(id) ?? []).map(({ invoice }) => invoice),
    };
    yield* tell(id, [...once(one), ...truth(one), ...ended(one), ...contents(one)]);
  }
  yield* invoicedTooEarly(facts);
  yield* askedTwice(facts);
  yield* watermarks(facts);
  yield* recordedBy(facts);
  yield* openTasks(facts);
}

type Found = readonly [Rule, string];

function* tell(about: string, found: Iterable<Found>): Generator<Violation> {
  for (const [rule, what] of found) yield { rule, about, what };
}

/** At most one of everything; that there is one at all is what `truth` and `ended` see to. */
function* once({ inLingxing, packages, invoices }: Case): Generator<Found> {
  if (inLingxing.length > 1) yield ["repeated", `${inLingxing.length} orders in Lingxing`];
  if (packages.length > 1) yield ["repeated", `${packages.length} shipments at DSCO`];
  if (invoices.length > 1) yield ["repeated", `${invoices.length} invoices at DSCO`];
}

/** A stage is done if, and only if, the vendor has it. */
function* truth({ dsco, row, inLingxing, packages, invoices }: Case): Generator<Found> {
  const has: Record<Stage, boolean> = {
    push: inLingxing.length > 0,
    ack: dsco.dscoStatus === "cancelled" ? row.ack_status === STAGE_STATUS.done : dsco.dscoStatus !== "created",
    ship: packages.length > 0,
    invoice: invoices.length > 0,
  };
  for (const stage of STAGES) {
    const status = row[`${stage}_status`];
    if (status === STAGE_STATUS.done && !has[stage]) yield ["untrue", `${stage} is done, and the vendor does not have it`];
    if (status !== STAGE_STATUS.done && has[stage]) yield ["untrue", `${stage} stands at ${status}, and the vendor has it`];
  }
}

/** Through, or, where the retailer cancelled, not needed any more or with a person. */
function* ended({ dsco, row }: Case): Generator<Found> {
  const { done, manual, notNeeded, inFlight } = STAGE_STATUS;
  const ends: readonly number[] = dsco.dscoStatus === "cancelled" ? [done, manual, notNeeded] : [done];
  for (const stage of STAGES) {
    const status = row[`${stage}_status`];
    if (status === inFlight) yield ["in_flight", `${stage} is in flight`];
    else if (!ends.includes(status)) yield ["unfinished", `${stage} stands at ${status}`];
    // What the retailer cancels under our hands DSCO refuses.
    if (dsco.dscoStatus !== "cancelled" && row[`${stage}_retry_count`] > 0)
      yield ["charged", `${stage} was charged ${row[`${stage}_retry_count`]} times`];
  }
}

/** What arrived is what was ordered, and our tables name it by its right numbers. */
function* contents({ id, dsco, row, inLingxing, packages, invoices }: Case): Generator<Found> {
  const lines = objects(dsco.lineItems);
  const wanted = pieces(lines.map((line) => [String(line.sku), Number(line.quantity)]));
  for (const order of inLingxing) {
    const got = pieces(order.lines.map(({ sku, quantity }) => [sku, quantity]));
    if (got !== wanted) yield ["wrong", `Lingxing has ${got}, ordered is ${wanted}`];
    if (row.lingxing_global_order_no !== order.globalOrderNo)
      yield ["wrong", `noted as ${row.lingxing_global_order_no}, in Lingxing it is ${order.globalOrderNo}`];
  }
  for (const parcel of packages) {
    const got = pieces(objects(parcel.items).map((line) => [String(line.sku), Number(line.quantity)]));
    if (got !== wanted) yield ["wrong", `shipped are ${got}, ordered is ${wanted}`];
    const left = inLingxing[0]?.trackingNo;
    if (parcel.trackingNumber !== left)
      yield ["wrong", `DSCO has parcel ${String(parcel.trackingNumber)}, out of the warehouse went ${left}`];
    if (row.shipped_tracking_no !== left) yield ["wrong", `parcel noted as ${row.shipped_tracking_no}, out of the warehouse went ${left}`];
  }
  const cents = lines.reduce((sum, line) => sum + Math.round(Number(line.consumerPrice) * 100) * Number(line.quantity), 0);
  for (const invoice of invoices) {
    const total = Math.round(Number(invoice.totalAmount) * 100);
    if (total !== cents) yield ["wrong", `invoiced for ${total} cents, ordered for ${cents}`];
    if (invoice.invoiceId !== `INV-${id}` || row.dsco_invoice_id !== `INV-${id}`)
      yield ["wrong", `invoice ${String(invoice.invoiceId)}, noted as ${row.dsco_invoice_id}`];
  }
}

function* invoicedTooEarly({ vendors }: Facts): Generator<Violation> {
  for (const { dscoOrderId, beforeShipment } of vendors.dsco.invoices) {
    if (beforeShipment) yield { rule: "wrong", about: dscoOrderId, what: "invoiced before it was shipped" };
  }
}

/** Nothing that a vendor has taken is sent there again, even where the vendor would not have minded. */
function* askedTwice({ told }: Facts): Generator<Violation> {
  for (const call of ["create", "ack", "ship", "invoice"] as const) {
    for (const [about, times] of told[call] ?? []) {
      if (times > 1) yield { rule: "repeated", about, what: `${call}: the vendor was told ${times} times` };
    }
  }
}

function* openTasks({ vendors, tasks }: Facts): Generator<Violation> {
  const cancelled = new Set(
    vendors.dsco.orders.filter(({ dscoStatus }) => dscoStatus === "cancelled").map(({ dscoOrderId }) => String(dscoOrderId)),
  );
  for (const { task_type, dsco_order_id, status } of tasks) {
    if (status <= 1 && !cancelled.has(dsco_order_id ?? ""))
      yield { rule: "charged", about: dsco_order_id ?? "stock", what: `a task for a person: ${task_type}` };
  }
}

/** What the pull says it has read up to is all there, in a version at least as new. */
function* watermarks({ vendors, watermarks: rows, snapshots }: Facts): Generator<Violation> {
  const known = new Map(snapshots.map((row) => [row.dsco_order_id, row.dsco_last_update?.getTime() ?? 0]));
  for (const { job_name, watermark } of rows) {
    const { since } = JSON.parse(watermark) as { since: string | number };
    const sinceMs = typeof since === "number" ? since * 1000 : Date.parse(since);
    if (sinceMs > Date.now()) yield { rule: "lost", about: job_name, what: `its watermark lies in the future: ${watermark}` };
    if (job_name !== "pull_dsco_orders") continue;
    for (const { dscoOrderId, dscoStatus, dscoLastUpdate } of vendors.dsco.orders) {
      if (dscoStatus === "cancelled" && !known.has(String(dscoOrderId))) continue; // first seen when it was
      const updated = Date.parse(String(dscoLastUpdate));
      const have = known.get(String(dscoOrderId)) ?? 0;
      if (updated < sinceMs && have < updated)
        yield {
          rule: "lost",
          about: String(dscoOrderId),
          what: `changed ${String(dscoLastUpdate)}, and the watermark has passed it by: ${since}`,
        };
    }
  }
}

/** An outcome is written once, by the run that holds the row. */
function* recordedBy({ orders, events }: Facts): Generator<Violation> {
  const outcomes = groupBy(
    events.filter(({ event }) => /_(done|adopted)$/.test(event)),
    ({ dsco_order_id, stage }) => [`${dsco_order_id} ${stage}`],
  );
  for (const row of orders) {
    for (const stage of STAGES) {
      const found = outcomes.get(`${row.dsco_order_id} ${stage}`) ?? [];
      const held = String(row[`${stage}_run_id`]);
      if (found.length > 1) yield { rule: "not_ours", about: row.dsco_order_id, what: `${stage} was recorded ${found.length} times` };
      const last = found.at(-1);
      if (row[`${stage}_status`] === STAGE_STATUS.done && last !== undefined && String(last.job_run_id) !== held)
        yield { rule: "not_ours", about: row.dsco_order_id, what: `${stage} was run ${held}'s, and run ${last.job_run_id} recorded it` };
    }
  }
}

/** `2 BOWL-1, 3 MUG-2`: the same goods give the same text. */
function pieces(lines: readonly (readonly [sku: string, quantity: number])[]): string {
  const sums = new Map<string, number>();
  for (const [sku, quantity] of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return [...sums]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([sku, quantity]) => `${quantity} ${sku}`)
    .join(", ");
}

function objects(value: unknown): Wire[] {
  return Array.isArray(value) ? (value as Wire[]) : [];
}

function groupBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) for (const key of keysOf(item)) groups.set(key, [...(groups.get(key) ?? []), item]);
  return groups;
}
