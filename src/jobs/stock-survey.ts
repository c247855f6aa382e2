import { StockStore } from "../store/stock-store.ts";
import { believedTotal, decideStock, type StockDecision, type StockLevel } from "../sync/stock.ts";
import { ZeroCount } from "../sync/stock-guard.ts";
import type { StockSums } from "../sync/stock-sums.ts";
import type { StockContext } from "./stock-ledger.ts";

/** What a pass is to do, found out before it does anything. */
export interface StockSurvey {
  /** SKUs to be sent: those whose figure has changed before those that are only sent again. */
  readonly due: readonly string[];
  readonly zero: ZeroCount;
  /** SKUs of which nothing need be kept. */
  readonly forgotten: readonly string[];
  /** How many others there are, without those in `counted`. */
  readonly unchanged: number;
  readonly waiting: number;
}

/** Compares what Lingxing has with what DSCO has, page by page along the table; a SKU without a row is a new one. */
export async function surveyStock(ctx: StockContext, sums: StockSums, counted: { has(sku: string): boolean }): Promise<StockSurvey> {
  const pass = { now: ctx.now(), full: ctx.options.full === true };
  const changed: string[] = [];
  const refresh: string[] = [];
  const forgotten: string[] = [];
  let unchanged = 0;
  let waiting = 0;
  const zero = new ZeroCount();
  const sort = (level: StockLevel, decision: StockDecision) => {
    if (decision.do === "forget") forgotten.push(level.sku);
    if (decision.do === "send") (decision.why === "refresh" ? refresh : changed).push(level.sku);
    else if (counted.has(level.sku)) return;
    else if (decision.do === "wait") waiting += 1;
    else unchanged += 1;
  };
  for await (const levels of new StockStore(ctx.db).levels()) {
    for (const level of levels) {
      sums.take(level.sku);
      if (sums.isUnreadable(level.sku)) continue;
      const wanted = sums.wanted(level.sku);
      const after = wanted.figures.reduce((sum, { quantity }) => sum + quantity, 0);
      zero.add(believedTotal(level), after, wanted.listed);
      sort(level, decideStock(level, wanted, pass));
    }
  }
  for (const sku of sums.untaken()) if (!sums.isUnreadable(sku)) changed.push(sku);
  return { due: [...changed, ...refresh], zero, forgotten, unchanged, waiting };
}
