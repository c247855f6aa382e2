// npm test: what a bare machine needs, then vitest over a private database.
//   npm test -- test/http          only some files; everything after -- goes to vitest
//   npm run test:faults -- --full  suites that have a long form (TEST_FULL) run that
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDatabase } from "./dev-database.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { withoutOutsideSettings } from "./outside-settings.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const FULL = "--full";
/** @param {string} line */
const log = (line) => console.error(line);

/**
 * @param {string[]} args for vitest
 * @returns {Promise<number>} its exit code
 */
async function runTests(args) {
  ensureInstalled({ log });
  const database = await startDatabase({ log });
  log(`database: ${database.version}`);
  // Every test's temporary files in one folder: a run that is interrupted leaves none of them.
  const temporary = mkdtempSync(join(tmpdir(), "ipass-test-"));
  try {
    const settings = withoutOutsideSettings(process.env);
    const env = { ...settings, IPASS_TEST_DB_DSN: database.dsn, TMPDIR: temporary, ...(args.includes(FULL) && { TEST_FULL: "1" }) };
    const command = ["node_modules/vitest/vitest.mjs", "run", ...args.filter((arg) => arg !== FULL)];
    const vitest = spawn(process.execPath, command, { cwd: root, env, stdio: "inherit" });
    // Ctrl-C reaches vitest from the terminal as well; a plain kill reaches only us. Either way the database goes last.
    const pass = (/** @type {NodeJS.Signals} */ signal) => vitest.kill(signal);
    process.on("SIGINT", pass).on("SIGTERM", pass);
    const [code, signal] = await once(vitest, "exit");
    return code ?? (signal === "SIGINT" ? 130 : 143);
  } finally {
    await database.stop();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

try {
  process.exitCode = await runTests(process.argv.slice(2));
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
