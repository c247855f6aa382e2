import type { DscoOrder } from "../dsco/order.ts";
import { listed } from "./listed.ts";
import { countPieces, type Departure, type SkuMap, withoutDoubles } from "./outbound-goods.ts";
import { addUp, compare, dealOut, type OpenLine, type Pieces, readLines, wantedPieces } from "./shipment-lines.ts";

/** What has left for an order, held against what is wanted. */
export interface Contents {
  /** Lingxing SKUs that no line answers to. */
  readonly unknown: readonly string[];
  /** Such as `3 of 2 MUG-BLUE`. */
  readonly over: readonly string[];
  readonly short: readonly string[];
  /** Why this order's share of a merged outbound order cannot be told. */
  readonly unclear: string | undefined;
  /** The order's own pieces in each departure; undefined where only their sum is known. */
  readonly byDeparture: ReadonlyMap<Departure, Pieces> | undefined;
}

/** Goods that went out under one tracking number. */
export interface Parcel {
  readonly trackingNumber: string;
  readonly pieces: Pieces;
  /** The outbound orders it is made of: one, unless several went into one box. */
  readonly departures: readonly Departure[];
}

/** @param siblings by platform number, the orders that share outbound orders with this one */
export function readContents(
  lines: readonly OpenLine[],
  departures: readonly Departure[],
  skuMap: SkuMap | undefined,
  siblings: ReadonlyMap<string, DscoOrder>,
  platformOrderNo: string,
): Contents {
  if (departures.some(({ shared }) => shared.length > 0)) return readPooled(lines, departures, skuMap, siblings, platformOrderNo);
  // Bundles are read over everything at once: two parcels of one order must not be read in two ways.
  const counted = new Set(
    withoutDoubles(
      departures.flatMap(({ own }) => own),
      lines,
      skuMap,
    ),
  );
  const counts = departures.map(({ own }) =>
    countPieces(
      own.filter((item) => counted.has(item)),
      lines,
      skuMap,
    ),
  );
  const all = addUp(counts.flatMap(({ pieces }) => [...pieces]));
  return {
    unknown: [...new Set(counts.flatMap(({ unknown }) => unknown))],
    ...compare(all, wantedPieces(lines)),
    unclear: undefined,
    byDeparture: new Map(departures.map((departure, index) => [departure, counts[index]?.pieces ?? new Map()])),
  };
}

/**
 * Merged, and the answer does not say which goods are whose: only when everything that left equals everything that the orders want
 * together is this order's share known, which is then all it wants.
 */
function readPooled(
  lines: readonly OpenLine[],
  departures: readonly Departure[],
  skuMap: SkuMap | undefined,
  siblings: ReadonlyMap<string, DscoOrder>,
  platformOrderNo: string,
): Contents {
  const numbers = [...new Set(departures.flatMap(({ outbound }) => outbound.platformOrderNos))].filter(
    (other) => other !== platformOrderNo,
  );
  const orders = numbers.map((other) => siblings.get(other)).map((order) => order && readLines(order));
  const unread = numbers.filter((_, index) => orders[index] === undefined || (orders[index]?.missing.length ?? 0) > 0);
  const merged = `merged in Lingxing with ${listed(numbers)}, and it does not tell which goods are whose`;
  if (unread.length > 0) {
    const unclear = `${merged}; what ${listed(unread)} holds is not known here`;
    return { unknown: [], over: [], short: [], unclear, byDeparture: undefined };
  }
  const pool = [...lines, ...orders.flatMap((order) => order?.lines ?? [])];
  const items = departures.flatMap(({ merged: shared, own, outbound }) => (shared ? outbound.items.filter(({ count }) => count > 0) : own));
  const { pieces, unknown } = countPieces(withoutDoubles(items, pool, skuMap), pool, skuMap);
  const { over, short } = compare(pieces, wantedPieces(pool));
  const unclear = short.length > 0 ? `${merged}; what left is less than they want together` : undefined;
  return { unknown, over, short, unclear, byDeparture: undefined };
}

/**
 * The order's goods by tracking number; undefined where that cannot be told. An outbound order with several numbers does not say what
 * is in which box: its pieces are dealt out, each box holding at least one.
 */
export function toParcels(lines: readonly OpenLine[], departures: readonly Departure[], contents: Contents): Parcel[] | undefined {
  const { byDeparture } = contents;
  if (byDeparture === undefined) {
    const [trackingNumber, ...others] = new Set(departures.flatMap(({ trackingNumbers }) => trackingNumbers));
    if (trackingNumber === undefined || others.length > 0) return undefined;
    return [{ trackingNumber, pieces: wantedPieces(lines), departures }];
  }
  const parcels = new Map<string, Parcel>();
  for (const departure of departures) {
    const { trackingNumbers, merged } = departure;
    if (merged && trackingNumbers.length > 1) return undefined; // a box may hold nothing but the other orders' goods
    const dealt = dealOut(byDeparture.get(departure) ?? new Map(), trackingNumbers.length);
    for (const [index, trackingNumber] of trackingNumbers.entries()) {
      const before = parcels.get(trackingNumber);
      parcels.set(trackingNumber, {
        trackingNumber,
        pieces: addUp([...(before?.pieces ?? []), ...(dealt[index] ?? [])]),
        departures: [...(before?.departures ?? []), departure],
      });
    }
  }
  return [...parcels.values()].every(({ pieces }) => pieces.size > 0) ? [...parcels.values()] : undefined;
}
