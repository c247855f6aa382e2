import type { MigrationStatus } from "../../store/migrations.ts";
import type { MissingPrivilege } from "../../store/privilege-probe.ts";
import type { MissingPart } from "../../store/schema-check.ts";
import { listed } from "../../sync/listed.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

export function judgeMigrations({ applied, pending, unknown }: MigrationStatus & { readonly unknown: readonly string[] }): Finding {
  const id = "database.migrations";
  if (unknown.length > 0) {
    return fail(
      id,
      `the database is ahead of this ipass: ${listed(unknown)}`,
      "install the version of ipass here that the other hosts run",
    );
  }
  if (pending.length > 0) return fail(id, `not applied: ${listed(pending)}`, "run", "ipass migrate");
  return pass(id, `${applied.length} applied, none pending`);
}

/** `database` and `account` as the server has them. */
export function judgePrivileges(missing: readonly MissingPrivilege[], database: string, account: string): Finding {
  const id = "database.privileges";
  if (missing.length === 0) return pass(id, `${account} may do what ipass needs`);
  const what = missing.map(({ privilege, tables }) => `${privilege} (${listed(tables)})`);
  const grant = `GRANT ${missing.map(({ privilege }) => privilege).join(", ")} ON ${identifier(database)}.* TO ${accountName(account)};`;
  return fail(id, `${account} lacks ${what.join("; ")}`, "as an administrator of the database", grant);
}

export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `user@host`, of which only the user may hold an @. */
function accountName(account: string): string {
  const at = account.lastIndexOf("@");
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `${quoted(account.slice(0, at))}@${quoted(account.slice(at + 1))}`;
}

export function judgeSchema(missing: readonly MissingPart[]): Finding {
  const id = "database.schema";
  if (missing.length === 0) return pass(id, "every table, column and key of this version is there");
  const found = `the migrations are applied, but these are gone: ${listed(missing.map(({ name }) => name))}`;
  const text = "restore a backup, or make them anew, empty, as an administrator of the database";
  const sql = missing.map((part) => part.sql).join(" ");
  return missing.every(({ kind }) => kind === "key")
    ? warn(id, `${found}; everything works, but slower the more orders there are`, text, sql)
    : fail(id, found, text, sql);
}
