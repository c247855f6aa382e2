import * as z from "zod";
import { oneOf, textThat } from "../config/reading.ts";
import { actOnStage, closeTasks } from "../store/operator-actions.ts";
import { STAGES } from "../sync/stage.ts";
import { seeOther, textAnswer } from "./answers.ts";
import { DENIALS, type Denial } from "./auth.ts";
import { jobParam, orderIdParam } from "./params.ts";
import type { Admin, AdminRequest } from "./request.ts";
import { SESSION_COOKIE, SESSION_SEC, sameText } from "./session.ts";

/*
 * The page and its forms. What the handlers have to work with:
 * - query, the third argument, as the route's `query` in routes.ts reads it (PAGE_PARAMS for GET /), and request.form(PARAMS), the
 *   fields of a form: strict zod objects whose fields come from config/reading.ts (oneOf, integer, textThat) and params.ts; whatever is
 *   wrong or unknown is a 400 that names it. One that may come several times: z.union([z.array(x), x.transform((one) => [one])]).
 * - request.csrf, to be sent by every form as the hidden field CSRF_FIELD of request.ts (it is checked before the handler is called;
 *   empty, and not needed, where no token is configured); request.session: undefined there, and for a bearer.
 * - request.cookie(name), request.header("accept-language"), request.cookieText(name, value, seconds) for the language: LANGUAGE_COOKIE.
 * - request.nonce for <style nonce="…"> and <script nonce="…">: the content security policy takes nothing else, and no style="…".
 * - request.because(reason): the person's request as actOnStage and closeTasks record it. request.log: lines with the trace id.
 * - admin.db, admin.config.jobs, admin.config.rules, admin.app.redactor; admin.runs.run(job, request.traceId, request.actor): one pass,
 *   which answers when it has ended (up to 300 s); a lock that is held is a report with exit 11.
 * - textAnswer(status, html, HTML), seeOther(path, setCookie?).
 * Security headers, X-Trace-Id, the log line, 401 and 403 are made around the handlers. A thrown error becomes JSON: catch UsageError
 * and RefusedByGuardError where the page is to show them.
 */

export const LANGUAGE_COOKIE = "ipass_language";
export const HTML = "text/html; charset=utf-8";

/** What `GET /` takes. */
export const PAGE_PARAMS = z.strictObject({});

const reason = () => textThat("why: it is recorded", (text) => text.trim() !== "" && text.length <= 1000);

/** `GET /`, signed in. */
export async function page(request: AdminRequest, _admin: Admin): Promise<Response> {
  const hidden = `<input type="hidden" name="csrf" value="${request.csrf}">`;
  return textAnswer(
    200,
    `<!doctype html><title>ipass</title><h1>ipass</h1><form method="post" action="/logout">${hidden}<button>sign out</button></form>`,
    HTML,
  );
}

/** `GET /` without a session, and `POST /login` with a wrong token: 401. `reason` says which; "unconfigured": no token would help. */
export async function signInPage(_request: AdminRequest, _admin: Admin, _denial: Denial): Promise<Response> {
  return textAnswer(
    401,
    '<!doctype html><title>ipass</title><form method="post" action="/login"><label>Admin token <input name="token" type="password"></label><button>sign in</button></form>',
    HTML,
  );
}

/** `POST /login`. Where no token is configured there is nothing to sign in to. */
export async function login(request: AdminRequest, admin: Admin): Promise<Response> {
  const { token } = request.form(z.strictObject({ token: textThat("the admin token", () => true).optional() }));
  if (admin.protection.by !== "token") return seeOther("/");
  if (!sameText(token ?? "", admin.protection.token)) {
    request.log.warn("sign_in_refused", { actor: request.actor });
    return signInPage(request, admin, DENIALS.wrongToken);
  }
  request.log.info("signed_in", { actor: request.actor });
  return seeOther("/", request.cookieText(SESSION_COOKIE, admin.protection.sessions.begin(new Date()), SESSION_SEC));
}

/** `POST /logout`. */
export async function logout(request: AdminRequest): Promise<Response> {
  return seeOther("/", request.cookieText(SESSION_COOKIE, "", 0));
}

/** `POST /ui/run`. */
export async function uiRun(request: AdminRequest, admin: Admin): Promise<Response> {
  const { job } = request.form(z.strictObject({ job: jobParam() }));
  await admin.runs.run(job, request.traceId, request.actor);
  return seeOther("/");
}

/** `POST /ui/requeue`. */
export async function uiRequeue(request: AdminRequest, admin: Admin): Promise<Response> {
  const form = request.form(z.strictObject({ dsco_order_id: orderIdParam(), stage: oneOf(STAGES), reason: reason() }));
  await actOnStage(admin.db, "requeue", [form.dsco_order_id], form.stage, request.because(form.reason), new Date());
  return seeOther("/");
}

/** `POST /ui/resolve`. */
export async function uiResolve(request: AdminRequest, admin: Admin): Promise<Response> {
  const { id, reason: why } = request.form(
    z.strictObject({ id: textThat("a task id", (text) => /^\d{1,15}$/.test(text)).transform(Number), reason: reason() }),
  );
  await closeTasks(admin.db, [id], "resolved", request.because(why));
  return seeOther("/");
}
