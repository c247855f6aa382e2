import { type Db, select } from "./db.ts";
import { migrationStatements } from "./migrations.ts";

/** A table as the migrations make it. */
export interface ExpectedTable {
  /** Definition by name, as the migration has it. */
  readonly columns: ReadonlyMap<string, string>;
  readonly keys: ReadonlyMap<string, string>;
  /** What makes it, in order, each on one line. */
  readonly statements: readonly string[];
}

/** Something of our tables that is not there. */
export interface MissingPart {
  readonly kind: "table" | "column" | "unique key" | "key";
  /** With its table, such as `job_run.pid`. */
  readonly name: string;
  /** Makes it again, on one line. */
  readonly sql: string;
}

/** What the migrations of this version make, read from the files themselves. */
export function expectedTables(): Map<string, ExpectedTable> {
  const tables = new Map<string, { columns: Map<string, string>; keys: Map<string, string>; statements: string[] }>();
  for (const statement of migrationStatements()) {
    const [, created, body = ""] = /^CREATE TABLE IF NOT EXISTS (\w+) \((.*)\n\)/s.exec(statement) ?? [];
    const [, altered, added = ""] = /^ALTER TABLE (\w+) ADD (?:COLUMN )?(.*)$/s.exec(statement) ?? [];
    const name = created ?? altered;
    if (name === undefined) continue;
    const table = tables.get(name) ?? { columns: new Map(), keys: new Map(), statements: [] as string[] };
    tables.set(name, table);
    table.statements.push(`${statement.replaceAll(/\s*\n\s*/g, " ")};`);
    const definitions = created === undefined ? [added.replace(/\/\*M!.*?\*\/ /, "")] : body.split(/,?\n/);
    for (const definition of definitions.map((line) => line.trim()).filter((line) => line !== "")) addPart(table, definition);
  }
  return tables;
}

function addPart({ columns, keys }: { columns: Map<string, string>; keys: Map<string, string> }, definition: string): void {
  const [, key] = /^(?:UNIQUE )?KEY (?:\/\*M!.*?\*\/ )?(\w+)/.exec(definition) ?? [];
  const [column = ""] = /^\w+/.exec(definition) ?? [];
  if (definition.startsWith("PRIMARY KEY")) keys.set("PRIMARY", definition);
  else if (key !== undefined) keys.set(key, definition.replace(/\/\*M!.*?\*\/ /, ""));
  else columns.set(column, definition);
}

/** Which tables, columns and keys of this version are not there, though the migrations are entered as done. */
export async function missingParts(db: Db): Promise<MissingPart[]> {
  const expected = expectedTables();
  const names = [...expected.keys()];
  const columns = await select<{ table_: string; name: string }>(
    db,
    "SELECT table_name AS table_, column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN (?)",
    [names],
  );
  const keys = await select<{ table_: string; name: string }>(
    db,
    "SELECT DISTINCT table_name AS table_, index_name AS name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name IN (?)",
    [names],
  );
  const there = new Set([...columns, ...keys].map(({ table_, name }) => `${table_}.${name}`));
  const tables = new Set(columns.map(({ table_ }) => table_));
  return [...expected].flatMap(([table, parts]): MissingPart[] => {
    if (!tables.has(table)) return [{ kind: "table", name: table, sql: parts.statements.join(" ") }];
    const lacking = (all: ReadonlyMap<string, string>, kindOf: (definition: string) => MissingPart["kind"]): MissingPart[] =>
      [...all]
        .map(([name, definition]) => ({
          kind: kindOf(definition),
          name: `${table}.${name}`,
          sql: `ALTER TABLE ${table} ADD ${definition};`,
        }))
        .filter(({ name }) => !there.has(name));
    return [
      ...lacking(parts.columns, () => "column"),
      ...lacking(parts.keys, (definition) => (definition.startsWith("KEY") ? "key" : "unique key")),
    ];
  });
}
