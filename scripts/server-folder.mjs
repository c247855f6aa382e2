// Where a private server keeps its files, as which user it runs, and what earlier ones left.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ uid?: number, gid?: number }} Account */

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * A folder for one start, named after this process so that a later one can tell whether it is still needed.
 * @param {string} base
 * @param {Account} account
 */
export function makeRunFolder(base, account) {
  const folder = join(base, `run-${process.pid}-${randomBytes(4).toString("hex")}`);
  makeFolder(folder, account);
  return folder;
}

/**
 * Removes what runs whose process is gone have left: their server too, should even the keeper have been killed.
 * @param {string} base
 */
export function removeDeadRuns(base) {
  for (const name of readdirSync(base)) {
    const owner = /^run-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const folder = join(base, name);
    const pidFile = join(folder, "server.pid");
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
    // The number may belong to another process by now: only a server on this very folder is ours.
    if (pid > 1 && isAlive(pid) && commandLine(pid).includes(folder)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** @param {number} pid */
function commandLine(pid) {
  const linux = `/proc/${pid}/cmdline`; // a slim container has no ps
  return existsSync(linux)
    ? readFileSync(linux, "utf8")
    : (spawnSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "");
}

/**
 * Both servers refuse to run as root, so root lends them `nobody`.
 * @returns {Account} empty: as we are
 */
export function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  const passwd = readFileSync("/etc/passwd", "utf8");
  const fields = /^nobody:.*$/m.exec(passwd)?.[0].split(":");
  return { uid: Number(fields?.[2] ?? 65534), gid: Number(fields?.[3] ?? 65534) };
}

/**
 * `.ipass-dev/` in the work tree; where the account cannot reach that (a clone below a home directory of mode 0700), a temporary folder.
 * @param {Account} account
 */
export function serverFolder(account) {
  const name = `ipass-dev-${process.getuid?.() ?? 0}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
  const candidates = [...new Set([join(root, ".ipass-dev"), join(tmpdir(), name), join("/tmp", name)])];
  for (const folder of candidates) {
    const created = makeFolder(folder, account);
    if (isOurs(folder, account) && spawnSync("test", ["-w", folder], { ...account, stdio: "ignore" }).status === 0) return folder;
    if (created) rmdirSync(folder);
  }
  throw new Error(`no folder the database server could write to: tried ${candidates.join(", ")}`);
}

/**
 * Closed to others: the socket in it lets root in without a password.
 * @param {string} folder
 * @param {Account} account
 * @returns {boolean} whether it is new
 */
function makeFolder(folder, { uid, gid }) {
  const created = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  if (created && uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return created;
}

/**
 * Anybody may have put a link of that name into a shared temporary folder.
 * @param {string} folder
 * @param {Account} account
 */
function isOurs(folder, { uid = process.getuid?.() }) {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === uid;
}
