import { randomUUID } from "node:crypto";
import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import { type JsonObject, writeJson } from "../json.ts";
import type { SandboxSettings } from "../options.ts";
import { isoTime } from "../orders.ts";
import type { DscoDialect } from "./answers.ts";
import { DscoQuery } from "./query.ts";
import { Scrolls } from "./scrolls.ts";

const ENTRY_STATUSES = ["pending", "success", "failure", "success_or_failure"] as const;

interface Entry {
  readonly requestId: string;
  readonly processedMs: number;
  readonly status: "success" | "failure";
  readonly text: string;
}

/** Does the change at this time; returns the reason when it cannot be done. */
export type ApplyChange = (object: JsonObject, atMs: number) => string | undefined;

interface QueuedRequest {
  readonly id: string;
  readonly receivedMs: number;
  readonly detail: string;
  readonly objects: readonly JsonObject[];
  readonly apply: ApplyChange;
  next: number;
}

/**
 * DSCO's asynchronous side: batches wait here, their objects are done one after another within the settle time, and
 * each leaves an entry. Nothing runs by timer: what is due is done when somebody asks.
 */
export class ChangeLog {
  readonly #dialect: DscoDialect;
  readonly #settings: SandboxSettings;
  readonly #now: () => Date;
  readonly #scrolls: Scrolls<string>;
  readonly #entries: Entry[] = [];
  readonly #byRequest = new Map<string, Entry[]>();
  readonly #open = new Map<string, QueuedRequest>();

  constructor(dialect: DscoDialect, settings: SandboxSettings, now: () => Date) {
    this.#dialect = dialect;
    this.#settings = settings;
    this.#now = now;
    this.#scrolls = new Scrolls(dialect, now);
  }

  /** Queues a batch: 202 and a requestId. */
  enqueue(detail: string, objects: readonly JsonObject[], apply: ApplyChange): Answer {
    const id = randomUUID();
    this.#byRequest.set(id, []);
    this.#open.set(id, { id, receivedMs: this.#now().getTime(), detail, objects, apply, next: 0 });
    return this.#dialect.accepted(id);
  }

  /** Does a change at once and logs it; returns the reason when it cannot be done. */
  perform(detail: string, object: JsonObject, apply: ApplyChange): string | undefined {
    const request = { id: randomUUID(), detail };
    const now = this.#now().getTime();
    const reason = apply(object, now);
    this.#record(request, object, now, reason);
    return reason;
  }

  /** Does what has become due. */
  settle(): void {
    const now = this.#now().getTime();
    for (const request of this.#open.values()) {
      const { objects, receivedMs } = request;
      while (request.next < objects.length) {
        const object = objects[request.next];
        const dueMs = Math.floor(receivedMs + (this.#settings.settleMs * (request.next + 1)) / objects.length);
        if (object === undefined || dueMs > now) break;
        request.next += 1;
        this.#record(request, object, dueMs, request.apply(object, dueMs));
      }
      if (request.next >= objects.length) this.#open.delete(request.id);
    }
  }

  /** GET …/log: by scrollId, by requestId, or by startDate (inclusive) and endDate (exclusive). */
  answer(request: SandboxRequest): Answer {
    const scrollId = request.query.get("scrollId");
    if (scrollId) {
      const { items, release } = this.#scrolls.next(scrollId);
      return toAnswer({ scrollId }, items, release);
    }
    const query = new DscoQuery(request.query, this.#dialect, ["requestId", "startDate", "endDate", "status"]);
    const requestId = query.text("requestId");
    const status = query.oneOf("status", ENTRY_STATUSES);
    const entries = requestId === undefined ? this.#between(query) : (this.#byRequest.get(requestId) ?? []);
    const texts = entries.filter((entry) => matches(entry, status)).map(({ text }) => text);
    const head: JsonObject = requestId === undefined ? {} : { status: this.#open.has(requestId) ? "PROCESSING" : "COMPLETED" };
    const { logPageSize } = this.#settings;
    if (texts.length >= logPageSize) head.scrollId = this.#scrolls.open(texts, logPageSize);
    return toAnswer(head, texts.slice(0, logPageSize));
  }

  #between(query: DscoQuery): readonly Entry[] {
    const start = query.time("startDate");
    const end = query.time("endDate");
    if (start === undefined || end === undefined) {
      throw this.#dialect.refuse(400, "badRequest", "give scrollId, or requestId, or startDate with endDate");
    }
    return this.#entries.filter(({ processedMs }) => processedMs >= start && processedMs < end);
  }

  #record(request: { id: string; detail: string }, payload: JsonObject, processedMs: number, reason: string | undefined): void {
    const status = reason === undefined ? "success" : "failure";
    const text = writeJson({
      status,
      dateProcessed: isoTime(processedMs),
      requestMethod: "api",
      requestMethodDetail: request.detail,
      requestId: request.id,
      payload,
      ...(reason === undefined ? {} : { results: [{ code: "changeRefused", severity: "error", description: reason }] }),
    });
    const entry: Entry = { requestId: request.id, processedMs, status, text };
    this.#entries.push(entry);
    const siblings = this.#byRequest.get(request.id);
    if (siblings === undefined) this.#byRequest.set(request.id, [entry]);
    else siblings.push(entry);
  }
}

function matches(entry: Entry, filter: (typeof ENTRY_STATUSES)[number] | undefined): boolean {
  return filter === undefined || filter === "success_or_failure" || filter === entry.status;
}

function toAnswer(head: JsonObject, texts: readonly string[], onSent?: () => void): Answer {
  const start = JSON.stringify({ ...head, logs: [] }).slice(0, -2);
  return { ...jsonAnswer(200, `${start}${texts.join(",")}]}`), ...(onSent === undefined ? {} : { onSent }) };
}
