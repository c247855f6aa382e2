// Bundles src/cli.ts into dist/. Split by dynamic import, so that a command loads only what it needs: start-up is paid every
// minute by every job. Libraries are bundled too: one file read instead of hundreds.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("..", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

rmSync(new URL("dist", root), { recursive: true, force: true });
await build({
  absWorkingDir: root.pathname,
  entryPoints: ["src/cli.ts"],
  outdir: "dist",
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
  // Drivers knex would load for databases we do not speak.
  external: ["pg", "pg-query-stream", "sqlite3", "better-sqlite3", "tedious", "oracledb", "mysql", "mariadb", "pg-native"],
  banner: { js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);' },
  logLevel: "warning",
});
