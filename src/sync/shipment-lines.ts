import type { DscoLineItem, DscoOrder } from "../dsco/order.ts";
import type { NewShipmentLine } from "../dsco/reports.ts";
import { openQuantity } from "./order-reading.ts";

/** A line of the order and how many pieces of it are wanted. */
export interface OpenLine {
  readonly line: DscoLineItem;
  /** What the push named the line by; lines of one SKU share it. */
  readonly key: string;
  readonly open: number;
}

/** Pieces by the key of their lines. */
export type Pieces = ReadonlyMap<string, number>;

/** The lines of an order by line number (those without one last), and what of them cannot be read. */
export function readLines(order: DscoOrder): { readonly lines: readonly OpenLine[]; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const lines = order.lineItems.flatMap((line, index): OpenLine[] => {
    const key = (line.sku ?? line.partnerSku)?.trim();
    const open = openQuantity(line);
    if (open === undefined) missing.push(`lineItems[${index}].quantity`);
    if (key === undefined && open !== 0) missing.push(`lineItems[${index}].sku`);
    return key === undefined || open === undefined ? [] : [{ line, key, open }];
  });
  const byNumber = (line: OpenLine) => line.line.lineNumber ?? Number.MAX_SAFE_INTEGER;
  return { lines: lines.sort((a, b) => byNumber(a) - byNumber(b)), missing: order.lineItems.length === 0 ? ["lineItems"] : missing };
}

/**
 * The key of the lines a DSCO SKU means: those pushed under it, else those whose retailer's SKU it is, if they all are of one product.
 * Undefined when no line or more than one product answers to it.
 */
export function findKey(sku: string, lines: readonly OpenLine[]): string | undefined {
  if (lines.some(({ key }) => key === sku)) return sku;
  const keys = new Set(lines.filter(({ line }) => line.partnerSku?.trim() === sku).map(({ key }) => key));
  return keys.size === 1 ? [...keys][0] : undefined;
}

/** What is wanted, by key. Cancelled lines count with 0, so that goods sent for them show as too many. */
export function wantedPieces(lines: readonly OpenLine[]): Map<string, number> {
  return addUp(lines.map(({ key, open }) => [key, open]));
}

/** Keys of which there is more, and of which there is less than wanted, each with the figures, such as `3 of 2 MUG-BLUE`. */
export function compare(pieces: Pieces, wanted: Pieces): { readonly over: readonly string[]; readonly short: readonly string[] } {
  const over: string[] = [];
  const short: string[] = [];
  for (const [key, want] of wanted) {
    const have = pieces.get(key) ?? 0;
    if (have !== want) (have > want ? over : short).push(`${have} of ${want} ${key}`);
  }
  return { over, short };
}

export function addUp(entries: Iterable<readonly [string, number]>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, count] of entries) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}

/**
 * Deals pieces out to so many parcels, one by one in turn, so that no parcel stays empty while there are pieces: which piece went into
 * which parcel, Lingxing does not tell.
 */
export function dealOut(pieces: Pieces, parcels: number): Map<string, number>[] {
  const dealt = Array.from({ length: parcels }, () => new Map<string, number>());
  let turn = 0;
  for (const [key, count] of pieces) {
    for (const [index, parcel] of dealt.entries()) {
      const afterTurn = (index - (turn % parcels) + parcels) % parcels;
      const share = Math.floor(count / parcels) + (afterTurn < count % parcels ? 1 : 0);
      if (share > 0) parcel.set(key, share);
    }
    turn += count;
  }
  return dealt;
}

/**
 * The lines of each parcel: lines of one SKU are filled in their order, parcel by parcel, never beyond what is wanted of them. A line that
 * ends up in several parcels is flagged in each.
 */
export function fillLines(lines: readonly OpenLine[], parcels: readonly Pieces[]): NewShipmentLine[][] {
  const left = lines.map(({ open }) => open);
  const taken = parcels.map((parcel) => {
    const rest = new Map(parcel);
    return lines.map(({ key }, index) => {
      const quantity = Math.min(rest.get(key) ?? 0, left[index] ?? 0);
      rest.set(key, (rest.get(key) ?? 0) - quantity);
      left[index] = (left[index] ?? 0) - quantity;
      return quantity;
    });
  });
  const spans = lines.map((_, index) => taken.filter((quantities) => (quantities[index] ?? 0) > 0).length > 1);
  return taken.map((quantities) =>
    lines.flatMap(({ line: { lineNumber, dscoItemId, sku, partnerSku } }, index) => {
      const quantity = quantities[index] ?? 0;
      if (quantity === 0) return [];
      return [{ lineNumber, dscoItemId, sku, partnerSku, quantity, ...(spans[index] && { packageSpan: true }) }];
    }),
  );
}
