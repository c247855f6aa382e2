import type { SandboxRequest } from "../../src/sandbox/endpoint.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { tamper } from "../helpers/whole-run.ts";
import type { World } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";
import { OrderBench } from "./order-bench.ts";
import { PullBench } from "./pull-bench.ts";
import { StockBench } from "./stock-bench.ts";

/** Every job at its ordinary work. */
export const BENCHES: Readonly<Record<JobName, (world: World) => Bench>> = {
  pull_dsco_orders: (world) => new PullBench(world),
  push_orders_to_lingxing: (world) => new OrderBench(world, { stage: "push" }),
  ack_to_dsco: (world) => new OrderBench(world, { stage: "ack" }),
  ship_to_dsco: (world) => new OrderBench(world, { stage: "ship" }),
  invoice_to_dsco: (world) => new OrderBench(world, { stage: "invoice" }),
  sync_stock: (world) => new StockBench(world),
};

/** The moment when a pass's first call has had its effect and the answer has not left yet: something may happen then, for as long as it likes. */
export class Moment {
  readonly #bench: Bench;
  #watched: Sandbox | undefined;
  #happening: ((request: SandboxRequest) => Promise<void>) | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Of the next pass; once the bench's items are ready. */
  happens(what: (items: readonly string[]) => Promise<void>): void {
    this.#watch();
    this.#happening = (request) => what(this.#bench.itemsOf(request));
  }

  #watch(): void {
    const { world, effect } = this.#bench;
    if (this.#watched === world.vendors) return;
    this.#watched = world.vendors;
    tamper(world.vendors, effect, async (request, handle) => {
      const answer = await handle(request);
      const happening = this.#happening;
      this.#happening = undefined;
      await happening?.(request);
      return answer;
    });
  }
}
