import type { LingxingOrder } from "../lingxing/orders.ts";
import type { OutboundOrder } from "../lingxing/outbound.ts";
import { beijingToUtc } from "./beijing-time.ts";
import { type Decided, requeueCommand, toPerson, type Wait } from "./lingxing-standing.ts";

/** Which of an outbound order's times is reported: the warehouse's document, the stock ledger's entry, or neither. */
export type ShipDateSource = "delivered_at" | "stock_delivered_at" | "none";

/** The stock ledger is written minutes to hours after the goods have left; after a day nobody will write it. */
const EMPTY_FOR_TOO_LONG_MS = 24 * 3600_000;

/** When a parcel left: the latest of its outbound orders, since it is complete only then. */
export function decideShipDate(
  parcel: readonly OutboundOrder[],
  source: ShipDateSource,
  facts: { readonly now: Date; readonly waitingSince: Date | undefined; readonly orders: readonly LingxingOrder[] },
): { readonly do: "date"; readonly shipDate: Date | undefined } | Wait | Decided {
  if (source === "none") return { do: "date", shipDate: undefined };
  const read = parcel.map((outbound) => {
    const text = source === "delivered_at" ? outbound.deliveredAt : outbound.stockDeliveredAt;
    return { woNumber: outbound.woNumber, text, at: beijingToUtc(text) };
  });
  const unreadable = read.find(({ at }) => !at.ok && at.why === "unreadable");
  if (unreadable !== undefined) {
    const { woNumber, text } = unreadable;
    return noDate(`${source} of ${woNumber} cannot be read: ${JSON.stringify(text.slice(0, 40))}`);
  }
  const empty = read.filter(({ at }) => !at.ok).map(({ woNumber }) => woNumber);
  if (empty.length > 0) {
    const reason = `${source} is still empty for ${empty.join(", ")}`;
    return isOverdue(facts) ? noDate(reason) : { do: "wait", reason };
  }
  const times = read.flatMap(({ at }) => (at.ok ? at.time.getTime() : []));
  return { do: "date", shipDate: new Date(Math.max(...times)) };
}

/** An order may have waited for days to be shipped; the wait for its date begins with Lingxing's last change at the earliest. */
function isOverdue({ now, waitingSince, orders }: Parameters<typeof decideShipDate>[2]): boolean {
  const known = [
    ...(waitingSince === undefined ? [] : [waitingSince.getTime()]),
    ...orders.flatMap(({ updateTime }) => (updateTime === undefined ? [] : [updateTime * 1000])),
  ];
  return known.length > 0 && now.getTime() - Math.max(...known) >= EMPTY_FOR_TOO_LONG_MS;
}

function noDate(cause: string): Decided {
  return toPerson({
    type: "bad_payload",
    cause,
    nextStep: `correct it in Lingxing, or set IPASS_SHIP_DATE_SOURCE to another time or to none, then: ${requeueCommand("ship")}`,
  });
}
