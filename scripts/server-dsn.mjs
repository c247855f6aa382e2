// The two forms of IPASS_TEST_DB_DSN, and asking an address whether a MySQL or MariaDB server answers there. Needs no npm package:
// it runs before anything is installed.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {{ user: string, password: string, host: string, port: number, database: string }} ServerDsn */
/** @typedef {{ flavour: "mariadb" | "mysql", version: string }} ServerGreeting */

/**
 * Reads `mysql://user:pass@host:3306/db` and the Go form `user:pass@tcp(host:3306)/db?…`. The password is never part of the error.
 * @param {string} dsn
 * @returns {ServerDsn}
 */
export function parseServerDsn(dsn) {
  const go = /^(?<user>[^:@/]*)(?::(?<password>.*))?@tcp\((?<host>[^()]*?)(?::(?<port>\d+))?\)\/(?<database>[^?]*)/.exec(dsn)?.groups;
  if (go) {
    return {
      user: go.user ?? "",
      password: go.password ?? "",
      host: go.host || "127.0.0.1",
      port: Number(go.port ?? 3306),
      database: go.database ?? "",
    };
  }
  const url = URL.canParse(dsn) ? new URL(dsn) : undefined;
  if (url?.protocol !== "mysql:" || url.hostname === "") {
    throw new Error("not a database address: expected mysql://user:password@host:3306/ or user:password@tcp(host:3306)/");
  }
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 3306),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

/**
 * @param {ServerDsn} server
 * @returns {string} the URL form
 */
export function formatServerDsn({ user, password, host, port, database }) {
  const secret = password === "" ? "" : `:${encodeURIComponent(password)}`;
  return `mysql://${encodeURIComponent(user)}${secret}@${host.includes(":") ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;
}

/**
 * The same account, another database.
 * @param {string} dsn
 * @param {string} database
 */
export function withDatabase(dsn, database) {
  return formatServerDsn({ ...parseServerDsn(dsn), database });
}

/**
 * Waits until a server greets at the address; a port that accepts and hangs up (a container still starting) does not count.
 * @param {{ host: string, port: number }} address
 * @param {{ timeoutMs: number, signal?: AbortSignal }} options the signal ends the wait early (the server died)
 * @returns {Promise<ServerGreeting | undefined>} undefined when none greeted in time
 */
export async function waitForServer(address, { timeoutMs, signal }) {
  const deadline = Date.now() + timeoutMs;
  while (!signal?.aborted) {
    const version = await greeting(address);
    if (version !== undefined) {
      // Before 11.0 MariaDB greets as "5.5.5-10.11…", for old replicas.
      return { flavour: /mariadb/i.test(version) ? "mariadb" : "mysql", version: version.replace(/^5\.5\.5-/, "") };
    }
    if (Date.now() >= deadline) return undefined;
    await sleep(20);
  }
  return undefined;
}

/**
 * The version in the server's first packet: 4 bytes of header, the protocol number (10), then text up to a NUL.
 * @param {{ host: string, port: number }} address
 * @returns {Promise<string | undefined>}
 */
function greeting({ host, port }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    /** @param {string} [version] */
    const finish = (version) => {
      socket.destroy();
      resolve(version);
    };
    socket.once("data", (packet) => finish(packet[4] === 10 ? packet.subarray(5, packet.indexOf(0, 5)).toString("latin1") : undefined));
    socket.once("error", () => finish());
    socket.once("close", () => finish());
    socket.once("timeout", () => finish());
  });
}
