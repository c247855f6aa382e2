import { describe, expect, it } from "vitest";
import { problemsOf, type Section } from "../../src/config/env.ts";
import { inspectSettings } from "../../src/config/inspect.ts";
import { withoutLikelySecrets } from "../../src/config/secrets.ts";
import { SECTIONS } from "../../src/config/sections.ts";
import { VARIABLE_NAMES } from "../../src/config/variables.ts";
import { ConfigError } from "../../src/errors.ts";
import { DB_PASSWORD, leaksIn, SECRET_TEXTS, SECRETS } from "../helpers/canaries.ts";

const ALL = Object.keys(SECTIONS) as Section[];

/** All that any command may tell of these settings: as doctor lists them, and as the others complain. */
const told = (env: Readonly<Record<string, string>>): string =>
  JSON.stringify([inspectSettings(env, new Set(ALL)), new ConfigError(problemsOf(env, ALL)).message]);
const expectHidden = (env: Readonly<Record<string, string>>) => expect(leaksIn("told", told(env))).toEqual([]);

describe("a secret in the wrong place is not shown", () => {
  it.each(SECRET_TEXTS)("in any variable, alone or with a word before it: %s", (secret) => {
    for (const name of VARIABLE_NAMES)
      for (const value of [secret, `Bearer ${secret}`, `IPASS_DSCO_TOKEN=${secret}`, `"${secret}"`]) expectHidden({ [name]: value });
  });

  it.each(SECRET_TEXTS)("in an address: %s", (secret) => {
    for (const name of [
      "IPASS_DSCO_BASE_URL",
      "IPASS_LINGXING_BASE_URL",
      "IPASS_HTTP_ADDR",
      "IPASS_LINGXING_APP_ID",
      "IPASS_STORE_MAP_JSON",
    ])
      for (const value of [
        `https://ipass:${secret}@api.dsco.io/`,
        `https://api.dsco.io/api/v3?access_token=${secret}`,
        `mysql://ipass:${secret}@127.0.0.1:3306/ipass`,
        `ipass:${secret}@tcp(127.0.0.1:3306)/ipass`,
        `ipass:${secret}@127.0.0.1:8080`,
      ])
        expectHidden({ [name]: value });
  });

  it.each(SECRET_TEXTS)("in a map: %s", (secret) => {
    for (const name of VARIABLE_NAMES.filter((name) => name.endsWith("_JSON")))
      for (const map of [
        `{"33":"${secret}"`,
        `{33:${secret}}`,
        `{"33":"${secret}"}`,
        `{"${secret}":"x"}`,
        `{"${secret}":""}`,
        `{"A":"${secret}","B":"${secret}"}`,
        `["${secret}"]`,
      ])
        expectHidden({ [name]: map });
  });

  it.each([
    DB_PASSWORD,
    `ipass:${DB_PASSWORD}`,
    `mysql://ipass:${DB_PASSWORD}@127.0.0.1:1/x?tls=${SECRETS.dscoToken}`,
    `mysql://ipass:${DB_PASSWORD}@/x`,
    `mysql://ipass:${DB_PASSWORD}/x@127.0.0.1:1/x`,
    `mysql://ipass:%zz${DB_PASSWORD}@127.0.0.1:1/x`,
    `mysql://ipass:1#${DB_PASSWORD}@127.0.0.1:1/x`,
    `postgres://ipass:${DB_PASSWORD}@127.0.0.1:1/x`,
    `ipass:${SECRETS.dscoClientSecret}@tcp(127.0.0.1:1)/`,
    `ipass:${SECRETS.dscoClientSecret}@tcp(127.0.0.1:1)/x?tls=${DB_PASSWORD}`,
    `ipass:${DB_PASSWORD}@unix(x)/x`,
  ])("in a DSN nobody can read: %s", (dsn) => {
    expect(problemsOf({ IPASS_DB_DSN: dsn }, ["database"])).toHaveLength(1);
    expectHidden({ IPASS_DB_DSN: dsn });
  });
});

it.each([
  "15m",
  "110000000000000001",
  "consumerPrice,consumerPriceWithTx",
  "http://api.dsco.io/api/v3",
  "https://openapi.lingxing.com:443/",
  "/var/log/ipass-2026/logs",
  "../maps/stores-2026.json",
  '{"WH-CA-FECG":"x","LOCAL-SKU-000001":"MUG-BLUE-2026-XL"}',
  '{"mug-blue-2026-large":"blue-mug-11oz-2026"}',
  "[::1]:8080",
])("what is no secret stays readable: %s", (text) => {
  expect(withoutLikelySecrets(text)).toBe(text);
});
