import { html } from "hono/html";
import type { RecordedEvent } from "../../store/explain-query.ts";
import type { Stage, StageStatus, TaskType } from "../../sync/stage.ts";
import type { Messages } from "./english.ts";
import type { Frame } from "./frame.ts";
import type { Content, Html } from "./markup.ts";
import { fullTime } from "./reader.ts";
import { recorded } from "./recorded.ts";
import { table } from "./table.ts";

/** As much of a vendor's words as a line of history needs; `ipass explain --json` has all of them. */
const LONGEST = 240;

/** What has happened, the newest first: whoever looks wants to know how it came to what is now. */
export function timeline(events: readonly RecordedEvent[], frame: Frame): Html {
  const { order: w } = frame.words;
  if (events.length === 0) return html`<p class="empty">${w.noHistory}</p>`;
  return table<RecordedEvent>({
    caption: w.history,
    rows: [...events].reverse(),
    columns: [
      { head: w.time, cell: ({ at }) => fullTime(at, frame) },
      { head: w.event, cell: ({ event, stage }) => html`${eventName(event, stage, frame.words)}<code class="below">${event}</code>` },
      { head: w.details, kind: "wide", cell: (event) => details(event, frame.words) },
      { head: w.trace, kind: "id", cell: ({ trace_id }) => html`<span class="trace">${trace_id}</span>` },
    ],
  });
}

/** The name in the reader's language; one this version does not know stays as it is recorded. */
function eventName(event: string, stage: Stage | null, words: Messages): string {
  const known = words.event[event];
  if (known !== undefined) return known;
  const ofStage = stage !== null && event.startsWith(`${stage}_`) ? words.stageEvent[event.slice(stage.length + 1)] : undefined;
  return ofStage === undefined || stage === null ? event : words.staged(words.stage[stage], ofStage);
}

function details({ detail, request_id, actor }: RecordedEvent, words: Messages): Content {
  const lines: Content[] = [
    ...facts(detail, words),
    request_id === null ? undefined : words.request(request_id),
    actor === null ? undefined : words.by(actor),
  ];
  const told = lines.filter((line) => line !== undefined);
  return told.length === 0 ? "" : html`<ul class="notes">${told.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function facts(detail: unknown, words: Messages): Content[] {
  if (detail === null) return [];
  if (typeof detail !== "object" || Array.isArray(detail)) return [shown(detail)];
  const { task_type, cause, error, retry_count, from, to, reason, ...rest } = detail as Readonly<Record<string, unknown>>;
  const lists = cause === undefined ? rest : {}; // a cause names what its lists hold
  return [
    from === undefined || to === undefined ? undefined : `${statusName(from, words)} → ${statusName(to, words)}`,
    task_type === undefined ? undefined : (words.taskType[task_type as TaskType] ?? shown(task_type)),
    cause === undefined ? undefined : recorded(shown(cause), words),
    error === undefined
      ? undefined
      : html`${retry_count === undefined ? "" : words.nthFailure(shown(retry_count))}${recorded(shown(error), words)}`,
    reason === undefined ? undefined : recorded(shown(reason), words),
    ...Object.entries(lists).map(([key, value]) => named(key, value, words)),
  ];
}

function named(key: string, value: unknown, words: Messages): string {
  if (key === "stages" && Array.isArray(value)) return words.listed(value.map((stage) => words.stage[stage as Stage] ?? shown(stage)));
  const name = words.fact[key] ?? key.replaceAll("_", " ");
  return name.endsWith(" cents") && Number.isInteger(value)
    ? `${name.slice(0, -" cents".length)} ${(Number(value) / 100).toFixed(2)}`
    : `${name} ${shown(value)}`;
}

function statusName(status: unknown, words: Messages): string {
  return words.stageStatus[status as StageStatus] ?? shown(status);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : Array.isArray(value) && value.every(isPlain) ? value.join(", ") : JSON.stringify(value);
  const letters = Array.from(text);
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST).join("")}…`;
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}
