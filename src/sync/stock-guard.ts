import type { StockReading } from "../lingxing/inventory-reader.ts";

/** Below this many SKUs in stock, a share says little. */
const FEWEST_SKUS = 20;

/** Why stock must not be sent as it was read. */
export interface GuardTrip {
  readonly cause: "empty_read" | "short_read" | "mass_zero";
  readonly message: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What a pass would do to the SKUs that DSCO shows in stock. */
export class ZeroCount {
  /** SKUs DSCO shows in stock. */
  inStock = 0;
  /** Of these, those about to show 0. */
  turningZero = 0;
  /** Of these, those that Lingxing does not list at all. */
  vanished = 0;

  add(before: number, after: number, listed: boolean): void {
    if (before <= 0) return;
    this.inStock += 1;
    if (after > 0) return;
    this.turningZero += 1;
    if (!listed) this.vanished += 1;
  }
}

/** A read that is empty or does not add up would show as SKUs that are gone. */
export function guardReading({ rows, total, complete }: StockReading): GuardTrip | undefined {
  const figures = { rows_read: rows, rows_promised: total };
  if (rows === 0) return { cause: "empty_read", message: "Lingxing lists no stock at all in the mapped warehouses", figures };
  if (complete && rows === total) return undefined;
  return { cause: "short_read", message: `Lingxing promised ${total} rows of stock and gave ${rows}, also when asked again`, figures };
}

/** A wrong 0 everywhere empties the shop in a minute. */
export function guardZero({ inStock, turningZero, vanished }: ZeroCount, maxZeroPercent: number): GuardTrip | undefined {
  if (inStock < FEWEST_SKUS || turningZero * 100 <= inStock * maxZeroPercent) return undefined;
  const percent = Math.round((turningZero / inStock) * 1000) / 10;
  return {
    cause: "mass_zero",
    message: `${turningZero} of ${inStock} SKUs in stock at DSCO would turn 0 (${percent} %, at most ${maxZeroPercent} % are allowed); ${vanished} of them are not in Lingxing any more`,
    figures: { in_stock: inStock, turning_zero: turningZero, vanished, percent, max_percent: maxZeroPercent },
  };
}
