import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, type Dialect, type Endpoint, Refusal } from "./endpoint.ts";
import { type FaultAfter, type FaultBefore, type FaultPlan, happensBefore } from "./faults.ts";
import type { SandboxSettings } from "./options.ts";
import type { Limits } from "./rate-limit.ts";
import type { StatsCounter } from "./stats.ts";

/** A vendor with its place in the URL. */
export interface Vendor {
  readonly prefix: string;
  readonly dialect: Dialect;
  readonly endpoints: readonly Endpoint[];
  readonly now: () => Date;
  /** Whatever token is in use is dead from now on. */
  endTokens(): void;
}

/** Takes a request through a vendor: route, limits, faults before, half the latency, effect, the other half, faults after. */
export class Exchange {
  readonly #settings: SandboxSettings;
  readonly #faults: FaultPlan;
  readonly #limits: Limits;
  readonly #stats: StatsCounter;

  constructor(settings: SandboxSettings, faults: FaultPlan, limits: Limits, stats: StatsCounter) {
    this.#settings = settings;
    this.#faults = faults;
    this.#limits = limits;
    this.#stats = stats;
  }

  async serve(vendor: Vendor, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { dialect } = vendor;
    const path = url.pathname.slice(vendor.prefix.length);
    stamp(response, vendor);
    const endpoint = vendor.endpoints.find((candidate) => candidate.path === path && candidate.method === request.method);
    if (endpoint === undefined) {
      const isKnown = vendor.endpoints.some((candidate) => candidate.path === path);
      await drain(request);
      await send(response, isKnown ? dialect.wrongMethod(request.method ?? "") : dialect.notFound(path));
      return;
    }
    const done = this.#stats.begin(endpoint);
    const leave = this.#settings.limits ? this.#limits.enter(endpoint) : () => undefined;
    try {
      const body = await readBody(request, dialect.maxBodyBytes);
      if (leave === undefined) {
        this.#stats.throttled(endpoint);
        await send(response, dialect.throttled());
        return;
      }
      await this.#answer(endpoint, vendor, url, request, response, body);
    } finally {
      leave?.();
      done();
    }
  }

  async #answer(
    endpoint: Endpoint,
    vendor: Vendor,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer | undefined,
  ): Promise<void> {
    const { dialect } = vendor;
    const fault = this.#faults.next(endpoint.call, url.searchParams.has("scrollId"));
    if (fault !== undefined) this.#stats.fault(endpoint, fault);
    if (fault === "token-churn") vendor.endTokens();
    await sleep(this.#settings.latencyMs / 2);
    if (fault !== undefined && happensBefore(fault)) {
      await failBefore(fault, dialect, response);
      return;
    }
    const answer =
      body === undefined ? dialect.tooLarge() : await handle(endpoint, { query: url.searchParams, headers: request.headers, body });
    try {
      await sleep(this.#settings.latencyMs / 2);
      stamp(response, vendor);
      if (fault === undefined || fault === "token-churn") await send(response, answer);
      else await failAfter(fault, answer, dialect, response);
    } finally {
      answer.onSent?.();
    }
  }
}

/** The answer bears the vendor's time of day, right or wrong. */
function stamp(response: ServerResponse, { now }: Vendor): void {
  response.setHeader("date", now().toUTCString());
}

async function handle(endpoint: Endpoint, request: Parameters<Endpoint["handle"]>[0]): Promise<Answer> {
  try {
    return await endpoint.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

async function failBefore(kind: FaultBefore, dialect: Dialect, response: ServerResponse): Promise<void> {
  switch (kind) {
    case "reset-before":
      return reset(response);
    case "timeout-before":
      return untilGone(response);
    case "500-before":
      return send(response, dialect.serverError(500));
    case "503-before":
      return send(response, dialect.serverError(503));
    case "429":
      return send(response, tooMany());
    case "429-seconds":
      return send(response, tooMany(String(RETRY_AFTER_SEC)));
    case "429-date":
      return send(response, tooMany(new Date(Date.now() + RETRY_AFTER_SEC * 1000).toUTCString()));
    case "429-huge":
      return send(response, tooMany(String(RETRY_AFTER_HUGE_SEC)));
    case "3001008":
      return send(response, dialect.throttled());
    case "refuse-signature":
      return send(response, dialect.badSignature());
    case "signature-expired":
      return send(response, dialect.lateSignature());
    case "401":
      return send(response, dialect.unauthorised());
  }
}

/** Seconds a 429 asks a caller to wait. */
const RETRY_AFTER_SEC = 3;
/** More than anybody would wait. */
const RETRY_AFTER_HUGE_SEC = 86_400;

function tooMany(retryAfter?: string): Answer {
  const answer = { status: 429, body: "Too Many Requests", contentType: "text/plain" };
  return retryAfter === undefined ? answer : { ...answer, headers: { "retry-after": retryAfter } };
}

async function failAfter(kind: FaultAfter, answer: Answer, dialect: Dialect, response: ServerResponse): Promise<void> {
  switch (kind) {
    case "reset-after":
      return reset(response);
    case "timeout-after":
      return untilGone(response);
    case "500-after":
      return send(response, { ...dialect.serverError(500), status: 500 });
    case "truncated":
      return sendHalf(response, answer);
    case "html":
      return send(response, { status: 200, body: "<!doctype html><title>Maintenance</title><p>Back soon", contentType: "text/html" });
    case "other-shape":
      return send(response, { status: answer.status, body: '{"unexpected":[{"shape":1}]}', contentType: "application/json" });
  }
}

/** The connection breaks off without an answer. */
async function reset(response: ServerResponse): Promise<void> {
  response.socket?.resetAndDestroy();
}

/** No answer comes; the caller has to give up by itself. */
function untilGone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || response.socket?.destroyed) resolve();
    else response.once("close", resolve);
  });
}

/** The whole length is announced, half of it arrives. */
function sendHalf(response: ServerResponse, answer: Answer): Promise<void> {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, { "content-type": answer.contentType ?? "application/json", "content-length": bytes.length });
  return new Promise((resolve) => {
    response.write(bytes.subarray(0, bytes.length / 2), () => {
      response.socket?.destroy();
      resolve();
    });
  });
}

/** Resolves once the answer has left, or when there is nobody left to read it. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (response.destroyed || response.socket?.destroyed === true) return;
  const bytes = Buffer.from(answer.body);
  const type = answer.contentType ?? "application/json";
  response.writeHead(answer.status, { ...answer.headers, "content-type": type, "content-length": bytes.length });
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.end(bytes, () => resolve());
  });
}

/** The body, or undefined when it is longer than allowed. Rejects when the caller breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
  }
  return length <= maxBytes ? Buffer.concat(chunks) : undefined;
}

async function drain(request: IncomingMessage): Promise<void> {
  await readBody(request, 0);
}

function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
