import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { App } from "../app.ts";
import type { Config } from "../config/env.ts";
import { isLoopback } from "../config/reading.ts";
import { ConfigError } from "../errors.ts";
import { answerTo } from "./answers.ts";
import type { Protection } from "./auth.ts";
import { createApp } from "./create-app.ts";
import { RefusedRequestError } from "./refusal.ts";
import { ROUTES } from "./routes.ts";
import { RunDesk } from "./run-desk.ts";
import { Sessions } from "./session.ts";

export interface Limits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000 };
const MAX_HEADER_BYTES = 16 * 1024;
/** Well under the usual limit of 1024 open files, which log and database need too. */
const MAX_CONNECTIONS = 500;
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
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const address = await listen(server, config.admin);
  const protection = protect(config.admin.token, address);
  const runs = new RunDesk(app.env);
  const inFlight = new Set<Promise<unknown>>();
  let stopping = false;
  const admin = { app, db: app.database(config.database), config, protection, runs };
  const routes = createApp(ROUTES, admin, { stopping: () => stopping, bodyTimeoutMs: limits.requestMs });
  const listener = getRequestListener(
    (request, bindings) => {
      const answer = Promise.resolve(routes.fetch(request, bindings));
      inFlight.add(answer);
      return answer.finally(() => inFlight.delete(answer));
    },
    {
      overrideGlobalObjects: false, // passes of jobs run in this process: their requests and answers stay Node's own
      // What is no request at all: no or an impossible Host, a target that is no path.
      errorHandler: () =>
        answerTo(new RefusedRequestError(400, "the request line or its Host is malformed", "send a path and a plain Host"), app, app.log),
    },
  );
  server.on("request", listener);
  return {
    url: `http://${address.family === "IPv6" ? `[${address.address === "::" ? "::1" : address.address}]` : address.address}:${address.port}/`,
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
      const last = setTimeout(() => server.closeAllConnections(), FLUSH_MS);
      await closed;
      clearTimeout(last);
    },
  };
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
