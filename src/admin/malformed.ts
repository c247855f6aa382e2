import { randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { App, ReportedError } from "../app.ts";
import { EXIT } from "../exit-codes.ts";
import { newNonce, securityHeaders } from "./security-headers.ts";

/** How long a client that still sends may take to notice our answer, before the connection is cut under it. */
const LINGER_MS = 1_000;

/** Answers what is no request: headers that are malformed, too long or too slow. Such a connection is closed after the answer. */
export function answerMalformed(server: Server, app: App, maxHeaderBytes: number): void {
  const busy = new WeakSet<Duplex>();
  const answered = new WeakSet<Duplex>();
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    busy.add(socket);
    response.once("close", () => busy.delete(socket));
  });
  server.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex) => {
    if (answered.has(socket)) return; // the rest of what it sends
    if (!socket.writable || busy.has(socket)) {
      socket.destroy(); // gone, or an answer is on its way already: ours would be taken for part of it
      return;
    }
    answered.add(socket);
    const { status, headers, body } = malformedAnswer(app, judge(error, maxHeaderBytes));
    const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" });
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
    );
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

/** For a request whose target is neither a path nor a URL. */
export function answerBadTarget(app: App): Response {
  const { status, headers, body } = malformedAnswer(app, {
    status: 400,
    message: "the request target is malformed",
    nextStep: "send a path",
  });
  return new Response(body, { status, headers });
}

interface Verdict {
  readonly status: 400 | 408 | 431;
  readonly message: string;
  readonly nextStep: string;
}

function judge({ code, rawPacket }: NodeJS.ErrnoException & { rawPacket?: Buffer }, maxHeaderBytes: number): Verdict {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return { status: 408, message: "the request did not arrive in time", nextStep: "send it again" };
  if (code !== "HPE_HEADER_OVERFLOW") return { status: 400, message: "this is no HTTP request", nextStep: "send HTTP/1.1" };
  const most = `a request line and its headers have at most ${maxHeaderBytes} bytes`;
  const parameter = longParameter(rawPacket?.toString("latin1").slice(0, maxHeaderBytes) ?? "");
  return parameter === undefined
    ? { status: 431, message: `too long: ${most}`, nextStep: "send shorter headers" }
    : {
        status: 400,
        message: `${parameter}: too long; ${most}, an order id 64 characters`,
        nextStep: "correct the request and send it again",
      };
}

/** The parameter in which the beginning of a request line ends. */
function longParameter(start: string): string | undefined {
  return /^[A-Z]+ [^ ?]*\?(?:[^ ]*&)?([\w.-]{1,64})=[^ &]*$/.exec(start)?.[1];
}

function malformedAnswer(app: App, { status, message, nextStep }: Verdict) {
  const traceId = randomUUID();
  app.log.debug("http_malformed", { trace_id: traceId, status, reason: message });
  const error: ReportedError = { code: EXIT.usage.code, name: "usage", message, next_step: nextStep };
  const headers = { ...securityHeaders(newNonce()), "content-type": "application/json; charset=utf-8", "x-trace-id": traceId };
  return { status, headers, body: JSON.stringify({ error }) };
}
