import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { DatabaseError } from "../errors.ts";
import type { Log } from "../log.ts";
import { answerTo } from "./answers.ts";
import { decideAccess } from "./auth.ts";
import { hearOut, readBody } from "./read-body.ts";
import { RefusedRequestError } from "./refusal.ts";
import { type Admin, AdminRequest, CSRF_FIELD, CSRF_HEADER, cookieOf, isForm, type Route } from "./request.ts";
import { newNonce, securityHeaders } from "./security-headers.ts";
import { SESSION_COOKIE, type Session, sameText } from "./session.ts";
import { withinTime } from "./time-limit.ts";
import { signInPage, troublePage } from "./ui.ts";

interface Variables {
  readonly traceId: string;
  readonly log: Log;
  readonly nonce: string;
}
type Call = Context<{ Bindings: HttpBindings; Variables: Variables }>;

/** What the routes must know of the process around them. */
export interface ServerState {
  /** The process is about to end. */
  readonly stopping: () => boolean;
  readonly bodyTimeoutMs: number;
  /** For all that is no pass. */
  readonly answerTimeoutMs: number;
}

const LONGEST_PATH = 200;

/**
 * The routes as one function from request to answer. Around each of them, and around what is none: a trace id, security headers, a line
 * in the log, and an answer in JSON without stack or secret whatever is thrown.
 */
export function createApp(routes: readonly Route[], admin: Admin, state: ServerState) {
  const app = new Hono<{ Bindings: HttpBindings; Variables: Variables }>();
  const answer = (error: unknown, c: Call) => answerTo(error, admin.app, c.get("log"));

  app.use(async (c, next) => {
    const startedAt = performance.now();
    const traceId = traceIdOf(c.req.header("x-trace-id"));
    const log = admin.app.log.child({ trace_id: traceId });
    const nonce = newNonce();
    c.set("traceId", traceId);
    c.set("log", log);
    c.set("nonce", nonce);
    if (state.stopping()) c.res = answer(stopping(), c);
    else await next();
    await hearOut(c.env.incoming);
    for (const [name, value] of Object.entries(securityHeaders(nonce))) c.res.headers.set(name, value);
    c.res.headers.set("x-trace-id", traceId);
    if (state.stopping()) c.res.headers.set("connection", "close");
    const path = c.req.path.slice(0, LONGEST_PATH); // without the query: whom somebody looked for is nobody's business
    const fields = { method: c.req.method, path, status: c.res.status, duration_ms: Math.round(performance.now() - startedAt) };
    if (c.req.method === "POST") log.info("http_request", fields);
    else log.debug("http_request", fields);
  });

  for (const route of routes) {
    app.on(route.method, route.path, async (c) => {
      const access = await enter(route, admin, c);
      if (access instanceof Response) return access;
      const body = await readBody(c.req.raw, state.bodyTimeoutMs);
      const request = requestOf(c, body, access.session);
      try {
        if (request.session !== undefined && route.method === "POST") checkCsrf(request, request.session);
        const answering = (async () => route.answer(request, admin))();
        return await (route.runs ? answering : withinTime(state.answerTimeoutMs, answering, () => databaseSilent(state.answerTimeoutMs)));
      } catch (error) {
        if (!isForReader(route, request)) throw error;
        return troublePage(request, admin, error);
      }
    });
  }
  app.notFound((c) =>
    answer(
      new RefusedRequestError(
        404,
        `there is no ${c.req.method} ${c.req.path.slice(0, LONGEST_PATH)}`,
        "docs/openapi-admin.yaml lists what there is",
      ),
      c,
    ),
  );
  app.onError(answer);
  return app;
}

/** Whether a person looks at the answer in a browser: what went wrong is then told on a page. */
function isForReader({ auth }: Route, request: AdminRequest): boolean {
  return (auth === "page" || auth === "form" || auth === "sign_in") && (request.header("accept") ?? "").includes("text/html");
}

/** Lets the request in, or says why not: to a browser on its way to a page, with the form to sign in. */
async function enter(route: Route, admin: Admin, c: Call): Promise<{ session: Session | undefined } | Response> {
  const access = decideAccess(
    route.auth,
    admin.protection,
    {
      host: c.req.header("host"),
      origin: c.req.header("origin"),
      authorization: c.req.header("authorization"),
      cookie: cookieOf(c.req.header("cookie"), SESSION_COOKIE),
    },
    new Date(),
  );
  if (access.granted) return { session: access.session };
  const refusal = new RefusedRequestError(access.status, access.why, access.nextStep);
  // Whoever merely lacks the token has opened the page, or their session is over; the rest somebody should know of.
  if (access.reason !== "no_token" && access.reason !== "session_over")
    c.get("log").warn("admin_refused", { reason: access.reason, from: addressOf(c) });
  if (access.status !== 401) throw refusal;
  const response =
    route.auth === "page" ? await signInPage(requestOf(c, "", undefined), admin, access) : answerTo(refusal, admin.app, c.get("log"));
  response.headers.set("www-authenticate", 'Bearer realm="ipass"');
  return response;
}

function requestOf(c: Call, body: string, session: Session | undefined): AdminRequest {
  return new AdminRequest({
    raw: c.req.raw,
    traceId: c.get("traceId"),
    nonce: c.get("nonce"),
    log: c.get("log"),
    from: addressOf(c),
    body,
    session,
  });
}

/** A cookie comes along with whatever a page of any site sends; the CSRF text is known to the admin's own pages only. */
function checkCsrf(request: AdminRequest, session: Session): void {
  const field = isForm(request.header("content-type")) ? new URLSearchParams(request.body).get(CSRF_FIELD) : undefined;
  const given = request.header(CSRF_HEADER) ?? field ?? "";
  if (sameText(given, session.csrf)) return;
  throw new RefusedRequestError(
    403,
    "the CSRF field is missing or of another session",
    "load the page again and send its form anew; a script sends the bearer token",
  );
}

/** The caller's, if it can stand in a header and a log; else one of our own. */
function traceIdOf(given: string | undefined): string {
  return given !== undefined && /^[\x20-\x7e]{1,64}$/.test(given) ? given : randomUUID();
}

function addressOf(c: Call): string {
  return (c.env.incoming.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}

/** A network that swallows packets must not let the caller hang. */
function databaseSilent(ms: number): DatabaseError {
  return new DatabaseError(
    `the database has not answered for ${ms / 1000} s`,
    "check it and the network to it; look again before repeating a change",
  );
}

function stopping(): RefusedRequestError {
  return new RefusedRequestError(503, "ipass serve is stopping", "ask again once it is back");
}
