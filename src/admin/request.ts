import { parse, serialize } from "hono/utils/cookie";
import type * as z from "zod";
import type { App } from "../app.ts";
import type { Config } from "../config/env.ts";
import type { Log } from "../log.ts";
import type { Db } from "../store/db.ts";
import type { Request as OperatorRequest } from "../store/operator-actions.ts";
import type { Auth, Protection } from "./auth.ts";
import { type Params, readParams } from "./params.ts";
import { RefusedRequestError } from "./refusal.ts";
import type { RunDesk } from "./run-desk.ts";
import type { Session } from "./session.ts";

/** What all handlers share. */
export interface Admin {
  readonly app: App;
  readonly db: Db;
  readonly config: Pick<Config, "database" | "jobs" | "rules">;
  readonly protection: Protection;
  readonly runs: RunDesk;
  readonly pageWaitMs: number;
}

/** One thing `ipass serve` answers. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly auth: Auth;
  /** What its query may hold. */
  readonly query: Params;
  /** It starts a pass, which has a time limit of its own; anything else asks the database and answers within seconds. */
  readonly runs?: true;
  readonly answer: (request: AdminRequest, admin: Admin) => Response | Promise<Response>;
}

/** A line of the table of routes; its handler gets the query as `query` reads it. */
export function route<P extends Params>(
  line: Omit<Route, "query" | "answer"> & {
    readonly query: P;
    readonly handle: (request: AdminRequest, admin: Admin, query: z.output<P>) => Response | Promise<Response>;
  },
): Route {
  const { handle, ...rest } = line;
  return { ...rest, answer: (request, admin) => handle(request, admin, request.query(line.query)) };
}

/** The field of a form, or the header, that carries the session's CSRF text. */
export const CSRF_FIELD = "csrf";
export const CSRF_HEADER = "x-csrf-token";

interface Parts {
  readonly raw: Request;
  readonly traceId: string;
  readonly nonce: string;
  readonly log: Log;
  readonly from: string;
  readonly body: string;
  readonly session: Session | undefined;
}

/** One request that has been let in, its body read. */
export class AdminRequest {
  readonly traceId: string;
  /** Lines of this log carry the trace id. */
  readonly log: Log;
  /** The whole body as text; empty for a GET. */
  readonly body: string;
  /** For `<style nonce>` and `<script nonce>`: nothing inline is taken without it. */
  readonly nonce: string;
  /** The browser's session; undefined for a bearer, and where no token is configured. */
  readonly session: Session | undefined;
  readonly #raw: Request;
  readonly #from: string;

  constructor({ raw, traceId, nonce, log, from, body, session }: Parts) {
    this.#raw = raw;
    this.#from = from;
    this.traceId = traceId;
    this.nonce = nonce;
    this.log = log;
    this.body = body;
    this.session = session;
  }

  /** The value of the hidden field `csrf` (CSRF_FIELD) that every form of the page carries; empty where none is needed. */
  get csrf(): string {
    return this.session?.csrf ?? "";
  }

  /** Whoever asks, for the record: all admins share one token, so only where from is known. */
  get actor(): string {
    return `admin@${this.#from}`;
  }

  header(name: string): string | undefined {
    return this.#raw.headers.get(name) ?? undefined;
  }

  cookie(name: string): string | undefined {
    return cookieOf(this.header("cookie"), name);
  }

  /** A `Set-Cookie` for this browser: not for scripts, not for other sites; over https not for http. 0 s takes the cookie away. */
  cookieText(name: string, value: string, maxAgeSec: number): string {
    const secure = this.header("x-forwarded-proto") === "https"; // a proxy's word: whoever lies about it only fails to sign in
    return serialize(name, value, { path: "/", httpOnly: true, sameSite: "Strict", maxAge: maxAgeSec, secure });
  }

  /** The query, checked. @throws RefusedRequestError (400) naming what is wrong and what is allowed */
  query<P extends Params>(params: P): z.output<P> {
    const { url } = this.#raw;
    return readParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "", params);
  }

  /** The fields of a form, checked; the CSRF field is left out. @throws RefusedRequestError (400) as `query` */
  form<P extends Params>(params: P): z.output<P> {
    if (!isForm(this.header("content-type")))
      throw new RefusedRequestError(400, "the body is no form", "send it as application/x-www-form-urlencoded");
    const fields = this.body.split("&").filter((field) => !field.startsWith(`${CSRF_FIELD}=`));
    return readParams(fields.join("&"), params);
  }

  /** A person's request, for the record. */
  because(reason: string): OperatorRequest {
    return { runId: undefined, traceId: this.traceId, actor: this.actor, reason };
  }
}

export function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? "");
}

export function cookieOf(header: string | undefined, name: string): string | undefined {
  return header === undefined ? undefined : parse(header, name)[name];
}
