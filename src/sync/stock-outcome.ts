import type { StockLogEntry } from "../dsco/inventory-log.ts";
import type { LogReading } from "../dsco/log-reader.ts";
import { type Logged, SENT_LEEWAY_MS } from "./log-outcome.ts";
import { STOCK_STATUS, type StockCell, type StockLevel } from "./stock.ts";

/** Entries by SKU: a request carries a thousand, and each is looked for. */
export function bySku(entries: readonly StockLogEntry[]): ReadonlyMap<string, readonly StockLogEntry[]> {
  const found = new Map<string, StockLogEntry[]>();
  for (const entry of entries) {
    const others = found.get(entry.sku);
    if (others === undefined) found.set(entry.sku, [entry]);
    else others.push(entry);
  }
  return found;
}

/** What became of a SKU, in the log of its own request. */
export function decideStockLogged(entries: readonly StockLogEntry[], completed: LogReading<unknown>["completed"]): Logged {
  return outcomeOf(entries) ?? (completed && entries.length === 0 ? { is: "lost" } : { is: "open" });
}

/**
 * What became of a SKU whose request id was lost, in a log asked for by time. The one before may have been processed a moment ago: only an
 * entry with the very figures that were sent is ours, as far as the log repeats figures.
 */
export function decideStockSince(entries: readonly StockLogEntry[], level: StockLevel): Logged {
  const sent = level.cells.filter(({ status }) => status === STOCK_STATUS.inFlight);
  const since = Math.min(...sent.map(({ sentAt }) => sentAt.getTime()));
  const ours = entries.filter((entry) => {
    const after = entry.quantities === undefined ? since : since - SENT_LEEWAY_MS;
    return entry.processedAt.getTime() >= after && (entry.quantities === undefined || repeats(entry.quantities, sent));
  });
  return outcomeOf(ours) ?? (ours.length > 0 ? { is: "open" } : { is: "lost" });
}

function repeats(quantities: ReadonlyMap<string, number>, sent: readonly StockCell[]): boolean {
  return quantities.size === sent.length && sent.every((cell) => quantities.get(cell.code) === cell.sent);
}

/** A failure beats a success: DSCO may write both for one object. */
function outcomeOf(entries: readonly StockLogEntry[]): Logged | undefined {
  const failure = entries.find(({ status }) => status === "failure");
  if (failure !== undefined) return { is: "failure", reason: failure.reason, requestId: failure.requestId };
  const success = entries.find(({ status }) => status === "success");
  return success === undefined ? undefined : { is: "success", requestId: success.requestId };
}
