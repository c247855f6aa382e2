import { setTimeout as wait } from "node:timers/promises";
import type * as z from "zod";
import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../errors.ts";
import { maskPersonalData } from "../personal-data.ts";
import { backoffMs, MAX_WAIT_MS, parseRetryAfter } from "./backoff.ts";
import type { HttpDeps } from "./deps.ts";
import type { Endpoint } from "./endpoint.ts";
import { judgeShape } from "./judge.ts";
import type { Limiter } from "./limiter.ts";
import { parseLossless } from "./lossless-json.ts";
import { bodyText, type CallRequest, type Outgoing, outgoing } from "./outgoing.ts";
import { send } from "./transport.ts";
import type { Vendor } from "./vendor.ts";
import { type Problem, type RawAnswer, REMEDY, transportProblem, type Verdict } from "./verdict.ts";

export interface CallOptions {
  /** Further tries after the first; 3 unless told. */
  readonly retries?: number;
  /** Whether a lost answer may simply be asked for again; unless told, true for reads and false for writes. */
  readonly repeatable?: boolean;
  /** Replaces the lossless JSON parser; throws SyntaxError, with nothing of the text in its message, on what it cannot read. */
  readonly parse?: (text: string) => unknown;
}

export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  readonly requestId?: string;
  /** The vendor's clock, from the Date header. */
  readonly date?: Date;
}

interface Try {
  readonly verdict: Verdict;
  readonly answer?: RawAnswer | undefined;
  readonly token: string | undefined;
}

const REASON_CHARS = 300;

/**
 * The one place where attempts are counted and errors get their class. Every error thrown is fit for a log: it names the endpoint, the
 * vendor's reason and request id, and holds neither URL nor body nor the error of the layer below.
 */
export class HttpClient {
  readonly #vendor: Vendor;
  readonly #deps: HttpDeps;
  #limiter: Promise<Limiter> | undefined;

  constructor(vendor: Vendor, deps: HttpDeps) {
    this.#vendor = vendor;
    this.#deps = deps;
  }

  /**
   * Calls an endpoint until it has an answer of the right shape.
   * @throws OutageError the vendor is out or refuses our credentials; nothing of a write took effect.
   * @throws InDoubtError the answer to something that must not happen twice was lost.
   * @throws RefusedError the vendor understood and said no.
   * @throws NotDeliveredError the pass ended before a write was sent (`cause` is the signal's reason).
   * @throws the signal's reason when the pass ended during a read.
   */
  async call<T>(endpoint: Endpoint, request: CallRequest, schema: z.ZodType<T>, options: CallOptions = {}): Promise<Answer<T>> {
    if (this.#deps.dryRun && endpoint.write) throw new Error(`dry run: ${endpoint.name} would have been called`);
    const repeatable = options.repeatable ?? !endpoint.write;
    const tries = 1 + (options.retries ?? 3);
    const text = bodyText(endpoint, request);
    const judge = (answer: RawAnswer) =>
      judgeShape(this.#vendor.inspect(answer, endpoint), answer, endpoint, options.parse ?? parseLossless, schema);
    const repeated = new Set<string>();
    for (let attempt = 1; ; ) {
      const { verdict, answer, token } = await this.#try(outgoing(endpoint, request, text), attempt, judge);
      if (verdict.kind === "ok") return toAnswer(verdict.parsed as T, answer, verdict.requestId);
      switch (REMEDY[verdict.kind][repeatable ? "repeatable" : "once"]) {
        case "again":
          if (attempt >= tries) throw this.#outage(endpoint, verdict);
          await this.#waitAfter(attempt, endpoint, verdict, answer);
          attempt++;
          break;
        case "once-more":
          if (repeated.has(verdict.kind)) throw this.#outage(endpoint, verdict);
          repeated.add(verdict.kind);
          if (verdict.kind === "expired" && !(await this.#vendor.renew(token))) throw this.#outage(endpoint, verdict);
          break;
        case "look-up":
          throw new InDoubtError(messageOf(endpoint, verdict));
        case "refuse":
          throw new RefusedError(messageOf(endpoint, verdict), verdict.code);
        case "end-pass":
          throw this.#outage(endpoint, verdict);
      }
    }
  }

  async #try(attempt: Outgoing, number: number, judge: (answer: RawAnswer) => Verdict): Promise<Try> {
    try {
      // The token comes before the turn: calls that waited for it together must not leave together.
      const token = await this.#vendor.token();
      const limiter = await this.#loadLimiter();
      return await limiter.run(attempt.endpoint, async () => {
        this.#vendor.prepare(attempt, token);
        return { token, ...(await this.#sendOnce(attempt, number, judge)) };
      });
    } catch (error) {
      throw this.#orEndOfPass(attempt.endpoint, error);
    }
  }

  async #sendOnce(attempt: Outgoing, number: number, judge: (answer: RawAnswer) => Verdict): Promise<Omit<Try, "token">> {
    const { endpoint } = attempt;
    const cutBy = endpoint.write ? undefined : this.#deps.signal;
    const started = performance.now();
    const sent = await send(this.#vendor.baseUrl, attempt, cutBy).then(
      (answer) => ({ answer, verdict: judge(answer) }),
      (error: unknown) => ({ answer: undefined, verdict: transportProblem(error) }),
    );
    if (sent.answer === undefined) cutBy?.throwIfAborted();
    const verdict = sent.verdict.kind === "ok" ? sent.verdict : { ...sent.verdict, reason: this.#clean(sent.verdict.reason, attempt) };
    const event = {
      endpoint: endpoint.name,
      status: sent.answer?.status ?? 0,
      ms: Math.round(performance.now() - started),
      attempt: number,
      throttled: verdict.kind === "throttled",
    };
    const { requestId } = verdict;
    this.#deps.onCall?.({ ...event, ...(requestId !== undefined && { requestId }) });
    this.#deps.log.debug("http_call", { ...event, result: verdict.kind, request_id: requestId });
    return { verdict, answer: sent.answer };
  }

  async #waitAfter(attempt: number, endpoint: Endpoint, problem: Problem, answer: RawAnswer | undefined): Promise<void> {
    const { random = Math.random, now = () => new Date(), sleep = defaultSleep, remainingMs, signal, log } = this.#deps;
    const retryAfterMs = parseRetryAfter(answer?.headers.get("retry-after"), now());
    const delay = backoffMs({ attempt, floorMs: problem.floorMs, retryAfterMs }, random);
    const remaining = remainingMs?.() ?? Number.POSITIVE_INFINITY;
    if ((retryAfterMs ?? 0) > MAX_WAIT_MS || delay > remaining) throw this.#outage(endpoint, problem);
    log.warn("http_retry", { endpoint: endpoint.name, attempt, delay_ms: delay, code: problem.code, reason: problem.reason });
    try {
      await sleep(delay, signal);
      signal?.throwIfAborted();
    } catch (error) {
      throw this.#orEndOfPass(endpoint, error);
    }
  }

  /** The pass ended under a call that had not been sent: of a write the caller must learn that it provably was not. */
  #orEndOfPass(endpoint: Endpoint, error: unknown): unknown {
    const { signal } = this.#deps;
    const ended = signal?.aborted && (error === signal.reason || (error instanceof Error && error.name === "AbortError"));
    if (!ended) return error;
    if (!endpoint.write) return signal.reason;
    return new NotDeliveredError(`${endpoint.name}: not sent, the pass ended first`, undefined, { cause: signal.reason });
  }

  #outage(endpoint: Endpoint, problem: Problem): OutageError {
    const ours = problem.kind === "expired" || problem.kind === "unsigned" || problem.kind === "credentials";
    const step = problem.nextStep ?? (ours ? this.#vendor.credentialsStep : this.#vendor.outageStep);
    return new OutageError(ours ? "credentials" : "vendor", messageOf(endpoint, problem), step);
  }

  /** One short line without what we know to be secret, then without what anybody would call so. */
  #clean(reason: string, { secrets, json }: Outgoing): string {
    let clean = reason;
    for (const secret of secrets.filter(({ length }) => length > 0)) {
      for (const form of [secret, encodeURIComponent(secret)]) clean = clean.replaceAll(form, "[redacted]");
    }
    // A refusal may quote what it refuses, and that may be somebody's address.
    const line = maskPersonalData(this.#deps.redact(clean), json).replace(/\s+/g, " ").trim();
    return line.length > REASON_CHARS ? `${line.slice(0, REASON_CHARS)}…` : line;
  }

  async #loadLimiter(): Promise<Limiter> {
    const { signal, withSharedLock } = this.#deps;
    const { lockScope } = this.#vendor;
    this.#limiter ??= import("./limiter.ts").then(({ Limiter }) => new Limiter({ signal, withSharedLock, lockScope }));
    return await this.#limiter;
  }
}

async function defaultSleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(ms, undefined, signal && { signal });
}

function messageOf(endpoint: Endpoint, { reason, requestId }: Problem): string {
  return `${endpoint.name}: ${reason}${requestId === undefined ? "" : ` (request id ${requestId})`}`;
}

function toAnswer<T>(data: T, answer: RawAnswer | undefined, requestId: string | undefined): Answer<T> {
  const date = new Date(answer?.headers.get("date") ?? Number.NaN);
  return {
    data,
    status: answer?.status ?? 0,
    ...(requestId !== undefined && { requestId }),
    ...(!Number.isNaN(date.getTime()) && { date }),
  };
}
