import { randomUUID } from "node:crypto";
import type * as z from "zod";
import { type Answer, type Dialect, jsonAnswer, Refusal } from "../endpoint.ts";
import { type Json, readJson, writeJson } from "../json.ts";
import { isoTime } from "../orders.ts";

/** Small batches and ACKs take 5 MB of body; the smaller reading of it. */
const MAX_BODY_BYTES = 5_000_000;

export class DscoDialect implements Dialect {
  readonly maxBodyBytes = MAX_BODY_BYTES;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  notFound(path: string): Answer {
    return this.failure(404, "notFound", `no such resource: ${path}`);
  }
  wrongMethod(method: string): Answer {
    return this.failure(405, "methodNotAllowed", `${method} is not possible here`);
  }
  tooLarge(): Answer {
    return this.failure(413, "payloadTooLarge", "the body may have 5 MB");
  }
  throttled(): Answer {
    return this.failure(429, "tooManyRequests", "rate limit exceeded");
  }
  unauthorised(): Answer {
    return this.failure(401, "unauthorized", "missing, unknown or expired bearer token");
  }
  badSignature(): Answer {
    return this.unauthorised();
  }
  lateSignature(): Answer {
    return this.unauthorised();
  }
  serverError(status: 500 | 503): Answer {
    if (status === 503) return { status, body: "Service Unavailable", contentType: "text/plain" };
    return this.failure(status, "internalError", "something went wrong on our side");
  }

  /** The error envelope: the vendor declares none for most calls; this is the shape its clients have met. */
  failure(status: number, code: string, ...descriptions: string[]): Answer {
    const description = descriptions.length === 1 ? descriptions[0] : descriptions;
    const messages = [{ code, severity: "error", description }];
    return jsonAnswer(status, writeJson({ status: "failure", requestId: randomUUID(), eventDate: this.#isoNow(), messages }));
  }

  refuse(status: number, code: string, ...descriptions: string[]): Refusal {
    return new Refusal(this.failure(status, code, ...descriptions));
  }

  /** 202: safely queued and nothing more. */
  accepted(requestId: string): Answer {
    return jsonAnswer(202, writeJson({ status: "pending", requestId, eventDate: this.#isoNow(), messages: [] }));
  }

  /** 201 of the calls for one object. */
  created(): Answer {
    return jsonAnswer(201, writeJson({ status: "success", success: true }));
  }

  /** The body as JSON of this shape; otherwise 400, and nothing of a batch is taken. */
  parse<T>(schema: z.ZodType<T>, body: Buffer): T {
    const parsed = schema.safeParse(this.#json(body));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.slice(0, 20).map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
    throw this.refuse(400, "VALIDATION_FAILED", ...problems);
  }

  #json(body: Buffer): Json {
    try {
      return readJson(body.toString("utf8"));
    } catch (error) {
      if (error instanceof SyntaxError) throw this.refuse(400, "VALIDATION_FAILED", "the body is not JSON");
      throw error;
    }
  }

  #isoNow(): string {
    return isoTime(this.#now().getTime());
  }
}
