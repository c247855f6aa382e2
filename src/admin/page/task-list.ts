import { html } from "hono/html";
import { isOpen } from "../../store/explanation.ts";
import type { Task } from "../../store/task-store.ts";
import { TASK_STATUS, TASK_TYPES } from "../../sync/stage.ts";
import { reasonAndSend, sameInShell, tick } from "./action-form.ts";
import type { Frame } from "./frame.ts";
import { href } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import { select, selectAll } from "./order-list.ts";
import { pager } from "./pager.ts";
import { relativeTime } from "./reader.ts";
import { recorded } from "./recorded.ts";
import { type Column, table } from "./table.ts";

export interface TaskList {
  readonly items: readonly Task[];
  readonly total: number;
}

/** The queue for people: why, and what to do. */
export function taskList({ items, total }: TaskList, frame: Frame): Html {
  const { words, place } = frame;
  const { tasks: w } = words;
  const status = place.task_status ?? TASK_STATUS.open;
  const rows = items.length === 0 ? html`<p class="empty">${w.none}</p>` : closable(items, frame);
  const guide = place.type === undefined ? "" : html`<p class="guide">${words.taskGuide[place.type]}</p>`;
  return html`<div class="head"><h1>${w.title} <span class="amount">${words.number(total)}</span></h1>
<form class="filter" method="get" action="/">
<input type="hidden" name="view" value="tasks">
${select(
  "type",
  w.type,
  w.anyType,
  TASK_TYPES.map((type) => [type, words.taskType[type]]),
  place.type,
)}
${select(
  "task_status",
  w.status,
  "",
  Object.values(TASK_STATUS).map((one) => [String(one), words.taskStatus[one]]),
  status,
)}
<button class="plain">${w.show}</button>
</form></div>
${guide}
${rows}
${pager({ shown: items.length, total }, frame)}`;
}

function closable(items: readonly Task[], frame: Frame): Html {
  if (!items.every(isOpen)) return taskTable(items, frame);
  const { action: w } = frame.words;
  const ticks: Column<Task> = {
    head: w.selectColumn,
    kind: "tick",
    cell: ({ id }) => tick("id", String(id), w.select(`#${id}`), frame.place.all === 1),
  };
  const [first] = items;
  const sample = items.length === 1 && first !== undefined ? String(first.id) : "<id>…";
  return html`<form method="post" action="/ui/resolve">
${selectAll(frame)}
${taskTable(items, frame, ticks)}
<div class="acts"><p class="faint">${w.resolveHint}</p>${reasonAndSend(w.resolveSelected, frame)}
${sameInShell(`ipass manual-tasks resolve ${sample} --reason "…"`, frame)}</div>
</form>`;
}

function taskTable(rows: readonly Task[], frame: Frame, ticks?: Column<Task>): Html {
  const { tasks: w } = frame.words;
  return table({
    caption: w.title,
    rows,
    named: ticks === undefined ? 0 : 1,
    columns: [
      ...(ticks === undefined ? [] : [ticks]),
      { head: w.task, cell: (task) => taskCell(task, frame) },
      { head: w.order, kind: "id", cell: (task) => orderCell(task, frame) },
      { head: w.why, kind: "half", cell: (task) => recorded(causeOf(task), frame.words) },
      { head: w.toDo, kind: "half", cell: (task) => toDo(task, frame) },
      {
        head: w.since,
        cell: ({ created_at, occurrences }) =>
          html`${relativeTime(created_at, frame)}${occurrences === 1 ? "" : html`<span class="below">${w.times(occurrences)}</span>`}`,
      },
    ],
  });
}

function taskCell({ id, task_type }: Task, { words }: Frame): Html {
  return html`${words.taskType[task_type]}<span class="below"><code>${task_type}</code> #${id}</span>`;
}

function orderCell({ dsco_order_id, task_type, stage, payload }: Task, { words }: Frame): Content {
  const at = stage === null ? "" : html`<span class="below">${words.stage[stage]}</span>`;
  if (dsco_order_id !== null) return html`<a href="${href({ order: dsco_order_id })}">${dsco_order_id}</a>${at}`;
  const key = textKey(payload);
  if (task_type !== "bad_payload") return "";
  return key === undefined ? words.tasks.noId : html`<a href="${href({ order: key })}">${words.tasks.noId}</a>`;
}

/** Under which key the text of an order without an id is kept. */
function textKey(payload: unknown): string | undefined {
  const key = typeof payload === "object" && payload !== null && "raw_kept_as" in payload ? payload.raw_kept_as : undefined;
  return typeof key === "string" ? key : undefined;
}

/** The task's own words, in the reader's language where that is known; else the guide of its type before them. */
export function toDo(task: Task, { words, place }: Frame): Content {
  if (!isOpen(task)) return closing(task, words);
  const { next_step, task_type } = task;
  const told = words.recorded(next_step);
  if (told !== undefined) return told;
  return html`${place.type === undefined ? words.taskGuide[task_type] : ""}<q class="below">${next_step}</q>`;
}

/** Who closed a task, and why. */
export function closing({ resolved_by, reason }: Task, words: Frame["words"]): Content {
  if (resolved_by === null) return "";
  return html`${words.tasks.closedBy(resolved_by)}${reason === null ? "" : html`: ${recorded(reason, words)}`}`;
}

function causeOf({ payload, task_type }: Task): string {
  return typeof payload === "object" && payload !== null && "cause" in payload ? String(payload.cause) : task_type;
}
