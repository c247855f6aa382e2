import * as z from "zod";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { DSN_FORMS, parseDsn } from "./dsn.ts";
import { logisticsMap, skuMap, stockWarehouseMap, storeMap, warehouseMap } from "./mappings.ts";
import { anyText, baseUrl, bearerToken, boolean, digits, integer, listenAddress, listOf, oneOf, reading, textThat } from "./reading.ts";

/** The unit prices a DSCO order line may carry. */
export const PRICE_FIELDS = [
  "consumerPrice",
  "consumerPriceWithTax",
  "consumerPriceWithoutTax",
  "retailPrice",
  "expectedCost",
  "msrp",
  "map",
] as const;
export type PriceField = (typeof PRICE_FIELDS)[number];
const DEFAULT_PRICE_FIELDS: readonly PriceField[] = ["consumerPrice", "retailPrice", "expectedCost"];

const A_YEAR_SEC = 366 * 24 * 3600;
const seconds = (min: number) => integer(min, A_YEAR_SEC, "seconds, a whole number");

/** Objects in one vendor write call; for the pull, which writes nothing there, orders in one page (DSCO: 1000 at most). */
const BATCH_SIZES: Readonly<Record<JobName, number>> = {
  pull_dsco_orders: 1000,
  push_orders_to_lingxing: 50,
  ack_to_dsco: 500,
  ship_to_dsco: 200,
  invoice_to_dsco: 200,
  sync_stock: 1000,
};

function jobVariables<J extends JobName>(job: J) {
  const name = job.toUpperCase() as Uppercase<J>;
  const schemas = {
    ENABLE: boolean().default(true),
    INTERVAL_SEC: seconds(1).default(job === "sync_stock" ? 300 : 60),
    // DSCO's pages hold 10 to 1000 orders; the others are writes, for which no vendor names a maximum.
    BATCH_SIZE: (job === "pull_dsco_orders" ? integer(10, 1_000) : integer(1, 10_000)).default(BATCH_SIZES[job]),
  };
  type Schemas = { [K in keyof typeof schemas as `IPASS_JOB_${Uppercase<J>}_${K}`]: (typeof schemas)[K] };
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [`IPASS_JOB_${name}_${key}`, schema])) as Schemas;
}

const [PULL, PUSH, ACK, SHIP, INVOICE, STOCK] = JOB_NAMES;

/** Every variable ipass knows. A default stands for "unset or empty"; without one and not optional, whoever needs it must have it. */
export const VARIABLES = z.object({
  IPASS_DB_DSN: reading(DSN_FORMS, parseDsn),
  IPASS_LOG_DIR: anyText("a directory").default("logs"),
  IPASS_HTTP_ENABLE: boolean().default(true),
  IPASS_HTTP_ADDR: listenAddress().default({ host: "", port: 8080 }),
  IPASS_ADMIN_TOKEN: bearerToken("the admin's bearer token").optional(),

  IPASS_DSCO_BASE_URL: baseUrl("https://api.dsco.io/api/v3").default("https://api.dsco.io/api/v3"),
  IPASS_DSCO_TOKEN: bearerToken("DSCO's API token").optional(),
  IPASS_DSCO_CLIENT_ID: anyText("the OAuth2 client id").optional(),
  IPASS_DSCO_CLIENT_SECRET: anyText("the OAuth2 client secret").optional(),

  IPASS_LINGXING_BASE_URL: baseUrl("https://openapi.lingxing.com").default("https://openapi.lingxing.com"),
  IPASS_LINGXING_APP_ID: textThat("Lingxing's appId, 16 characters (it is also the AES key of the signature)", isAesKey),
  IPASS_LINGXING_ACCESS_TOKEN: bearerToken("Lingxing's access token").optional(),
  IPASS_LINGXING_APP_SECRET: anyText("Lingxing's appSecret").optional(),
  IPASS_LINGXING_PLATFORM_CODE: integer(1, 999_999_999, "Lingxing's platform code (10009 is the custom platform), a whole number"),
  IPASS_LINGXING_STORE_ID: digits("Lingxing's store_id"),
  IPASS_LINGXING_SID: digits("Lingxing's sid").optional(),

  IPASS_MAX_RETRY_PER_ORDER: integer(1, 1000).default(5),
  IPASS_ORDER_MAX_AGE_SEC: seconds(0).default(900),
  IPASS_IN_DOUBT_GRACE_SEC: seconds(0).default(300),

  IPASS_PULL_OVERLAP_SEC: seconds(0).default(300),
  IPASS_INCLUDE_TEST_ORDERS: boolean().default(false),

  IPASS_PLATFORM_ORDER_NO: oneOf(["dscoOrderId", "poNumber"]).default("dscoOrderId"),
  IPASS_PRICE_FIELDS: listOf(PRICE_FIELDS).default(DEFAULT_PRICE_FIELDS),
  IPASS_STORE_MAP_JSON: storeMap().optional(),
  IPASS_WAREHOUSE_MAP_JSON: warehouseMap().optional(),
  IPASS_LOGISTICS_MAP_JSON: logisticsMap().optional(),

  IPASS_SHIP_DATE_SOURCE: oneOf(["delivered_at", "stock_delivered_at", "none"]).default("delivered_at"),
  IPASS_SHIP_MULTI_PACKAGE: oneOf(["manual", "send"]).default("manual"),

  IPASS_INVOICE_PRICE_FIELDS: listOf(PRICE_FIELDS).default(DEFAULT_PRICE_FIELDS),

  IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: stockWarehouseMap(),
  IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: skuMap().optional(),
  IPASS_STOCK_MAX_ZERO_PERCENT: integer(0, 100).default(50),

  ...jobVariables(PULL),
  ...jobVariables(PUSH),
  ...jobVariables(ACK),
  ...jobVariables(SHIP),
  ...jobVariables(INVOICE),
  ...jobVariables(STOCK),
});

export type VariableName = keyof typeof VARIABLES.shape;
export type Values = z.output<typeof VARIABLES>;

export const VARIABLE_NAMES = Object.keys(VARIABLES.shape) as VariableName[];

/** AES takes keys of these lengths only; every appId seen has 16 characters. */
function isAesKey(appId: string): boolean {
  return [16, 24, 32].includes(Buffer.byteLength(appId)) && /^[\x21-\x7e]+$/.test(appId);
}
