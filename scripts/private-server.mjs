// A MySQL or MariaDB server of our own: thrown away afterwards, on a free loopback port, as a user without rights, tuned for speed
// and not for safety. A datadir is made once and copied for every start (35 ms instead of a second).
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { startKept } from "./kept-process.mjs";
import { formatServerDsn, waitForServer } from "./server-dsn.mjs";
import { makeRunFolder, removeDeadRuns, serverAccount, serverFolder } from "./server-folder.mjs";

/** @typedef {import("./installed-server.mjs").InstalledServer} InstalledServer */
/** @typedef {import("./server-folder.mjs").Account} Account */
/** @typedef {{ dsn: string, flavour: "mariadb" | "mysql", version: string, stop: () => Promise<void> }} RunningServer */
/** @typedef {RunningServer & { crash: () => Promise<void> }} PrivateServer `crash` kills it and starts it anew, its data and address kept */

const START_TIMEOUT_MS = 60_000; // a cold MySQL on a busy machine needs seconds, MariaDB a tenth of one

/**
 * Starts a private server and waits until it answers.
 * @param {InstalledServer} server
 * @returns {Promise<PrivateServer>}
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
 * @returns {Promise<PrivateServer | { log: string }>}
 */
async function startOnce(server, base, template, account) {
  const folder = makeRunFolder(base, account);
  runOrThrow("cp", ["-R", template, join(folder, "data")], account);
  const password = randomBytes(12).toString("hex");
  // An account by TCP: MySQL's own root is for the socket alone once names are not resolved.
  const user = `'ipass'@'127.0.0.1'`;
  const sql = `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO ${user} WITH GRANT OPTION;\n`;
  writeFileSync(join(folder, "init.sql"), sql, { mode: 0o644 });
  const port = await freePort();
  let started = await launch(server, folder, port, account);
  if (started.greeting !== undefined) {
    const dsn = formatServerDsn({ user: "ipass", password, host: "127.0.0.1", port, database: "" });
    const crash = async () => {
      const gone = once(started.keeper, "exit");
      process.kill(Number(readFileSync(join(folder, "server.pid"), "utf8")), "SIGKILL");
      await gone;
      started = await launch(server, folder, port, account);
      if (started.greeting === undefined) throw new Error(`${server.binary} did not come back after a crash; see ${folder}/error.log`);
    };
    return { dsn, ...started.greeting, stop: () => started.stop(), crash };
  }
  const log = existsSync(join(folder, "error.log")) ? readFileSync(join(folder, "error.log"), "utf8") : "";
  await started.stop();
  rmSync(folder, { recursive: true, force: true });
  return { log };
}

/**
 * Runs a server on the folder and waits until it answers.
 * @param {InstalledServer} server
 * @param {string} folder
 * @param {number} port
 * @param {Account} account
 */
async function launch(server, folder, port, account) {
  const { keeper, stop } = startKept({ command: server.binary, args: serverFlags(server, folder, port), cwd: folder, folder, ...account });
  const died = new AbortController();
  keeper.once("exit", () => died.abort());
  const greeting = await waitForServer({ host: "127.0.0.1", port }, { timeoutMs: START_TIMEOUT_MS, signal: died.signal });
  // If the keeper is gone it was somebody else's server that greeted us.
  return { keeper, stop, greeting: died.signal.aborted ? undefined : greeting };
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
  const building = makeRunFolder(base, account);
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
 * @param {string} command
 * @param {string[]} args
 * @param {Account} account
 * @param {string} [cwd]
 */
function runOrThrow(command, args, account, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    ...account,
    // Whoever started us may keep its temporary files where the server's user may not write.
    ...(cwd === undefined ? {} : { cwd, env: { ...process.env, TMPDIR: cwd } }),
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
