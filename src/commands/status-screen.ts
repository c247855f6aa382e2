import type { JobState, NearDeadline, Status } from "../store/status.ts";
import { type Step, toVerdict } from "../store/verdict.ts";
import { inWords } from "../sync/duration.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { STAGES, type Stage } from "../sync/stage.ts";
import { printable, WIDTH, wrapColumns, wrapCommand, wrapFacts } from "./columns.ts";
import { GUTTER, labelled, labelledLines } from "./labelled.ts";
import { shortTime } from "./output.ts";
import type { Paint, Tone } from "./paint.ts";
import { endTone, runEnd } from "./run-end.ts";
import { STAGE_WORDS } from "./stage-words.ts";
import { type Cell, type Row, toColumns } from "./table.ts";

/** The most pressing ones; the JSON document has more. */
const DEADLINES_SHOWN = 5;

/** Everything on one screen: the answer in its first line, what to type in the last ones, if anybody has to. */
export function statusScreen(status: Status, paint: Paint): string {
  const { headline, level, steps } = toVerdict(status);
  const { at, orders } = status;
  const parts = [
    [...wrapColumns(headline, WIDTH).map(paint[level]), `${shortTime(at)} UTC; ${orders.total} orders, ${orders.open} of them open`],
    [
      toColumns(
        ["job", "last run", "ended with", "last success", "every", "watermark"],
        JOB_NAMES.map((job) => jobRow(job, status)),
        paint,
      ),
    ],
    [
      toColumns(
        ["stage", "orders", "waiting", "failed", "PERSON", "in flight", "due", "oldest due"],
        STAGES.map((stage) => stageRow(stage, status)),
        paint,
      ),
    ],
    [...tasks(status, paint), ...deadlines(status, paint)],
    ...steps.map((step) => stepLines(step, paint)),
  ];
  return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function jobRow(job: JobName, { at, jobs }: Status): Row {
  const state = jobs[job];
  const { last_run, interval_sec } = state;
  const started = last_run === null ? "never" : ago(last_run.started_at, at);
  const end = last_run === null ? "" : { value: runEnd(last_run), tone: endTone(last_run) };
  return { cells: [job, started, end, success(state, at), inWords(interval_sec * 1000), watermark(state)] };
}

function success({ enabled, last_success_at, overdue }: JobState, at: Date): Cell {
  if (!enabled) return { value: "switched off", tone: "warn" };
  const last = last_success_at === null ? "never" : ago(last_success_at, at);
  return overdue ? { value: `${last}, OVERDUE`, tone: "alarm" } : last;
}

function watermark({ watermark, watermark_lag_sec }: JobState): Cell {
  if (watermark === null) return "";
  return watermark_lag_sec === null ? { value: "broken", tone: "alarm" } : ago(watermark_lag_sec);
}

function stageRow(stage: Stage, { stages }: Status): Row {
  const { orders, waiting, failed, manual, in_flight, due, oldest_due_sec } = stages[stage];
  const since = oldest_due_sec === null ? "" : `for ${inWords(oldest_due_sec * 1000)}`;
  return { cells: [stage, orders, waiting, eyeCatching(failed, "warn"), eyeCatching(manual, "alarm"), in_flight, due, since] };
}

function eyeCatching(count: number, tone: Tone): Cell {
  return count === 0 ? count : { value: count, tone };
}

function tasks({ tasks: { open, by_type } }: Status, paint: Paint): string[] {
  if (open === 0) return labelled("Tasks", "none open", paint);
  const [first = "", ...more] = Object.entries(by_type).map(([type, count]) => `${count} ${type}`);
  return labelledLines("Tasks", wrapFacts([`${open} open: ${first}`, ...more], WIDTH - GUTTER), paint, "warn");
}

function deadlines({ deadlines: { over, near, orders } }: Status, paint: Paint): string[] {
  const shown = orders.slice(0, DEADLINES_SHOWN);
  const which = over + near > shown.length ? `; the ${shown.length} most pressing:` : "";
  const tone = over > 0 ? "alarm" : near > 0 ? "warn" : undefined;
  return [
    ...labelled("Deadlines", `${over} over, ${near} within 24 h${which}`, paint, tone),
    ...(shown.length === 0 ? [] : [toColumns(["deadline", "stage", "status", "order"], shown.map(deadlineRow), paint)]),
  ];
}

function deadlineRow({ dsco_order_id, stage, status, left_sec }: NearDeadline): Row {
  const left = inWords(left_sec * 1000);
  const deadline: Cell = left_sec < 0 ? { value: `OVER since ${left}`, tone: "alarm" } : `in ${left}`;
  return { cells: [deadline, stage, STAGE_WORDS[status], dsco_order_id] };
}

function stepLines({ about, command }: Step, paint: Paint): string[] {
  return [...labelled("To do", about, paint), ...labelledLines("", wrapCommand(printable(command), WIDTH - GUTTER), paint, "strong")];
}

function ago(since: Date | number, now?: Date): string {
  const ms = typeof since === "number" ? since * 1000 : (now?.getTime() ?? 0) - since.getTime();
  return `${inWords(ms)} ago`;
}
