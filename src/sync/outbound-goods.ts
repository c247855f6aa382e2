import type { LingxingOrder } from "../lingxing/orders.ts";
import type { OutboundItem, OutboundOrder } from "../lingxing/outbound.ts";
import type { PushRules } from "./push.ts";
import { addUp, findKey, type OpenLine, type Pieces } from "./shipment-lines.ts";

export type SkuMap = NonNullable<PushRules["skuMap"]>;

/** Outbound order status 3: the goods have left. A tracking number may be there long before; 4 is deleted. */
const LEFT = 3;
const BUNDLE = 1;
const COMPONENT = 2;

/** An outbound order that has left, seen from one of its orders. */
export interface Departure {
  readonly outbound: OutboundOrder;
  /** None yet, or several: one field may hold a list. */
  readonly trackingNumbers: readonly string[];
  /** It carries goods of other orders too. */
  readonly merged: boolean;
  /** What is this order's. */
  readonly own: readonly OutboundItem[];
  /** What may be any of its orders': merged, and the answer does not tell. */
  readonly shared: readonly OutboundItem[];
}

/**
 * What has left for an order (POST /erp/sc/routing/wms/order/wmsOrderList), in a fixed order, each outbound order once: day windows
 * overlap. Only of Lingxing orders known to be this one's: another store may use the same number.
 */
export function departuresOf(
  platformOrderNo: string,
  orders: readonly LingxingOrder[],
  outbound: readonly OutboundOrder[],
): readonly Departure[] {
  return outboundOf(platformOrderNo, orders, outbound)
    .filter(({ status }) => status === LEFT)
    .map((one) => toDeparture(platformOrderNo, one))
    .filter(({ own, shared }) => own.length + shared.length > 0);
}

/** Whether the answer shows goods of this order that have not left yet. */
export function hasPending(platformOrderNo: string, orders: readonly LingxingOrder[], outbound: readonly OutboundOrder[]): boolean {
  return outboundOf(platformOrderNo, orders, outbound).some(({ status }) => status < LEFT);
}

/** The numbers of other orders whose quantities are needed to tell what a merged outbound order holds of this one. */
export function siblingNumbers(platformOrderNo: string, outbound: readonly OutboundOrder[]): string[] {
  const unclear = outbound
    .filter(({ status, platformOrderNos }) => status === LEFT && platformOrderNos.includes(platformOrderNo))
    .filter((one) => toDeparture(platformOrderNo, one).shared.length > 0);
  return [...new Set(unclear.flatMap(({ platformOrderNos }) => platformOrderNos))].filter((number) => number !== platformOrderNo);
}

function outboundOf(platformOrderNo: string, orders: readonly LingxingOrder[], outbound: readonly OutboundOrder[]): OutboundOrder[] {
  const known = new Set(orders.map(({ globalOrderNo }) => globalOrderNo));
  const ours = outbound.filter((one) => known.has(one.globalOrderNo) && one.platformOrderNos.includes(platformOrderNo));
  const once = new Map(ours.map((one) => [one.woNumber, one]));
  return [...once.values()].sort((a, b) => (a.woNumber < b.woNumber ? -1 : 1));
}

function toDeparture(platformOrderNo: string, outbound: OutboundOrder): Departure {
  const numbers = new Set(outbound.platformOrderNos);
  const merged = numbers.size > 1;
  const items = outbound.items.filter(({ count }) => count > 0);
  // The items' number is undocumented: one that is none of the outbound order's own says nothing.
  const numberOf = ({ platformOrderNo: given }: OutboundItem) => (given !== undefined && numbers.has(given) ? given : undefined);
  return {
    outbound,
    trackingNumbers: readTrackingNumbers(outbound.trackingNo),
    merged,
    own: items.filter((item) => (merged ? numberOf(item) === platformOrderNo : true)),
    shared: items.filter((item) => merged && numberOf(item) === undefined),
  };
}

/** The numbers in a `tracking_no`, which people fill in as they like: commas, semicolons (Chinese ones too) and blanks between them. */
export function readTrackingNumbers(field: string): string[] {
  return [...new Set(field.split(/[\s,;，；、]+/).filter((number) => number !== ""))];
}

/**
 * The same items without counting a bundle twice: Lingxing lists it (1) and its components (2). Where the order's lines name the bundle,
 * the components are left out; where they name the components, the bundle is.
 */
export function withoutDoubles(
  items: readonly OutboundItem[],
  lines: readonly OpenLine[],
  skuMap: SkuMap | undefined,
): readonly OutboundItem[] {
  const bundles = items.filter(({ bundleType }) => bundleType === BUNDLE);
  const components = items.filter(({ bundleType }) => bundleType === COMPONENT);
  if (bundles.length === 0 || components.length === 0) return items;
  const named = (item: OutboundItem) => keyOf(item, lines, skuMap) !== undefined;
  // Neither fits: the bundle is what a person will know by name.
  const soldAsComponents = !bundles.every(named) && components.every(named);
  return items.filter(({ bundleType }) => bundleType !== (soldAsComponents ? BUNDLE : COMPONENT));
}

/** Pieces by line key, and the SKUs that no line answers to. */
export function countPieces(
  items: readonly OutboundItem[],
  lines: readonly OpenLine[],
  skuMap: SkuMap | undefined,
): { readonly pieces: Pieces; readonly unknown: readonly string[] } {
  const counted = items.map((item) => ({ item, key: keyOf(item, lines, skuMap) }));
  const unknown = counted.filter(({ key }) => key === undefined).map(({ item }) => item.sku?.trim() || "(an item without SKU)");
  return {
    pieces: addUp(counted.flatMap(({ item, key }) => (key === undefined ? [] : [[key, item.count] as const]))),
    unknown: [...new Set(unknown)],
  };
}

/**
 * By the local SKU alone, mapped back: it names the goods that left. The MSKU beside it still names what was ordered after somebody
 * put other goods in its place.
 */
function keyOf(item: OutboundItem, lines: readonly OpenLine[], skuMap: SkuMap | undefined): string | undefined {
  const local = item.sku?.trim();
  if (local === undefined || local === "") return undefined;
  // Unmapped, a product goes by the same name on both sides, unless that name is given to another product.
  const sku = skuMap?.toDsco.get(local) ?? (skuMap?.toLingxing.has(local) ? undefined : local);
  return sku === undefined ? undefined : findKey(sku.trim(), lines);
}
