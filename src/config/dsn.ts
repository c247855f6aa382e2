import { BadSettingError } from "./reading.ts";

/** Where the database is. With `socketPath` set, `host` and `port` are not used to connect. */
export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly socketPath?: string;
  /** `verify` checks the certificate, `skip-verify` only encrypts; absent: plain text. */
  readonly tls?: "verify" | "skip-verify";
}

export const DSN_FORMS = "mysql://user:password@host:3306/database or user:password@tcp(host:3306)/database";

const DEFAULT_PORT = 3306;

/**
 * Reads `mysql://…` with percent-encoded parts, or the form of Go's driver, whose password is taken as it is. Options other
 * than TLS and the socket are for the other driver: ipass always speaks UTC and utf8mb4, so `parseTime` and `loc` say nothing new.
 * @throws BadSettingError saying what is wrong; never with a part of the DSN in it, since any part may be the password.
 */
export function parseDsn(dsn: string): DatabaseConfig {
  if (/^mysql:\/\/.*@(tcp|unix)\(/is.test(dsn)) return parseGo(dsn.slice("mysql://".length)); // as Go's migration tools write it
  if (/^mysql:\/\//i.test(dsn)) return parseUrl(dsn);
  if (/^(postgres(ql)?|mariadb|jdbc:\w+|mysqlx?|https?|sqlite):\/\//i.test(dsn)) throw wrong("the scheme must be mysql");
  return parseGo(dsn);
}

function parseUrl(dsn: string): DatabaseConfig {
  if (!URL.canParse(dsn)) throw wrong("it is no URL: percent-encode / ? # % and @ in the password");
  const url = new URL(dsn);
  if (url.hash !== "") throw wrong("percent-encode # as %23");
  const options = url.searchParams;
  return database({
    host: decoded(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.replace(/^\//, "")),
    ...socketOption(options.get("socketPath") ?? undefined),
    ...tlsOption(options),
  });
}

/** `user:password@net(address)/database?options`, cut as Go's driver does: last slash, last @ before it, first colon. */
function parseGo(dsn: string): DatabaseConfig {
  const slash = dsn.lastIndexOf("/");
  if (slash < 0) throw wrong("the /database is missing");
  const [database_ = "", query = ""] = splitOnce(dsn.slice(slash + 1), "?");
  const before = dsn.slice(0, slash);
  const at = before.lastIndexOf("@");
  const [user = "", password = ""] = splitOnce(before.slice(0, Math.max(at, 0)), ":");
  const address = /^(?:([a-z]\w*)(?:\((.*)\))?)?$/.exec(before.slice(at + 1));
  if (!address) throw wrong("between @ and / there must be tcp(host:port) or unix(/path)");
  const [, network = "tcp", where = ""] = address;
  const rest = { user, password, database: decoded(database_), ...tlsOption(new URLSearchParams(query)) };
  if (network === "unix") {
    if (!where.startsWith("/")) throw wrong("unix(…) must hold an absolute path");
    return database({ host: "localhost", port: DEFAULT_PORT, ...rest, socketPath: where });
  }
  if (network !== "tcp") throw wrong("the network must be tcp or unix");
  return database({ ...hostAndPort(where), ...rest });
}

function hostAndPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text);
  if (!match) throw wrong("the host must be name:port, or [address]:port for IPv6");
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port: match[3] === undefined ? DEFAULT_PORT : Number(match[3]) };
}

function database(config: DatabaseConfig): DatabaseConfig {
  if (config.user === "") throw wrong("the user is missing");
  if (config.database === "" || config.database.includes("/")) throw wrong("the database name is missing");
  if (config.host === "") throw wrong("the host is missing");
  if (!(config.port >= 1 && config.port <= 65535)) throw wrong("the port must be from 1 to 65535");
  return config;
}

function socketOption(path: string | undefined): { socketPath?: string } {
  if (path === undefined) return {};
  if (!path.startsWith("/")) throw wrong("socketPath must be an absolute path");
  return { socketPath: path };
}

const TLS_WORDS: ReadonlyMap<string, DatabaseConfig["tls"] | "off"> = new Map([
  ["", "off"],
  ["0", "off"],
  ["false", "off"],
  ["disabled", "off"],
  ["1", "verify"],
  ["true", "verify"],
  ["verify_ca", "verify"],
  ["verify_identity", "verify"],
  ['{"rejectunauthorized":true}', "verify"],
  ["skip-verify", "skip-verify"],
  ["required", "skip-verify"], // MySQL's own word: encrypt, check nothing
  ['{"rejectunauthorized":false}', "skip-verify"],
]);

/** `tls` is Go's name, `ssl` mysql2's, `ssl-mode` that of MySQL's own clients. */
function tlsOption(options: URLSearchParams): Pick<DatabaseConfig, "tls"> {
  const given = options.get("tls") ?? options.get("ssl") ?? options.get("ssl-mode") ?? "";
  const mode = TLS_WORDS.get(given.replace(/\s/g, "").toLowerCase());
  if (mode === undefined) throw wrong("tls must be true, skip-verify or false");
  return mode === "off" ? {} : { tls: mode };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw wrong("a % must start a percent-encoded byte; write % itself as %25");
    throw error;
  }
}

function wrong(what: string): BadSettingError {
  return new BadSettingError(`${DSN_FORMS}: ${what}`);
}
