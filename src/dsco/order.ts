import { parseLossless } from "../http/lossless-json.ts";
import { WireOrder } from "./schemas.ts";

/** A line as the retailer ordered it. Anything may be missing: the push looks. */
export interface DscoLineItem {
  readonly lineNumber?: number | undefined;
  readonly dscoItemId?: string | undefined;
  /** The supplier's SKU. */
  readonly sku?: string | undefined;
  /** The retailer's SKU. */
  readonly partnerSku?: string | undefined;
  /** A whole number; anything else reads as absent. */
  readonly quantity?: number | undefined;
  readonly cancelledQuantity?: number | undefined;
  readonly rejectedQuantity?: number | undefined;
  /** As DSCO has counted it so far. */
  readonly shippedQuantity?: number | undefined;
  readonly warehouseCode?: string | undefined;
  /** accepted, rejected, cancelled. */
  readonly status?: string | undefined;
  // Prices as decimal text: binary fractions never take part.
  readonly consumerPrice?: string | undefined;
  readonly consumerPriceWithTax?: string | undefined;
  readonly consumerPriceWithoutTax?: string | undefined;
  readonly retailPrice?: string | undefined;
  readonly expectedCost?: string | undefined;
  readonly msrp?: string | undefined;
  readonly map?: string | undefined;
}

/** A line in a package, as it was reported. */
export interface DscoPackageLine {
  readonly lineNumber?: number | undefined;
  readonly dscoItemId?: string | undefined;
  readonly sku?: string | undefined;
  readonly partnerSku?: string | undefined;
  readonly quantity?: number | undefined;
}

/** A shipment DSCO already knows of. */
export interface DscoPackage {
  /** Empty where there is none that could be read: something has been shipped all the same. */
  readonly trackingNumber: string;
  readonly lines: readonly DscoPackageLine[];
}

export interface DscoShipping {
  readonly name?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly company?: string | undefined;
  /** Lines that say something, in order. */
  readonly address: readonly string[];
  readonly address1?: string | undefined;
  readonly address2?: string | undefined;
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  readonly state?: string | undefined;
  readonly postal?: string | undefined;
  readonly country?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
}

export interface DscoOrder {
  /** dscoOrderId; undefined when there is none that could be a key. */
  readonly id?: string | undefined;
  readonly poNumber?: string | undefined;
  /** created, shipment_pending, shipped, cancelled; others may come. */
  readonly dscoStatus?: string | undefined;
  /** received, created, acknowledged, completed; others may come. */
  readonly lifecycle?: string | undefined;
  readonly lastUpdate?: Date | undefined;
  readonly createdAt?: Date | undefined;
  /** The retailer asks for a cancellation. */
  readonly cancelRequested: boolean;
  readonly testFlag: boolean;
  readonly retailerId?: string | undefined;
  readonly currencyCode?: string | undefined;
  readonly requestedWarehouseCode?: string | undefined;
  readonly dscoWarehouseCode?: string | undefined;
  readonly shipWarehouseCode?: string | undefined;
  readonly shippingServiceLevelCode?: string | undefined;
  readonly requestedShippingServiceLevelCode?: string | undefined;
  readonly shipCarrier?: string | undefined;
  readonly requestedShipCarrier?: string | undefined;
  readonly shipMethod?: string | undefined;
  readonly requestedShipMethod?: string | undefined;
  readonly acknowledgeByDate?: Date | undefined;
  readonly shipByDate?: Date | undefined;
  readonly shipping: DscoShipping;
  readonly lineItems: readonly DscoLineItem[];
  /** What has been shipped, whoever reported it; a new shipment may be seen here only seconds or minutes later. */
  readonly packages: readonly DscoPackage[];
  /** The whole order as DSCO words it, for those who must know every text in it. */
  readonly wire: Readonly<Record<string, unknown>>;
}

/** Reads an order from the text DSCO sent. A field of the wrong type reads as absent; a text that is no JSON object is undefined. */
export function parseDscoOrder(rawText: string): DscoOrder | undefined {
  const wire = readObject(rawText);
  return wire && toDscoOrder(WireOrder.parse(wire), wire);
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseLossless(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The id as a key: text or number, trimmed, 1 to 64 printable characters without space, the first no dash, which would make an option of it
 * wherever a person types it; undefined when it cannot be one.
 */
export function readDscoOrderId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  const id = value.trim();
  return /^(?!-)[^\p{C}\p{Z}]{1,64}$/u.test(id) ? id : undefined;
}

function toDscoOrder(order: WireOrder, wire: Readonly<Record<string, unknown>>): DscoOrder {
  return {
    id: readDscoOrderId(order.dscoOrderId),
    poNumber: order.poNumber,
    dscoStatus: order.dscoStatus,
    lifecycle: order.dscoLifecycle,
    lastUpdate: order.dscoLastUpdate,
    createdAt: order.dscoCreateDate,
    cancelRequested: order.cancelRequested,
    testFlag: order.testFlag,
    retailerId: order.dscoRetailerId,
    currencyCode: order.currencyCode,
    requestedWarehouseCode: order.requestedWarehouseCode,
    dscoWarehouseCode: order.dscoWarehouseCode,
    shipWarehouseCode: order.shipWarehouseCode,
    shippingServiceLevelCode: order.shippingServiceLevelCode,
    requestedShippingServiceLevelCode: order.requestedShippingServiceLevelCode,
    shipCarrier: order.shipCarrier,
    requestedShipCarrier: order.requestedShipCarrier,
    shipMethod: order.shipMethod,
    requestedShipMethod: order.requestedShipMethod,
    acknowledgeByDate: order.acknowledgeByDate,
    shipByDate: order.shipByDate,
    shipping: toShipping(order.shipping ?? {}),
    lineItems: (order.lineItems ?? []).map(toLine),
    packages: (order.packages ?? []).map(toPackage),
    wire,
  };
}

function toShipping(wire: Partial<NonNullable<WireOrder["shipping"]>>): DscoShipping {
  const { name, firstName, lastName, company, address = [], address1, address2, city, region, state, postal, country, phone, email } = wire;
  return { name, firstName, lastName, company, address, address1, address2, city, region, state, postal, country, phone, email };
}

function toLine(wire: NonNullable<WireOrder["lineItems"]>[number]): DscoLineItem {
  const { lineNumber, dscoItemId, sku, partnerSku, quantity, status, warehouseCode } = wire;
  const { cancelledQuantity, rejectedQuantity, shippedQuantity } = wire;
  const { consumerPrice, consumerPriceWithTax, consumerPriceWithoutTax, retailPrice, expectedCost, msrp, map } = wire;
  const prices = { consumerPrice, consumerPriceWithTax, consumerPriceWithoutTax, retailPrice, expectedCost, msrp, map };
  const quantities = { quantity, cancelledQuantity, rejectedQuantity, shippedQuantity };
  return { lineNumber, dscoItemId, sku, partnerSku, ...quantities, warehouseCode, status, ...prices };
}

function toPackage({ trackingNumber = "", items = [] }: NonNullable<WireOrder["packages"]>[number]): DscoPackage {
  const lines = items.map(({ lineNumber, dscoItemId, sku, partnerSku, quantity }) => ({
    lineNumber,
    dscoItemId,
    sku,
    partnerSku,
    quantity,
  }));
  return { trackingNumber, lines };
}
