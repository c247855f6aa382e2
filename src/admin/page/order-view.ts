import { html } from "hono/html";
import { type Explanation, isOpen, type StageExplanation } from "../../store/explanation.ts";
import type { OrderStateRow } from "../../store/order-query.ts";
import type { Task } from "../../store/task-store.ts";
import type { Deadline } from "../../sync/deadline.ts";
import { clause } from "../../sync/explain-help.ts";
import { STAGE_JOB } from "../../sync/explained-state.ts";
import { shellWord } from "../../sync/shell-word.ts";
import { STAGE_STATUS, STAGES, type Stage } from "../../sync/stage.ts";
import { type ActionForm, actionForm, runAction } from "./action-form.ts";
import type { Frame } from "./frame.ts";
import { icon } from "./icon.ts";
import { href } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import { timeLeft } from "./overview.ts";
import { clockTime, fullTime, relativeTime } from "./reader.ts";
import { recorded } from "./recorded.ts";
import { exitWords, stageState, state, taskState, toneOf } from "./state.ts";
import { table } from "./table.ts";
import { closing, toDo } from "./task-list.ts";
import { timeline } from "./timeline.ts";

/** An order's life, in the order of what matters: what it waits for and what to do, where it stands, how it came to that. */
export function orderView(found: Explanation, frame: Frame): Html {
  const { order: w } = frame.words;
  const open = found.tasks.filter(isOpen);
  return html`<div class="head"><h1>${w.title} <span class="id">${found.dsco_order_id}</span></h1>${marks(found, frame)}</div>
${now(found, frame)}
${found.order === null ? "" : html`<section aria-labelledby="stages"><h2 id="stages">${w.stages}</h2>${stageTable(found, frame)}</section>`}
<div class="columns">
<section aria-labelledby="history"><h2 id="history">${w.history}</h2>${timeline(found.events, frame)}</section>
<div>
${found.order === null ? "" : html`<section aria-labelledby="facts"><h2 id="facts">${w.facts}</h2>${facts(found, found.order, frame)}</section>`}
<section aria-labelledby="tasks"><h2 id="tasks">${w.tasks}${open.length === 0 ? "" : html` <span class="amount">${open.length}</span>`}</h2>${tasks(found.tasks, open.length === 1, frame)}</section>
</div>
</div>`;
}

function marks({ order, cancel_request }: Explanation, { words: { order: w } }: Frame): Content {
  return html`<p class="marks">${order === null ? "" : html`<span class="mark">DSCO: <code>${order.dsco_status}</code></span>`}${
    cancel_request === "open"
      ? state("warn", "warning", w.cancelOpen)
      : cancel_request === "waved_through"
        ? state("plain", "check", w.cancelWaved)
        : ""
  }</p>`;
}

/** The sentence, who has to do what, the command, and the buttons that do it. */
function now(found: Explanation, frame: Frame): Html {
  const { now: said, current_stage, stages } = found;
  const { order: w } = frame.words;
  const status = current_stage === null ? STAGE_STATUS.done : (stages[current_stage]?.status ?? STAGE_STATUS.manual);
  const step = said.next_step ?? (said.command === null ? undefined : w.nobody);
  const command = said.command === null ? "" : html`<p class="shell"><span>${w.shellCommand}</span> <code>${said.command}</code></p>`;
  return html`<section class="now ${toneOf(status)}" aria-labelledby="now">
<h2 id="now">${w.now}</h2>
<p class="says">${said.sentence}</p>
${step === undefined ? "" : html`<p class="step"><b>${w.toDo}</b> ${step}</p>`}
${command}
${actions(found, frame)}
${lastRun(found, frame)}
</section>`;
}

/** The action that the command above names stands out. */
function actions({ order, current_stage, stages, now: { command } }: Explanation, frame: Frame): Content {
  if (order === null) return "";
  const { action: w, stage: names } = frame.words;
  const id = order.dsco_order_id;
  const shellId = shellWord(id);
  const requeues = STAGES.filter((stage) => {
    const status = stages[stage]?.status;
    return status === STAGE_STATUS.failed || status === STAGE_STATUS.manual;
  }).map((stage): ActionForm => {
    const requeue = `ipass order-state requeue ${shellId} --stage ${stage} --reason`;
    return {
      to: "/ui/requeue",
      title: w.requeueStage(names[stage]),
      hint: w.requeueHint,
      fields: { id, stage },
      command: `${requeue} "…"`,
      isFirst: command?.startsWith(requeue) === true,
    };
  });
  const isHeld = current_stage !== null && stages[current_stage]?.status === STAGE_STATUS.manual;
  const runs = [
    ...(current_stage === null || isHeld ? [] : [runAction(STAGE_JOB[current_stage], { id, title: w.runOrder }, frame)]),
    runAction("pull_dsco_orders", { id, title: w.pullOrder }, frame),
  ].map((run) => ({ ...run, isFirst: isHeld && command === run.command }));
  return html`<div class="actions">${[...requeues, ...runs].map((action) => actionForm(action, frame))}</div>`;
}

function lastRun({ current_stage, runs }: Explanation, frame: Frame): Content {
  if (current_stage === null) return "";
  const job = STAGE_JOB[current_stage];
  const run = runs[job]?.last_run;
  if (run === undefined || run === null) return "";
  const { order: w, job: names } = frame.words;
  const end = run.exit === null ? w.runAt(run.host, run.pid) : w.endedWith(exitWords(run.exit, frame.words));
  return html`<p class="faint">${w.lastRunOf(names[job])}${relativeTime(run.ended_at ?? run.started_at, frame)}${end} · <span class="id">${run.trace_id}</span></p>`;
}

interface StageRow {
  readonly stage: Stage;
  readonly is: StageExplanation;
}

function stageTable(found: Explanation, frame: Frame): Html {
  const { order: w, stage: names } = frame.words;
  const rows = STAGES.flatMap((stage) => (found.stages[stage] === undefined ? [] : [{ stage, is: found.stages[stage] }]));
  const noted = ({ is }: StageRow) => notes(is, found.now.sentence, frame);
  return table<StageRow>({
    caption: w.stages,
    rows,
    columns: [
      { head: w.stageColumn, cell: ({ stage }) => names[stage] },
      { head: w.status, cell: ({ is }) => stageState(is.status, frame.words) },
      { head: w.since, cell: ({ is }) => (is.since === null ? "" : clockTime(is.since, frame)) },
      { head: w.sent, cell: ({ is }) => (is.sent_at === null ? "" : clockTime(is.sent_at, frame)) },
      { head: w.next, cell: ({ is }) => next(is, frame) },
      { head: w.deadline, cell: ({ stage }) => deadline(deadlineOf(found, stage), frame) },
      ...(rows.some((row) => noted(row) !== "") ? [{ head: w.notes, kind: "wide", cell: noted } as const] : []),
    ],
  });
}

function next({ status, after, next_attempt_at }: StageExplanation, frame: Frame): Content {
  const { order: w, stage: names } = frame.words;
  if (status === STAGE_STATUS.done || status === STAGE_STATUS.notNeeded || status === STAGE_STATUS.manual) return "";
  if (after !== null) return w.after(names[after]);
  return next_attempt_at !== null && next_attempt_at > frame.now ? relativeTime(next_attempt_at, frame) : w.dueNow;
}

function deadlineOf({ deadlines }: Explanation, stage: Stage): Deadline | null | undefined {
  return stage === "ack" ? deadlines.acknowledge_by_date : stage === "ship" ? deadlines.ship_by_date : undefined;
}

function deadline(found: Deadline | null | undefined, frame: Frame): Content {
  if (found === null || found === undefined) return "";
  const { order: w } = frame.words;
  const at = clockTime(found.at, frame);
  if (found.state === "done") return html`${at} <span class="faint">${w.deadlineDone}</span>`;
  if (found.state === "not_needed") return html`${at} <span class="faint">${w.deadlineNotNeeded}</span>`;
  return html`${at} ${timeLeft(found.left_sec ?? 0, frame)}`;
}

/** What the sentence has said already is not said again. */
function notes(
  { status, failures, max_failures, waits_for, request_id, error }: StageExplanation,
  sentence: string,
  { words }: Frame,
): Content {
  const { order: w } = words;
  const isTold = (text: string) => sentence.includes(words.recorded(clause(text)) ?? clause(text));
  const lines: Content[] = [
    failures === 0
      ? undefined
      : status === STAGE_STATUS.failed && sentence.includes(String(failures))
        ? undefined
        : w.failures(failures, max_failures),
    request_id === null || status !== STAGE_STATUS.inFlight ? undefined : html`${w.requestId} <span class="id">${request_id}</span>`,
    waits_for === null || isTold(waits_for) ? undefined : html`${w.waitsFor} ${recorded(waits_for, words)}`,
    error === null || isTold(error) ? undefined : html`${w.lastError} ${recorded(error, words)}`,
  ];
  const told = lines.filter((line) => line !== undefined);
  return told.length === 0 ? "" : html`<ul class="notes">${told.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function facts({ fetched_at }: Explanation, order: OrderStateRow, frame: Frame): Html {
  const { order: w } = frame.words;
  const lines: readonly (readonly [string, Content])[] = [
    [w.po, order.po_number],
    [w.platformNo, order.platform_order_no],
    [w.lingxingNo, order.lingxing_global_order_no],
    [w.store, order.store_id],
    [w.tracking, order.shipped_tracking_no],
    [w.invoice, order.dsco_invoice_id],
  ];
  const times: readonly (readonly [string, Content])[] = [
    [w.firstSeen, fullTime(order.created_at, frame)],
    [w.compared, fetched_at === null ? null : relativeTime(fetched_at, frame)],
  ];
  const line = (kind: string) => (entry: readonly [string, Content]) =>
    entry[1] === null ? "" : html`<div><dt>${entry[0]}</dt><dd class="${kind}">${entry[1]}</dd></div>`;
  return html`<dl class="facts">${lines.map(line("id"))}${times.map(line("time"))}</dl>`;
}

/** `isTold`: what to do about the only open one stands above. */
function tasks(all: readonly Task[], isTold: boolean, frame: Frame): Html {
  const { order: w } = frame.words;
  if (all.length === 0) return html`<p class="empty">${icon("check")}${w.noTasks}</p>`;
  // The open ones first: they are what there is to do.
  const sorted = [...all.filter(isOpen), ...all.filter((task) => !isOpen(task))];
  return html`<ul class="tasks">${sorted.map((task) => taskCard(task, isTold, frame))}</ul>`;
}

function taskCard(task: Task, isTold: boolean, frame: Frame): Html {
  const { words } = frame;
  const { tasks: w, action } = words;
  const { id, task_type, stage, status, occurrences, created_at } = task;
  const resolve = isOpen(task)
    ? actionForm(
        {
          to: "/ui/resolve",
          title: action.resolve,
          hint: action.resolveHint,
          fields: { id: String(id) },
          command: `ipass manual-tasks resolve ${id} --reason "…"`,
        },
        frame,
      )
    : "";
  return html`<li>
<p>${taskState(status, words)} <b>${words.taskType[task_type]}</b>${stage === null ? "" : ` · ${words.stage[stage]}`}</p>
<p class="faint"><a href="${href({ view: "tasks", type: task_type, task_status: status })}"><code>${task_type}</code></a> · #${id} · ${relativeTime(created_at, frame)}${occurrences === 1 ? "" : ` · ${w.times(occurrences)}`}</p>
${isOpen(task) && !isTold ? html`<p>${toDo(task, frame)}</p>` : ""}
${isOpen(task) ? "" : html`<p class="faint">${closing(task, words)}</p>`}
${resolve}
</li>`;
}
