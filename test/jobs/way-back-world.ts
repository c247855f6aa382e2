import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect } from "vitest";
import { App } from "../../src/app.ts";
import type { RunOptions } from "../../src/jobs/job.ts";
import { type RunReport, runJob } from "../../src/jobs/run-job.ts";
import type { AdvanceInput, OrdersInput } from "../../src/sandbox/control-schemas.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { STAGES, type Stage } from "../../src/sync/stage.ts";
import type { CliResult } from "../helpers/cli.ts";
import { type Env, type TaskRow, useWorld, type World } from "./world.ts";

export const PULL = "pull_dsco_orders";
export const PUSH = "push_orders_to_lingxing";
export const ACK = "ack_to_dsco";
export const SHIP = "ship_to_dsco";
export const INVOICE = "invoice_to_dsco";

type Wire = Readonly<Record<string, unknown>>;
type Fields = NonNullable<NonNullable<OrdersInput["add"]>[number]["order"]>;
export type Row = Readonly<Record<string, string | number | Date | null>>;

/** An order as DSCO shows it. */
export interface AtDsco {
  readonly dscoStatus: string;
  readonly packages: readonly (Wire & { readonly trackingNumber: string; readonly items: readonly Wire[] })[];
}

/** A retailer's change is this long ago: the pull reads up to ten seconds ago. */
const CHANGED_AGO_MS = 30_000;

/**
 * Both vendors, their people, and ipass's passes in this process: an order's whole life takes a second, so each test has its own.
 * Changes at DSCO happen a little in the past, each after the one before, so that no pull has to be waited for.
 */
export class WayBack {
  readonly world: World;
  #changes = 0;

  constructor(world: World) {
    this.world = world;
  }

  async open(options: Partial<SandboxOptions> = {}, env: Env = {}): Promise<void> {
    await this.world.open({ orders: 0, limits: false, ...options }, env);
  }

  get requests(): Readonly<Record<string, number>> {
    return this.world.vendors.stats().requests;
  }

  /** A new order at DSCO. Two pieces of MUG-BLUE unless the fields say otherwise. */
  order(fields: Wire = {}): string {
    const order = { lineItems: [aLine()], ...fields } as Fields;
    const [id] = this.world.vendors.changeOrders({ add: [{ order, updatedAt: this.#justNow() - 60_000 }] }).added;
    if (id === undefined) throw new Error("no order was added");
    return id;
  }

  /** What the retailer does. */
  retailer(input: Pick<OrdersInput, "cancel" | "uncancel">): void {
    const at = this.#justNow();
    this.world.vendors.changeOrders({ ...input, updatedAt: at, visibleAt: at });
  }

  patch(id: string, set: Wire): void {
    const at = this.#justNow();
    this.world.vendors.changeOrders({ patch: [{ id, set: set as Fields }], updatedAt: at, visibleAt: at });
  }

  #justNow(): number {
    this.#changes += 1;
    return Date.now() - CHANGED_AGO_MS + this.#changes;
  }

  /** What people in Lingxing do. */
  people(input: AdvanceInput): void {
    expect(this.world.vendors.advance(input).touched, `${input.action} met an order`).toBeGreaterThan(0);
  }

  /** One pass; its figures add up. */
  async run(job: JobName, options: RunOptions = {}, env: Env = {}): Promise<RunReport> {
    const all = { ...this.world.env, IPASS_DB_DSN: this.world.db.dsn, IPASS_LOG_DIR: join(this.world.cli.cwd, "logs"), ...env };
    await using app = new App(all, randomUUID());
    const report = await runJob(app, job, options);
    const { read, done, waiting, failed, manual, skipped } = report.counts;
    expect(done + waiting + failed + manual + skipped, `figures of ${JSON.stringify(report)}`).toBe(read);
    return report;
  }

  /** One pass that ends with 0. */
  async ran(job: JobName, options: RunOptions = {}, env: Env = {}): Promise<RunReport> {
    const report = await this.run(job, options, env);
    this.endedWell(report);
    return report;
  }

  /** @throws where it did not, with what the pass has logged about it */
  endedWell(report: RunReport): void {
    if (report.exit.code === 0) return;
    const lines = this.world
      .logs()
      .filter(({ trace_id, level }) => trace_id === report.trace_id && (level === "warn" || level === "error"));
    throw new Error(`a pass did not end well:\n${[report, ...lines].map((line) => JSON.stringify(line)).join("\n")}`);
  }

  /** New orders, as far as Lingxing. */
  async pushed(...orders: readonly Wire[]): Promise<string[]> {
    const ids = (orders.length === 0 ? [{}] : orders).map((fields) => this.order(fields));
    await this.ran(PULL);
    await this.ran(PUSH);
    return ids;
  }

  /** One new order, reviewed in Lingxing and acknowledged. */
  async acked(fields: Wire = {}): Promise<string> {
    const [id = ""] = await this.pushed(fields);
    this.people({ action: "review", numbers: [id] });
    await this.ran(ACK);
    return id;
  }

  /** One new order, out of the warehouse and reported. */
  async shipped(fields: Wire = {}): Promise<string> {
    const id = await this.acked(fields);
    this.people({ action: "ship", numbers: [id] });
    await this.ran(SHIP);
    return id;
  }

  /** `ipass …` in a process of its own. */
  async shell(...args: readonly string[]): Promise<CliResult> {
    return await this.world.start(args).done;
  }

  async requeue(id: string, stage: Stage): Promise<void> {
    const { code, stderr } = await this.shell("order-state", "requeue", id, "--stage", stage, "--reason", "seen to");
    expect(code, stderr).toBe(0);
  }

  async row(id: string): Promise<Row> {
    const [row] = await this.world.db.query<Row>("select * from sync_order_state where dsco_order_id = ?", [id]);
    if (row === undefined) throw new Error(`no order ${id}`);
    return row;
  }

  /** Push, ack, ship, invoice. */
  async stages(id: string): Promise<number[]> {
    const row = await this.row(id);
    return STAGES.map((stage) => Number(row[`${stage}_status`]));
  }

  /** An order's tasks, or those at one status: 0 open, 2 resolved. */
  async tasks(id: string, status?: number): Promise<TaskRow[]> {
    return await this.world.tasks(`dsco_order_id = '${id}'${status === undefined ? "" : ` and status = ${status}`}`);
  }

  async events(id: string, event: string): Promise<Wire[]> {
    const rows = await this.world.db.query<{ detail: string | null }>(
      "select detail from order_event where dsco_order_id = ? and event = ? order by id",
      [id, event],
    );
    return rows.map(({ detail }) => JSON.parse(detail ?? "{}") as Wire);
  }

  atDsco(id: string): AtDsco {
    const order = this.world.vendors.state().dsco.orders.find(({ dscoOrderId }) => dscoOrderId === id);
    if (order === undefined) throw new Error(`DSCO has no order ${id}`);
    return { ...order, dscoStatus: String(order.dscoStatus), packages: (order.packages ?? []) as unknown as AtDsco["packages"] };
  }

  invoices(id: string): Wire[] {
    return this.world.vendors.state().dsco.invoices.flatMap(({ dscoOrderId, invoice }) => (dscoOrderId === id ? [invoice] : []));
  }

  /** What waits for a time waits no longer: instead of sleeping. */
  async due(): Promise<void> {
    const set = STAGES.map((stage) => `${stage}_next_attempt_at = null`).join(", ");
    await this.world.db.query(`update sync_order_state set ${set}`);
  }

  /** Everything ipass has written down happened so much earlier. */
  async later(sec: number): Promise<void> {
    const { db } = this.world;
    const columns = STAGES.flatMap((stage) => ["at", "sent_at", "next_attempt_at"].map((name) => `${stage}_${name}`));
    const set = [...columns, "created_at"].map((column) => `${column} = ${column} - interval ${sec} second`).join(", ");
    await db.query(`update sync_order_state set ${set}`);
    await db.query("update dsco_order_raw set fetched_at = fetched_at - interval ? second", [sec]);
    const { since } = JSON.parse((await this.world.watermark(PULL)) ?? "{}") as { since?: string };
    if (since !== undefined)
      await this.watermark(PULL, { mode: "updatedSince", since: new Date(Date.parse(since) - sec * 1000).toISOString() });
  }

  async watermark(job: JobName, watermark: Wire): Promise<void> {
    await this.world.db.query("replace into job_watermark (job_name, watermark) values (?, ?)", [job, JSON.stringify(watermark)]);
  }
}

/** A line of an order at DSCO. */
export function aLine(fields: Wire = {}): Wire {
  return {
    lineNumber: 1,
    quantity: 2,
    dscoItemId: "900001",
    sku: "MUG-BLUE",
    partnerSku: "CH-5512",
    expectedCost: 8.5,
    consumerPrice: 14.99,
    ...fields,
  };
}

/** A second product. */
export function aBowl(fields: Wire = {}): Wire {
  return aLine({ lineNumber: 2, quantity: 1, dscoItemId: "900002", sku: "BOWL-RED", partnerSku: "CH-7701", consumerPrice: 9.5, ...fields });
}

/** For a whole test file; every test begins with empty tables and without vendors. */
export async function useWayBack(): Promise<WayBack> {
  return new WayBack(await useWorld());
}
