import { inTransaction } from "../store/db.ts";
import { type StockEvent, StockHistory } from "../store/stock-history.ts";
import { type StockItem, StockStore } from "../store/stock-store.ts";
import { StockTasks } from "../store/stock-tasks.ts";
import type { Logged } from "../sync/log-outcome.ts";
import { REMOVED_RETRY_SEC, refusalsOf, STOCK_STATUS, type StockLevel, stockRetrySec } from "../sync/stock.ts";
import { mappedWarehouses } from "../sync/stock-sums.ts";
import { taskForRefusal } from "../sync/stock-tasks.ts";
import type { JobContext } from "./job.ts";

export type StockContext = JobContext<"dsco" | "lingxing" | "stock">;

/** One SKU in flight and what DSCO said of it. */
export interface StockVerdict {
  readonly level: StockLevel;
  readonly said: Extract<Logged, { is: "success" | "failure" }>;
}

const SOLVED = { who: "ipass", reason: "the cause is gone" };

/** The only place where what became of a SKU is written: its rows, its history and its task in one transaction, only while it is ours. */
export class StockLedger {
  readonly #ctx: StockContext;
  readonly #store: StockStore;
  readonly #codes: readonly string[];
  readonly #run: { readonly id: string; readonly startedAt: Date };

  constructor(ctx: StockContext) {
    this.#ctx = ctx;
    this.#store = new StockStore(ctx.db);
    this.#codes = mappedWarehouses(ctx.config.stock.warehouseMap);
    this.#run = { id: ctx.runId, startedAt: ctx.now() };
  }

  /** State before effect: committed before the request leaves. */
  async claim(items: readonly StockItem[]): Promise<void> {
    await this.#ctx.assertLockHeld();
    await this.#store.claim(items, this.#run, this.#ctx.now());
  }

  /** Before a further request for SKUs we hold. */
  async renew(items: readonly StockItem[]): Promise<void> {
    await this.#ctx.assertLockHeld();
    await this.#store.renew(items, this.#run.id, this.#ctx.now());
  }

  /** DSCO queued it: its request id is kept before anything else, so that the outcome can be asked for whatever happens to us. */
  async queued(items: readonly StockItem[], requestId: string): Promise<void> {
    await this.#store.keepRequestId(items, this.#run.id, requestId);
  }

  /** The answer was lost: the SKUs stay in flight, with the reason. */
  async noteDoubt(items: readonly StockItem[], error: string): Promise<void> {
    await this.#store.noteDoubt(items, this.#run.id, error);
  }

  /** It provably never left: as before the claim. */
  async putBack(items: readonly StockItem[]): Promise<void> {
    await this.#store.putBack(items, this.#run.id);
  }

  /** The whole request was refused, and this SKU was alone in it. */
  async refuseUnsent(item: StockItem, reason: string): Promise<void> {
    const level = (await this.#store.find([item.level.sku])).get(item.level.sku);
    if (level !== undefined) await this.record([{ level, said: { is: "failure", reason, requestId: undefined } }]);
  }

  /** What DSCO said of SKUs this run holds in flight. @throws LostRowError when somebody else has one of them; nothing is recorded then */
  async record(verdicts: readonly StockVerdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    await this.#ctx.assertLockHeld();
    const now = this.#ctx.now();
    const taken = verdicts.filter(({ said }) => said.is === "success");
    const refused = verdicts.flatMap(({ level, said }) =>
      said.is === "failure" ? [{ level, reason: said.reason, refusals: refusalsOf(level) + 1 }] : [],
    );
    await inTransaction(this.#ctx.db, async (trx) => {
      const store = new StockStore(trx);
      const tasks = new StockTasks(trx);
      const levels = taken.map(({ level }) => level);
      if (levels.length > 0) await store.confirm(levels, this.#run.id, this.#codes, now);
      for (const group of alike(refused)) {
        const refusal = {
          error: group.reason,
          retryCount: group.refusals,
          nextAttemptAt: new Date(now.getTime() + stockRetrySec(group.refusals) * 1000),
          removedNextAttemptAt: new Date(now.getTime() + REMOVED_RETRY_SEC * 1000),
        };
        await store.refuse(group.levels, this.#run.id, refusal, this.#codes);
      }
      await new StockHistory(trx).add(verdicts.flatMap(eventsOf), this.#ctx.source, now);
      await tasks.raise(refused.map(({ level, reason, refusals }) => taskForRefusal(level.sku, reason, refusals)));
      const healed = new Set(levels.filter((level) => refusalsOf(level) > 0).map(({ sku }) => `sku:${sku}`));
      if (healed.size > 0) await tasks.close("sync_failed", (subject) => healed.has(subject), SOLVED);
    });
    if (taken.length > 0) this.#ctx.log.info("stock_confirmed", { skus: taken.length, request_id: taken[0]?.said.requestId });
    for (const { level, reason, refusals } of refused) {
      this.#ctx.log.warn("stock_refused", { sku: level.sku, reason, retry_count: refusals });
    }
  }

  /** The log of the time has told under which request these were sent. */
  async adoptRequest(levels: readonly StockLevel[], requestId: string): Promise<void> {
    await this.#ctx.assertLockHeld();
    await this.#store.adoptRequestId(levels, this.#run.id, requestId);
  }

  /** DSCO never took these, and they are gone from Lingxing: their tasks have no cause any more. */
  async forget(skus: readonly string[]): Promise<void> {
    if (skus.length === 0 || this.#ctx.options.dryRun) return;
    await this.#ctx.assertLockHeld();
    await inTransaction(this.#ctx.db, async (trx) => {
      await new StockStore(trx).forget(skus);
      const subjects = new Set(skus.map((sku) => `sku:${sku}`));
      await new StockTasks(trx).close("sync_failed", (subject) => subjects.has(subject), SOLVED);
    });
  }

  /** Nobody will say what became of these: they are sent again, with the figure of that time. */
  async giveUp(levels: readonly StockLevel[]): Promise<void> {
    if (levels.length === 0) return;
    await this.#ctx.assertLockHeld();
    await inTransaction(this.#ctx.db, async (trx) => {
      await new StockStore(trx).giveUp(levels, this.#run.id);
      const events = levels.map((level): StockEvent => {
        const { to } = figuresOf(level);
        return { sku: level.sku, event: "stock_unanswered", requestId: level.cells[0]?.requestId, detail: { to } };
      });
      await new StockHistory(trx).add(events, this.#ctx.source, this.#ctx.now());
    });
    this.#ctx.log.warn("stock_unanswered", { skus: levels.length });
  }
}

interface Refused {
  readonly level: StockLevel;
  readonly reason: string;
  readonly refusals: number;
}

/** One statement for all that are refused for the same reason for the same time. */
function alike(refused: readonly Refused[]): { reason: string; refusals: number; levels: StockLevel[] }[] {
  const groups = new Map<string, { reason: string; refusals: number; levels: StockLevel[] }>();
  for (const { level, reason, refusals } of refused) {
    const key = `${refusals}\0${reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reason, refusals, levels: [level] });
    else group.levels.push(level);
  }
  return [...groups.values()];
}

/** A refresh that confirmed what was known is no news. */
function eventsOf({ level, said }: StockVerdict): StockEvent[] {
  const { from, to } = figuresOf(level);
  const requestId = said.requestId ?? level.cells[0]?.requestId;
  if (said.is === "failure") return [{ sku: level.sku, event: "stock_refused", requestId, detail: { reason: said.reason, from, to } }];
  const same = Object.keys(to).every((code) => from[code] === to[code]) && refusalsOf(level) === 0;
  return same ? [] : [{ sku: level.sku, event: "stock_confirmed", requestId, detail: { from, to } }];
}

/** By warehouse: what DSCO had confirmed before, and what was sent. */
function figuresOf({ cells }: StockLevel): { from: Record<string, number | null>; to: Record<string, number> } {
  const sent = cells.filter(({ status }) => status === STOCK_STATUS.inFlight);
  return {
    from: Object.fromEntries(sent.map(({ code, confirmed }) => [code, confirmed ?? null])),
    to: Object.fromEntries(sent.map((cell) => [cell.code, cell.sent])),
  };
}
