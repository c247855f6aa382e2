// Where figures come from: without the machine they say nothing.
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";

/** @typedef {{ system: string, processor: string, cores: number, memory_gb: number, load_at_start: number, node: string, database: string, commit: string }} Machine */

/**
 * @param {string} database its version
 * @returns {Machine}
 */
export function describeMachine(database) {
  return {
    system: `${type()} ${release()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1024 ** 3),
    load_at_start: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
    database,
    commit: commit(),
  };
}

/** Of the work tree; with a mark when that is not what is committed. */
function commit() {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown"; // an unpacked archive, or no git
  }
}
