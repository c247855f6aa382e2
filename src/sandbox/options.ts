import type { CallName } from "./endpoint.ts";

/** What may be changed while the sandbox runs (`POST /_sandbox/settings`). Times in milliseconds. */
export interface SandboxSettings {
  /** From the arrival of a request to its answer; the effect falls in the middle. */
  latencyMs: number;
  /** How long a change stays unseen: DSCO orders after a change, GET /invoice after an invoice, Lingxing's order list after a create. */
  readLagMs: number;
  /** How long DSCO takes for an accepted batch; its objects are done one after another until then. */
  settleMs: number;
  /** Whether the vendors' published limits hold. */
  limits: boolean;
  /** Lingxing's create and list send `global_order_no` as a bare number instead of text. */
  bareIds: boolean;
  /** Outbound orders carry `product_info[].platform_order_no`, which the vendor does not document. */
  outboundLineNumbers: boolean;
  /** Entries on a page of DSCO's change logs. */
  logPageSize: number;
  /** Refused with this reason, one by one: DSCO objects by dscoOrderId, poNumber, sku or invoiceId, Lingxing orders by platform_order_no. */
  refuse: Readonly<Record<string, string>>;
  /** Platform order numbers that make Lingxing's create answer 500 for the whole batch, before any effect. */
  poison: readonly string[];
  /** How far DSCO's clock is ahead of this machine's; negative: behind. Its answers' Date says so, and whatever it reckons with time. */
  dscoClockMs: number;
  /** The same of Lingxing, which also judges the age of signatures by it. */
  lingxingClockMs: number;
  /** This machine's address is not on the whitelist of the app: Lingxing refuses every signed call with 3001002. */
  lingxingBlocked: boolean;
  /** Calls whose interface is not granted to the app: Lingxing refuses them with 2001004. */
  lingxingUngranted: readonly CallName[];
}

export interface SandboxCredentials {
  readonly dscoToken: string;
  readonly dscoClientId: string;
  readonly dscoClientSecret: string;
  /** 16 characters: it is the AES key of the signature. */
  readonly lingxingAppId: string;
  readonly lingxingAppSecret: string;
  /** Valid until a new token is issued. */
  readonly lingxingAccessToken: string;
}

export interface SandboxOptions extends SandboxSettings {
  /** 0 takes a free port. */
  readonly port: number;
  readonly orders: number;
  /** How many of the orders are unusual or malformed. */
  readonly broken: number;
  /** SKUs in the catalog; each has stock in every warehouse. */
  readonly skus: number;
  /** Decides orders, stock and faults. */
  readonly seed: number;
  /** The seeded orders' `dscoLastUpdate` lies within so long before the start, the last minute left out. */
  readonly windowMs: number;
  readonly faults: readonly string[];
  /** Whether `env` names fixed tokens, or secrets from which the client gets its own. */
  readonly auth: "tokens" | "secrets";
  readonly credentials: SandboxCredentials;
  readonly now: () => Date;
}

/** Secrets hold the characters that break when a client encodes them wrongly. */
export const SANDBOX_CREDENTIALS: SandboxCredentials = {
  dscoToken: "sandbox-dsco-token",
  dscoClientId: "sandbox-client",
  dscoClientSecret: "sandbox-not-a-secret+/=&",
  lingxingAppId: "ak_sandboxdemo01",
  lingxingAppSecret: "sandbox/not+a/secret==",
  lingxingAccessToken: "00000000-0000-4000-8000-00000000abcd",
};

const DEFAULT_SETTINGS: SandboxSettings = {
  latencyMs: 0,
  readLagMs: 0,
  settleMs: 0,
  limits: true,
  bareIds: false,
  outboundLineNumbers: false,
  logPageSize: 1000,
  refuse: {},
  poison: [],
  dscoClockMs: 0,
  lingxingClockMs: 0,
  lingxingBlocked: false,
  lingxingUngranted: [],
};
export const SETTING_NAMES = Object.keys(DEFAULT_SETTINGS) as (keyof SandboxSettings)[];

export const SANDBOX_DEFAULTS: SandboxOptions = {
  ...DEFAULT_SETTINGS,
  port: 0,
  orders: 200,
  broken: 0,
  skus: 50,
  seed: 7,
  windowMs: 3_600_000,
  faults: [],
  auth: "tokens",
  credentials: SANDBOX_CREDENTIALS,
  now: () => new Date(),
};

/** Custom platform: the only kind of store ipass pushes to. */
export const PLATFORM_CODE = 10009;
/** Beyond 2^53, as real ones are. */
export const STORE_ID = "110000000000000001";
export const SECOND_STORE_ID = "110000000000000002";

/** DSCO warehouses and the Lingxing warehouses behind them. */
export const DSCO_WAREHOUSES = [
  { code: "WH-CA", name: "West", wid: 1001, city: "Ontario", region: "CA", postal: "91761", status: "active" },
  { code: "WH-NJ", name: "East", wid: 1002, city: "Edison", region: "NJ", postal: "08817", status: "active" },
  { code: "WH-OLD", name: "Closed", wid: 1009, city: "Reno", region: "NV", postal: "89501", status: "inactive" },
] as const;

export const ACTIVE_WAREHOUSES = DSCO_WAREHOUSES.filter(({ status }) => status === "active");

/** What retailers of the sandbox ask to ship with, and the Lingxing method for each warehouse. */
export const SERVICE_LEVELS = [
  { code: "FECG", carrier: "FedEx", method: "Ground" },
  { code: "FE2D", carrier: "FedEx", method: "2 Day" },
  { code: "USPM", carrier: "USPS", method: "Priority" },
] as const;

export interface LogisticsType {
  readonly typeId: string;
  readonly name: string;
  readonly code: string;
  readonly wid: number;
  /** `<DSCO warehouse>-<service level>`. */
  readonly mapKey: string;
}

export const LOGISTICS_TYPES: readonly LogisticsType[] = ACTIVE_WAREHOUSES.flatMap((warehouse, first) =>
  SERVICE_LEVELS.map((level, second) => ({
    typeId: `2000000000000000${first + 1}${second + 1}`,
    name: `${level.carrier} ${level.method}`,
    code: level.code,
    wid: warehouse.wid,
    mapKey: `${warehouse.code}-${level.code}`,
  })),
);

/** The IPASS_* variables that point ipass at a sandbox. */
export function sandboxEnv(
  options: Pick<SandboxOptions, "auth" | "credentials">,
  dscoUrl: string,
  lingxingUrl: string,
): Readonly<Record<string, string>> {
  const { credentials: keys, auth } = options;
  return {
    IPASS_DSCO_BASE_URL: dscoUrl,
    ...(auth === "tokens"
      ? { IPASS_DSCO_TOKEN: keys.dscoToken }
      : { IPASS_DSCO_CLIENT_ID: keys.dscoClientId, IPASS_DSCO_CLIENT_SECRET: keys.dscoClientSecret }),
    IPASS_LINGXING_BASE_URL: lingxingUrl,
    IPASS_LINGXING_APP_ID: keys.lingxingAppId,
    ...(auth === "tokens"
      ? { IPASS_LINGXING_ACCESS_TOKEN: keys.lingxingAccessToken }
      : { IPASS_LINGXING_APP_SECRET: keys.lingxingAppSecret }),
    IPASS_LINGXING_PLATFORM_CODE: String(PLATFORM_CODE),
    IPASS_LINGXING_STORE_ID: STORE_ID,
    IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: JSON.stringify(
      Object.fromEntries(ACTIVE_WAREHOUSES.map(({ wid, code }) => [String(wid), code])),
    ),
  };
}

/** The optional maps, for those who want orders to arrive with warehouse and shipping method. */
export function sandboxMapEnv(): Readonly<Record<string, string>> {
  return {
    IPASS_WAREHOUSE_MAP_JSON: JSON.stringify(Object.fromEntries(ACTIVE_WAREHOUSES.map(({ code, wid }) => [code, String(wid)]))),
    IPASS_LOGISTICS_MAP_JSON: JSON.stringify(Object.fromEntries(LOGISTICS_TYPES.map(({ mapKey, typeId }) => [mapKey, typeId]))),
  };
}
