import { describe, expect, it } from "vitest";
import {
  judgeCluster,
  judgePacket,
  judgeSqlMode,
  judgeTimeZone,
  judgeVersion,
  judgeWaitTimeout,
  judgeWritable,
  productOf,
} from "../../src/doctor/judge/server.ts";
import type { ServerFacts } from "../../src/store/server-facts.ts";

const vars = (variables: Record<string, string>) => new Map(Object.entries(variables));

describe("the version", () => {
  it.each([
    ["8.0.36", "mysql", "pass"],
    ["8.4.3-commercial", "mysql", "pass"],
    ["9.7.4-2", "mysql", "pass"],
    ["5.7.44-log", "mysql", "fail"],
    ["8.0.35-27", "mysql", "pass"], // Percona Server
    ["8.0.28.3.04.1", "mysql", "pass"], // Aurora
    ["10.6.0-MariaDB", "mariadb", "pass"],
    ["10.11.19-MariaDB-0+deb12u1", "mariadb", "pass"],
    ["11.8.2-MariaDB-log", "mariadb", "pass"],
    ["10.5.27-MariaDB", "mariadb", "fail"],
    ["8.0.11-TiDB-v7.5.0", "tidb", "pass"],
    ["8.0.11-TiDB-v8.5.1-serverless", "tidb", "pass"],
    ["5.7.25-TiDB-v7.1.3", "tidb", "fail"],
    ["5.7.25-TiDB-v6.5.9", "tidb", "fail"],
    ["", "mysql", "fail"],
  ])("%s is %s and a %s", (version, flavour, status) => {
    expect(productOf(version).flavour).toBe(flavour);
    expect(judgeVersion({ version })).toMatchObject({ id: "database.version", status });
  });

  it("that is too old names the oldest that is enough", () => {
    expect(judgeVersion({ version: "5.7.25-TiDB-v6.5.9" }).remedy?.text).toContain("TiDB 7.5 or newer");
    expect(judgeVersion({ version: "10.5.1-MariaDB" }).remedy?.text).toContain("MariaDB 10.6 or newer");
  });
});

it.each([
  ["28800", "pass"],
  ["60", "pass"],
  ["59", "warn"],
  ["21", "warn"],
  ["20", "fail"], // a run pings every 20 s
  ["1", "fail"],
  [undefined, "warn"],
])("wait_timeout %s is a %s", (seconds, status) => {
  const found = judgeWaitTimeout(vars(seconds === undefined ? {} : { wait_timeout: seconds }));
  expect(found).toMatchObject({ status });
  if (status !== "pass" && seconds !== undefined) expect(found.remedy?.command).toBe("SET GLOBAL wait_timeout = 28800;");
});

it.each([
  [String(64 * 1024 * 1024), "pass"],
  [String(16 * 1024 * 1024), "pass"],
  [String(16 * 1024 * 1024 - 1), "warn"],
  [String(4 * 1024 * 1024), "warn"],
  [String(1024 * 1024), "fail"],
  [undefined, "warn"],
])("max_allowed_packet %s is a %s", (bytes, status) => {
  expect(judgePacket(vars(bytes === undefined ? {} : { max_allowed_packet: bytes }))).toMatchObject({ status });
});

it.each([
  [{ read_only: "OFF", super_read_only: "OFF", innodb_read_only: "OFF" }, "pass", undefined],
  [{ read_only: "0" }, "pass", undefined],
  [{ read_only: "ON", super_read_only: "OFF" }, "fail", "SET GLOBAL read_only = OFF;"],
  [{ read_only: "ON", super_read_only: "ON" }, "fail", "SET GLOBAL read_only = OFF; SET GLOBAL super_read_only = OFF;"],
  [{ read_only: "NO_LOCK_NO_ADMIN" }, "fail", "SET GLOBAL read_only = OFF;"], // MariaDB 12
  [{ tidb_super_read_only: "ON" }, "fail", "SET GLOBAL tidb_super_read_only = OFF;"],
  [{ read_only: "ON", innodb_read_only: "ON" }, "fail", undefined], // a reader of Aurora: nothing to be set
])("%j: a %s", (variables, status, command) => {
  const found = judgeWritable(vars(variables as Record<string, string>));
  expect(found).toMatchObject({ status });
  expect(found.remedy?.command).toBe(command);
});

it.each([
  ["STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION", "pass", undefined],
  ["STRICT_ALL_TABLES", "pass", undefined],
  ["ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ANSI_QUOTES", "pass", undefined],
  ["", "warn", "STRICT_TRANS_TABLES"],
  ["NO_ENGINE_SUBSTITUTION", "warn", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"],
  ["STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", "fail", "STRICT_TRANS_TABLES"],
  ["EMPTY_STRING_IS_NULL,STRICT_TRANS_TABLES", "fail", "STRICT_TRANS_TABLES"],
  ["IGNORE_SPACE,NO_ENGINE_SUBSTITUTION", "warn", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"],
])("sql_mode %s is a %s, and should be %s", (mode, status, right) => {
  const found = judgeSqlMode(vars({ sql_mode: mode, autocommit: "ON" }));
  expect(found).toMatchObject({ status });
  expect(found.remedy?.command).toBe(right === undefined ? undefined : `SET GLOBAL sql_mode = '${right}';`);
});

it("finds autocommit switched off", () => {
  expect(judgeSqlMode(vars({ sql_mode: "STRICT_TRANS_TABLES", autocommit: "OFF" }))).toMatchObject({
    status: "fail",
    remedy: { command: "SET GLOBAL autocommit = ON;" },
  });
});

describe("the cluster", () => {
  const facts = (variables: Record<string, string>, more: Partial<ServerFacts> = {}): ServerFacts => ({
    version: "8.4.3",
    account: "u@%",
    variables: vars(variables),
    galeraNodes: 0,
    ahead: { from: 0, to: 0 },
    ...more,
  });
  const GROUP = { group_replication_group_name: "6f3c-…" };
  it.each([
    { name: "one server", given: facts({}), status: "pass", found: "a single writer" },
    { name: "a server whose Galera is off", given: facts({ wsrep_on: "OFF" }), status: "pass", found: "a single writer" },
    { name: "a Galera node", given: facts({ wsrep_on: "ON" }, { galeraNodes: 3 }), status: "warn", found: "3 nodes" },
    {
      name: "one primary of a group",
      given: facts({ ...GROUP, group_replication_single_primary_mode: "ON" }),
      status: "pass",
      found: "single primary",
    },
    {
      name: "several primaries",
      given: facts({ ...GROUP, group_replication_single_primary_mode: "OFF" }),
      status: "fail",
      found: "several primaries",
    },
    {
      name: "a server that has the plugin but is in no group",
      given: facts({ group_replication_group_name: "", group_replication_single_primary_mode: "OFF" }),
      status: "pass",
      found: "a single writer",
    },
    { name: "Aurora", given: facts({ aurora_version: "3.04.1" }), status: "pass", found: "Aurora" },
    { name: "TiDB", given: facts({}, { version: "8.0.11-TiDB-v7.5.0" }), status: "pass", found: "whole cluster" },
  ])("$name: $status", ({ given, status, found }) => {
    const judged = judgeCluster(given);
    expect(judged).toMatchObject({ status });
    expect(judged.found).toContain(found);
  });
});

describe("the time zone", () => {
  const sent = new Date("2026-02-03T04:05:06.789Z");
  const right = { sent, back: sent, zone: "+00:00", defaultAheadMs: 0 };
  it.each([
    { name: "all is right", given: right, status: "pass" },
    { name: "the session runs elsewhere", given: { ...right, zone: "+08:00", defaultAheadMs: 8 * 3600_000 }, status: "fail" },
    { name: "milliseconds are lost", given: { ...right, back: new Date("2026-02-03T04:05:06Z") }, status: "fail" },
    { name: "nothing comes back", given: { ...right, back: null }, status: "fail" },
    { name: "nothing is said of the session", given: { ...right, defaultAheadMs: Number.NaN }, status: "fail" },
  ])("$name: $status", ({ given, status }) => {
    expect(judgeTimeZone(given)).toMatchObject({ id: "database.time_zone", status });
  });
});
