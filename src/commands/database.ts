import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type App, openApp } from "../app.ts";
import type { DatabaseOptions, Db } from "../store/db.ts";
import type { Request } from "../store/operator-actions.ts";
import { userName } from "./user-name.ts";

/** Opens the database for one command and closes it afterwards, whatever happens. */
export async function withDatabase<T>(work: (db: Db, app: App) => Promise<T>, options: DatabaseOptions = {}): Promise<T> {
  await using app = openApp(randomUUID());
  const { database } = app.config(["database"]);
  return await work(app.database(database, options), app);
}

/** The person at this shell. */
export function whoAsks(): string {
  return `${userName()}@${hostname()}`;
}

/** A person's request, for the record. */
export function requestOf(app: App, reason: string): Request {
  return { runId: undefined, traceId: app.traceId, actor: whoAsks(), reason };
}
