import { parseDscoOrder } from "../dsco/order.ts";
import type { NewInvoice } from "../dsco/reports.ts";
import type { StageOrder } from "../store/order-store.ts";
import { decideInvoice, invoiceIdOf } from "../sync/invoice.ts";
import type { Outcome } from "../sync/outcome.ts";
import { waitForReads } from "./dsco-effects.ts";
import { type Decided, DscoReportPass, type Report, textIsGone } from "./dsco-report-pass.ts";
import type { Job, JobContext } from "./job.ts";

type Needs = "dsco" | "invoice";

/** Invoices the orders whose shipment DSCO has confirmed. */
export const invoiceToDsco: Job<Needs> = {
  name: "invoice_to_dsco",
  needs: ["dsco", "invoice"],
  run: (ctx) => new DscoReportPass(ctx, invoiceReport(ctx)).run(),
};

function invoiceReport(ctx: JobContext<Needs>): Report<NewInvoice> {
  return {
    stage: "invoice",
    about: "invoice",
    refresh: async () => false,
    decide: async (orders) => orders.map((order) => decide(ctx, order)),
    post: async (bodies) => (await ctx.dsco()).reports.invoice(bodies),
    readLog: async (by) => (await ctx.dsco()).reports.invoiceLog(by),
    keyOf: ({ id }) => invoiceIdOf(id),
    effects: (orders) => findInvoices(ctx, orders),
    done: ({ id }) => ({ invoiceId: invoiceIdOf(id) }),
    plan: ({ body }) => ({ invoice_id: body.invoiceId, total_cents: body.totalCents, lines: body.lines.length }),
  };
}

function decide(ctx: JobContext<Needs>, order: StageOrder): Decided<NewInvoice> {
  const parsed = parseDscoOrder(order.raw);
  if (parsed === undefined) return textIsGone(order);
  const decision = decideInvoice(parsed, ctx.config.invoice, { dscoOrderId: order.id, trackingNo: order.trackingNo, now: ctx.now() });
  if (decision.do === "outcome") return { order, outcome: decision.outcome };
  const { invoice, priceFieldOf } = decision;
  const detail = {
    invoice_id: invoice.invoiceId,
    total_cents: invoice.totalCents,
    price_fields: new Set(priceFieldOf).size > 1 ? priceFieldOf : priceFieldOf.slice(0, 1),
  };
  return { order, claim: { id: order.id }, storeId: "", doubts: order.stage.doubts, body: invoice, detail };
}

/** GET /invoice has no batch form: one call for each order in doubt. */
async function findInvoices(ctx: JobContext<Needs>, orders: readonly StageOrder[]): Promise<(order: StageOrder) => Outcome | undefined> {
  await waitForReads(ctx, orders);
  const dsco = await ctx.dsco();
  const existing = new Set<string>();
  for (const { id } of orders) if ((await dsco.reports.findInvoices(invoiceIdOf(id))).length > 0) existing.add(id);
  return ({ id }) => (existing.has(id) ? { to: "done", how: "adopted", invoiceId: invoiceIdOf(id) } : undefined);
}
