// The schema as `mysql db < migrations/0001_init.sql` makes it, for the test databases and the schema dump.
import { readdirSync, readFileSync } from "node:fs";

const migrations = new URL("../migrations/", import.meta.url);

/** @returns {string[]} the SQL of every migration, in order */
export function migrationScripts() {
  return readdirSync(migrations)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => readFileSync(new URL(name, migrations), "utf8"));
}
