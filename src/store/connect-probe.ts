import { createConnection } from "mysql2/promise";
import type { DatabaseConfig } from "../config/dsn.ts";
import { connectionOptions, errorCode } from "./db.ts";

/** Why a connection did not come about: the driver's or the server's code, and the server's own words where it spoke. */
export interface ConnectionFailure {
  readonly code: string;
  readonly said: string | undefined;
}

/** One connection, opened and closed again; undefined when that went well. Never throws. */
export async function tryConnect(config: DatabaseConfig, timeoutMs: number): Promise<ConnectionFailure | undefined> {
  try {
    const connection = await createConnection({ ...connectionOptions(config), connectTimeout: timeoutMs });
    connection.destroy();
    return undefined;
  } catch (error) {
    const said = error instanceof Error && "sqlMessage" in error ? error.sqlMessage : undefined;
    return { code: errorCode(error) ?? String(error), said: typeof said === "string" ? said : undefined };
  }
}
