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

/** `sqlFile`: where the file lies that makes the tables; every statement in it says IF NOT EXISTS. */
export function judgeSchema(missing: readonly MissingPart[], sqlFile: string): Finding {
  const id = "database.schema";
  const [first] = missing;
  if (first === undefined) return pass(id, "every table, column and key of this version is there");
  const tables = missing.filter(({ part }) => part === undefined).map(({ table }) => table);
  const found = `the migrations are applied, but these are gone: ${listed(missing.map(({ table, part }) => (part === undefined ? table : `${table}.${part.name}`)))}`;
  if (tables.length > 0)
    return fail(id, found, `restore a backup, or make the tables anew, empty, by running this file in the database`, sqlFile);
  const alter = missing
    .flatMap(({ table, part }) => (part === undefined ? [] : [`ALTER TABLE ${table} ADD ${part.definition};`]))
    .join(" ");
  const harmless = missing.every(({ part }) => part?.kind === "key" && part.definition.startsWith("KEY"));
  const text = "restore a backup, or make them anew, as an administrator of the database";
  return harmless
    ? warn(id, `${found}; everything works, but slower the more orders there are`, text, alter)
    : fail(id, found, text, alter);
}
