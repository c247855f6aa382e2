import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { formatServerDsn, parseServerDsn } from "../../scripts/server-dsn.mjs";
import { missingPrivileges } from "../../src/store/privilege-probe.ts";
import { expectedTables } from "../../src/store/schema-check.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { poolOf } from "./store-database.ts";

const database = await useTestDatabase();
const TABLES = [...expectedTables().keys()];
const accounts: string[] = [];
afterAll(async () => {
  for (const account of accounts) await database.query(`DROP USER IF EXISTS '${account}'@'%'`);
});

/** ipass's pool under an account with these grants. */
async function as(...grants: readonly string[]) {
  const user = `probe_${randomBytes(4).toString("hex")}`;
  accounts.push(user);
  await database.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'probe'`);
  for (const grant of grants) await database.query(`GRANT ${grant} TO '${user}'@'%'`);
  return poolOf({ ...database, dsn: formatServerDsn({ ...parseServerDsn(database.dsn), user, password: "probe" }) });
}
const all = (tables: readonly string[] = TABLES) => ({ tables });

describe("an account's privileges", () => {
  it("are enough when they are what ipass needs, and nothing is changed by finding out", async () => {
    const db = await as(`SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON \`${database.name}\`.*`);
    await database.query("INSERT INTO job_watermark (job_name, watermark) VALUES ('x', '{}')");
    expect(await missingPrivileges(db, true)).toEqual([]);
    expect(await database.query("SELECT job_name FROM job_watermark")).toEqual([{ job_name: "x" }]);
    expect(await database.query("SHOW TABLES LIKE 'ipass_doctor%'")).toEqual([]);
  });

  it("lack what was not granted, on every table", async () => {
    const db = await as(`SELECT, INSERT ON \`${database.name}\`.*`);
    expect(await missingPrivileges(db, false)).toEqual([
      { privilege: "UPDATE", ...all() },
      { privilege: "DELETE", ...all() },
    ]);
  });

  it("may be granted table by table", async () => {
    const granted = TABLES.filter((table) => table !== "api_token").map(
      (table) => `SELECT, INSERT, UPDATE, DELETE ON \`${database.name}\`.${table}`,
    );
    const db = await as(...granted, `SELECT ON \`${database.name}\`.api_token`);
    expect(await missingPrivileges(db, false)).toEqual(
      ["INSERT", "UPDATE", "DELETE"].map((privilege) => ({ privilege, tables: ["api_token"] })),
    );
  });

  it("need more where tables are to be made", async () => {
    const db = await as(`SELECT, INSERT, UPDATE, DELETE ON \`${database.name}\`.*`);
    expect(await missingPrivileges(db, false)).toEqual([]);
    expect((await missingPrivileges(db, true)).map(({ privilege }) => privilege)).toEqual(["CREATE", "ALTER", "INDEX"]);
  });
});
