import { describe, expect, it } from "vitest";
import type { DatabaseConfig } from "../../src/config/dsn.ts";
import { judgeConnection } from "../../src/doctor/judge/connection.ts";
import { judgeLock } from "../../src/doctor/judge/lock.ts";
import { judgeMigrations, judgePrivileges, judgeSchema } from "../../src/doctor/judge/tables.ts";
import type { LockSharing, OtherConnection } from "../../src/store/lock-probe.ts";
import type { MissingPart } from "../../src/store/schema-check.ts";

const ALTER = "ALTER TABLE job_run ADD k INT;";
const missing = (kind: MissingPart["kind"]): MissingPart => ({ kind, name: "job_run.k", sql: ALTER });

describe("a connection that fails", () => {
  const config: DatabaseConfig = { host: "db", port: 3306, user: "ipass", password: "s3cret-word", database: "my`db" };
  it.each([
    ["ER_ACCESS_DENIED_ERROR", "Access denied for user 'ipass'@'h' (using password: YES)", "IPASS_DB_DSN", undefined],
    ["ER_BAD_DB_ERROR", "Unknown database 'my`db'", "database name", "CREATE DATABASE `my``db` CHARACTER SET utf8mb4;"],
    [
      "ER_DBACCESS_DENIED_ERROR",
      "Access denied for user 'ipass'@'10.%' to database 'my`db'",
      "database name",
      "CREATE DATABASE IF NOT EXISTS `my``db` CHARACTER SET utf8mb4; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON `my``db`.* TO 'ipass'@'10.%';",
    ],
    ["ECONNREFUSED", undefined, "start the database", undefined],
    ["ENOTFOUND", undefined, "correct the host", undefined],
    ["ETIMEDOUT", undefined, "firewall", undefined],
    ["ER_CON_COUNT_ERROR", "Too many connections", "max_connections", undefined],
    ["HANDSHAKE_NO_SSL_SUPPORT", undefined, "tls=", undefined],
    ["SOMETHING_ELSE", undefined, "error log", undefined],
  ])("with %s says what to do", (code, said, text, command) => {
    const found = judgeConnection({ code, said }, config);
    expect(found).toMatchObject({ id: "database.connection", status: "fail" });
    expect(found.remedy?.text).toContain(text);
    expect(found.remedy?.command).toBe(command);
    expect(JSON.stringify(found)).not.toContain("s3cret-word");
  });
});

describe("a lock", () => {
  const other = (over: Partial<OtherConnection> = {}): OtherConnection => ({ tookIt: false, sawHolder: "7", server: "a:3306", ...over });
  const tried = (others: OtherConnection[], over: Partial<Extract<LockSharing, { kind: "tried" }>> = {}): LockSharing => ({
    kind: "tried",
    holderIds: ["7"],
    others,
    freeAfterwards: true,
    ...over,
  });
  it.each([
    { name: "keeps everybody out", sharing: tried([other(), other()]), status: "pass", found: "keeps out 2" },
    {
      name: "holds on every server of a cluster",
      sharing: tried([other(), other({ server: "b:3306" })]),
      status: "pass",
      found: "on 2 servers",
    },
    { name: "was taken by another one too", sharing: tried([other(), other({ tookIt: true })]), status: "fail", found: "1 of 2" },
    {
      name: "was taken on another server",
      sharing: tried([other(), other({ tookIt: true, server: "b:3306" })]),
      status: "fail",
      found: "a:3306 and b:3306",
    },
    { name: "was held by two sessions in turn", sharing: tried([other()], { holderIds: ["7", "9"] }), status: "fail", found: "7, 9" },
    { name: "was not given back", sharing: tried([other()], { freeAfterwards: false }), status: "fail", found: "given back" },
    { name: "has another holder than ours", sharing: tried([other({ sawHolder: "1" })]), status: "warn", found: "another holder" },
    { name: "has no holder", sharing: tried([other({ sawHolder: undefined })]), status: "warn", found: "another holder" },
    {
      name: "is refused by the cluster",
      sharing: { kind: "refused", reason: "This version of MariaDB doesn't yet support 'GET_LOCK in cluster (WSREP_ON=ON)'" } as const,
      status: "fail",
      found: "WSREP_ON",
    },
  ])("$name: $status", ({ sharing, status, found }) => {
    const judged = judgeLock(sharing, "mysql");
    expect(judged).toMatchObject({ id: "database.lock", status });
    expect(judged.found).toContain(found);
  });

  it("at TiDB is seen as held by 1, whoever holds it", () => {
    expect(judgeLock(tried([other({ sawHolder: "1" })]), "tidb")).toMatchObject({ status: "pass" });
    expect(judgeLock(tried([other({ sawHolder: undefined })]), "tidb")).toMatchObject({ status: "warn" });
  });
});

describe("the tables", () => {
  const applied = ["0001_init.sql", "0002_operations.sql", "0003_order_marks.sql"];
  it.each([
    { name: "all applied", given: { applied, pending: [], unknown: [] }, status: "pass", command: undefined },
    {
      name: "some pending",
      given: { applied: ["0001_init.sql"], pending: ["0002_operations.sql"], unknown: [] },
      status: "fail",
      command: "ipass migrate",
    },
    {
      name: "more than this version knows",
      given: { applied, pending: [], unknown: ["0009_later.sql"] },
      status: "fail",
      command: undefined,
    },
  ])("migrations, $name: $status", ({ given, status, command }) => {
    const found = judgeMigrations(given);
    expect(found).toMatchObject({ status });
    expect(found.remedy?.command).toBe(command);
  });

  it("grants what is missing, to the account as the server has it", () => {
    expect(judgePrivileges([], "db", "u@%")).toMatchObject({ status: "pass" });
    const missing = [
      { privilege: "UPDATE", tables: ["job_run", "manual_task"] },
      { privilege: "DELETE", tables: ["job_run"] },
    ];
    expect(judgePrivileges(missing, "my`db", "o'neill@example@10.0.%")).toMatchObject({
      status: "fail",
      found: "o'neill@example@10.0.% lacks UPDATE (job_run, manual_task); DELETE (job_run)",
      remedy: { command: "GRANT UPDATE, DELETE ON `my``db`.* TO 'o''neill@example'@'10.0.%';" },
    });
  });

  it.each([
    { name: "nothing missing", given: [], status: "pass", command: undefined },
    {
      name: "a table",
      given: [{ kind: "table", name: "job_run", sql: "CREATE TABLE job_run (id INT);" }],
      status: "fail",
      command: "CREATE TABLE job_run (id INT);",
    },
    { name: "a column", given: [missing("column")], status: "fail", command: ALTER },
    { name: "a key, which only makes things slow", given: [missing("key")], status: "warn", command: ALTER },
    { name: "a unique key, without which numbers would repeat", given: [missing("unique key")], status: "fail", command: ALTER },
    {
      name: "a key and a column",
      given: [missing("key"), missing("column")],
      status: "fail",
      command: `${ALTER} ${ALTER}`,
    },
  ] as const)("schema, $name: $status", ({ given, status, command }) => {
    const found = judgeSchema(given);
    expect(found).toMatchObject({ status });
    expect(found.remedy?.command).toBe(command);
  });
});
