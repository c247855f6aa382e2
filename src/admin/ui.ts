import * as z from "zod";
import { integer, oneOf, textThat } from "../config/reading.ts";
import { DatabaseError, IpassError } from "../errors.ts";
import { ExplainQuery } from "../store/explain-query.ts";
import { type Explanation, toExplanation, toTextExplanation } from "../store/explanation.ts";
import { OrderQuery } from "../store/order-query.ts";
import { RunQuery } from "../store/run-query.ts";
import { toStatus } from "../store/status.ts";
import { StatusQuery } from "../store/status-query.ts";
import { TaskStore } from "../store/task-store.ts";
import { STAGE_STATUS, STAGES, TASK_STATUS, TASK_TYPES } from "../sync/stage.ts";
import { seeOther, statusOfError } from "./answers.ts";
import { DENIALS, type Denial } from "./auth.ts";
import { type Frame, framed } from "./page/frame.ts";
import { LANGUAGES } from "./page/language.ts";
import { href, PAGE_SIZE, type Place } from "./page/links.ts";
import type { Html } from "./page/markup.ts";
import { orderList, orderListTitle } from "./page/order-list.ts";
import { orderView } from "./page/order-view.ts";
import { overview } from "./page/overview.ts";
import { runList } from "./page/run-list.ts";
import { severalOrders, unknownOrder } from "./page/search-view.ts";
import { type SignInCase, signInView } from "./page/sign-in.ts";
import { taskList } from "./page/task-list.ts";
import { troubleView } from "./page/trouble-view.ts";
import { frameOf, pageAnswer } from "./page-frame.ts";
import { jobParam } from "./params.ts";
import { RefusedRequestError } from "./refusal.ts";
import type { Admin, AdminRequest } from "./request.ts";
import { SESSION_COOKIE, SESSION_SEC, sameText } from "./session.ts";

/** What `GET /` takes: which view, and what of it. */
export const PAGE_PARAMS = z.strictObject({
  view: oneOf(["orders", "tasks", "runs"]).optional(),
  order: textThat("an order id of at most 64 characters", (text) => /^\P{Cc}{1,64}$/u.test(text)).optional(),
  q: textThat("an order's number of at most 255 characters", (text) => /^\P{Cc}{1,255}$/u.test(text)).optional(),
  stage: oneOf(STAGES).optional(),
  status: oneOf(Object.values(STAGE_STATUS)).optional(),
  type: oneOf(TASK_TYPES).optional(),
  task_status: oneOf(Object.values(TASK_STATUS)).optional(),
  job: jobParam().optional(),
  offset: integer(0, 1_000_000_000).optional(),
  all: oneOf([1]).optional(),
  lang: oneOf(LANGUAGES).optional(),
  refresh: oneOf([1]).optional(),
});
type PageQuery = z.output<typeof PAGE_PARAMS>;

interface View {
  readonly status: 200 | 404;
  readonly title: string;
  readonly main: Html;
  /** By which the view's times are reckoned. */
  readonly now: Date;
}

/** `GET /`, signed in. */
export async function page(request: AdminRequest, admin: Admin, query: PageQuery): Promise<Response> {
  const place = definedOnly(query);
  const frame = frameOf(request, place, new Date());
  const found = place.q === undefined ? undefined : await search(place.q.trim(), admin);
  if (found?.length === 1 && found[0] !== undefined) return seeOther(href({ order: found[0] }));
  const { status, title, main, now } = await viewOf(place, found, admin, frame);
  return pageAnswer(status, framed(title, main, { ...frame, now }), request, place);
}

async function viewOf(place: Place, found: readonly string[] | undefined, admin: Admin, frame: Frame): Promise<View> {
  if (place.order !== undefined) return orderPage(place.order, admin, frame);
  if (place.q !== undefined && found !== undefined) return searchPage(place.q, found, frame);
  if (place.view === undefined) return overviewPage(admin, frame);
  switch (place.view) {
    case "orders":
      return ordersPage(place, admin, frame);
    case "tasks":
      return tasksPage(place, admin, frame);
    case "runs":
      return runsPage(place, admin, frame);
  }
}

async function overviewPage({ db, config }: Admin, frame: Frame): Promise<View> {
  const status = toStatus(await new StatusQuery(db).read(), config.jobs);
  return { status: 200, title: frame.words.overview.title, main: overview(status, { ...frame, now: status.at }), now: status.at };
}

/** An order by the id it has at DSCO, in ipass's own tables; a text without an id by its key. */
async function orderPage(id: string, admin: Admin, frame: Frame): Promise<View> {
  const found = await explanation(id, admin, frame);
  if (found === undefined) return searchPage(id, [], frame);
  const now = found.explained_at;
  return { status: 200, title: `${frame.words.order.title} ${id}`, main: orderView(found, { ...frame, now }), now };
}

async function explanation(id: string, { db, config, app }: Admin, { words }: Frame): Promise<Explanation | undefined> {
  const settings = {
    maxRetryPerOrder: config.rules.maxRetryPerOrder,
    jobs: config.jobs,
    redact: (value: unknown) => app.redactor.redactValue(value),
    words: words.explain,
  };
  const query = new ExplainQuery(db);
  const record = await query.find(id);
  if (record !== undefined) return toExplanation(record, settings);
  const text = await query.findText(id);
  return text === undefined ? undefined : toTextExplanation(id, text, settings);
}

/** Ids of the orders that go by this number, their own or another one. */
async function search(number: string, { db }: Admin): Promise<readonly string[]> {
  const query = new ExplainQuery(db);
  const own = await new OrderQuery(db).find(number);
  if (own !== undefined || (await query.findText(number)) !== undefined) return [number];
  return query.idsByOtherNumber(number);
}

function searchPage(text: string, ids: readonly string[], frame: Frame): View {
  const { order: w } = frame.words;
  return ids.length === 0
    ? { status: 404, title: w.unknown(text), main: unknownOrder(text, frame), now: frame.now }
    : { status: 200, title: w.several(text), main: severalOrders(text, ids, frame), now: frame.now };
}

async function ordersPage({ stage, status, offset = 0 }: Place, { db }: Admin, frame: Frame): Promise<View> {
  const filter = stage === undefined ? {} : { standsAt: stage, ...(status === undefined ? {} : { [stage]: status }) };
  const found = await new OrderQuery(db).list({ ...filter, limit: PAGE_SIZE, offset });
  return { status: 200, title: orderListTitle(frame), main: orderList(found, frame), now: frame.now };
}

async function tasksPage({ type, task_status = TASK_STATUS.open, offset = 0 }: Place, { db }: Admin, frame: Frame): Promise<View> {
  const filter = { status: task_status, ...(type === undefined ? {} : { type }) };
  const found = await new TaskStore(db).list({ ...filter, limit: PAGE_SIZE, offset });
  return { status: 200, title: frame.words.tasks.title, main: taskList(found, frame), now: frame.now };
}

async function runsPage({ job, offset = 0 }: Place, { db }: Admin, frame: Frame): Promise<View> {
  const items = await new RunQuery(db).list({ ...(job === undefined ? {} : { job }), limit: PAGE_SIZE + 1, offset });
  const shown = { items: items.slice(0, PAGE_SIZE), more: items.length > PAGE_SIZE };
  return { status: 200, title: frame.words.runs.title, main: runList(shown, frame), now: frame.now };
}

/** What keeps a page of ours from being shown, on a page of its own: it says so, and what to do. */
export async function troublePage(request: AdminRequest, admin: Admin, error: unknown): Promise<Response> {
  const known = error instanceof IpassError ? error : admin.app.foresee(error, request.log);
  const { message, next_step } = admin.app.report(known);
  const of = known instanceof DatabaseError ? "database" : known instanceof RefusedRequestError ? "request" : "internal";
  const frame = frameOf(request, {}, new Date());
  const view = troubleView({ of, said: message, nextStep: next_step, traceId: request.traceId }, frame);
  return pageAnswer(statusOfError(known), view, request);
}

const SIGN_IN_CASES: Readonly<Partial<Record<Denial["reason"], SignInCase>>> = {
  unconfigured: "no_token",
  wrong_token: "wrong",
  session_over: "over",
};

/** `GET /` without a session, and `POST /login` with a wrong token: 401. */
export async function signInPage(request: AdminRequest, _admin: Admin, { reason }: Denial): Promise<Response> {
  const frame = frameOf(request, {}, new Date());
  return pageAnswer(401, signInView(SIGN_IN_CASES[reason] ?? "first", frame), request);
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

/** What was not given is absent, as `exactOptionalPropertyTypes` wants it. */
function definedOnly(query: PageQuery): Place {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Place;
}
