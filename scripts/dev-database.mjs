// A database server for tests and the demo, from whatever the machine offers. Needs no npm package.
//   node scripts/dev-database.mjs          keeps one running in the foreground and prints its address (Ctrl-C ends it, the data goes with it)
//   node scripts/dev-database.mjs <name>   the same with an empty database of that name, printed as a line for .env (needs `npm ci`)
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { installWithApt } from "./install-with-apt.mjs";
import { findInstalledServer, findProgram, programFolders } from "./installed-server.mjs";
import { startKept } from "./kept-process.mjs";
import { freePort, startPrivateServer } from "./private-server.mjs";
import { formatServerDsn, parseServerDsn, waitForServer } from "./server-dsn.mjs";

/** @typedef {import("./private-server.mjs").RunningServer} RunningServer */

const DOCKER_IMAGE = "mariadb:10.11";

export const WAYS_OUT = `ipass needs a MySQL or MariaDB server for this, and found none. One of these will do:
  - set IPASS_TEST_DB_DSN to a server you may create databases on: mysql://user:password@127.0.0.1:3306/
    (IPASS_DB_DSN is never used: it may be production. Databases get names of their own and are dropped afterwards.)
  - install one; it need not be running:  apt-get install mariadb-server   dnf install mariadb-server   brew install mariadb
  - start Docker
需要一个 MySQL 或 MariaDB：设置 IPASS_TEST_DB_DSN，或安装 mariadb-server（无需启动），或启动 Docker。`;

/**
 * Finds a database server or starts one: IPASS_TEST_DB_DSN, an installed server, apt-get (Debian or Ubuntu as root), Docker.
 * What it started ends with `stop`, and also when this process ends, however it ends.
 * @param {{ log?: (line: string) => void, env?: NodeJS.ProcessEnv, folders?: string[] }} [options] `log` gets one line per thing done
 *   that takes long; `folders` is where to look for programs
 * @returns {Promise<RunningServer>} the dsn names no database; its account may create some
 * @throws {Error} whose message is fit to print: what was tried, or the ways out
 */
export async function startDatabase({ log = () => undefined, env = process.env, folders = programFolders(env.PATH) } = {}) {
  if (env.IPASS_TEST_DB_DSN) return useGivenServer(env.IPASS_TEST_DB_DSN);
  const installed = findInstalledServer(folders) ?? installServer(folders, log);
  if (installed !== undefined) return startPrivateServer(installed);
  const docker = findProgram(["docker"], folders);
  if (docker !== undefined && spawnSync(docker, ["info"], { stdio: "ignore" }).status === 0) return startInDocker(docker, log);
  throw new Error(WAYS_OUT);
}

/**
 * @param {string} dsn
 * @returns {Promise<RunningServer>}
 */
async function useGivenServer(dsn) {
  let server;
  try {
    server = parseServerDsn(dsn);
  } catch (error) {
    throw new Error("IPASS_TEST_DB_DSN: expected mysql://user:password@host:3306/ or user:password@tcp(host:3306)/", { cause: error });
  }
  const greeting = await waitForServer(server, { timeoutMs: 10_000 });
  if (greeting === undefined) {
    throw new Error(
      `IPASS_TEST_DB_DSN: no MySQL or MariaDB server answers at ${server.host}:${server.port}; start it, or unset the variable`,
    );
  }
  return { dsn: formatServerDsn({ ...server, database: "" }), ...greeting, stop: async () => undefined };
}

/**
 * @param {string[]} folders
 * @param {(line: string) => void} log
 * @returns {import("./installed-server.mjs").InstalledServer | undefined}
 */
function installServer(folders, log) {
  const note = "no database server here: apt-get install mariadb-server (once, about 200 MB) · 正在安装 mariadb-server";
  installWithApt(["mariadb-server"], { folders, log, note });
  return findInstalledServer(folders);
}

/**
 * Not covered by our own tests: the machine they run on has no Docker engine.
 * @param {string} docker
 * @param {(line: string) => void} log
 * @returns {Promise<RunningServer>}
 */
async function startInDocker(docker, log) {
  log(`starting ${DOCKER_IMAGE} in Docker (the first time it is downloaded) · 正在用 Docker 启动数据库`);
  const pull = spawnSync(docker, ["pull", "-q", DOCKER_IMAGE], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (pull.status !== 0) throw new Error(`docker pull ${DOCKER_IMAGE} failed: ${pull.stderr.trim()}\n${WAYS_OUT}`);
  const port = await freePort();
  const name = `ipass-dev-${randomBytes(4).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  const publish = ["--name", name, "-p", `127.0.0.1:${port}:3306`, "-e", `MARIADB_ROOT_PASSWORD=${password}`, "--tmpfs", "/var/lib/mysql"];
  const flags = ["--collation-server=utf8mb4_unicode_ci", "--default-time-zone=+00:00", "--innodb-flush-log-at-trx-commit=0"];
  const args = ["run", "--rm", ...publish, DOCKER_IMAGE, ...flags];
  const { keeper, stop } = startKept({ command: docker, args, endWith: [docker, "kill", name] });
  const died = new AbortController();
  keeper.once("exit", () => died.abort());
  const greeting = await waitForServer({ host: "127.0.0.1", port }, { timeoutMs: 120_000, signal: died.signal });
  if (greeting !== undefined) {
    return { dsn: formatServerDsn({ user: "root", password, host: "127.0.0.1", port, database: "" }), ...greeting, stop };
  }
  await stop();
  throw new Error(`${DOCKER_IMAGE} did not start in Docker; see: docker run ${DOCKER_IMAGE}\n${WAYS_OUT}`);
}

/**
 * Creates an empty database on a server of ours.
 * @param {string} dsn names none
 * @param {string} name
 * @returns {Promise<string>} the dsn that names it
 */
async function createDatabase(dsn, name) {
  const { createConnection } = await import("mysql2/promise"); // only here: the rest runs before `npm ci`
  const server = parseServerDsn(dsn);
  const connection = await createConnection(server);
  try {
    await connection.query("create database ?? character set utf8mb4", [name]);
  } finally {
    await connection.end();
  }
  return formatServerDsn({ ...server, database: name });
}

/** @param {string | undefined} name of a database to create */
async function main(name) {
  const { dsn, version, stop } = await startDatabase({ log: (line) => console.error(line) });
  try {
    const line = name === undefined ? `IPASS_TEST_DB_DSN=${dsn}` : `IPASS_DB_DSN=${await createDatabase(dsn, name)}`;
    console.error(`${version}, empty and thrown away at Ctrl-C. Use it:`);
    console.log(line);
  } catch (error) {
    await stop();
    throw error;
  }
  const forever = setInterval(() => undefined, 2 ** 30);
  const end = async () => {
    clearInterval(forever);
    await stop();
  };
  process.once("SIGINT", end).once("SIGTERM", end);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv[2]).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
