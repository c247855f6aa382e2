import type { RunReport } from "../../src/jobs/run-job.ts";
import type { SandboxRequest } from "../../src/sandbox/endpoint.ts";
import { tamper } from "../helpers/whole-run.ts";
import { type LevelRow, STOCK, StockWorld, WEST } from "../jobs/stock-world.ts";
import type { Env, World } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";

const BATCH_SIZE = 2;
/** Four calls: three lost ones in a row end a pass, and one is left to be kept from it. */
const SKUS = 4 * BATCH_SIZE;
/** After so long the present figure is sent instead. */
const DOUBT_OVER_SEC = 601;

/** SKUs whose figure in Lingxing has changed; the others of the catalog stay as DSCO has them. */
export class StockBench implements Bench {
  readonly world: World;
  readonly job = STOCK;
  readonly effect = "inventory";
  readonly perCall = BATCH_SIZE;
  readonly #stock: StockWorld;
  readonly #killed: boolean;
  readonly #taken = new Map<string, number>();
  readonly #before = new Map<string, LevelRow>();
  readonly #wanted = new Map<string, number>();
  #unused: string[] = [];

  /** `killed`: the figures were sent and taken, and the process was killed before it knew. */
  constructor(world: World, { killed = false } = {}) {
    this.world = world;
    this.#stock = new StockWorld(world);
    this.#killed = killed;
  }

  get env(): Env {
    return { ...this.#stock.env, IPASS_JOB_SYNC_STOCK_BATCH_SIZE: String(BATCH_SIZE) };
  }

  async open(cells: number): Promise<void> {
    await this.world.db.empty();
    await this.#stock.open({ skus: cells * SKUS, auth: "secrets" });
    await this.#stock.ran();
    this.#unused = [...this.#stock.skus()];
    tamper(this.world.vendors, "inventory", async (request, handle) => {
      const answer = await handle(request);
      for (const sku of this.itemsOf(request)) this.#taken.set(sku, (this.#taken.get(sku) ?? 0) + 1);
      return answer;
    });
  }

  async next(): Promise<readonly string[]> {
    const skus = this.#unused.splice(0, SKUS);
    for (const [index, sku] of skus.entries()) this.#wanted.set(sku, 5_000 + index);
    this.#stock.edit(...skus.map((sku) => ({ wid: WEST, sku, valid: this.#wanted.get(sku) ?? 0 })));
    if (this.#killed) {
      await this.run();
      await this.world.db.query("update stock_level set status = 9, request_id = null, confirmed_quantity = 1 where dsco_sku in (?)", [
        skus,
      ]);
    }
    this.#before.clear();
    for (const level of await this.#levels(skus)) this.#before.set(level.dsco_sku, level);
    return skus;
  }

  async run(env: Env = {}): Promise<RunReport> {
    return this.#stock.run({}, { ...this.env, ...env });
  }

  itemsOf({ body }: SandboxRequest): readonly string[] {
    return (JSON.parse(body.toString("utf8")) as { sku: string }[]).map(({ sku }) => sku);
  }

  async states(items: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.#levels(items)).map((level) => [level.dsco_sku, this.#stateOf(level)]));
  }

  #stateOf(level: LevelRow): string {
    if (JSON.stringify(timeless(level)) === JSON.stringify(timeless(this.#before.get(level.dsco_sku) ?? level))) return "as before";
    if (level.status === 1 && level.confirmed_quantity === this.#wanted.get(level.dsco_sku)) return "done";
    return level.status === 9 ? "in flight" : JSON.stringify(level);
  }

  async effects(items: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const shown = this.#stock.atDsco();
    const isThere = (sku: string) => shown.get(sku)?.["WH-CA"] === this.#wanted.get(sku);
    return new Map(items.map((sku) => [sku, isThere(sku) ? (this.#taken.get(sku) ?? 0) : 0]));
  }

  async charged(items: readonly string[]): Promise<readonly string[]> {
    return (await this.#levels(items)).filter(({ retry_count }) => retry_count !== 0).map(({ dsco_sku }) => dsco_sku);
  }

  async graceOver(items: readonly string[]): Promise<void> {
    await this.world.db.query("update stock_level set sent_at = sent_at - interval ? second where dsco_sku in (?)", [
      DOUBT_OVER_SEC,
      items,
    ]);
  }

  async #levels(skus: readonly string[]): Promise<LevelRow[]> {
    const levels = await this.#stock.levels();
    return levels.filter(({ dsco_sku }) => skus.includes(dsco_sku));
  }
}

function timeless({ updated_at, ...level }: LevelRow): Partial<LevelRow> & { readonly run_id?: unknown } {
  const { run_id, ...rest } = level as typeof level & { readonly run_id?: unknown };
  return rest;
}
