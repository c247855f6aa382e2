import { type Db, errorCode, select } from "./db.ts";
import { expectedTables } from "./schema-check.ts";

/** A privilege the account lacks; on several tables. */
export interface MissingPrivilege {
  readonly privilege: string;
  readonly tables: readonly string[];
}

const DENIED: ReadonlySet<string> = new Set([
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_COLUMNACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
]);
/** It got past the privileges, and failed at what comes after them. */
const ALLOWED_BUT: ReadonlySet<string> = new Set(["ER_NO_SUCH_TABLE"]);

/** Never there, so that a statement about it is judged by the privileges and then comes to nothing. */
const NOWHERE = "ipass_doctor_no_such_table";

/**
 * What the account may not do, found by trying: roles, wildcards and proxies make SHOW GRANTS hard to read, and each server words it
 * differently. Every statement is one that changes nothing: it meets no row, or a table that does not exist; the server looks at the
 * privileges first all the same. `withDdl`: also what a migration needs.
 * @throws what else the database says, such as that it is read-only
 */
export async function missingPrivileges(db: Db, withDdl: boolean): Promise<MissingPrivilege[]> {
  const missing = new Map<string, string[]>();
  const attempt = async (privilege: string, table: string, sql: string) => {
    const denied = await deniedPrivilege(db, privilege, sql);
    if (denied !== undefined) missing.set(denied, [...(missing.get(denied) ?? []), table]);
  };
  for (const [table, { columns }] of expectedTables()) {
    const [column = ""] = columns.keys();
    await attempt("SELECT", table, `SELECT ${column} FROM ${table} WHERE 1 = 0`);
    await attempt("INSERT", table, `INSERT INTO ${table} SELECT * FROM ${table} WHERE 1 = 0`);
    await attempt("UPDATE", table, `UPDATE ${table} SET ${column} = ${column} WHERE 1 = 0`);
    await attempt("DELETE", table, `DELETE FROM ${table} WHERE 1 = 0`);
  }
  if (withDdl) {
    await attempt("CREATE", NOWHERE, `CREATE TABLE ${NOWHERE}_copy LIKE ${NOWHERE}`);
    await attempt("ALTER", NOWHERE, `ALTER TABLE ${NOWHERE} ADD COLUMN x INT`);
    await attempt("INDEX", NOWHERE, `CREATE INDEX x ON ${NOWHERE} (x)`);
  }
  return [...missing].map(([privilege, tables]) => ({ privilege, tables: [...new Set(tables)] }));
}

/** The privilege the server names, which is not always the one that was tried: an INSERT of what is selected needs two. */
async function deniedPrivilege(db: Db, tried: string, sql: string): Promise<string | undefined> {
  try {
    await select(db, sql);
    return undefined;
  } catch (error) {
    const code = errorCode(error) ?? "";
    if (ALLOWED_BUT.has(code)) return undefined;
    if (!DENIED.has(code)) throw error;
    const said = (error as { sqlMessage?: unknown }).sqlMessage;
    return /^([A-Z]+) command denied/.exec(typeof said === "string" ? said : "")?.[1] ?? tried;
  }
}
