import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { UsageError } from "../errors.ts";
import { CONTROL_PREFIX, serveControl } from "./control.ts";
import { jsonAnswer } from "./endpoint.ts";
import { send } from "./exchange.ts";
import { parseFault } from "./faults.ts";
import { SANDBOX_DEFAULTS, type SandboxOptions } from "./options.ts";
import { Sandbox } from "./sandbox.ts";

/** Longer than any pause of a client, so that no request meets a connection that is just being closed. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts stand-ins for DSCO and Lingxing on one port of 127.0.0.1. Throws UsageError when a fault makes no sense, a
 * credential cannot work, or the port is taken.
 */
export async function startSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const all: SandboxOptions = { ...SANDBOX_DEFAULTS, ...options };
  checkAppId(all.credentials.lingxingAppId);
  for (const spec of all.faults) parseFault(spec);
  let sandbox: Sandbox | undefined;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    // A port is open a moment before its sandbox is filled.
    if (sandbox === undefined) request.socket.resetAndDestroy();
    else void serve(sandbox, request, response);
  });
  const port = await listen(server, all.port);
  try {
    sandbox = new Sandbox(all, `http://127.0.0.1:${port}`, () => stop(server));
    return sandbox;
  } catch (error) {
    await stop(server);
    throw error;
  }
}

async function serve(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
    if (url.pathname.startsWith(CONTROL_PREFIX)) return await serveControl(sandbox, url, request, response);
    const vendor = sandbox.vendors.find(({ prefix }) => url.pathname.startsWith(`${prefix}/`));
    if (vendor !== undefined) return await sandbox.exchange.serve(vendor, url, request, response);
    request.resume();
    await send(response, jsonAnswer(404, '{"error":"there are /dsco/api/v3, /lingxing and /_sandbox"}'));
  } catch (error) {
    // A caller that broke off is the caller's affair; anything else is a bug of the sandbox, and shown to whoever tests with it.
    if (request.destroyed && !request.complete) return;
    if (response.headersSent) response.destroy();
    else await send(response, jsonAnswer(599, JSON.stringify({ sandboxBug: error instanceof Error ? error.stack : String(error) })));
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE" ? new UsageError(`port ${port} is taken`, "choose another --port, or --port 0 for a free one") : error,
      );
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function checkAppId(appId: string): void {
  if ([16, 24, 32].includes(Buffer.byteLength(appId))) return;
  throw new UsageError(`the Lingxing appId "${appId}" cannot be an AES key`, "use 16, 24 or 32 characters");
}
