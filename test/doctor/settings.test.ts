import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/env.ts";
import { inspectSettings } from "../../src/config/inspect.ts";
import { judgeSettings, judgeTogether, judgeUnknown } from "../../src/doctor/judge/settings.ts";

const REQUIRED = {
  IPASS_DSCO_TOKEN: "dsco-token",
  IPASS_LINGXING_APP_ID: "ak_T3stAppId0001",
  IPASS_LINGXING_APP_SECRET: "a-secret",
  IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"33":"WH-CA","34":"WH-NJ"}',
};

describe("settings", () => {
  it("are judged one by one: what was given, what would be right, and no secret", () => {
    const env = { IPASS_DB_DSN: "postgres://u:s3cret-word@h/d", IPASS_LOG_DIR: "logs", IPASS_ADMIN_TOKEN: "s3cret-word" };
    const found = judgeSettings(inspectSettings(env, new Set(["database"])));
    const of = (name: string) => found.find(({ id }) => id === `config.${name}`);
    expect(of("IPASS_DB_DSN")).toMatchObject({
      status: "fail",
      found: "got *** (28 characters)",
      remedy: { text: expect.stringContaining("set IPASS_DB_DSN in .env (or wherever it is set) to mysql://") },
    });
    expect(of("IPASS_LOG_DIR")).toEqual({ id: "config.IPASS_LOG_DIR", status: "pass", found: "logs" });
    expect(of("IPASS_ADMIN_TOKEN")).toMatchObject({ status: "pass", found: "*** (11 characters)" });
    expect(of("IPASS_DSCO_TOKEN")).toMatchObject({ status: "pass", found: "not set" });
    expect(JSON.stringify(found)).not.toContain("s3cret-word");
  });

  it("that are unknown are warned of, with the one that was meant", () => {
    expect(judgeUnknown([])).toMatchObject({ status: "pass" });
    expect(judgeUnknown(["IPASS_DSCO_TOKN", "IPASS_OLD_THING"])).toMatchObject({
      id: "config.unknown",
      status: "warn",
      found: "set, but not known to ipass: IPASS_DSCO_TOKN (did you mean IPASS_DSCO_TOKEN?), IPASS_OLD_THING",
    });
  });
});

describe("settings together", () => {
  const judged = (env: Record<string, string>) => {
    const all = { ...REQUIRED, ...env };
    const config = loadConfig(all, ["admin", "dsco", "lingxing", "rules", "push", "stock", "jobs"]);
    return judgeTogether(config, (name) => name in all);
  };

  it("agree by default, but for the admin's token", () => {
    expect(judged({}).filter(({ status }) => status !== "pass")).toMatchObject([{ id: "settings.admin_token", status: "warn" }]);
  });

  it.each([
    ["settings.admin_token", { IPASS_ADMIN_TOKEN: "long-enough-a-token" }, "pass", "guarded"],
    ["settings.admin_token", { IPASS_ADMIN_TOKEN: "short" }, "warn", "guessed"],
    ["settings.admin_token", { IPASS_HTTP_ADDR: "127.0.0.1:8080" }, "pass", "this machine only"],
    ["settings.admin_token", { IPASS_HTTP_ADDR: "[::1]:8080" }, "pass", "this machine only"],
    ["settings.admin_token", { IPASS_HTTP_ADDR: "10.0.0.5:8080" }, "warn", "10.0.0.5"],
    ["settings.admin_token", { IPASS_HTTP_ENABLE: "false" }, "pass", "switched off"],
    ["settings.dsco_auth", { IPASS_DSCO_CLIENT_ID: "id", IPASS_DSCO_CLIENT_SECRET: "secret" }, "warn", "both set"],
    ["settings.dsco_auth", { IPASS_DSCO_TOKEN: "", IPASS_DSCO_CLIENT_ID: "id", IPASS_DSCO_CLIENT_SECRET: "secret" }, "pass", "renewed"],
    ["settings.lingxing_auth", { IPASS_LINGXING_ACCESS_TOKEN: "fixed" }, "warn", "hides"],
    [
      "settings.lingxing_auth",
      { IPASS_LINGXING_ACCESS_TOKEN: "fixed", IPASS_LINGXING_BASE_URL: "http://127.0.0.1:8765/x" },
      "pass",
      "stand-in",
    ],
    ["settings.in_doubt_grace", { IPASS_IN_DOUBT_GRACE_SEC: "60" }, "fail", "sent twice"],
    ["settings.in_doubt_grace", { IPASS_IN_DOUBT_GRACE_SEC: "61" }, "warn", "lag"],
    ["settings.in_doubt_grace", { IPASS_IN_DOUBT_GRACE_SEC: "120" }, "pass", "120 s"],
    ["settings.maps", { IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":"33"}' }, "warn", "without IPASS_LOGISTICS_MAP_JSON"],
    ["settings.maps", { IPASS_LOGISTICS_MAP_JSON: '{"WH-CA-FECG":"1"}' }, "warn", "without IPASS_WAREHOUSE_MAP_JSON"],
    ["settings.maps", { IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":"33"}', IPASS_LOGISTICS_MAP_JSON: '{"WH-CA-FECG":"1"}' }, "pass", "agree"],
    [
      "settings.maps",
      { IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":"34"}', IPASS_LOGISTICS_MAP_JSON: '{"WH-CA-FECG":"1"}' },
      "warn",
      "shown as WH-NJ",
    ],
    [
      "settings.maps",
      { IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":"33","WH-NJ":"34"}', IPASS_LOGISTICS_MAP_JSON: '{"WH-CA-FECG":"1","WH-XX-FECG":"2"}' },
      "warn",
      "no shipping method for WH-NJ in IPASS_LOGISTICS_MAP_JSON; WH-XX-FECG",
    ],
    ["settings.jobs", { IPASS_JOB_ACK_TO_DSCO_ENABLE: "false" }, "warn", "ship_to_dsco is on, but ack_to_dsco"],
    ["settings.jobs", { IPASS_JOB_SYNC_STOCK_ENABLE: "false" }, "pass", "fed"],
    ["settings.order_max_age", { IPASS_JOB_PULL_DSCO_ORDERS_INTERVAL_SEC: "1800" }, "warn", "every 1800 s"],
  ])("%s with %j: %s", (id, env, status, found) => {
    const finding = judged(env as Record<string, string>).find((one) => one.id === id);
    expect(finding).toMatchObject({ status });
    expect(finding?.found).toContain(found);
  });

  it("say nothing of a section that cannot be read", () => {
    expect(judgeTogether({}, () => false)).toEqual([]);
  });
});
