import { describe, expect, it } from "vitest";
import type { Section } from "../../src/config/env.ts";
import { inspectSettings, nearestVariable, readSetting } from "../../src/config/inspect.ts";

const problems = (env: Record<string, string>, ...needed: Section[]) =>
  inspectSettings(env, new Set(needed)).flatMap(({ name, problem }) => (problem === undefined ? [] : [name]));

describe("inspectSettings", () => {
  it("knows every variable, and shows no secret", () => {
    const env = {
      IPASS_DB_DSN: "mysql://u:s3cret-word@h/db",
      IPASS_LOG_DIR: " logs ",
      IPASS_ADMIN_TOKEN: "s3cret-word",
      IPASS_DSCO_CLIENT_ID: "",
    };
    const settings = inspectSettings(env, new Set());
    expect(settings.length).toBeGreaterThan(40);
    expect(JSON.stringify(settings)).not.toContain("s3cret-word");
    const shown = (name: string) => settings.find((setting) => setting.name === name)?.shown;
    expect([shown("IPASS_LOG_DIR"), shown("IPASS_ADMIN_TOKEN"), shown("IPASS_DSCO_CLIENT_ID"), shown("IPASS_HTTP_ADDR")]).toEqual([
      "logs",
      "*** (11 characters)",
      undefined,
      undefined,
    ]);
  });

  it("finds what is wrong everywhere, and what is missing only where it is needed", () => {
    expect(problems({})).toEqual([]);
    expect(problems({}, "database", "dsco")).toEqual(["IPASS_DB_DSN", "IPASS_DSCO_TOKEN"]);
    expect(problems({ IPASS_STORE_MAP_JSON: "{", IPASS_JOB_ACK_TO_DSCO_ENABLE: "perhaps" }, "database")).toEqual([
      "IPASS_DB_DSN",
      "IPASS_STORE_MAP_JSON",
      "IPASS_JOB_ACK_TO_DSCO_ENABLE",
    ]);
  });

  it("misses the other half of a pair that was begun only where it is needed", () => {
    expect(problems({ IPASS_DSCO_CLIENT_ID: "id" })).toEqual([]);
    expect(problems({ IPASS_DSCO_CLIENT_ID: "id" }, "dsco")).toEqual(["IPASS_DSCO_CLIENT_SECRET"]);
  });
});

it("reads one variable, whatever is wrong with its neighbours", () => {
  expect(readSetting({ IPASS_DSCO_BASE_URL: "https://x.example/" }, "IPASS_DSCO_BASE_URL")).toBe("https://x.example");
  expect(readSetting({ IPASS_DSCO_BASE_URL: " " }, "IPASS_DSCO_BASE_URL")).toBe("https://api.dsco.io/api/v3");
  expect(readSetting({ IPASS_DSCO_BASE_URL: "ftp://x" }, "IPASS_DSCO_BASE_URL")).toBeUndefined();
});

it.each([
  ["IPASS_DSCO_TOKN", "IPASS_DSCO_TOKEN"],
  ["IPASS_JOB_PUSH_ORDERS_TO_LINGXING_INTERVAL_SECS", "IPASS_JOB_PUSH_ORDERS_TO_LINGXING_INTERVAL_SEC"],
  ["IPASS_LX_TOKEN", undefined],
  ["IPASS_SOMETHING_ELSE", undefined],
])("takes %s for %s", (name, meant) => {
  expect(nearestVariable(name)).toBe(meant);
});
