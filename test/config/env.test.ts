import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig, loadJobConfig, type Section, unknownVariables } from "../../src/config/env.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import { ConfigError } from "../../src/errors.ts";

const COMPLETE = {
  IPASS_DB_DSN: "mysql://ipass:db-password@127.0.0.1:3306/ipass",
  IPASS_DSCO_TOKEN: "dsco-token-1",
  IPASS_LINGXING_APP_ID: "ak_T3stAppId0001",
  IPASS_LINGXING_APP_SECRET: "lingxing-secret-1",
  IPASS_LINGXING_PLATFORM_CODE: "10009",
  IPASS_LINGXING_STORE_ID: "110000000000000001",
  IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"33":"WH-CA"}',
};
const ALL: readonly Section[] = [
  "database",
  "log",
  "admin",
  "dsco",
  "lingxing",
  "lingxingStore",
  "rules",
  "pull",
  "push",
  "ship",
  "invoice",
  "stock",
  "jobs",
];

function problemsOf(
  env: NodeJS.ProcessEnv,
  sections: readonly Section[] = ALL,
): { [name: string]: { given: string | undefined; expected: string } } {
  try {
    loadConfig(env, sections);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ name, given, expected }) => [name, { given, expected }]));
  }
  return {};
}

describe("loadConfig", () => {
  it("fills in the documented defaults", () => {
    expect(loadConfig(COMPLETE, ALL)).toEqual({
      database: { host: "127.0.0.1", port: 3306, user: "ipass", password: "db-password", database: "ipass" },
      log: { dir: "logs" },
      admin: { enabled: true, host: "", port: 8080 },
      dsco: { baseUrl: "https://api.dsco.io/api/v3", auth: { kind: "token", token: "dsco-token-1" } },
      lingxing: {
        baseUrl: "https://openapi.lingxing.com",
        appId: "ak_T3stAppId0001",
        auth: { kind: "secret", appSecret: "lingxing-secret-1" },
      },
      lingxingStore: { platformCode: 10009, storeId: "110000000000000001" },
      rules: { maxRetryPerOrder: 5, orderMaxAgeSec: 900, inDoubtGraceSec: 300 },
      pull: { overlapSec: 300, includeTestOrders: false },
      push: { platformOrderNo: "dscoOrderId", priceFields: ["consumerPrice", "retailPrice", "expectedCost"] },
      ship: { dateSource: "delivered_at", multiPackage: "manual" },
      invoice: { priceFields: ["consumerPrice", "retailPrice", "expectedCost"] },
      stock: { warehouseMap: new Map([["33", "WH-CA"]]), maxZeroPercent: 50 },
      jobs: {
        pull_dsco_orders: { enabled: true, intervalSec: 60, batchSize: 1000 },
        push_orders_to_lingxing: { enabled: true, intervalSec: 60, batchSize: 50 },
        ack_to_dsco: { enabled: true, intervalSec: 60, batchSize: 500 },
        ship_to_dsco: { enabled: true, intervalSec: 60, batchSize: 200 },
        invoice_to_dsco: { enabled: true, intervalSec: 60, batchSize: 200 },
        sync_stock: { enabled: true, intervalSec: 300, batchSize: 1000 },
      },
    });
  });

  it.each<{ env: NodeJS.ProcessEnv; section: Section; expected: unknown }>([
    { env: { IPASS_LOG_DIR: " /var/log/ipass " }, section: "log", expected: { dir: "/var/log/ipass" } },
    { env: { IPASS_HTTP_ADDR: "127.0.0.1:9000" }, section: "admin", expected: { enabled: true, host: "127.0.0.1", port: 9000 } },
    { env: { IPASS_HTTP_ADDR: "[::1]:9000" }, section: "admin", expected: { enabled: true, host: "::1", port: 9000 } },
    {
      env: { IPASS_HTTP_ADDR: ":0", IPASS_HTTP_ENABLE: "Off", IPASS_ADMIN_TOKEN: "admin-token" },
      section: "admin",
      expected: { enabled: false, host: "", port: 0, token: "admin-token" },
    },
    {
      env: {
        IPASS_DSCO_BASE_URL: "http://127.0.0.1:8099/api/v3//",
        IPASS_DSCO_TOKEN: "",
        IPASS_DSCO_CLIENT_ID: "id",
        IPASS_DSCO_CLIENT_SECRET: "sec",
      },
      section: "dsco",
      expected: { baseUrl: "http://127.0.0.1:8099/api/v3", auth: { kind: "client", clientId: "id", clientSecret: "sec" } },
    },
    {
      env: { IPASS_DSCO_CLIENT_ID: "id", IPASS_DSCO_CLIENT_SECRET: "sec" },
      section: "dsco",
      expected: { baseUrl: "https://api.dsco.io/api/v3", auth: { kind: "token", token: "dsco-token-1" } },
    },
    {
      env: { IPASS_LINGXING_ACCESS_TOKEN: "tok", IPASS_LINGXING_SID: "901234567890123456", IPASS_LINGXING_BASE_URL: "http://localhost:1/" },
      section: "lingxing",
      expected: {
        baseUrl: "http://localhost:1",
        appId: "ak_T3stAppId0001",
        auth: { kind: "token", accessToken: "tok" },
        sid: "901234567890123456",
      },
    },
    {
      env: { IPASS_PULL_OVERLAP_SEC: "0", IPASS_INCLUDE_TEST_ORDERS: "Y" },
      section: "pull",
      expected: { overlapSec: 0, includeTestOrders: true },
    },
    {
      env: {
        IPASS_PRICE_FIELDS: "expectedCost , consumerPriceWithTax",
        IPASS_PLATFORM_ORDER_NO: "poNumber",
        IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":33}',
      },
      section: "push",
      expected: {
        platformOrderNo: "poNumber",
        priceFields: ["expectedCost", "consumerPriceWithTax"],
        warehouseMap: new Map([["WH-CA", "33"]]),
      },
    },
    {
      env: { IPASS_SHIP_DATE_SOURCE: "none", IPASS_SHIP_MULTI_PACKAGE: "send" },
      section: "ship",
      expected: { dateSource: "none", multiPackage: "send" },
    },
  ])("reads $env", ({ env, section, expected }) => {
    expect(loadConfig({ ...COMPLETE, ...env }, [section])[section]).toEqual(expected);
  });

  it.each(["1", "true", "YES", "y", "On"])("takes %s as true", (word) => {
    expect(loadConfig({ IPASS_INCLUDE_TEST_ORDERS: word }, ["pull"]).pull.includeTestOrders).toBe(true);
  });
  it.each(["0", "false", "NO", "n", "Off"])("takes %s as false", (word) => {
    expect(loadConfig({ IPASS_HTTP_ENABLE: word }, ["admin"]).admin.enabled).toBe(false);
  });

  it.each([
    ["IPASS_MAX_RETRY_PER_ORDER", "5x"],
    ["IPASS_MAX_RETRY_PER_ORDER", "0"],
    ["IPASS_MAX_RETRY_PER_ORDER", "1e2"],
    ["IPASS_MAX_RETRY_PER_ORDER", "-1"],
    ["IPASS_ORDER_MAX_AGE_SEC", "15m"],
    ["IPASS_IN_DOUBT_GRACE_SEC", "9".repeat(30)],
    ["IPASS_STOCK_MAX_ZERO_PERCENT", "101"],
    ["IPASS_STOCK_MAX_ZERO_PERCENT", "50%"],
    ["IPASS_PULL_OVERLAP_SEC", "1.5"],
    ["IPASS_INCLUDE_TEST_ORDERS", "maybe"],
    ["IPASS_HTTP_ADDR", "8080"],
    ["IPASS_HTTP_ADDR", ":80800"],
    ["IPASS_HTTP_ADDR", "http://localhost:80"],
    ["IPASS_HTTP_ADDR", "::1:8080"],
    ["IPASS_PLATFORM_ORDER_NO", "poNumbr"],
    ["IPASS_PRICE_FIELDS", "consumerPrice,consumerprice"],
    ["IPASS_PRICE_FIELDS", "consumerPrice,consumerPrice"],
    ["IPASS_PRICE_FIELDS", "consumerPrice,"],
    ["IPASS_INVOICE_PRICE_FIELDS", "cost"],
    ["IPASS_SHIP_DATE_SOURCE", "now"],
    ["IPASS_SHIP_MULTI_PACKAGE", "both"],
    ["IPASS_DSCO_BASE_URL", "http://api.dsco.io/api/v3"],
    ["IPASS_DSCO_BASE_URL", "api.dsco.io"],
    ["IPASS_DSCO_BASE_URL", "https://api.dsco.io/?x=1"],
    ["IPASS_LINGXING_BASE_URL", "ftp://localhost"],
    ["IPASS_LINGXING_BASE_URL", "http://localhost.evil.example"],
    ["IPASS_LINGXING_APP_ID", "short"],
    ["IPASS_LINGXING_PLATFORM_CODE", "custom"],
    ["IPASS_LINGXING_STORE_ID", "my store"],
    ["IPASS_LINGXING_SID", "12a"],
    ["IPASS_JOB_SYNC_STOCK_INTERVAL_SEC", "0"],
    ["IPASS_JOB_ACK_TO_DSCO_BATCH_SIZE", "many"],
  ])("calls %s=%s a problem of that variable alone, shown as given", (name, value) => {
    const problems = problemsOf({ ...COMPLETE, [name]: value });
    expect(Object.keys(problems)).toEqual([name]);
    expect(problems[name]?.given).toBe(value);
    expect(problems[name]?.expected).not.toBe("");
  });

  it("names every missing variable at once", () => {
    expect(Object.keys(problemsOf({}))).toEqual([
      "IPASS_DB_DSN",
      "IPASS_DSCO_TOKEN",
      "IPASS_LINGXING_APP_ID",
      "IPASS_LINGXING_APP_SECRET",
      "IPASS_LINGXING_PLATFORM_CODE",
      "IPASS_LINGXING_STORE_ID",
      "IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON",
    ]);
  });

  it("puts all of it into the message, with what would be right", () => {
    expect(() => loadConfig({ IPASS_MAX_RETRY_PER_ORDER: "five", IPASS_PULL_OVERLAP_SEC: "x" }, ["rules", "pull"])).toThrow(
      "configuration: 2 problems\n" +
        "  IPASS_MAX_RETRY_PER_ORDER: got five; expected a whole number from 1 to 1000\n" +
        "  IPASS_PULL_OVERLAP_SEC: got x; expected seconds, a whole number from 0 to 31622400",
    );
  });

  it("checks only the sections asked for", () => {
    expect(problemsOf({ IPASS_MAX_RETRY_PER_ORDER: "five" }, ["log", "pull"])).toEqual({});
  });

  it("treats an empty or blank value as unset", () => {
    expect(loadConfig({ IPASS_LOG_DIR: "", IPASS_MAX_RETRY_PER_ORDER: "  " }, ["log", "rules"])).toMatchObject({
      log: { dir: "logs" },
      rules: { maxRetryPerOrder: 5 },
    });
  });

  it("names both ways to sign in when there is none, and the missing half of a pair", () => {
    expect(problemsOf({}, ["dsco"]).IPASS_DSCO_TOKEN?.expected).toMatch(/IPASS_DSCO_CLIENT_ID.*IPASS_DSCO_CLIENT_SECRET/);
    expect(problemsOf({}, ["lingxing"]).IPASS_LINGXING_APP_SECRET?.expected).toContain("IPASS_LINGXING_ACCESS_TOKEN");
    expect(Object.keys(problemsOf({ IPASS_DSCO_CLIENT_ID: "id" }, ["dsco"]))).toEqual(["IPASS_DSCO_CLIENT_SECRET"]);
    expect(Object.keys(problemsOf({ IPASS_DSCO_CLIENT_SECRET: "sec" }, ["dsco"]))).toEqual(["IPASS_DSCO_CLIENT_ID"]);
  });

  it.each([
    ["IPASS_DB_DSN", "ipass:top-secret-word"],
    ["IPASS_DSCO_TOKEN", "bearer top-secret-word"],
    ["IPASS_ADMIN_TOKEN", "top-secret-word 密码"],
    ["IPASS_LINGXING_ACCESS_TOKEN", "top-secret-word top-secret-word"],
    ["IPASS_DSCO_BASE_URL", "https://user:top-secret-word@api.dsco.io"],
  ])("never shows the secret in a wrong %s", (name, value) => {
    const problems = problemsOf({ ...COMPLETE, [name]: value });
    expect(Object.keys(problems)).toEqual([name]);
    expect(JSON.stringify(problems)).not.toContain("top-secret");
  });

  it("never throws anything but a ConfigError, whatever is in the environment", () => {
    const value = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.json(), fc.webUrl(), fc.integer().map(String));
    const env = fc.dictionary(
      fc.constantFrom(...Object.keys(COMPLETE), "IPASS_STORE_MAP_JSON", "IPASS_HTTP_ADDR", "IPASS_DSCO_BASE_URL"),
      value,
    );
    fc.assert(fc.property(env, (broken) => void problemsOf({ ...COMPLETE, ...broken })));
  });
});

describe("loadJobConfig", () => {
  it("gives the job's own settings beside its sections", () => {
    const env = { IPASS_JOB_ACK_TO_DSCO_ENABLE: "no", IPASS_JOB_ACK_TO_DSCO_INTERVAL_SEC: "120", IPASS_JOB_ACK_TO_DSCO_BATCH_SIZE: "10" };
    expect(loadJobConfig(env, "ack_to_dsco", ["log"])).toEqual({
      log: { dir: "logs" },
      job: { enabled: false, intervalSec: 120, batchSize: 10 },
    });
  });

  it("does not mind a typo in another job's settings, but does in its own", () => {
    const env = { IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: "5 min" };
    expect(loadJobConfig(env, "ack_to_dsco", []).job.enabled).toBe(true);
    expect(() => loadJobConfig(env, "sync_stock", [])).toThrow("IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: got 5 min");
  });
});

describe("unknownVariables", () => {
  it("lists what looks like ours and is not, sorted", () => {
    expect(unknownVariables({ ...COMPLETE, IPASS_OLD_KEY: "1", IPASS_DSCO_TOKN: "x", PATH: "/bin", IPASS_JOB_NOPE_ENABLE: "" })).toEqual([
      "IPASS_DSCO_TOKN",
      "IPASS_JOB_NOPE_ENABLE",
      "IPASS_OLD_KEY",
    ]);
  });
});

describe("secretsOf", () => {
  it("finds every secret of the configuration", () => {
    const env = { ...COMPLETE, IPASS_ADMIN_TOKEN: "admin-token-1" };
    expect(secretsOf(loadConfig(env, ALL)).sort()).toEqual(["admin-token-1", "db-password", "dsco-token-1", "lingxing-secret-1"]);
    expect(secretsOf(loadConfig(env, ["log"]))).toEqual([]);
  });
});
