import { parseLossless } from "../http/lossless-json.ts";
import { date, decimal, fieldsOf, flag, key, list, text, texts, whole } from "./fields.ts";

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
  return wire && toDscoOrder(wire);
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

function toDscoOrder(wire: Readonly<Record<string, unknown>>): DscoOrder {
  return {
    id: readDscoOrderId(wire.dscoOrderId),
    poNumber: text(wire.poNumber),
    dscoStatus: text(wire.dscoStatus),
    lifecycle: text(wire.dscoLifecycle),
    lastUpdate: date(wire.dscoLastUpdate),
    createdAt: date(wire.dscoCreateDate),
    cancelRequested: flag(wire.cancelRequested),
    testFlag: flag(wire.testFlag),
    retailerId: text(wire.dscoRetailerId),
    currencyCode: text(wire.currencyCode),
    requestedWarehouseCode: text(wire.requestedWarehouseCode),
    dscoWarehouseCode: text(wire.dscoWarehouseCode),
    shipWarehouseCode: text(wire.shipWarehouseCode),
    shippingServiceLevelCode: text(wire.shippingServiceLevelCode),
    requestedShippingServiceLevelCode: text(wire.requestedShippingServiceLevelCode),
    shipCarrier: text(wire.shipCarrier),
    requestedShipCarrier: text(wire.requestedShipCarrier),
    shipMethod: text(wire.shipMethod),
    requestedShipMethod: text(wire.requestedShipMethod),
    acknowledgeByDate: date(wire.acknowledgeByDate),
    shipByDate: date(wire.shipByDate),
    shipping: toShipping(fieldsOf(wire.shipping)),
    // One that is not even an object: a line or package with nothing in it, so that it is missed and not overlooked.
    lineItems: list(wire.lineItems).map((line) => toLine(fieldsOf(line))),
    packages: list(wire.packages).map((one) => toPackage(fieldsOf(one))),
    wire,
  };
}

function toShipping(wire: Readonly<Record<string, unknown>>): DscoShipping {
  return {
    name: text(wire.name),
    firstName: text(wire.firstName),
    lastName: text(wire.lastName),
    company: text(wire.company),
    address: texts(wire.address),
    address1: text(wire.address1),
    address2: text(wire.address2),
    city: text(wire.city),
    region: text(wire.region),
    state: text(wire.state),
    postal: text(wire.postal),
    country: text(wire.country),
    phone: text(wire.phone),
    email: text(wire.email),
  };
}

function toLine(wire: Readonly<Record<string, unknown>>): DscoLineItem {
  // Each field by itself: a spread in a literal of this size is slow, and there are thousands of lines.
  return {
    lineNumber: whole(wire.lineNumber),
    dscoItemId: text(wire.dscoItemId),
    sku: key(wire.sku),
    partnerSku: key(wire.partnerSku),
    quantity: whole(wire.quantity),
    cancelledQuantity: whole(wire.cancelledQuantity),
    rejectedQuantity: whole(wire.rejectedQuantity),
    shippedQuantity: whole(wire.shippedQuantity),
    warehouseCode: text(wire.warehouseCode),
    status: text(wire.status),
    consumerPrice: decimal(wire.consumerPrice),
    consumerPriceWithTax: decimal(wire.consumerPriceWithTax),
    consumerPriceWithoutTax: decimal(wire.consumerPriceWithoutTax),
    retailPrice: decimal(wire.retailPrice),
    expectedCost: decimal(wire.expectedCost),
    msrp: decimal(wire.msrp),
    map: decimal(wire.map),
  };
}

function toPackage(wire: Readonly<Record<string, unknown>>): DscoPackage {
  return { trackingNumber: text(wire.trackingNumber) ?? "", lines: list(wire.items).map((line) => toPackageLine(fieldsOf(line))) };
}

function toPackageLine(wire: Readonly<Record<string, unknown>>): DscoPackageLine {
  return {
    lineNumber: whole(wire.lineNumber),
    dscoItemId: text(wire.dscoItemId),
    sku: key(wire.sku),
    partnerSku: key(wire.partnerSku),
    quantity: whole(wire.quantity),
  };
}
