// Writes docs/schema.sql: what the migrations, applied in order to an empty database, leave behind.
//   node scripts/dump-schema.mjs            after a new migration: commit what changes
//   node scripts/dump-schema.mjs --check    exit 1 with the difference (CI)
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDatabase } from "./dev-database.mjs";
import { ensurePackages } from "./ensure-installed.mjs";
import { migrationScripts } from "./migration-files.mjs";
import { parseServerDsn } from "./server-dsn.mjs";

const dumpFile = fileURLToPath(new URL("../docs/schema.sql", import.meta.url));
const HEADER = `-- The tables as the migrations leave them, as MariaDB 10.11 shows them. Written by scripts/dump-schema.mjs; CI compares.\n`;

/**
 * Every table and view of a scratch database after all migrations, sorted by name.
 * @param {string} dsn of the server
 */
async function dumpSchema(dsn) {
  const { createConnection } = (await import("mysql2/promise")).default;
  const connection = await createConnection({ ...parseServerDsn(dsn), database: "", multipleStatements: true });
  const scratch = `ipass_schema_${randomBytes(6).toString("hex")}`;
  try {
    await connection.query(`CREATE DATABASE ${scratch} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE ${scratch}`);
    for (const sql of migrationScripts()) await connection.query(sql);
    const names = await textRows(connection, "SHOW TABLES");
    const tables = [];
    for (const [name = ""] of names.sort()) {
      const [[, create = ""] = []] = await textRows(connection, `SHOW CREATE TABLE \`${name}\``);
      tables.push(normalise(create));
    }
    return `${HEADER}\n${tables.join("\n\n")}\n`;
  } finally {
    await connection.query(`DROP DATABASE IF EXISTS ${scratch}`);
    await connection.end();
  }
}

/**
 * @param {import("mysql2/promise").Connection} connection
 * @param {string} sql
 * @returns {Promise<string[][]>}
 */
async function textRows(connection, sql) {
  const [rows] = await connection.query({ sql, rowsAsArray: true });
  return Array.isArray(rows) ? rows.map((row) => Object.values(row).map(String)) : [];
}

/**
 * @param {string} create
 * @returns {string} without the counter, which is data and not schema
 */
function normalise(create) {
  return `${create.replace(/ AUTO_INCREMENT=\d+/, "")};`;
}

/** @param {string} dump */
function difference(dump) {
  const folder = mkdtempSync(join(tmpdir(), "ipass-schema-"));
  try {
    writeFileSync(join(folder, "schema.sql"), dump);
    return spawnSync("diff", ["-uN", dumpFile, join(folder, "schema.sql")], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {boolean} check */
async function main(check) {
  ensurePackages();
  const database = await startDatabase({ log: (line) => console.error(line) });
  try {
    if (database.flavour !== "mariadb") {
      // MySQL words the same tables differently (int for int(11), json for longtext): nothing to compare.
      console.error(`SKIPPED: docs/schema.sql is in MariaDB's words, and this server is MySQL ${database.version}`);
      return;
    }
    const dump = await dumpSchema(database.dsn);
    if (!check) writeFileSync(dumpFile, dump);
    else if (!existsSync(dumpFile) || dump !== readFileSync(dumpFile, "utf8")) {
      console.error(difference(dump));
      console.error("docs/schema.sql is not what the migrations make: run node scripts/dump-schema.mjs and commit it");
      process.exitCode = 1;
    }
  } finally {
    await database.stop();
  }
}

try {
  await main(process.argv.includes("--check"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
