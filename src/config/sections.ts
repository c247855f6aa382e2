import type { ConfigProblem } from "../errors.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import type { Config, DscoAuth, JobConfig, LingxingAuth, Section } from "./env.ts";
import type { Values, VariableName } from "./variables.ts";

/** Texts by variable name, trimmed; an empty one is absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface SectionRule<S extends Section> {
  readonly variables: readonly VariableName[];
  /** What no variable shows by itself; sees the texts as given. */
  readonly check?: (given: Environment) => ConfigProblem[];
  readonly build: (values: Values) => Config[S];
}

/** Which variables a section reads and what it makes of them. */
export const SECTIONS: { readonly [S in Section]: SectionRule<S> } = {
  database: { variables: ["IPASS_DB_DSN"], build: (v) => v.IPASS_DB_DSN },
  log: { variables: ["IPASS_LOG_DIR"], build: (v) => ({ dir: v.IPASS_LOG_DIR }) },
  admin: {
    variables: ["IPASS_HTTP_ENABLE", "IPASS_HTTP_ADDR", "IPASS_ADMIN_TOKEN"],
    build: (v) => ({ enabled: v.IPASS_HTTP_ENABLE, ...v.IPASS_HTTP_ADDR, ...defined({ token: v.IPASS_ADMIN_TOKEN }) }),
  },
  dsco: {
    variables: ["IPASS_DSCO_BASE_URL", "IPASS_DSCO_TOKEN", "IPASS_DSCO_CLIENT_ID", "IPASS_DSCO_CLIENT_SECRET"],
    check: checkDscoAuth,
    build: (v) => ({ baseUrl: v.IPASS_DSCO_BASE_URL, auth: dscoAuth(v) }),
  },
  lingxing: {
    variables: [
      "IPASS_LINGXING_BASE_URL",
      "IPASS_LINGXING_APP_ID",
      "IPASS_LINGXING_ACCESS_TOKEN",
      "IPASS_LINGXING_APP_SECRET",
      "IPASS_LINGXING_SID",
    ],
    check: checkLingxingAuth,
    build: (v) => ({
      baseUrl: v.IPASS_LINGXING_BASE_URL,
      appId: v.IPASS_LINGXING_APP_ID,
      auth: lingxingAuth(v),
      ...defined({ sid: v.IPASS_LINGXING_SID }),
    }),
  },
  lingxingStore: {
    variables: ["IPASS_LINGXING_PLATFORM_CODE", "IPASS_LINGXING_STORE_ID"],
    build: (v) => ({ platformCode: v.IPASS_LINGXING_PLATFORM_CODE, storeId: v.IPASS_LINGXING_STORE_ID }),
  },
  rules: {
    variables: ["IPASS_MAX_RETRY_PER_ORDER", "IPASS_ORDER_MAX_AGE_SEC", "IPASS_IN_DOUBT_GRACE_SEC"],
    build: (v) => ({
      maxRetryPerOrder: v.IPASS_MAX_RETRY_PER_ORDER,
      orderMaxAgeSec: v.IPASS_ORDER_MAX_AGE_SEC,
      inDoubtGraceSec: v.IPASS_IN_DOUBT_GRACE_SEC,
    }),
  },
  pull: {
    variables: ["IPASS_PULL_OVERLAP_SEC", "IPASS_INCLUDE_TEST_ORDERS"],
    build: (v) => ({ overlapSec: v.IPASS_PULL_OVERLAP_SEC, includeTestOrders: v.IPASS_INCLUDE_TEST_ORDERS }),
  },
  push: {
    variables: [
      "IPASS_PLATFORM_ORDER_NO",
      "IPASS_PRICE_FIELDS",
      "IPASS_STORE_MAP_JSON",
      "IPASS_WAREHOUSE_MAP_JSON",
      "IPASS_LOGISTICS_MAP_JSON",
      "IPASS_STOCK_SKU_TO_DSCO_SKU_JSON",
    ],
    build: (v) => ({
      platformOrderNo: v.IPASS_PLATFORM_ORDER_NO,
      priceFields: v.IPASS_PRICE_FIELDS,
      ...defined({
        storeMap: v.IPASS_STORE_MAP_JSON,
        warehouseMap: v.IPASS_WAREHOUSE_MAP_JSON,
        logisticsMap: v.IPASS_LOGISTICS_MAP_JSON,
        skuMap: v.IPASS_STOCK_SKU_TO_DSCO_SKU_JSON,
      }),
    }),
  },
  ship: {
    variables: ["IPASS_SHIP_DATE_SOURCE", "IPASS_SHIP_MULTI_PACKAGE"],
    build: (v) => ({ dateSource: v.IPASS_SHIP_DATE_SOURCE, multiPackage: v.IPASS_SHIP_MULTI_PACKAGE }),
  },
  invoice: { variables: ["IPASS_INVOICE_PRICE_FIELDS"], build: (v) => ({ priceFields: v.IPASS_INVOICE_PRICE_FIELDS }) },
  stock: {
    variables: ["IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON", "IPASS_STOCK_SKU_TO_DSCO_SKU_JSON", "IPASS_STOCK_MAX_ZERO_PERCENT"],
    build: (v) => ({
      warehouseMap: v.IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON,
      ...defined({ skuMap: v.IPASS_STOCK_SKU_TO_DSCO_SKU_JSON }),
      maxZeroPercent: v.IPASS_STOCK_MAX_ZERO_PERCENT,
    }),
  },
  jobs: {
    variables: JOB_NAMES.flatMap(variablesOfJob),
    build: (v) => {
      const jobs = JOB_NAMES.map((job) => [job, buildJob(v, job)] as const);
      return Object.fromEntries(jobs) as Record<JobName, JobConfig>;
    },
  },
};

/** A token that is set is used as it is: nothing fetches another one behind the back of whoever issued it. */
function dscoAuth(v: Values): DscoAuth {
  if (v.IPASS_DSCO_TOKEN !== undefined) return { kind: "token", token: v.IPASS_DSCO_TOKEN };
  return { kind: "client", clientId: v.IPASS_DSCO_CLIENT_ID ?? "", clientSecret: v.IPASS_DSCO_CLIENT_SECRET ?? "" }; // checkDscoAuth saw both
}

function checkDscoAuth(given: Environment): ConfigProblem[] {
  if (given.IPASS_DSCO_TOKEN) return [];
  const id = given.IPASS_DSCO_CLIENT_ID;
  const secret = given.IPASS_DSCO_CLIENT_SECRET;
  if (id && secret) return [];
  if (id) return [missing("IPASS_DSCO_CLIENT_SECRET", "the secret that belongs to IPASS_DSCO_CLIENT_ID")];
  if (secret) return [missing("IPASS_DSCO_CLIENT_ID", "the id that belongs to IPASS_DSCO_CLIENT_SECRET")];
  return [missing("IPASS_DSCO_TOKEN", "DSCO's API token, or else both IPASS_DSCO_CLIENT_ID and IPASS_DSCO_CLIENT_SECRET")];
}

function lingxingAuth(v: Values): LingxingAuth {
  if (v.IPASS_LINGXING_ACCESS_TOKEN !== undefined) return { kind: "token", accessToken: v.IPASS_LINGXING_ACCESS_TOKEN };
  return { kind: "secret", appSecret: v.IPASS_LINGXING_APP_SECRET ?? "" }; // checkLingxingAuth saw it
}

function checkLingxingAuth(given: Environment): ConfigProblem[] {
  if (given.IPASS_LINGXING_ACCESS_TOKEN || given.IPASS_LINGXING_APP_SECRET) return [];
  return [
    missing("IPASS_LINGXING_APP_SECRET", "Lingxing's appSecret (tokens are then fetched and renewed), or else IPASS_LINGXING_ACCESS_TOKEN"),
  ];
}

const missing = (name: VariableName, expected: string): ConfigProblem => ({ name, given: undefined, expected });

export function variablesOfJob(job: JobName): VariableName[] {
  const prefix = `IPASS_JOB_${job.toUpperCase() as Uppercase<JobName>}` as const;
  return [`${prefix}_ENABLE`, `${prefix}_INTERVAL_SEC`, `${prefix}_BATCH_SIZE`];
}

export function buildJob(v: Values, job: JobName): JobConfig {
  const prefix = `IPASS_JOB_${job.toUpperCase() as Uppercase<JobName>}` as const;
  return { enabled: v[`${prefix}_ENABLE`], intervalSec: v[`${prefix}_INTERVAL_SEC`], batchSize: v[`${prefix}_BATCH_SIZE`] };
}

/** Leaves out what is undefined: an optional setting is absent, not present and empty. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
