import { setTimeout as sleep } from "node:timers/promises";
import { StockStore } from "../store/stock-store.ts";
import { canAskLog, type Logged, SENT_LEEWAY_MS } from "../sync/log-outcome.ts";
import { isDoubtOver, type StockLevel } from "../sync/stock.ts";
import { bySku, decideStockLogged, decideStockSince } from "../sync/stock-outcome.ts";
import type { StockContext, StockLedger, StockVerdict } from "./stock-ledger.ts";

/** First look into the log after a batch, then doubling. */
const FIRST_LOOK_MS = 250;
const SLOWEST_LOOK_MS = 30_000;
/** What a pass spends on waiting for DSCO to settle; the next pass goes on asking. */
const SETTLING_BUDGET_MS = 60_000;

/** A request of this pass, and how many of its SKUs are still out. */
export interface QueuedBatch {
  readonly requestId: string;
  readonly skus: number;
}

/** Told of each SKU whose outcome was recorded. */
export type OnSettled = (sku: string, outcome: "done" | "failed") => void;

/** Finds out what became of what was sent, by reading DSCO's log. */
export class StockSettler {
  readonly #ctx: StockContext;
  readonly #ledger: StockLedger;
  readonly #store: StockStore;

  constructor(ctx: StockContext, ledger: StockLedger) {
    this.#ctx = ctx;
    this.#ledger = ledger;
    this.#store = new StockStore(ctx.db);
  }

  /** What earlier passes left in flight is taken over and asked for, once, before anything new is sent. */
  async settleEarlier(onSettled: OnSettled): Promise<void> {
    if (this.#ctx.options.dryRun) return;
    await this.#ctx.assertLockHeld();
    if ((await this.#store.takeOver(this.#ctx.runId)) === 0) return;
    const now = this.#ctx.now();
    const lost: StockLevel[] = [];
    const old: StockLevel[] = [];
    for (const { requestId, sentAt } of await this.#store.openRequests()) {
      if (canAskLog(requestId, sentAt, now)) lost.push(...(await this.#settleRequest(requestId, onSettled)).lost);
      else {
        const levels = await this.#store.inFlight(this.#ctx.runId, requestId);
        for (const level of levels) (canAskLog("any", sentAtOf(level), now) ? lost : old).push(level);
      }
    }
    const silent = await this.#settleByTime(lost, onSettled);
    await this.#ledger.giveUp([...old, ...silent.filter((level) => isDoubtOver(sentAtOf(level), now))]);
  }

  /**
   * Asks the logs of this pass's requests, with growing pauses. A request that DSCO is still at work on ends the round and goes to the end of
   * the queue: those behind it are hardly further, and each look costs a request. Returns how many SKUs are still out.
   */
  async confirm(queued: readonly QueuedBatch[], onSettled: OnSettled): Promise<number> {
    const until = performance.now() + SETTLING_BUDGET_MS;
    const open = [...queued];
    let lost = 0;
    for (let pauseMs = FIRST_LOOK_MS; open.length > 0 && !this.#ctx.stopped(); pauseMs = Math.min(pauseMs * 2, SLOWEST_LOOK_MS)) {
      if (performance.now() + pauseMs > until) break;
      await sleep(pauseMs, undefined, { signal: this.#ctx.signal });
      for (let batch = open.shift(); batch !== undefined; batch = open.shift()) {
        const found = await this.#settleRequest(batch.requestId, onSettled);
        lost += found.lost.length;
        if (found.open === 0) continue;
        open.push({ ...batch, skus: found.open });
        break;
      }
    }
    return lost + open.reduce((sum, { skus }) => sum + skus, 0);
  }

  /** By the log of its own request, one call for all its SKUs. */
  async #settleRequest(requestId: string, onSettled: OnSettled): Promise<{ open: number; lost: StockLevel[] }> {
    const levels = await this.#store.inFlight(this.#ctx.runId, requestId);
    const log = await (await this.#ctx.dsco()).inventory.log({ requestId }, skusOf(levels));
    const entries = bySku(log.entries);
    return await this.#record(levels, ({ sku }) => decideStockLogged(entries.get(sku) ?? [], log.completed), requestId, onSettled);
  }

  /**
   * The 202 was lost and with it the request id: by the log of the time since the first of them was sent, one call for all. SKUs sent together
   * were queued together: where the log names the request of one, the others wait for that request, however slow DSCO is.
   */
  async #settleByTime(levels: readonly StockLevel[], onSettled: OnSettled): Promise<readonly StockLevel[]> {
    if (levels.length === 0) return [];
    const since = new Date(Math.min(...levels.map((level) => sentAtOf(level).getTime())) - SENT_LEEWAY_MS);
    const log = await (await this.#ctx.dsco()).inventory.log({ since, until: this.#ctx.now() }, skusOf(levels));
    const entries = bySku(log.entries);
    const requests = new Map<number, string>();
    const logged = (level: StockLevel): Logged => {
      const said = decideStockSince(entries.get(level.sku) ?? [], level);
      if ("requestId" in said && said.requestId !== undefined) requests.set(sentAtOf(level).getTime(), said.requestId);
      return said;
    };
    const { lost } = await this.#record(levels, logged, undefined, onSettled);
    const silent: StockLevel[] = [];
    const companions = new Map<string, StockLevel[]>();
    for (const level of lost) {
      const requestId = requests.get(sentAtOf(level).getTime());
      // Under its own request nothing was found: then nothing more will come.
      if (requestId === undefined || level.cells[0]?.requestId !== undefined) silent.push(level);
      else companions.set(requestId, [...(companions.get(requestId) ?? []), level]);
    }
    for (const [requestId, group] of companions) {
      await this.#ledger.adoptRequest(group, requestId);
      silent.push(...(await this.#settleRequest(requestId, onSettled)).lost);
    }
    return silent;
  }

  async #record(
    levels: readonly StockLevel[],
    logged: (level: StockLevel) => Logged,
    ownRequestId: string | undefined,
    onSettled: OnSettled,
  ): Promise<{ open: number; lost: StockLevel[] }> {
    const verdicts: StockVerdict[] = [];
    const lost: StockLevel[] = [];
    for (const level of levels) {
      const said = logged(level);
      if (said.is === "lost") lost.push(level);
      else if (said.is !== "open") verdicts.push({ level, said: { ...said, requestId: said.requestId ?? ownRequestId } });
    }
    await this.#ledger.record(verdicts);
    for (const { level, said } of verdicts) onSettled(level.sku, said.is === "success" ? "done" : "failed");
    return { open: levels.length - verdicts.length - lost.length, lost };
  }
}

function skusOf(levels: readonly StockLevel[]): Set<string> {
  return new Set(levels.map(({ sku }) => sku));
}

function sentAtOf({ cells }: StockLevel): Date {
  return new Date(Math.min(...cells.map(({ sentAt }) => sentAt.getTime())));
}
