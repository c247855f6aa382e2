import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { oneOf, textThat } from "../config/reading.ts";
import { RefusedByGuardError, UsageError } from "../errors.ts";
import type { RunReport } from "../jobs/run-job.ts";
import { actOnStage } from "../store/operator-actions.ts";
import { closeTasks } from "../store/task-actions.ts";
import { STAGES } from "../sync/stage.ts";
import { seeOther } from "./answers.ts";
import { NOTICE_COOKIE, NOTICE_SEC, type Notice, writeNotice } from "./page/notice.ts";
import { jobParam, orderIdParam } from "./params.ts";
import type { Admin, AdminRequest } from "./request.ts";

const LONGEST_REASON = 500;
/** A page of a list. */
const MOST_ROWS = 200;

/** One or several fields of the same name. */
function several<T>(one: z.ZodType<T, string>) {
  return z.union([z.array(one).max(MOST_ROWS), one.transform((value) => [value])]).default([]);
}

/** The field that leads back to the view the form stood on: never to another site. */
const back = () => textThat("a view of this page", (text) => /^\/(\?[\w%+=&.~*-]*)?$/.test(text)).default("/");
const reason = () => textThat(`why, in at most ${LONGEST_REASON} characters`, (text) => text.length <= LONGEST_REASON).default("");

const RUN = z.strictObject({ job: jobParam(), order: orderIdParam().optional(), reason: reason(), back: back() });
const REQUEUE = z.strictObject({ id: several(orderIdParam()), stage: oneOf(STAGES), reason: reason(), back: back() });
const taskId = () => textThat("a task's number", (text) => /^\d{1,15}$/.test(text));
const RESOLVE = z.strictObject({ id: several(taskId()), reason: reason(), back: back() });

/** `POST /ui/run`: one pass, of one order only where one is given. */
export async function uiRun(request: AdminRequest, admin: Admin): Promise<Response> {
  const { job, order, reason: why, back: to } = request.form(RUN);
  if (why.trim() === "") return told({ of: "noReason" }, to, request);
  if (!admin.config.jobs[job].enabled) return told({ of: "off", job }, to, request);
  const asked = { actor: request.actor, reason: admin.app.redactor.redact(why.trim()) };
  const run = admin.runs.run(job, request.traceId, { ...asked, ...(order === undefined ? {} : { orders: [order] }) });
  const report = await reportWithin(admin.pageWaitMs, run);
  if (report !== undefined) return told(outcomeOf(report), to, request);
  run.catch((error) => request.log.error("run_not_begun", { job, err: error })); // it stood in the queue until the desk was closed
  return told({ of: "runWaits", job, trace: request.traceId }, to, request);
}

/** Undefined while the pass is still at work after so long. */
export async function reportWithin(ms: number, run: Promise<RunReport>): Promise<RunReport | undefined> {
  const waited = new AbortController();
  try {
    return await Promise.race([run, sleep(ms, undefined, { signal: waited.signal })]);
  } finally {
    waited.abort();
  }
}

function outcomeOf({ job, trace_id, exit, counts, error }: RunReport): Notice {
  const said = error === undefined ? {} : { said: error.message, nextStep: error.next_step };
  return { of: "ran", job, exit, done: counts.done, trace: trace_id, ...said };
}

/** `POST /ui/requeue`: a stage of one or several orders; all of them or, where one forbids it, none. */
export async function uiRequeue(request: AdminRequest, admin: Admin): Promise<Response> {
  const { id, stage, reason: why, back: to } = request.form(REQUEUE);
  const missing = whatIsMissing(id, why);
  if (missing !== undefined) return told(missing, to, request);
  return acted(to, request, admin, async () => {
    const changed = await actOnStage(admin.db, "requeue", unique(id), stage, request.because(why.trim()), new Date());
    return { of: "requeued", count: changed.length };
  });
}

/** `POST /ui/resolve`: one or several tasks; no stage is touched. */
export async function uiResolve(request: AdminRequest, admin: Admin): Promise<Response> {
  const { id, reason: why, back: to } = request.form(RESOLVE);
  const missing = whatIsMissing(id, why);
  if (missing !== undefined) return told(missing, to, request);
  return acted(to, request, admin, async () => {
    const closed = await closeTasks(admin.db, unique(id).map(Number), "resolved", request.because(why.trim()));
    return { of: "resolved", count: closed.length };
  });
}

function whatIsMissing(ids: readonly string[], why: string): Notice | undefined {
  if (ids.length === 0) return { of: "noSelection" };
  return why.trim() === "" ? { of: "noReason" } : undefined;
}

/** What a guard or a forbidden transition refuses is told on the page, where it can be put right. */
async function acted(to: string, request: AdminRequest, admin: Admin, act: () => Promise<Notice>): Promise<Response> {
  try {
    return told(await act(), to, request);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RefusedByGuardError)) throw error;
    const { message, next_step } = admin.app.report(error);
    return told({ of: "refused", said: message, nextStep: next_step }, to, request);
  }
}

/** Back to where the form stood; a reload there sends nothing twice. */
function told(notice: Notice, to: string, request: AdminRequest): Response {
  return seeOther(to, request.cookieText(NOTICE_COOKIE, writeNotice(notice), NOTICE_SEC));
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
