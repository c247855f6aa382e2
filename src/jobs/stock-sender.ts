import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../errors.ts";
import { type StockItem, StockStore } from "../store/stock-store.ts";
import { decideStock, type StockLevel } from "../sync/stock.ts";
import type { StockSums } from "../sync/stock-sums.ts";
import type { StockContext, StockLedger } from "./stock-ledger.ts";
import type { OnSettled, QueuedBatch } from "./stock-settler.ts";

/** So many lost answers in a row, and DSCO is out. */
const OUTAGE_AFTER = 3;
/** So many requests refused in a row, and it is not the SKUs: a thousand of them halved until each is alone would take two thousand. */
const REFUSED_AFTER = 25;

/** Sends the stock of SKUs in batches, one after the other: claimed before the request leaves, its request id kept before anything else. */
export class StockSender {
  /** What DSCO has queued in this pass. */
  readonly queued: QueuedBatch[] = [];
  readonly #ctx: StockContext;
  readonly #ledger: StockLedger;
  readonly #sums: StockSums;
  readonly #onSettled: OnSettled;
  #lostInARow = 0;
  #refusedInARow = 0;

  constructor(ctx: StockContext, ledger: StockLedger, sums: StockSums, onSettled: OnSettled) {
    this.#ctx = ctx;
    this.#ledger = ledger;
    this.#sums = sums;
    this.#onSettled = onSettled;
  }

  /** What has not left when the pass ends stays as it was. */
  async send(skus: readonly string[]): Promise<void> {
    for (let from = 0; from < skus.length; from += this.#ctx.batchSize) {
      const batch = skus.slice(from, from + this.#ctx.batchSize);
      if (this.#ctx.stopped()) return this.#ctx.tally.settle("waiting", skus.length - from);
      await this.#sendBatch(batch);
    }
  }

  async #sendBatch(skus: readonly string[]): Promise<void> {
    const levels = await new StockStore(this.#ctx.db).find(skus);
    const pass = { now: this.#ctx.now(), full: this.#ctx.options.full === true };
    const items: StockItem[] = [];
    for (const level of levels.values()) {
      const decision = decideStock(level, this.#sums.wanted(level.sku), pass);
      if (decision.do !== "send") this.#ctx.tally.settle("waiting");
      else if (this.#ctx.options.dryRun) this.#plan(level, decision);
      else items.push({ level, figures: decision.figures });
    }
    if (items.length === 0) return;
    await this.#ledger.claim(items);
    await this.#post(items);
  }

  #plan(level: StockLevel, { why, figures }: Extract<ReturnType<typeof decideStock>, { do: "send" }>): void {
    const confirmed = new Map(level.cells.map((cell) => [cell.code, cell.confirmed]));
    const warehouses = figures.map(({ code, quantity }) => {
      const dsco = confirmed.get(code) ?? null;
      return { code, dsco, lingxing: quantity, difference: quantity - (dsco ?? 0) };
    });
    this.#ctx.plan.push({ do: "send", sku: level.sku, why, warehouses });
    this.#ctx.tally.settle("done");
  }

  async #post(items: readonly StockItem[]): Promise<void> {
    try {
      const bodies = items.map(({ level, figures }) => ({ sku: level.sku, warehouses: figures }));
      const { requestId } = await (await this.#ctx.dsco()).inventory.send(bodies);
      this.#lostInARow = 0;
      this.#refusedInARow = 0;
      await this.#ledger.queued(items, requestId);
      this.queued.push({ requestId, skus: items.length });
    } catch (error) {
      if (error instanceof InDoubtError) return this.#keepInDoubt(items, error);
      if (error instanceof RefusedError) return this.#halve(items, error);
      if (neverLeft(error)) await this.#ledger.putBack(items);
      throw error;
    }
  }

  /** The SKUs stay in flight; the next pass asks what became of them. @throws OutageError when it happens too often in a row */
  async #keepInDoubt(items: readonly StockItem[], error: InDoubtError): Promise<void> {
    this.#lostInARow += 1;
    this.#ctx.log.warn("stock_in_doubt", { skus: items.length, err: error });
    await this.#ledger.noteDoubt(items, error.message);
    this.#ctx.tally.settle("waiting", items.length);
    if (this.#lostInARow < OUTAGE_AFTER) return;
    const message = `${this.#lostInARow} answers lost in a row: ${error.message}`;
    throw new OutageError("vendor", message, "nothing to do: the next pass asks what became of them", { cause: error });
  }

  /** Refused as a whole, so that nothing of it took effect: halved until the bad SKU is alone. */
  async #halve(items: readonly StockItem[], error: RefusedError): Promise<void> {
    const [first] = items;
    this.#refusedInARow += 1;
    if (this.#refusedInARow >= REFUSED_AFTER) {
      await this.#ledger.putBack(items);
      const message = `${this.#refusedInARow} batches refused in a row: ${error.message}`;
      throw new OutageError("vendor", message, "read DSCO's reason; the next pass tries again", { cause: error });
    }
    if (first !== undefined && items.length === 1) {
      await this.#ledger.refuseUnsent(first, error.message);
      return this.#onSettled(first.level.sku, "failed");
    }
    this.#ctx.log.warn("stock_batch_refused", { skus: items.length, err: error });
    const middle = Math.ceil(items.length / 2);
    const rest = items.slice(middle);
    try {
      await this.#postAgain(items.slice(0, middle));
    } catch (outage) {
      if (neverLeft(outage)) await this.#ledger.putBack(rest);
      throw outage;
    }
    await this.#postAgain(rest);
  }

  async #postAgain(items: readonly StockItem[]): Promise<void> {
    await this.#ledger.renew(items);
    await this.#post(items);
  }
}

/** Nothing of the request reached DSCO. */
function neverLeft(error: unknown): boolean {
  return error instanceof OutageError || error instanceof NotDeliveredError;
}
