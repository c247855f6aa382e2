import pLimit from "p-limit";
import { parseDscoOrder } from "../dsco/order.ts";
import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../errors.ts";
import { maskPersonalData } from "../personal-data.ts";
import type { StageOrder } from "../store/order-store.ts";
import type { Claim } from "../store/stage-claims.ts";
import { batchesOf, type Sendable } from "../sync/push-batch.ts";
import { decideRefusal } from "../sync/refusal.ts";
import type { Stage } from "../sync/stage.ts";
import type { JobContext, PlanEntry } from "./job.ts";
import type { StageLedger } from "./stage-ledger.ts";

/** So many lost answers or server faults in a row, and the vendor is down. */
const OUTAGE_AFTER = 3;

/** An order ready to be sent, and what its claim fixes. */
export interface SendItem extends Sendable {
  readonly order: StageOrder;
  readonly claim: Claim;
}

export interface SendWay<T extends SendItem> {
  readonly stage: Stage;
  /** Requests under way at once. */
  readonly atOnce: number;
  /** Sends one batch and records what its answer says; resolves to how many orders the vendor took. */
  post(items: readonly T[]): Promise<number>;
  /** What a dry run tells of an order. */
  plan(item: T): Omit<PlanEntry, "do" | "dsco_order_id">;
}

/**
 * Sends orders in batches: claimed before the request leaves, kept in flight when its answer is lost, put back when it provably never
 * left, halved when it is refused as a whole.
 */
export class BatchSender<T extends SendItem> {
  /** Orders of this pass whose answer was lost. */
  readonly inDoubt: string[] = [];
  readonly #ctx: JobContext;
  readonly #ledger: StageLedger;
  readonly #way: SendWay<T>;
  #lostInARow = 0;
  #taken = 0;

  constructor(ctx: JobContext, ledger: StageLedger, way: SendWay<T>) {
    this.#ctx = ctx;
    this.#ledger = ledger;
    this.#way = way;
  }

  /** What is under way when one batch fails is finished first; what has not begun by then stays as it is. */
  async send(items: readonly T[]): Promise<void> {
    const limit = pLimit(this.#way.atOnce);
    let failure: unknown;
    const batches = batchesOf(items, this.#ctx.batchSize).map((batch) =>
      limit(async () => {
        if (failure !== undefined || this.#ctx.stopped()) return this.#ctx.tally.settle("waiting", batch.length);
        try {
          await this.#claimAndPost(batch);
        } catch (error) {
          failure ??= error; // here, not behind the limit: that has begun the next batch by then
        }
      }),
    );
    await Promise.all(batches);
    if (failure !== undefined) throw failure;
  }

  async #claimAndPost(batch: readonly T[]): Promise<void> {
    const items = await this.#ledger.claim(batch);
    this.#ctx.tally.settle("skipped", batch.length - items.length); // cancelled, or taken by a person, meanwhile
    if (items.length === 0) return;
    if (this.#ctx.options.dryRun) this.#plan(items);
    else await this.#post(items, items.length);
  }

  #plan(items: readonly T[]): void {
    for (const item of items)
      this.#ctx.plan.push({ do: "send", dsco_order_id: item.order.id, stage: this.#way.stage, ...this.#way.plan(item) });
    this.#ctx.tally.settle("done", items.length);
  }

  /** `family`: how many orders the batch had before it was halved. */
  async #post(items: readonly T[], family: number): Promise<void> {
    try {
      this.#taken += await this.#way.post(items);
      this.#lostInARow = 0;
    } catch (error) {
      if (error instanceof InDoubtError) return this.keepInDoubt(items, error);
      if (error instanceof RefusedError) return this.#halve(items, family, error);
      if (neverLeft(error)) await this.#putBack(items);
      throw error;
    }
  }

  /** The orders stay in flight; the next pass asks what became of them. @throws OutageError when it happens too often in a row */
  async keepInDoubt(items: readonly T[], error: InDoubtError): Promise<void> {
    this.inDoubt.push(...items.map(({ order }) => order.id));
    this.#lostInARow += 1;
    this.#ctx.log.warn(`${this.#way.stage}_in_doubt`, { orders: items.length, err: error });
    await this.#ledger.noteDoubt(ordersOf(items), error.message);
    if (this.#lostInARow < OUTAGE_AFTER) return;
    const message = `${this.#lostInARow} answers lost in a row: ${error.message}`;
    throw new OutageError("vendor", message, "nothing to do: the next pass asks what became of them", { cause: error });
  }

  /** Refused as a whole: halved until the bad order is alone. Alone among others that went through, it is to blame. */
  async #halve(items: readonly T[], family: number, error: RefusedError): Promise<void> {
    const [first] = items;
    if (first !== undefined && items.length === 1) {
      const outcome =
        family === 1 || this.#taken > 0
          ? decideRefusal(this.#way.stage, first.order.stage, error.message)
          : ({ to: "failed", charge: false, error: error.message } as const);
      return this.#ledger.record("in-flight", [{ order: first.order, outcome }]);
    }
    this.#ctx.log.warn(`${this.#way.stage}_batch_refused`, { orders: items.length, err: error });
    const middle = Math.ceil(items.length / 2);
    const rest = items.slice(middle);
    try {
      await this.#postAgain(items.slice(0, middle), family);
    } catch (outage) {
      if (neverLeft(outage)) await this.#putBack(rest);
      throw outage;
    }
    await this.#postAgain(rest, family);
  }

  async #postAgain(items: readonly T[], family: number): Promise<void> {
    await this.#ledger.renew(ordersOf(items));
    await this.#post(items, family);
  }

  /** It provably never left, and that is the vendor's fault: as before the claim. */
  async #putBack(items: readonly T[]): Promise<void> {
    await this.#ledger.record(
      "in-flight",
      items.map(({ order }) => ({ order, outcome: { to: "unsent" } })),
    );
  }
}

/** Nothing of the request reached the vendor. */
function neverLeft(error: unknown): boolean {
  return error instanceof OutageError || error instanceof NotDeliveredError;
}

function ordersOf(items: readonly SendItem[]): StageOrder[] {
  return items.map(({ order }) => order);
}

/** A vendor's words about this order may quote its address, in spellings that would hide too much of words about others. */
export function withoutPersonalData(message: string, order: StageOrder): string {
  return maskPersonalData(message, parseDscoOrder(order.raw)?.wire);
}
