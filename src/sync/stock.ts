import type { Figure, Wanted } from "./stock-sums.ts";

/** What the status of a SKU in a warehouse means, and who moves it on. */
export const STOCK_STATUS = {
  unknown: 0, // its answer never came: DSCO may have either figure, so the next pass sends the present one
  confirmed: 1,
  refused: 2, // the next pass after next_attempt_at, or as soon as the figure changes
  inFlight: 9, // the next pass, by asking the log; never by sending again
} as const;
export type StockStatus = (typeof STOCK_STATUS)[keyof typeof STOCK_STATUS];

/** One warehouse of a SKU, as it was left. */
export interface StockCell {
  readonly code: string;
  readonly status: StockStatus;
  /** What DSCO last confirmed. */
  readonly confirmed: number | undefined;
  readonly confirmedAt: Date | undefined;
  readonly sent: number;
  readonly sentAt: Date;
  readonly runId: string;
  readonly requestId: string | undefined;
  /** An answer about it never came since the last success: DSCO may have a figure it never confirmed. */
  readonly doubted: boolean;
  /** Refusals since the last success. */
  readonly retryCount: number;
  readonly error: string | undefined;
  readonly nextAttemptAt: Date | undefined;
}

/** A DSCO SKU, as it was left. */
export interface StockLevel {
  readonly sku: string;
  readonly cells: readonly StockCell[];
}

export type SendReason = "new" | "changed" | "in_doubt" | "refused" | "refresh";

export type StockDecision =
  | { readonly do: "send"; readonly why: SendReason; readonly figures: readonly Figure[] }
  | { readonly do: "wait"; readonly why: "in_flight" | "refused" }
  | { readonly do: "nothing" }
  /** Nothing is left to be told about it: no row of it need be kept. */
  | { readonly do: "forget" };

export interface StockPassRules {
  readonly now: Date;
  /** Send everything, changed or not. */
  readonly full: boolean;
}

/** DSCO's own figures may be changed by others: each SKU is sent again this long after it was last confirmed. */
const REFRESH_MS = 24 * 3600_000;
/** An answer that was lost is waited for this long, in the log. Then the figure of that time is of no use any more. */
const DOUBT_MS = 10 * 60_000;
const FIRST_RETRY_SEC = 600;
const LONGEST_RETRY_SEC = 24 * 3600;

/**
 * Whether a SKU is to be sent. What is sent names every warehouse of the map, and with 0 each that was taken out of it: what becomes of a
 * warehouse that is left out, DSCO does not say.
 */
export function decideStock(level: StockLevel, { figures: wanted, listed }: Wanted, pass: StockPassRules): StockDecision {
  const cells = new Map(level.cells.map((cell) => [cell.code, cell]));
  if (level.cells.some(({ status }) => status === STOCK_STATUS.inFlight)) return { do: "wait", why: "in_flight" };
  // Gone, renamed or mapped to another SKU, and DSCO never took it under this one: there is nothing to make 0.
  if (!listed && level.cells.length > 0 && level.cells.every(wasNeverTaken)) return { do: "forget" };
  const mapped = wanted.map(({ code }) => cells.get(code));
  const removed = removedWarehouses(level, wanted, pass.now);
  const send = (why: SendReason): StockDecision => ({ do: "send", why, figures: [...wanted, ...removed] });

  const refused = mapped.find((cell) => cell?.status === STOCK_STATUS.refused);
  if (refused !== undefined) {
    const asRefused = wanted.every(({ code, quantity }) => cells.get(code)?.sent === quantity);
    return pass.full || !asRefused || isDue(refused, pass.now) ? send("refused") : { do: "wait", why: "refused" };
  }
  if (level.cells.length === 0) return send("new");
  if (level.cells.some(({ status }) => status === STOCK_STATUS.unknown)) return send("in_doubt");
  const same = wanted.every(({ code, quantity }) => cells.get(code)?.confirmed === quantity);
  if (!same || removed.length > 0) return send("changed");
  const oldest = pass.now.getTime() - REFRESH_MS;
  const fresh = mapped.every((cell) => cell?.confirmedAt !== undefined && cell.confirmedAt.getTime() > oldest);
  return fresh && !pass.full ? { do: "nothing" } : send("refresh");
}

/**
 * What is to be 0 since the map names it no more. One that DSCO refused with the rest may be why it refused: it then stays behind until its
 * own time has come, so that it cannot hold up the others. One that DSCO never took needs no 0.
 */
function removedWarehouses({ cells }: StockLevel, wanted: readonly Figure[], now: Date): Figure[] {
  const mapped = new Set(wanted.map(({ code }) => code));
  return cells
    .filter(({ code }) => !mapped.has(code))
    .filter((cell) => !isGone(cell) && (cell.status !== STOCK_STATUS.refused || isDue(cell, now)))
    .map(({ code }) => ({ code, quantity: 0 }));
}

/** A warehouse outside the map of which nothing is left to be told. */
export function isGone(cell: StockCell): boolean {
  return (cell.status === STOCK_STATUS.confirmed && cell.confirmed === 0) || wasNeverTaken(cell);
}

function wasNeverTaken({ status, confirmed, doubted }: StockCell): boolean {
  return status === STOCK_STATUS.refused && confirmed === undefined && !doubted;
}

function isDue({ nextAttemptAt }: StockCell, now: Date): boolean {
  return nextAttemptAt === undefined || nextAttemptAt <= now;
}

/** How many pieces DSCO shows as far as we know: where an answer is out, what was sent counts. */
export function believedTotal({ cells }: StockLevel): number {
  return cells.reduce((sum, { status, sent, confirmed }) => {
    const open = status === STOCK_STATUS.inFlight || status === STOCK_STATUS.unknown;
    return sum + (open ? sent : (confirmed ?? 0));
  }, 0);
}

/** Refusals in a row; a warehouse that is new to the SKU has none of its own. */
export function refusalsOf({ cells }: StockLevel): number {
  return cells.reduce((most, { retryCount }) => Math.max(most, retryCount), 0);
}

/** The answer is out for so long that the present figure is sent instead. */
export function isDoubtOver(sentAt: Date, now: Date): boolean {
  return now.getTime() - sentAt.getTime() >= DOUBT_MS;
}

/** When a SKU is sent again after its `refusals`-th refusal in a row: ten minutes, doubling to a day. Seconds. */
export function stockRetrySec(refusals: number): number {
  return Math.min(FIRST_RETRY_SEC * 2 ** Math.min(Math.max(refusals - 1, 0), 10), LONGEST_RETRY_SEC);
}

/** When a warehouse outside the map is sent as 0 again after it was refused: it must not spoil what its SKU sends until then. Seconds. */
export const REMOVED_RETRY_SEC = LONGEST_RETRY_SEC;
