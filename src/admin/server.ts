import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { App } from "../app.ts";
import type { Config } from "../config/env.ts";
import { isLoopback } from "../config/reading.ts";
import { ConfigError } from "../errors.ts";
import type { Protection } from "./auth.ts";
import { createApp } from "./create-app.ts";
import { answerBadTarget, answerMalformed } from "./malformed.ts";
import { ROUTES } from "./routes.ts";
import { RunDesk } from "./run-desk.ts";
import { Sessions } from "./session.ts";

export interface Limits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the end of a request's headers to the end of its body. */
  readonly requestMs: number;
  /** For an answer that needs the database; a pass has a limit of its own. */
  readonly answerMs: number;
  /** So long a reader of the page waits for a pass; one that takes longer goes on by itself, and its record tells the end. */
  readonly pageWaitMs: number;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000, answerMs: 10_000, pageWaitMs: 20_000 };
const MAX_HEADER_BYTES = 16 * 1024;
/** Well under the usual limit of 1024 open files, which log and database need too. */
const MAX_CONNECTIONS = 500;
/** Node cuts the connection of a slow body without a word; ours, with an answer, must come first. */
const SPARE_MS = 5_000;
const NO_HOST = "host.invalid";
/** How long a finished answer may take to reach a slow client once the process is to end. */
const FLUSH_MS = 2_000;

/** The running admin. */
export interface AdminServer {
  readonly url: string;
  readonly protection: Protection["by"];
  reopenLogs(): void;
  /** Takes no new connection; resolves when every request and every pass in progress has ended and been answered. */
  drain(): Promise<void>;
}

/** Starts the HTTP admin. @throws ConfigError when the address cannot be listened on */
export async function startAdmin(
  app: App,
  config: Pick<Config, "admin" | "database" | "jobs" | "rules">,
  limits: Limits = LIMITS,
): Promise<AdminServer> {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.headersMs + limits.requestMs + SPARE_MS,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = MAX_CONNECTIONS;
  answerMalformed(server, app, MAX_HEADER_BYTES);
  const address = await listen(server, config.admin);
  const protection = protect(config.admin.token, address);
  const runs = new RunDesk(app.env);
  const inFlight = new Set<Promise<unknown>>();
  let stopping = false;
  // A statement that is not waited for any more must not keep its connection for long.
  const db = app.database(config.database, { silenceMs: 2 * limits.answerMs });
  const admin = { app, db, config, protection, runs, pageWaitMs: limits.pageWaitMs };
  const routes = createApp(ROUTES, admin, { stopping: () => stopping, bodyTimeoutMs: limits.requestMs, answerTimeoutMs: limits.answerMs });
  const listener = getRequestListener(
    (request, bindings) => {
      const answer = Promise.resolve(routes.fetch(request, bindings));
      inFlight.add(answer);
      return answer.finally(() => inFlight.delete(answer));
    },
    // Passes of jobs run in this process: their requests and answers stay Node's own.
    { overrideGlobalObjects: false, errorHandler: () => answerBadTarget(app) },
  );
  server.on("request", (incoming, outgoing) => {
    incoming.headers.host = NO_HOST; // whom it was addressed to is judged by the header as it came; an odd one must not spoil the URL
    void listener(incoming, outgoing);
  });
  // A connection that cannot be accepted, for want of file handles: the others go on.
  server.on("error", (error) => app.log.warn("http_server_error", { err: error }));
  return {
    url: urlOf(address),
    protection: protection.by,
    reopenLogs: () => {
      app.log.reopen();
      runs.reopenLogs();
    },
    async drain() {
      stopping = true;
      runs.close();
      const closed = once(server, "close");
      server.close();
      while (inFlight.size > 0) await Promise.allSettled(inFlight);
      await runs.ended();
      const last = setTimeout(() => server.closeAllConnections(), FLUSH_MS);
      await closed;
      clearTimeout(last);
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  if (address === "::" || address === "0.0.0.0") return `http://localhost:${port}/`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
}

async function listen(server: Server, { host, port }: Config["admin"]): Promise<AddressInfo> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, `${host}:${port}`);
  }
  return server.address() as AddressInfo;
}

const EXPECTED: Readonly<Record<string, string>> = {
  EADDRINUSE: "a port nobody listens on: another ipass serve may be running, see ss -ltnp",
  EACCES: "a port this user may listen on: 1024 or higher",
  EADDRNOTAVAIL: "an address of this machine, or none for every interface",
  ENOTFOUND: "an address of this machine, or none for every interface",
};

function cannotListen(error: NodeJS.ErrnoException, given: string): Error {
  const expected = EXPECTED[error.code ?? ""];
  return expected === undefined ? error : new ConfigError([{ name: "IPASS_HTTP_ADDR", given, expected: `${expected} (${error.code})` }]);
}

function protect(token: string | undefined, { address }: AddressInfo): Protection {
  if (token !== undefined) return { by: "token", token, sessions: new Sessions(token) };
  return isLoopback(address) ? { by: "loopback" } : { by: "nothing" };
}
