import type { App, ReportedError } from "../app.ts";
import { DatabaseError, IpassError, RefusedByGuardError, UsageError } from "../errors.ts";
import type { Log } from "../log.ts";
import { RefusedRequestError } from "./refusal.ts";

export function jsonAnswer(status: number, document: unknown): Response {
  return textAnswer(status, JSON.stringify(document), "application/json; charset=utf-8");
}

export function textAnswer(status: number, text: string, contentType: string): Response {
  return new Response(text, { status, headers: { "content-type": contentType } });
}

/** After a form: the browser fetches the next page anew, so that a reload sends nothing twice. */
export function seeOther(path: string, setCookie?: string): Response {
  return new Response(null, { status: 303, headers: { location: path, ...(setCookie === undefined ? {} : { "set-cookie": setCookie }) } });
}

/** The document for an error, the same as a command's. */
export function errorAnswer(error: ReportedError, status: number): Response {
  return jsonAnswer(status, { error });
}

/** What a thrown error is over HTTP. A database that is away is expected back, so 503; a bug is 500. */
export function statusOfError(error: IpassError): number {
  if (error instanceof RefusedRequestError) return error.status;
  if (error instanceof UsageError) return 400;
  if (error instanceof RefusedByGuardError) return 409;
  return error instanceof DatabaseError ? 503 : 500;
}

/** As the shell would tell it; a bug is logged with its frames and shown without. */
export function answerTo(error: unknown, app: App, log: Log): Response {
  const known = error instanceof IpassError ? error : app.foresee(error, log);
  return errorAnswer(app.report(known), statusOfError(known));
}
