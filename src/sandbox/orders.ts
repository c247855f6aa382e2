import { BROKEN_KINDS, breakOrder } from "./broken-orders.ts";
import type { CatalogItem } from "./catalog.ts";
import type { JsonObject } from "./json.ts";
import { ACTIVE_WAREHOUSES, SERVICE_LEVELS } from "./options.ts";
import { type SeededRandom, seededRandom } from "./random.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** So long before the start nothing was changed: `until` has to lie 5 s back, and clients keep a margin of their own. */
const QUIET_MS = 60_000;
const FIRST_ORDER_ID = 1_200_000_001;

/** Nobody is called so, and the places are public: demo data that cannot be mistaken for a person's. */
const FIRST_NAMES = ["Ann", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal"] as const;
const LAST_NAMES = ["Sample", "Example", "Placeholder", "Testcase", "Fictive"] as const;
const STREETS = ["Example St", "Sample Ave", "Placeholder Rd"] as const;
const PLACES = [
  { city: "Reno", region: "NV", postal: "89501" },
  { city: "Albany", region: "NY", postal: "12201" },
  { city: "Austin", region: "TX", postal: "78701" },
  { city: "Boise", region: "ID", postal: "83701" },
] as const;

export interface OrderSeed {
  readonly orders: number;
  readonly broken: number;
  readonly seed: number;
  readonly windowMs: number;
  readonly startMs: number;
  readonly catalog: readonly CatalogItem[];
}

/** New orders as DSCO shows them, oldest change first; the broken ones are spread evenly among them, one kind after another. */
export function* seedOrders(options: OrderSeed): Generator<JsonObject> {
  const { orders, broken, seed, windowMs, startMs } = options;
  const random = seededRandom(seed);
  let spoilt = 0;
  for (let index = 0; index < orders; index += 1) {
    const updatedMs = Math.floor(startMs - QUIET_MS - windowMs + (windowMs * (index + 1)) / orders);
    const order = aSandboxOrder(index, seed, updatedMs, options.catalog, random);
    const kind = BROKEN_KINDS[spoilt % BROKEN_KINDS.length];
    if (kind !== undefined && spoilt < Math.min(broken, orders) && Math.floor(((index + 1) * broken) / orders) > spoilt) {
      breakOrder(order, kind);
      spoilt += 1;
    }
    yield order;
  }
}

/** One whole, unremarkable order. */
export function aSandboxOrder(
  index: number,
  seed: number,
  updatedMs: number,
  catalog: readonly CatalogItem[],
  random: SeededRandom,
): JsonObject {
  const createdMs = updatedMs - random.between(1, 60_000);
  const level = random.pick(SERVICE_LEVELS);
  const lines = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, (_, line) => aLine(line + 1, random.pick(catalog), random));
  const totalCents = lines.reduce((sum, line) => sum + Math.round(Number(line.consumerPrice) * 100) * Number(line.quantity), 0);
  const number = String(index + 1).padStart(6, "0");
  return {
    dscoOrderId: String(FIRST_ORDER_ID + index),
    poNumber: `PO-${seed}-${number}`,
    consumerOrderNumber: `C-${seed}-${number}`,
    dscoRetailerId: "1000009999",
    dscoSupplierId: "1000001111",
    orderType: "Dropship",
    dscoStatus: "created",
    dscoLifecycle: "created",
    testFlag: false,
    cancelRequested: false,
    currencyCode: "USD",
    orderTotalAmount: totalCents / 100,
    retailerCreateDate: isoTime(createdMs),
    dscoCreateDate: isoTime(createdMs),
    dscoLastUpdate: isoTime(updatedMs),
    acknowledgeByDate: isoTime(createdMs + 4 * HOUR_MS),
    shipByDate: isoTime(createdMs + 2 * DAY_MS),
    invoiceByDate: isoTime(createdMs + 10 * DAY_MS),
    requestedShipCarrier: level.carrier,
    requestedShipMethod: level.method,
    requestedShippingServiceLevelCode: level.code,
    shipCarrier: level.carrier,
    shipMethod: level.method,
    shippingServiceLevelCode: level.code,
    requestedWarehouseCode: random.pick(ACTIVE_WAREHOUSES).code,
    shipping: aRecipient(random),
    lineItems: lines,
    packages: null,
  };
}

function aLine(lineNumber: number, item: CatalogItem, random: SeededRandom): JsonObject {
  return {
    lineNumber,
    quantity: random.pick([1, 1, 1, 2, 2, 3, 6]),
    dscoItemId: item.dscoItemId,
    sku: item.sku,
    partnerSku: item.partnerSku,
    upc: item.upc,
    title: item.title,
    expectedCost: item.costCents / 100,
    consumerPrice: item.priceCents / 100,
    retailPrice: null,
    status: null,
    cancelledQuantity: 0,
  };
}

function aRecipient(random: SeededRandom): JsonObject {
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  const place = random.pick(PLACES);
  const street = `${random.between(1, 999)} ${random.pick(STREETS)}`;
  return {
    name: `${first} ${last}`,
    address: random.next() < 0.2 ? [street, `Apt ${random.between(1, 40)}`] : [street],
    city: place.city,
    region: place.region,
    postal: place.postal,
    country: "US",
    phone: `77555501${String(random.between(0, 99)).padStart(2, "0")}`,
    email: `${first}.${last}@example.com`.toLowerCase(),
    addressType: "Residential",
  };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
