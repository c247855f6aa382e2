// Makes a fresh clone ready by itself: npm packages and the bundle, each only when missing or out of date.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} LockedPackages */

/** @typedef {{ folder?: string, log?: (line: string) => void }} EnsureOptions `log` gets one line per thing done */

/**
 * Everything that running ipass from the work tree needs.
 * @param {EnsureOptions} [options]
 * @throws {Error} with the tool's own output when one of them fails
 */
export function ensureInstalled(options) {
  ensurePackages(options);
  ensureBundle(options);
}

/** @param {EnsureOptions} [options] */
export function ensurePackages({ folder = root, log = console.error } = {}) {
  if (packagesAreCurrent(folder)) return;
  log("installing npm packages (npm ci) · 正在安装依赖");
  run(folder, "npm", ["ci", "--include=dev", "--loglevel=error", "--no-progress"]);
}

/** @param {EnsureOptions} [options] */
export function ensureBundle({ folder = root, log = console.error } = {}) {
  if (bundleIsCurrent(folder)) return;
  log("building dist/ · 正在构建");
  run(folder, process.execPath, ["scripts/build.mjs"]);
}

/**
 * Compares what npm says it installed with what the lock file asks for. Not by time: a checkout touches files at will.
 * @param {string} folder
 */
export function packagesAreCurrent(folder) {
  const installedFile = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = readPackages(join(folder, "package-lock.json"));
  const installed = readPackages(installedFile);
  const stale = Object.keys(installed).some((path) => wanted[path] === undefined);
  const missing = Object.entries(wanted).some(([path, { version, integrity, optional }]) => {
    if (path === "") return false; // the project itself
    const found = installed[path];
    if (found === undefined) return optional !== true; // optional: built for another platform
    return found.version !== version || found.integrity !== integrity;
  });
  return !stale && !missing;
}

/**
 * @param {string} file
 * @returns {LockedPackages}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}

const BUILT_BY = ["package.json", "scripts/build.mjs", "scripts/bundle.mjs"];

/**
 * Whether dist/ is newer than all it is made from.
 * @param {string} folder
 */
export function bundleIsCurrent(folder) {
  const bundle = join(folder, "dist", "cli.js");
  if (!existsSync(bundle)) return false;
  const sources = readdirSync(join(folder, "src"), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const newest = Math.max(...[...files, ...BUILT_BY.map((file) => join(folder, file))].map((file) => statSync(file).mtimeMs));
  return statSync(bundle).mtimeMs >= newest;
}

/**
 * @param {string} folder
 * @param {string} command
 * @param {string[]} args
 */
function run(folder, command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (status === 0) return;
  const output = error?.message ?? `${stdout}${stderr}`.trim();
  // The cause comes first; npm follows it with pages of usage.
  throw new Error(`${[command, ...args].join(" ")} failed\n${output.split("\n").slice(0, 20).join("\n")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    ensureInstalled();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
