import { html } from "hono/html";
import type { JobState, StageBacklog, Status } from "../../store/status.ts";
import { stagesBehind, toVerdict, unaskedSteps } from "../../store/verdict.ts";
import { JOB_NAMES, type JobName } from "../../sync/job-name.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, TASK_STATUS, TASK_TYPES } from "../../sync/stage.ts";
import { actionForm, runAction } from "./action-form.ts";
import type { Frame } from "./frame.ts";
import { icon } from "./icon.ts";
import { href } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import { relativeTime } from "./reader.ts";
import { runState, state, toneOf } from "./state.ts";
import { table } from "./table.ts";

/** What `ipass status` shows: whether somebody has to do something, and then where everything stands. */
export function overview(status: Status, frame: Frame): Html {
  const { overview: w } = frame.words;
  return html`<div class="head"><h1 class="unseen">${w.title}</h1>${verdict(status, frame)}${refreshLink(frame)}</div>
${toDo(status, frame)}
<section aria-labelledby="way"><h2 id="way">${w.way}</h2>
<ol class="way">${STAGES.map((stage) => stageCard(stage, status.stages[stage], frame))}</ol></section>
<div class="columns">
<section aria-labelledby="jobs"><h2 id="jobs">${w.jobs}</h2>${jobTable(status, frame)}</section>
<section aria-labelledby="tasks"><h2 id="tasks">${w.tasks}</h2>${taskCounts(status, frame)}</section>
</div>
<section aria-labelledby="deadlines"><h2 id="deadlines">${w.deadlines}</h2>${deadlines(status, frame)}</section>`;
}

/** The one sentence that is read from across the room; how grave it is, `ipass status` judges alike. */
function verdict(status: Status, { words }: Frame): Html {
  const { overview: w, stage: names } = words;
  const { deadlines, tasks, orders } = status;
  if (orders.total === 0 && JOB_NAMES.every((job) => status.jobs[job].last_run === null))
    return html`<div class="verdict">${icon("circle")}<div><p class="says">${w.fresh}</p><p>${w.freshMore}</p></div></div>`;
  const near = deadlines.near > 0 ? html` · <a href="#deadlines">${w.nearDeadlines(deadlines.near)}</a>` : "";
  const numbers = html`<p class="numbers">${w.orders(orders.open, orders.total)}${near}</p>`;
  const { level } = toVerdict(status);
  if (level === "good")
    return html`<div class="verdict good">${icon("check")}<div><p class="says">${w.healthy}</p><p>${w.healthyMore}</p>${numbers}</div></div>`;
  const overdue = JOB_NAMES.filter((job) => status.jobs[job].overdue).length;
  const held = STAGES.reduce((sum, stage) => sum + status.stages[stage].manual, 0);
  const findings = [
    overdue > 0 && html`<a href="#jobs">${w.overdueJobs(overdue)}</a>`,
    deadlines.over > 0 && html`<a href="#deadlines">${w.overDeadlines(deadlines.over)}</a>`,
    ...stagesBehind(status).map(
      ({ stage, sec }) => html`<a href="${href({ view: "orders", stage })}">${w.behindAt(names[stage], words.span(sec * 1000))}</a>`,
    ),
    held > 0 && html`<a href="#way">${w.held(held)}</a>`,
    tasks.open > 0 && html`<a href="${href({ view: "tasks" })}">${w.openTasks(tasks.open)}</a>`,
  ].filter((finding) => finding !== false);
  return html`<div class="verdict ${level}">${icon("warning")}<div><p class="says">${w.attention}</p>
<ul class="findings">${findings.map((finding) => html`<li>${finding}</li>`)}</ul>${numbers}</div></div>`;
}

/** What to do about that which no order and no task leads to, as `ipass status` ends with it. */
function toDo(status: Status, { words }: Frame): Content {
  const steps = unaskedSteps(status, words.steps);
  if (steps.length === 0) return "";
  const lines = steps.map(({ about, command }) => html`<li><p>${about}</p><p class="shell"><code>${command}</code></p></li>`);
  return html`<section class="to-do" aria-labelledby="to-do"><h2 id="to-do">${words.overview.toDo}</h2><ol>${lines}</ol></section>`;
}

function refreshLink({ words, place }: Frame): Html {
  const { frame: w } = words;
  return place.refresh === undefined
    ? html`<a class="refresh" href="${href({ refresh: 1 })}">${icon("again")}${w.refresh}</a>`
    : html`<a class="refresh" href="/">${icon("pause")}${w.stopRefresh}</a>`;
}

const CARD_LINES = [
  { key: "manual", status: STAGE_STATUS.manual },
  { key: "failed", status: STAGE_STATUS.failed },
  { key: "in_flight", status: STAGE_STATUS.inFlight },
  { key: "waiting", status: STAGE_STATUS.waiting },
] as const satisfies readonly { key: keyof StageBacklog; status: StageStatus }[];

function stageCard(stage: Stage, backlog: StageBacklog, { words }: Frame): Html {
  const { overview: w } = words;
  const name = { manual: w.manual, failed: w.failed, in_flight: w.inFlight, waiting: w.waiting };
  const lines = CARD_LINES.map(({ key, status }) => {
    const count = backlog[key];
    const text = html`<b>${words.number(count)}</b> <span>${name[key]}</span>`;
    return html`<li class="${count === 0 ? "none" : toneOf(status)}">${count === 0 ? text : html`<a href="${href({ view: "orders", stage, status })}">${text}</a>`}</li>`;
  });
  const oldest = backlog.oldest_due_sec === null ? undefined : words.span(backlog.oldest_due_sec * 1000);
  return html`<li class="card">
<h3>${words.stage[stage]}<span>${words.stageMeaning[stage]}</span></h3>
<p class="total"><a href="${href({ view: "orders", stage })}"><b>${words.number(backlog.orders)}</b> ${w.here(backlog.orders)}</a></p>
<ul class="counts">${lines}</ul>
<p class="due">${backlog.due === 0 ? w.nothingDue : w.due(backlog.due, oldest)}</p>
</li>`;
}

function jobTable(status: Status, frame: Frame): Html {
  const { overview: w, job: names } = frame.words;
  return table<{ readonly name: JobName; readonly is: JobState }>({
    caption: w.jobs,
    rows: JOB_NAMES.map((name) => ({ name, is: status.jobs[name] })),
    columns: [
      {
        head: w.jobColumn,
        kind: "wide",
        cell: ({ name }) => html`<a href="${href({ view: "runs", job: name })}">${names[name]}</a><code>${name}</code>`,
      },
      { head: w.lastRun, cell: ({ is }) => lastRun(is, frame) },
      { head: w.lastSuccess, cell: ({ is }) => (is.last_success_at === null ? w.never : relativeTime(is.last_success_at, frame)) },
      { head: w.next, cell: ({ is }) => next(is, frame) },
      { head: w.lag, cell: ({ name, is }) => lag(name, is, frame) },
      { head: w.act, cell: ({ name, is }) => (is.enabled ? actionForm(runAction(name, undefined, frame), frame) : "") },
    ],
  });
}

function lastRun({ last_run }: JobState, frame: Frame): Content {
  if (last_run === null) return frame.words.overview.never;
  return html`${runState(last_run, frame.words)}<span class="below">${relativeTime(last_run.ended_at ?? last_run.started_at, frame)}</span>`;
}

function next({ enabled, overdue, next_due_at, interval_sec }: JobState, frame: Frame): Content {
  const { overview: w, span } = frame.words;
  const every = html`<span class="below">${w.every(span(interval_sec * 1000))}</span>`;
  if (!enabled) return state("quiet", "pause", w.off);
  if (overdue) return html`${state("alarm", "clock", w.overdue)} ${every}`;
  return html`${next_due_at === null || next_due_at <= frame.now ? w.anyMoment : relativeTime(next_due_at, frame)} ${every}`;
}

function lag(job: JobName, { watermark_lag_sec }: JobState, { words }: Frame): Content {
  if (watermark_lag_sec !== null) return words.overview.behind(words.span(watermark_lag_sec * 1000));
  // Without one the pull reads from 1970 on; the other jobs do well without.
  return job === "pull_dsco_orders" ? state("warn", "warning", words.overview.noWatermark) : "";
}

function taskCounts({ tasks }: Status, { words }: Frame): Html {
  const types = TASK_TYPES.map((type) => ({ type, count: tasks.by_type[type] ?? 0 })).filter(({ count }) => count > 0);
  if (types.length === 0) return html`<p class="empty">${icon("check")}${words.overview.noTasks}</p>`;
  const lines = types.map(
    ({ type, count }) =>
      html`<li><a href="${href({ view: "tasks", type, task_status: TASK_STATUS.open })}"><b>${words.number(count)}</b> ${words.taskType[type]} <code>${type}</code></a></li>`,
  );
  return html`<ul class="tally">${lines}</ul>`;
}

function deadlines({ deadlines: { over, near, orders } }: Status, frame: Frame): Html {
  const { overview: w, stage: names } = frame.words;
  if (orders.length === 0) return html`<p class="empty">${icon("check")}${w.noDeadlines}</p>`;
  const lines = orders.map(
    ({ dsco_order_id, stage, left_sec }) =>
      html`<li><span><a class="id" href="${href({ order: dsco_order_id })}">${dsco_order_id}</a> <span class="faint">${names[stage]}</span></span>${timeLeft(left_sec, frame)}</li>`,
  );
  return html`<p class="faint">${w.deadlineCounts(over, near)}${over + near > orders.length ? w.deadlinesShown(orders.length) : ""}</p>
<ul class="pressing">${lines}</ul>`;
}

/** What is left until a deadline, or for how long it has been over. */
export function timeLeft(leftSec: number, { words }: Pick<Frame, "words">): Html {
  const span = words.span(leftSec * 1000);
  if (leftSec < 0) return state("alarm", "warning", words.overview.over(span));
  return state(leftSec < CLOSE_SEC ? "warn" : "plain", "clock", words.overview.left(span));
}

/** A deadline this near is shown as urgent, as `ipass explain` does. */
const CLOSE_SEC = 4 * 3600;
