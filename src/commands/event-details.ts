import type { RecordedEvent } from "../store/explain-query.ts";
import { STAGE_MEANING } from "../store/explanation.ts";
import type { StageStatus } from "../sync/stage.ts";
import { printable } from "./columns.ts";

/** As much of a vendor's words as a line of history needs; --json has all of them. */
const LONGEST = 200;
/** A trace id is looked for in the logs by its beginning. */
const TRACE_LENGTH = 8;

/** What an event says beside its name, in few words. */
export function eventDetails({ detail, request_id, actor, trace_id }: RecordedEvent): string {
  return [
    ...facts(detail),
    ...(request_id === null ? [] : [`request ${request_id}`]),
    ...(actor === null ? [] : [`by ${actor}`]),
    `trace ${trace_id.slice(0, TRACE_LENGTH)}`,
  ]
    .map(printable)
    .join("; ");
}

function facts(detail: unknown): string[] {
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return detail === null ? [] : [words(detail)];
  const { task_type, cause, error, retry_count, from, to, reason, ...rest } = detail as Readonly<Record<string, unknown>>;
  const lists = cause === undefined ? rest : {}; // a cause names what its lists hold
  return [
    ...(from === undefined || to === undefined ? [] : [`${meaning(from)} → ${meaning(to)}`]),
    ...(cause === undefined ? [] : [task_type === undefined ? words(cause) : `${words(task_type)}: ${words(cause)}`]),
    ...(error === undefined ? [] : [retry_count === undefined ? words(error) : `failure ${words(retry_count)}: ${words(error)}`]),
    ...(reason === undefined ? [] : [words(reason)]),
    ...Object.entries(lists).map(([key, value]) => `${key.replaceAll("_", " ").replace(/^dsco/, "DSCO")} ${words(value)}`),
  ];
}

function meaning(status: unknown): string {
  return STAGE_MEANING[status as StageStatus] ?? words(status);
}

function words(value: unknown): string {
  const text = typeof value === "string" ? value : Array.isArray(value) && value.every(isPlain) ? value.join(", ") : JSON.stringify(value);
  const letters = Array.from(text);
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST).join("")}…`;
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}
