import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect } from "vitest";
import { App } from "../../src/app.ts";
import type { RunOptions } from "../../src/jobs/job.ts";
import { type RunReport, runJob } from "../../src/jobs/run-job.ts";
import { seedCatalog, seedStock } from "../../src/sandbox/catalog.ts";
import type { AdvanceInput } from "../../src/sandbox/control-schemas.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import { type Env, type TaskRow, useWorld, type World } from "./world.ts";

export const STOCK = "sync_stock";
export const WEST = 1001;
export const EAST = 1002;

type StockEdit = Extract<AdvanceInput, { action: "stock" }>["rows"][number];
/** Quantities by warehouse code. */
export type Shown = Readonly<Record<string, number>>;

const MAP = "IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON";
const SEED = 7;

export interface LevelRow {
  readonly dsco_sku: string;
  readonly warehouse_code: string;
  readonly status: number;
  readonly confirmed_quantity: number | null;
  readonly confirmed_at: Date | null;
  readonly sent_quantity: number;
  readonly sent_at: Date;
  readonly request_id: string | null;
  readonly retry_count: number;
  readonly error: string | null;
  readonly next_attempt_at: Date | null;
  readonly updated_at: Date;
}

/** Both vendors and ipass's stock passes in this process, and what Lingxing has, added up by the simplest means. */
export class StockWorld {
  readonly world: World;
  #skus: readonly string[] = [];
  #map: Readonly<Record<string, string>> = {};
  #rows: { wid: number; sku: string; sellerId: string; fnsku: string; valid: number }[] = [];

  constructor(world: World) {
    this.world = world;
  }

  /** `map`: Lingxing warehouse → DSCO warehouse. */
  async open(options: Partial<SandboxOptions> = {}, map: Readonly<Record<string, string>> = WEST_ONLY, env: Env = {}): Promise<void> {
    const skus = options.skus ?? 50;
    await this.world.open({ orders: 0, limits: false, seed: SEED, ...options, skus }, env);
    const catalog = seedCatalog(skus, SEED);
    this.#skus = catalog.map(({ sku }) => sku);
    this.#rows = seedStock(catalog, SEED).map(({ wid, sku, sellerId, fnsku, valid }) => ({ wid, sku, sellerId, fnsku, valid }));
    this.map(map);
  }

  map(map: Readonly<Record<string, string>>): void {
    this.#map = map;
  }

  get env(): Env {
    return { [MAP]: JSON.stringify(this.#map) };
  }

  get requests(): Readonly<Record<string, number>> {
    return this.world.vendors.stats().requests;
  }

  /** The SKUs of the catalog, which DSCO knows. */
  skus(): readonly string[] {
    return this.#skus;
  }

  /** People in Lingxing's warehouses. A figure for a SKU that lies in several rows is that of all of them together. */
  edit(...edits: readonly StockEdit[]): void {
    this.world.vendors.advance({ action: "stock", rows: [...edits] });
    for (const { wid, sku, sellerId, fnsku, valid = 0, remove } of edits) {
      const meant = this.#rows.filter(
        (row) => row.wid === wid && row.sku === sku && (sellerId ?? row.sellerId) === row.sellerId && (fnsku ?? row.fnsku) === row.fnsku,
      );
      const row = { wid, sku, sellerId: meant[0]?.sellerId ?? sellerId ?? "0", fnsku: meant[0]?.fnsku ?? fnsku ?? "", valid };
      this.#rows = [...this.#rows.filter((one) => !meant.includes(one)), ...(remove ? [] : [row])];
    }
  }

  /** What Lingxing can sell, by SKU: a figure for every warehouse of the map. */
  wanted(): Map<string, Shown> {
    const sums = new Map<string, Record<string, number>>();
    for (const { wid, sku, valid } of this.#rows) {
      const code = this.#map[String(wid)];
      if (code === undefined) continue;
      const sum = sums.get(sku) ?? Object.fromEntries(Object.values(this.#map).map((each) => [each, 0]));
      sums.set(sku, sum);
      sum[code] = (sum[code] ?? 0) + valid;
    }
    for (const sum of sums.values()) for (const [code, quantity] of Object.entries(sum)) sum[code] = Math.max(0, quantity);
    return sums;
  }

  /** What DSCO shows, by SKU; total and status fit the warehouses. */
  atDsco(): Map<string, Shown> {
    const { inventory } = this.world.vendors.state().dsco;
    return new Map(
      Object.entries(inventory).map(([sku, item]) => {
        const { warehouses, quantityAvailable, status } = item as unknown as {
          warehouses: { code: string; quantity: number }[];
          quantityAvailable: number;
          status: string;
        };
        const total = warehouses.reduce((sum, { quantity }) => sum + quantity, 0);
        expect({ sku, total: quantityAvailable, status }).toEqual({ sku, total, status: total > 0 ? "in-stock" : "out-of-stock" });
        return [sku, Object.fromEntries(warehouses.map(({ code, quantity }) => [code, quantity]))];
      }),
    );
  }

  /** DSCO shows what Lingxing has, of every SKU Lingxing lists, and 0 of any other. */
  expectEqual(note = ""): void {
    const wanted = this.wanted();
    const shown = this.atDsco();
    expect(Object.fromEntries([...wanted.keys()].map((sku) => [sku, shown.get(sku)])), note).toEqual(Object.fromEntries(wanted));
    const others = [...shown].filter(([sku]) => !wanted.has(sku)).flatMap(([, quantities]) => Object.values(quantities));
    expect(
      others.filter((quantity) => quantity !== 0),
      note,
    ).toEqual([]);
  }

  /** One pass; its figures add up. */
  async run(options: RunOptions = {}, env: Env = {}): Promise<RunReport> {
    const all = {
      ...this.world.env,
      ...this.env,
      IPASS_DB_DSN: this.world.db.dsn,
      IPASS_LOG_DIR: join(this.world.cli.cwd, "logs"),
      ...env,
    };
    await using app = new App(all, randomUUID());
    const report = await runJob(app, STOCK, options);
    const { read, done, waiting, failed, manual, skipped } = report.counts;
    expect(done + waiting + failed + manual + skipped, `figures of ${JSON.stringify(report)}`).toBe(read);
    return report;
  }

  /** One pass that ends with 0. */
  async ran(options: RunOptions = {}, env: Env = {}): Promise<RunReport> {
    const report = await this.run(options, env);
    expect(report.exit, JSON.stringify(report)).toEqual({ code: 0, name: "ok" });
    return report;
  }

  levels(sku?: string): Promise<LevelRow[]> {
    const where = sku === undefined ? "" : "where dsco_sku = ?";
    return this.world.db.query<LevelRow>(`select * from stock_level ${where} order by dsco_sku, warehouse_code`, [sku]);
  }

  tasks(type: string, status = 0): Promise<TaskRow[]> {
    return this.world.tasks(`task_type = '${type}' and status = ${status}`);
  }

  /** Everything ipass has written down about stock happened so much earlier. */
  async later(sec: number): Promise<void> {
    const set = ["confirmed_at", "sent_at", "next_attempt_at"].map((column) => `${column} = ${column} - interval ${sec} second`).join(", ");
    await this.world.db.query(`update stock_level set ${set}`);
  }
}

export const WEST_ONLY = { [WEST]: "WH-CA" };
export const BOTH = { [WEST]: "WH-CA", [EAST]: "WH-NJ" };

/** For a whole test file; every test begins with empty tables and without vendors. */
export async function useStockWorld(): Promise<StockWorld> {
  return new StockWorld(await useWorld());
}
