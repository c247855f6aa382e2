import { randomBytes } from "node:crypto";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { DatabaseConfig } from "../config/dsn.ts";
import { connectionOptions, errorCode } from "./db.ts";
import { lockName } from "./lock.ts";

/** What became of a lock that one connection took and others asked for. */
export type LockSharing =
  | {
      readonly kind: "tried";
      /** The holder's id, asked for before and after the others came; more than one: the connection is moved between servers or sessions. */
      readonly holderIds: readonly string[];
      readonly others: readonly OtherConnection[];
      /** Whether another connection could take it once it was given back. */
      readonly freeAfterwards: boolean;
    }
  /** The server does not let anybody take one: its own words. */
  | { readonly kind: "refused"; readonly reason: string };

export interface OtherConnection {
  /** It could take what another connection held. */
  readonly tookIt: boolean;
  /** Whom IS_USED_LOCK names as the holder; undefined: nobody. */
  readonly sawHolder: string | undefined;
  /** Which server it landed on. */
  readonly server: string;
}

/** Enough to be spread over the servers behind one address. */
const OTHERS = 4;
const CONNECT_TIMEOUT_MS = 8_000;

/**
 * Whether GET_LOCK keeps out other connections, which all of ipass rests on. A proxy that shares sessions, or an address with several
 * servers behind it, shows here. @throws the signal's reason when it aborts; nothing stays open then either
 */
export async function probeLockSharing(config: DatabaseConfig, signal: AbortSignal): Promise<LockSharing> {
  signal.throwIfAborted();
  const open: Connection[] = [];
  const connect = async () => {
    signal.throwIfAborted();
    const connection = await createConnection({ ...connectionOptions(config), connectTimeout: CONNECT_TIMEOUT_MS });
    open.push(connection.on("error", () => connection.destroy()));
    if (signal.aborted) connection.destroy();
    return connection;
  };
  // A query whose connection is destroyed under it never ends by itself.
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  try {
    return await Promise.race([tryLock(connect, lockName(config.database, `doctor:${randomBytes(4).toString("hex")}`)), aborted]);
  } catch (error) {
    if (signal.aborted || !isRefusal(error)) throw error;
    return { kind: "refused", reason: error.sqlMessage };
  } finally {
    for (const connection of open) connection.destroy(); // and with the connections goes whatever they held
  }
}

async function tryLock(connect: () => Promise<Connection>, name: string): Promise<LockSharing> {
  const holder = await connect();
  if (!(await getLock(holder, name))) return { kind: "refused", reason: "GET_LOCK did not give a lock nobody holds" };
  const before = await identity(holder);
  const others = await Promise.all(Array.from({ length: OTHERS }, async () => lookFrom(await connect(), name)));
  const after = await identity(holder);
  await holder.query("SELECT RELEASE_LOCK(?)", [name]);
  const freeAfterwards = await getLock(await connect(), name);
  return { kind: "tried", holderIds: [...new Set([before.id, after.id])], others, freeAfterwards };
}

async function lookFrom(connection: Connection, name: string): Promise<OtherConnection> {
  const { server } = await identity(connection);
  const [[used]] = await connection.query<(RowDataPacket & { holder: string | number | null })[]>("SELECT IS_USED_LOCK(?) AS holder", [
    name,
  ]);
  return {
    tookIt: await getLock(connection, name),
    sawHolder: used?.holder === null || used === undefined ? undefined : String(used.holder),
    server,
  };
}

async function identity(connection: Connection): Promise<{ id: string; server: string }> {
  const [[row]] = await connection.query<(RowDataPacket & { id: string | number; server: string })[]>(
    "SELECT CONNECTION_ID() AS id, CONCAT(@@hostname, ':', @@port) AS server",
  );
  return { id: String(row?.id), server: String(row?.server) };
}

async function getLock(connection: Connection, name: string): Promise<boolean> {
  const [[row]] = await connection.query<(RowDataPacket & { got: string | number | null })[]>("SELECT GET_LOCK(?, 0) AS got", [name]);
  return Number(row?.got) === 1;
}

/** An answer of the server's, as clusters give that forbid these functions; not a connection that broke. */
function isRefusal(error: unknown): error is Error & { sqlMessage: string } {
  return (
    error instanceof Error &&
    "sqlMessage" in error &&
    typeof error.sqlMessage === "string" &&
    errorCode(error) !== undefined &&
    !("fatal" in error && error.fatal === true)
  );
}
