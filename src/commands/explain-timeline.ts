import stringWidth from "string-width";
import type { RecordedEvent } from "../store/explain-query.ts";
import { STAGE_MEANING } from "../store/explanation.ts";
import type { StageStatus } from "../sync/stage.ts";
import { padded, printable, WIDTH, wrapFacts } from "./columns.ts";
import { GUTTER } from "./labelled.ts";
import { shortTime } from "./output.ts";
import type { Paint } from "./paint.ts";

/** A trace id is looked for in the logs by its beginning. */
export const TRACE_LENGTH = 8;
/** As much of a vendor's words as a line of history needs; --json has all of them. */
const LONGEST = 200;

/** What has happened, oldest first, each with the run that did it. */
export function timeline(events: readonly RecordedEvent[], paint: Paint): string[] {
  if (events.length === 0) return [];
  const eventWidth = Math.max(...events.map(({ event }) => stringWidth(event))) + 2;
  const lines = [paint.faint(padded("Time", GUTTER) + padded("trace", GUTTER) + padded("event", eventWidth))];
  let day = "";
  for (const event of events) {
    const [date = "", time = ""] = shortTime(event.at).split(" ");
    if (date !== day) lines.push(paint.faint(date));
    day = date;
    const head = padded(time, GUTTER) + padded(event.trace_id.slice(0, TRACE_LENGTH), GUTTER) + padded(event.event, eventWidth);
    lines.push(...beside(head, eventDetails(event)));
  }
  return lines;
}

/** Facts in a column beside the head; where one holds an id too long for that, below it: ids are there to be copied. */
function beside(head: string, facts: readonly string[]): string[] {
  const column = stringWidth(head);
  const tooLong = facts.some((fact) => fact.split(" ").some((word) => stringWidth(word) > WIDTH - column));
  const indent = tooLong ? 2 * GUTTER : column;
  const [first = "", ...more] = [...(tooLong ? [""] : []), ...wrapFacts(facts, WIDTH - indent)];
  return [head + first, ...more.map((line) => " ".repeat(indent) + line)];
}

/** What an event says beside its name, each fact in few words; which run it was stands in its trace id. */
function eventDetails({ detail, request_id, actor }: RecordedEvent): string[] {
  return [...facts(detail), ...(request_id === null ? [] : [`request ${request_id}`]), ...(actor === null ? [] : [`by ${actor}`])].map(
    printable,
  );
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
    ...Object.entries(lists).map(([key, value]) => named(key, value)),
  ];
}

function named(key: string, value: unknown): string {
  const name = key.replaceAll("_", " ").replace(/^dsco/, "DSCO");
  return name.endsWith(" cents") && Number.isInteger(value)
    ? `${name.slice(0, -" cents".length)} ${(Number(value) / 100).toFixed(2)}`
    : `${name} ${words(value)}`;
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
