import type { DatabaseConfig } from "../../config/dsn.ts";
import type { ConnectionFailure } from "../../store/connect-probe.ts";
import { type Finding, fail } from "../finding.ts";
import { identifier } from "./tables.ts";

/** Where the database is, without the password. */
export function addressOf({ host, port, socketPath, database, user }: DatabaseConfig): string {
  return `${database} at ${socketPath ?? `${host}:${port}`} as ${user}`;
}

export function judgeConnection({ code, said }: ConnectionFailure, config: DatabaseConfig): Finding {
  const id = "database.connection";
  const found = `${addressOf(config)}: ${said ?? code}`;
  const database = identifier(config.database);
  switch (code) {
    case "ER_ACCESS_DENIED_ERROR":
    case "ER_MUST_CHANGE_PASSWORD":
      return fail(
        id,
        found,
        "correct user and password in IPASS_DB_DSN; in the mysql:// form the password's special characters are percent-encoded",
      );
    case "ER_BAD_DB_ERROR":
      return fail(
        id,
        found,
        "correct the database name in IPASS_DB_DSN, or, as an administrator of the database",
        `CREATE DATABASE ${database} CHARACTER SET utf8mb4;`,
      );
    case "ER_DBACCESS_DENIED_ERROR": {
      const account = /'[^']*'@'[^']*'/.exec(said ?? "")?.[0] ?? `'${config.user}'@'%'`;
      return fail(
        id,
        found,
        "correct the database name in IPASS_DB_DSN, or, as an administrator of the database",
        `CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON ${database}.* TO ${account};`,
      );
    }
    case "ECONNREFUSED":
    case "ENOENT":
      return fail(id, `${found}: nobody listens there`, "start the database, or correct host and port in IPASS_DB_DSN");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail(id, `${found}: that name leads nowhere`, "correct the host in IPASS_DB_DSN, or the name service of this machine");
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return fail(
        id,
        `${found}: no answer`,
        "open the way to that host and port (firewall, security group, VPN), or correct them in IPASS_DB_DSN",
      );
    case "ER_CON_COUNT_ERROR":
    case "ER_TOO_MANY_USER_CONNECTIONS":
    case "ER_USER_LIMIT_REACHED":
      return fail(
        id,
        found,
        "raise max_connections (or the account's own limit) on the server: six jobs at once use up to 36 connections a host",
      );
    case "HANDSHAKE_SSL_ERROR":
    case "HANDSHAKE_NO_SSL_SUPPORT":
      return fail(
        id,
        found,
        "correct tls= in IPASS_DB_DSN: true checks the server's certificate, skip-verify only encrypts, false does neither",
      );
    default:
      return fail(id, found, "check IPASS_DB_DSN and the server's error log");
  }
}
