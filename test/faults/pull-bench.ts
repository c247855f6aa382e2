import { expect } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { PULL, WayBack } from "../jobs/way-back-world.ts";
import type { Env, World } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";

const ORDERS_PER_PAGE = 10;
const ORDERS = 25;

/** Orders at DSCO that ipass has not seen; each cell has a world of its own, for it costs nothing. */
export class PullBench implements Bench {
  readonly world: World;
  readonly job = PULL;
  readonly effect = "order_page";
  readonly perCall = ORDERS_PER_PAGE;
  readonly env = { IPASS_JOB_PULL_DSCO_ORDERS_BATCH_SIZE: String(ORDERS_PER_PAGE) };
  readonly #life: WayBack;
  readonly #named: number;
  #ids: readonly string[] = [];

  /** `named`: only so many orders, asked for one by one. */
  constructor(world: World, { named = 0 } = {}) {
    this.world = world;
    this.#life = new WayBack(world);
    this.#named = named;
  }

  async open(): Promise<void> {
    await this.world.db.empty();
  }

  async next(): Promise<readonly string[]> {
    await this.world.db.empty();
    await this.#life.open({ orders: this.#named || ORDERS, auth: "secrets" });
    this.#ids = this.world.vendors.state().dsco.orders.map(({ dscoOrderId }) => String(dscoOrderId));
    return this.#ids;
  }

  async run(env: Env = {}): Promise<RunReport> {
    const options = this.#named === 0 ? {} : { orders: this.#ids };
    return this.#life.run(PULL, options, { ...this.env, ...env });
  }

  itemsOf(): readonly string[] {
    return this.#ids.slice(0, ORDERS_PER_PAGE);
  }

  async states(items: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.world.db.query<{ id: string }>(
      "select dsco_order_id as id from sync_order_state join dsco_order_raw using (dsco_order_id)",
    );
    const known = new Set(rows.map(({ id }) => id));
    const isComplete = items.every((id) => known.has(id));
    if (this.#named === 0) expect((await this.world.watermark()) !== undefined, "the watermark moves when all is read").toBe(isComplete);
    return new Map(items.map((id) => [id, known.has(id) ? "done" : "as before"]));
  }

  async effects(items: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.world.db.query<{ id: string; times: string }>(
      "select dsco_order_id as id, count(*) as times from order_event where event = 'order_new' group by dsco_order_id",
    );
    const times = new Map(rows.map((row) => [row.id, Number(row.times)]));
    return new Map(items.map((id) => [id, times.get(id) ?? 0]));
  }

  async charged(): Promise<readonly string[]> {
    return [];
  }

  async graceOver(): Promise<void> {
    throw new Error("a pull leaves nothing in doubt");
  }
}
