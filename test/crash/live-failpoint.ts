import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import type { Failpoint } from "../../src/failpoint.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import type { Outgoing } from "../../src/http/outgoing.ts";
import { nameOf, nameOfTransaction } from "./points.ts";

/** `outcome.uncommitted@2`: where to die, and at which time it is passed. */
const { CRASH_AT, CRASH_LOG } = process.env;

const passed = new Map<string, number>();

function pass(point: string): void {
  const times = (passed.get(point) ?? 0) + 1;
  passed.set(point, times);
  if (CRASH_LOG !== undefined) appendFileSync(CRASH_LOG, `${point}\n`);
  if (`${point}@${times}` === CRASH_AT) process.kill(process.pid, "SIGKILL");
}

/** Takes the place of src/failpoint.ts in the crash build: dies at the point it was told to, and writes down which ones it passes. */
export function failpoint(at: Failpoint, of: unknown, within?: unknown): void {
  if (at === "write.before" || at === "write.after") passWrite(at, of as string, within as object & { isTransaction?: boolean });
  else if (at === "commit.before" || at === "commit.after") passCommit(at, of as object, within as object);
  else passRequest(at, (of as Outgoing).endpoint);
}

/** What was written so far, by transaction. */
const written = new WeakMap<object, string[]>();
const transactions = new WeakMap<object, string>();

/** Inside a transaction there is nothing to be seen between two statements: it has two points, around its commit. */
function passWrite(at: "write.before" | "write.after", sql: string, db: object & { isTransaction?: boolean }): void {
  const name = nameOf(sql);
  if (db.isTransaction !== true) pass(`${name}.${at === "write.before" ? "before" : "after"}`);
  else if (at === "write.after") written.set(db, [...(written.get(db) ?? []), name]);
}

function passCommit(at: "commit.before" | "commit.after", work: object, transaction: object): void {
  const name = at === "commit.before" ? nameOfTransaction(written.get(transaction) ?? []) : transactions.get(work);
  if (name === undefined) return; // it only read
  transactions.set(work, name);
  pass(`${name}.${at === "commit.before" ? "uncommitted" : "committed"}`);
}

const seen = new Map<string, Endpoint>();

function passRequest(at: "request.leaving" | "request.answered", endpoint: Endpoint): void {
  if (!hasEffect(endpoint)) return;
  seen.set(endpoint.path, endpoint);
  pass(`${endpoint.name}.${at === "request.leaving" ? "leaving" : "answered"}`);
}

/** Reads change nothing anywhere. A new token is no write to us, but it ends the one before. */
function hasEffect({ write, name }: Endpoint): boolean {
  return write || name.includes("token");
}

/** Between leaving and answered: all of the request is with the kernel, which delivers it also when we are gone. */
subscribe("undici:request:bodySent", (message) => {
  const path = new URL((message as { request: { path: string } }).request.path, "http://vendor").pathname;
  for (const endpoint of seen.values()) if (path.endsWith(endpoint.path)) pass(`${endpoint.name}.left`);
});
