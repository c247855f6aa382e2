// How long a command takes that does nothing: paid by cron once a minute for every job.
//   node scripts/bench-startup.mjs [--rounds 30] [--json]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./ensure-installed.mjs";

const ipass = fileURLToPath(new URL("../bin/ipass", import.meta.url));

/** The first is the yardstick; the others may take so many times its median. */
const COMMANDS = [
  { name: "node -e 0", args: ["-e", "0"], budget: 1 },
  { name: "ipass --version", args: [ipass, "--version"], budget: 1.3 },
  { name: "ipass --help", args: [ipass, "--help"], budget: 1.4 },
];

/** @typedef {{ name: string, min_ms: number, median_ms: number, ratio: number, budget: number }} Startup */

/**
 * Round by round, each command once: a busy moment of the machine hits all of them alike.
 * @param {number} rounds
 * @returns {Startup[]} the ratio is of medians
 */
export function measureStartup(rounds) {
  const times = COMMANDS.map(() => /** @type {number[]} */ ([]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { name, args }] of COMMANDS.entries()) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
      const took = performance.now() - start;
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      if (round >= 0) times[index]?.push(took); // the round before the first fills the file cache
    }
  }
  const yardstick = median(times[0] ?? []);
  return COMMANDS.map(({ name, budget }, index) => {
    const own = times[index] ?? [];
    return { name, min_ms: round1(Math.min(...own)), median_ms: round1(median(own)), ratio: round2(median(own) / yardstick), budget };
  });
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** @param {number} value */
const round1 = (value) => Math.round(value * 10) / 10;
/** @param {number} value */
const round2 = (value) => Math.round(value * 100) / 100;

/** @param {Startup[]} startups */
function table(startups) {
  const lines = startups.map(
    ({ name, min_ms, median_ms, ratio, budget }) =>
      `${name.padEnd(18)}${min_ms.toFixed(1).padStart(9)}${median_ms.toFixed(1).padStart(9)}${ratio.toFixed(2).padStart(8)}   ≤ ${budget}`,
  );
  return [`${"".padEnd(18)}${"min ms".padStart(9)}${"median".padStart(9)}${"ratio".padStart(8)}   budget`, ...lines].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "30" }, json: { type: "boolean", default: false } } });
  ensureInstalled();
  const startups = measureStartup(Number(values.rounds));
  console.log(values.json ? JSON.stringify({ startup: startups }) : table(startups));
  if (startups.some(({ ratio, budget }) => ratio > budget)) process.exitCode = 1;
}
