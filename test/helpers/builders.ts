import { createHash } from "node:crypto";
import { type DscoOrder, parseDscoOrder } from "../../src/dsco/order.ts";
import type { LingxingOrder } from "../../src/lingxing/orders.ts";
import type { StageOrder } from "../../src/store/order-store.ts";
import type { StageState } from "../../src/sync/outcome.ts";
import type { KnownOrder, PulledOrder } from "../../src/sync/pull.ts";
import type { PushRules } from "../../src/sync/push.ts";
import type { TestDatabase } from "./mysql.ts";

type Wire = Readonly<Record<string, unknown>>;

/** One line of an order, in DSCO's names. Use it to give `lineItems`, since lists are replaced as a whole. */
export function aDscoLine(overrides: Wire = {}): Wire {
  return merged(
    { lineNumber: 1, quantity: 2, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", expectedCost: 8.5, consumerPrice: 14.99 },
    overrides,
  );
}

/** An open order in DSCO's names that can be pushed. Overrides go deep into objects; lists are replaced; undefined leaves a field out. */
export function aDscoWireOrder(overrides: Wire = {}): Wire {
  return merged(
    {
      dscoOrderId: "1200000001",
      poNumber: "PO-77001",
      dscoStatus: "created",
      dscoLifecycle: "created",
      testFlag: false,
      dscoRetailerId: "1000009999",
      currencyCode: "USD",
      dscoCreateDate: "2026-01-05T08:00:00Z",
      dscoLastUpdate: "2026-01-05T08:00:05Z",
      cancelRequested: false,
      shipping: {
        name: "Ann Lee",
        address: ["1 Main St", "Apt 2"],
        city: "Reno",
        region: "NV",
        postal: "89501",
        country: "US",
        phone: "7755550100",
      },
      lineItems: [aDscoLine()],
    },
    overrides,
  );
}

/** The text DSCO would send. */
export function aDscoText(overrides: Wire = {}): string {
  return JSON.stringify(aDscoWireOrder(overrides));
}

/** An order as ipass reads it; overrides in DSCO's names, as for `aDscoWireOrder`. */
export function aDscoOrder(overrides: Wire = {}): DscoOrder {
  const order = parseDscoOrder(aDscoText(overrides));
  if (order === undefined) throw new Error("the builder made no order");
  return order;
}

/** Settings of a push with no map set. */
export function somePushRules(overrides: Partial<PushRules> = {}): PushRules {
  return {
    platformOrderNo: "dscoOrderId",
    priceFields: ["consumerPrice", "retailPrice", "expectedCost"],
    storeId: "110000000000000001",
    storeMap: undefined,
    warehouseMap: undefined,
    logisticsMap: undefined,
    skuMap: undefined,
    ...overrides,
  };
}

/** A SKU map from Lingxing SKU to DSCO SKU, as the setting writes it. */
export function aSkuMap(lingxingToDsco: Readonly<Record<string, string>>): NonNullable<PushRules["skuMap"]> {
  const pairs = Object.entries(lingxingToDsco);
  return { toDsco: new Map(pairs), toLingxing: new Map(pairs.map(([lingxing, dsco]) => [dsco, lingxing])) };
}

/** A live order in Lingxing that awaits its review. */
export function aLingxingOrder(overrides: Partial<LingxingOrder> = {}): LingxingOrder {
  return {
    globalOrderNo: "103336708973801472",
    storeId: "110000000000000001",
    platformOrderNos: ["1200000001"],
    status: 4,
    deleted: false,
    splitType: "1",
    ...overrides,
  };
}

/** A stage that has never been tried. */
export function aStageState(overrides: Partial<StageState> = {}): StageState {
  return {
    status: 0,
    retryCount: 0,
    doubts: 0,
    sentAt: undefined,
    nextAttemptAt: undefined,
    error: undefined,
    requestId: undefined,
    ...overrides,
  };
}

/** A due order as a job reads it from the database; its raw text is of `aDscoText` unless given. */
export function aStageOrder(
  overrides: Partial<Omit<StageOrder, "stage">> & { readonly stage?: Partial<StageState>; readonly wire?: Wire } = {},
): StageOrder {
  const { stage, wire, ...rest } = overrides;
  const id = rest.id ?? "1200000001";
  return {
    id,
    poNumber: "PO-77001",
    dscoStatus: "created",
    cancelRequested: false,
    platformOrderNo: undefined,
    storeId: undefined,
    globalOrderNo: undefined,
    fetchedAt: new Date("2026-01-05T08:00:10Z"),
    raw: aDscoText({ dscoOrderId: id, ...wire }),
    runId: undefined,
    pushedAt: undefined,
    trackingNo: undefined,
    reached: true,
    reachedAt: new Date("2026-01-05T08:00:10Z"),
    ...rest,
    stage: aStageState(stage),
  };
}

/** What a pull reads out of a snapshot. */
export function aPulledOrder(overrides: Partial<PulledOrder> = {}): PulledOrder {
  const raw = overrides.raw ?? aDscoText(overrides.id === undefined ? {} : { dscoOrderId: overrides.id });
  return {
    id: "1200000001",
    raw,
    hash: createHash("sha256").update(raw).digest("hex"),
    status: "created",
    poNumber: "PO-77001",
    lastUpdate: new Date("2026-01-05T08:00:05Z"),
    cancelRequested: false,
    testFlag: false,
    acknowledgeBy: undefined,
    shipBy: undefined,
    fingerprint: "city=1;lines=1",
    ...overrides,
  };
}

/** What ipass has of an order it has pulled and not pushed. */
export function aKnownOrder(overrides: Partial<KnownOrder> = {}): KnownOrder {
  return {
    hash: "0".repeat(64),
    lastUpdate: new Date("2026-01-05T08:00:05Z"),
    cancelRequested: false,
    pushed: undefined,
    badPayload: [],
    ...overrides,
  };
}

/** Puts a row into sync_order_state, by its columns; what is not given is the column's default. */
export async function addOrderRow(database: Pick<TestDatabase, "query">, columns: Wire = {}): Promise<string> {
  const row: Wire = { dsco_order_id: "1200000001", dsco_status: "created", ...columns };
  await database.query("INSERT INTO sync_order_state SET ?", [row]);
  return String(row.dsco_order_id);
}

function merged(base: Wire, overrides: Wire): Wire {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
