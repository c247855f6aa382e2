import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDotEnv } from "../../src/config/dot-env.ts";
import { loadConfig } from "../../src/config/env.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ipass-env-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function read(text: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  writeFileSync(join(dir, ".env"), text);
  readDotEnv(dir, env);
  return env;
}

describe("readDotEnv", () => {
  it("adds what is there and never overrides what is set, even to nothing", () => {
    expect(read("A=file\nB=file\nC=file\n", { A: "set", B: "" })).toEqual({ A: "set", B: "", C: "file" });
  });

  it("is content without a file", () => {
    const env = {};
    readDotEnv(dir, env);
    expect(env).toEqual({});
  });

  it("says so when the file cannot be read", () => {
    mkdirSync(join(dir, ".env"));
    expect(() => readDotEnv(dir, {})).toThrow(/\.env: got EISDIR/);
  });

  it("takes no orders from dotenv's own variables", () => {
    expect(read("A=file\n", { A: "set", DOTENV_OVERRIDE: "true", DOTENV_DEBUG: "true" })).toMatchObject({ A: "set" });
  });

  it.each([
    { line: "K=pass#word", value: "pass#word" },
    { line: "K=pass#word # the password", value: "pass#word" },
    { line: "export K=pa'ss#word", value: "pa'ss#word" },
    { line: "K=plain # a comment", value: "plain" },
    { line: "K=", value: "" },
    { line: "K=# only a comment", value: "" },
    { line: "K='quoted # text' # comment", value: "quoted # text" },
    { line: 'K="quoted#text"', value: "quoted#text" },
    { line: "K=:8080", value: ":8080" },
    { line: "K=pass#word\r", value: "pass#word" },
  ])("reads $line as Go's loader and a shell do", ({ line, value }) => {
    expect(read(`# before\n${line}\nNEXT=1\n`)).toEqual({ K: value, NEXT: "1" });
  });

  it("keeps a file of the older Go service working", () => {
    const env = read(
      String.raw`
# ipass (Go)
IPASS_DB_DSN=ipass:p@ss/w#rd@tcp(127.0.0.1:3306)/ipass?parseTime=true&loc=UTC
IPASS_HTTP_ENABLE=Yes
IPASS_HTTP_ADDR=:8080
IPASS_ADMIN_TOKEN="admin-token"
IPASS_INCLUDE_TEST_ORDERS=off
IPASS_JOB_SYNC_STOCK_ENABLE=0
IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON="{\"33\":\"WH-CA\",\"34\":\"WH-NJ\"}"
IPASS_STOCK_SKU_TO_DSCO_SKU_JSON="{}"
IPASS_LEGACY_SWITCH=whatever
`,
    );
    expect(loadConfig(env, ["database", "admin", "stock", "pull", "jobs"])).toMatchObject({
      database: { user: "ipass", password: "p@ss/w#rd", host: "127.0.0.1", database: "ipass" },
      admin: { enabled: true, host: "", port: 8080, token: "admin-token" },
      stock: {
        warehouseMap: new Map([
          ["33", "WH-CA"],
          ["34", "WH-NJ"],
        ]),
      },
      pull: { includeTestOrders: false },
      jobs: { sync_stock: { enabled: false } },
    });
  });
});
