// A MySQL or MariaDB server of our own: thrown away afterwards, on a free loopback port, as a user without rights, tuned for speed
// and not for safety. A datadir is made once and copied for every start (35 ms instead of a second).
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startKept } from "./kept-process.mjs";
import { formatServerDsn, waitForServer } from "./server-dsn.mjs";

/** @typedef {{ binary: string, flavour: "mariadb" | "mysql", version: string, installer?: string }} InstalledServer */
/** @typedef {{ uid?: number, gid?: number }} Account */
/** @typedef {{ dsn: string, flavour: "mariadb" | "mysql", version: string, stop: () => Promise<void> }} RunningServer */

const root = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 60_000; // a cold MySQL on a busy machine needs seconds, MariaDB a tenth of one

/** Where packages put a server without it being in the PATH of an ordinary user. */
const SERVER_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec", "/usr/local/mysql/bin", "/opt/homebrew/bin"];

/**
 * @param {string[]} names
 * @param {string[]} folders
 * @returns {string | undefined} the first that can be run; an earlier folder counts more than an earlier name, as in PATH
 */
export function findProgram(names, folders) {
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {string[]} */
export function programFolders(path = process.env.PATH ?? "") {
  return [...path.split(delimiter).filter((folder) => folder !== ""), ...SERVER_FOLDERS];
}

/**
 * A server program on this machine, running or not. A mysqld put first in PATH is taken before the system's MariaDB.
 * @param {string[]} folders where to look
 * @returns {InstalledServer | undefined}
 */
export function findInstalledServer(folders = programFolders()) {
  const binary = findProgram(["mariadbd", "mysqld"], folders);
  if (binary === undefined) return undefined;
  const version = spawnSync(binary, ["--no-defaults", "--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
  const flavour = /mariadb/i.test(version) ? "mariadb" : "mysql";
  const installer = flavour === "mariadb" ? findProgram(["mariadb-install-db", "mysql_install_db"], folders) : undefined;
  return { binary, flavour, version, ...(installer === undefined ? {} : { installer }) };
}

/**
 * Starts a private server and waits until it answers.
 * @param {InstalledServer} server
 * @returns {Promise<RunningServer>}
 */
export async function startPrivateServer(server) {
  const account = serverAccount();
  const base = serverFolder(account);
  removeDeadRuns(base);
  const template = makeTemplate(server, base, account);
  // Another process may take the port between our look and the server's bind: then the next one is free.
  for (let attempt = 1; ; attempt += 1) {
    const started = await startOnce(server, base, template, account);
    if (!("log" in started)) return started;
    if (attempt >= 3 || !/address already in use|Bind on TCP\/IP port/i.test(started.log)) {
      throw new Error(`${server.binary} did not start:\n${explainLog(started.log)}`);
    }
  }
}

/**
 * @param {InstalledServer} server
 * @param {string} base
 * @param {string} template
 * @param {Account} account
 * @returns {Promise<RunningServer | { log: string }>}
 */
async function startOnce(server, base, template, account) {
  const folder = join(base, `run-${process.pid}-${randomBytes(4).toString("hex")}`);
  makeFolder(folder, account);
  runOrThrow("cp", ["-R", template, join(folder, "data")], account);
  const password = randomBytes(12).toString("hex");
  // An account by TCP: MySQL's own root is for the socket alone once names are not resolved.
  const user = `'ipass'@'127.0.0.1'`;
  const sql = `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO ${user} WITH GRANT OPTION;\n`;
  writeFileSync(join(folder, "init.sql"), sql, { mode: 0o644 });
  const port = await freePort();
  const { keeper, stop } = startKept({ command: server.binary, args: serverFlags(server, folder, port), cwd: folder, folder, ...account });
  const died = new AbortController();
  keeper.once("exit", () => died.abort());
  const greeting = await waitForServer({ host: "127.0.0.1", port }, { timeoutMs: START_TIMEOUT_MS, signal: died.signal });
  // If the keeper is gone it was somebody else's server that greeted us.
  if (greeting !== undefined && !died.signal.aborted) {
    return { dsn: formatServerDsn({ user: "ipass", password, host: "127.0.0.1", port, database: "" }), ...greeting, stop };
  }
  const log = existsSync(join(folder, "error.log")) ? readFileSync(join(folder, "error.log"), "utf8") : "";
  await stop();
  rmSync(folder, { recursive: true, force: true });
  return { log };
}

/**
 * Durability off: this data is thrown away. `loose-` makes an option unknown to one of the two servers harmless.
 * @param {InstalledServer} server
 * @param {string} folder
 * @param {number} port
 */
function serverFlags(server, folder, port) {
  return [
    "--no-defaults",
    ...sizeFlags(server),
    `--datadir=${join(folder, "data")}`,
    `--tmpdir=${folder}`,
    `--log-error=${join(folder, "error.log")}`,
    `--pid-file=${join(folder, "server.pid")}`,
    `--init-file=${join(folder, "init.sql")}`,
    "--socket=server.sock", // relative to the datadir: a long path would pass the 107 characters a socket may have
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-use-native-aio=0", // its slots are few and shared by the whole machine
    "--performance-schema=OFF",
    "--max-connections=200",
    "--max-connect-errors=1000000", // our look whether it greets counts as an error
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-time-zone=+00:00",
    "--loose-mysqlx=OFF",
  ];
}

/**
 * The template and the server must agree on these.
 * @param {InstalledServer} server
 */
function sizeFlags(server) {
  return server.flavour === "mariadb" ? ["--innodb-log-file-size=8M"] : ["--loose-innodb-redo-log-capacity=32M"];
}

/**
 * An initialised datadir, made once for each server version and user.
 * @param {InstalledServer} server
 * @param {string} base
 * @param {Account} account
 * @returns {string} its path
 */
function makeTemplate(server, base, account) {
  const key = createHash("sha256")
    .update(JSON.stringify([server, sizeFlags(server)]))
    .digest("hex")
    .slice(0, 12);
  const template = join(base, `template-${key}`);
  if (existsSync(template)) return template;
  const building = join(base, `run-${process.pid}-${randomBytes(4).toString("hex")}`);
  makeFolder(building, account);
  const data = join(building, "data");
  if (server.flavour === "mysql") {
    runOrThrow(server.binary, ["--no-defaults", "--initialize-insecure", ...sizeFlags(server), `--datadir=${data}`], account, building);
  } else {
    if (server.installer === undefined)
      throw new Error(`${server.binary} is there, but mariadb-install-db is not: install the whole server`);
    const flags = [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...sizeFlags(server),
    ];
    runOrThrow(server.installer, flags, account, building);
  }
  try {
    renameSync(data, template);
  } catch (error) {
    if (!existsSync(template)) throw error; // a sibling made it first: then its is as good
  }
  rmSync(building, { recursive: true, force: true });
  return template;
}

/**
 * Removes what runs whose process is gone have left: their server too, should even the keeper have been killed.
 * @param {string} base
 */
function removeDeadRuns(base) {
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
function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  const passwd = readFileSync("/etc/passwd", "utf8");
  const fields = /^nobody:.*$/m.exec(passwd)?.[0].split(":");
  return { uid: Number(fields?.[2] ?? 65534), gid: Number(fields?.[3] ?? 65534) };
}

/**
 * `.ipass-dev/` in the work tree; where the account cannot reach that (a clone below a home directory of mode 0700), a temporary folder.
 * @param {Account} account
 */
function serverFolder(account) {
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

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Account} account
 * @param {string} [cwd]
 */
function runOrThrow(command, args, account, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    ...account,
    ...(cwd === undefined ? {} : { cwd }),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} failed:\n${error?.message ?? explainLog(`${stdout}${stderr}`)}`);
}

/** @param {string} log */
function explainLog(log) {
  const tail = log.trim().split("\n").slice(-15).join("\n");
  const hint = /errno: 13|Permission denied/i.test(log)
    ? "\n(Permission denied: AppArmor may confine mysqld to /var/lib/mysql; set IPASS_TEST_DB_DSN to a running server instead.)"
    : "";
  return (tail === "" ? "it left no log" : tail) + hint;
}

/** @returns {Promise<number>} a port that was free on 127.0.0.1 a moment ago */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no free port"))));
    });
  });
}
