// npm run bench: how fast ipass is, against its budgets.
//   npm run bench                       at most ten minutes
//   npm run bench -- --full             the large sizes
//   npm run bench -- --only startup     one section, or several with commas; docs/ stays as it is
//   npm run bench -- --json <file>      the figures as JSON there too
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { passes } from "./bench/figure.mjs";
import { describeMachine } from "./bench/machine.mjs";
import { measureMemory } from "./bench/memory.mjs";
import { measureOrders, measureOwnCost, measureStock } from "./bench/passes.mjs";
import { measureReads } from "./bench/reads.mjs";
import { toMarkdown, toText } from "./bench/report.mjs";
import { measureServe } from "./bench/serve.mjs";
import { measureStartup } from "./bench/startup.mjs";
import { startDatabase } from "./dev-database.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));
const { values } = parseArgs({
  options: { full: { type: "boolean", default: false }, only: { type: "string" }, json: { type: "string" }, orders: { type: "string" } },
});
const full = values.full;
/** @param {string} line */
const log = (line) => console.error(line);

/** @type {Record<string, (server: string) => Promise<import("./bench/figure.mjs").Section>>} */
const SECTIONS = {
  startup: (server) => measureStartup(server, { rounds: full ? 30 : 10 }),
  cost: (server) => measureOwnCost(server, { rounds: full ? 5 : 3 }),
  orders: (server) => measureOrders(server, { sizes: full ? [100, 1000, 10_000] : [100, 1000] }),
  stock: (server) => measureStock(server, { sizes: full ? [1000, 10_000, 42_000] : [1000, 10_000] }),
  memory: (server) => measureMemory(server, { sizes: [1000, 10_000, 100_000, ...(full ? [1_000_000] : [])] }),
  reads: (server) =>
    measureReads(server, { orders: Number(values.orders ?? 1_000_000), ownServer: process.env.IPASS_TEST_DB_DSN === undefined, log }),
  serve: (server) => measureServe(server, { seconds: full ? 120 : 30, log }),
};

async function bench() {
  const chosen = values.only?.split(",") ?? Object.keys(SECTIONS);
  const unknown = chosen.filter((name) => SECTIONS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no section ${unknown.join(", ")}; there are: ${Object.keys(SECTIONS).join(", ")}`);
  ensureInstalled({ log });
  const server = await startDatabase({ log });
  const started = performance.now();
  const machine = describeMachine(server.version);
  const sections = [];
  try {
    for (const name of chosen) {
      log(`measuring ${name}`);
      const section = await SECTIONS[name]?.(server.dsn);
      if (section === undefined) continue;
      sections.push(section);
      console.log(toText(section));
    }
  } finally {
    await server.stop();
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const results = { machine, full, measured_at: new Date().toISOString(), seconds, sections };
  if (values.only === undefined) {
    writeFileSync(`${docs}performance.md`, toMarkdown(results));
    writeFileSync(`${docs}performance.json`, `${JSON.stringify(results, null, 2)}\n`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  if (sections.some(({ checks }) => checks.some((check) => !passes(check)))) process.exitCode = 1;
}

try {
  await bench();
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
