import Table from "cli-table3";
import { type Explanation, isOpen, type StageExplanation } from "../store/explanation.ts";
import type { Task } from "../store/task-store.ts";
import type { Deadline } from "../sync/deadline.ts";
import { inWords } from "../sync/duration.ts";
import { clause } from "../sync/explain-help.ts";
import { STAGE_JOB } from "../sync/explained-state.ts";
import { STAGE_STATUS, STAGES, type Stage } from "../sync/stage.ts";
import { printable, WIDTH, wrapCommand } from "./columns.ts";
import { TRACE_LENGTH, timeline } from "./explain-timeline.ts";
import { GUTTER, labelled } from "./labelled.ts";
import { shortTime } from "./output.ts";
import type { Paint, Tone } from "./paint.ts";
import { STAGE_TONES } from "./stage-words.ts";

/** An order's life on one screen: what it is, what it waits for and what to type, then how it came to that. */
export function explainScreen(found: Explanation, paint: Paint): string {
  const screen = new Screen(found, paint);
  return [screen.identity(), screen.now(), screen.stages(), screen.tasks(), timeline(found.events, paint)]
    .filter((lines) => lines.length > 0)
    .map(
      (lines) =>
        `${lines
          .map((line) => line.trimEnd())
          .join("\n")
          .trimEnd()}\n`,
    )
    .join("\n");
}

class Screen {
  readonly #found: Explanation;
  readonly #paint: Paint;
  constructor(found: Explanation, paint: Paint) {
    this.#found = found;
    this.#paint = paint;
  }

  identity(): string[] {
    const { dsco_order_id, order, cancel_request, fetched_at, explained_at } = this.#found;
    const compared = fetched_at === null ? "its raw text is purged" : `compared with DSCO ${ago(fetched_at, explained_at)}`;
    const clock = this.#labelled("Clock", `${shortTime(explained_at)} UTC; ${compared}`);
    if (order === null) return [...this.#labelled("Order", dsco_order_id, "strong"), ...clock];
    const facts = [dsco_order_id, order.po_number && `PO ${order.po_number}`, `${order.dsco_status || "no status"} at DSCO`];
    const lingxing = [
      order.lingxing_global_order_no && `order ${order.lingxing_global_order_no}`,
      order.platform_order_no && `number ${order.platform_order_no}`,
      order.store_id && `store ${order.store_id}`,
    ];
    return [
      ...this.#labelled("Order", listed(facts), "strong"),
      ...(cancel_request === "none" ? [] : this.#labelled("Cancel", CANCEL_REQUEST[cancel_request], "warn")),
      ...(listed(lingxing) === "" ? [] : this.#labelled("Lingxing", listed(lingxing))),
      ...clock,
    ];
  }

  now(): string[] {
    const { now, current_stage, stages, deadlines } = this.#found;
    const status = current_stage === null ? STAGE_STATUS.done : stages[current_stage]?.status;
    const toDo = now.next_step ?? (now.command === null ? undefined : "nobody has to do anything; to look at once:");
    const command =
      now.command === null ? [] : wrapCommand(printable(now.command), WIDTH - 2).map((line) => `  ${this.#paint.strong(line)}`);
    return [
      ...this.#labelled("Now", now.sentence, status === undefined ? "strong" : STAGE_TONES[status]),
      ...(toDo === undefined ? [] : this.#labelled("To do", toDo)),
      ...(command.length === 0 ? [] : ["", ...command, ""]),
      ...(current_stage === null ? [] : this.#lastRun(current_stage)),
      ...this.#deadline("Ack by", deadlines.acknowledge_by_date),
      ...this.#deadline("Ship by", deadlines.ship_by_date),
    ];
  }

  #lastRun(stage: Stage): string[] {
    const job = STAGE_JOB[stage];
    const run = this.#found.runs[job]?.last_run;
    if (run === undefined || run === null) return []; // the sentence says so
    const end =
      run.ended_at === null
        ? `at work since then (host ${run.host}, pid ${run.pid})`
        : `ended with ${[run.exit?.code, run.exit?.name].filter((part) => part !== null && part !== undefined).join(" ")}`;
    const began = `${shortTime(run.started_at)}, ${ago(run.started_at, this.#found.explained_at)}`;
    return this.#labelled("Last run", `${job} ${began}: ${end}; trace ${run.trace_id.slice(0, TRACE_LENGTH)}`);
  }

  #deadline(name: string, deadline: Deadline | null | undefined): string[] {
    if (deadline === null || deadline === undefined) return [];
    const { at, state, left_sec, done_at } = deadline;
    const left = inWords((left_sec ?? 0) * 1000);
    const said = {
      ahead: `${left} left`,
      over: `OVER since ${left}`,
      done: `done${done_at === null ? "" : `, recorded ${inWords(done_at.getTime() - at.getTime())} ${done_at > at ? "after" : "before"} it`}`,
      not_needed: "not needed",
    }[state];
    const tone = state === "over" ? "alarm" : state === "ahead" && (left_sec ?? 0) < CLOSE_SEC ? "warn" : undefined;
    return this.#labelled(name, `${shortTime(at)}, ${said}`, tone);
  }

  stages(): string[] {
    const { stages } = this.#found;
    const told = STAGES.flatMap((stage) => (stages[stage] === undefined ? [] : [{ stage, is: stages[stage] }]));
    if (told.length === 0) return [];
    const rows = told.map(({ stage, is }) => [
      stage,
      this.#paint[STAGE_TONES[is.status]](statusWords(is)),
      shortTime(is.since),
      shortTime(is.sent_at),
      this.#next(is),
    ]);
    return [
      ...this.#table(["Stage", "status", "since", "last sent", "next"], rows, [GUTTER, 15, 21, 20, 14]),
      ...told.flatMap(({ stage, is }) => this.#stageNotes(stage, is)),
    ];
  }

  #next(stage: StageExplanation): string {
    if (stage.status === STAGE_STATUS.done || stage.status === STAGE_STATUS.notNeeded || stage.status === STAGE_STATUS.manual) return "";
    if (stage.after !== null) return `after ${stage.after}`;
    const left = (stage.next_attempt_at?.getTime() ?? 0) - this.#found.explained_at.getTime();
    return left > 0 ? `in ${inWords(left)}` : "due";
  }

  #stageNotes(stage: Stage, { status, failures, max_failures, waits_for, request_id, error }: StageExplanation): string[] {
    const { sentence } = this.#found.now;
    const notes = [
      ...(failures === 0 || status === STAGE_STATUS.failed ? [] : [`failed ${failures} of ${max_failures} times so far`]),
      ...(request_id === null ? [] : [`request ${request_id}`]),
      // What the sentence has said already is not said again.
      ...(waits_for === null || sentence.includes(clause(waits_for)) ? [] : [`waits for: ${waits_for}`]),
      ...(error === null || sentence.includes(clause(error)) ? [] : [`last error: ${error}`]),
    ];
    return notes.flatMap((note, index) => this.#labelled(index === 0 ? stage : "", note));
  }

  tasks(): string[] {
    const { tasks, now } = this.#found;
    const open = tasks.filter(isOpen);
    const closed = tasks.filter((task) => !isOpen(task));
    return [
      ...open.flatMap((task, index) => this.#labelled(index === 0 ? "Tasks" : "", this.#openTask(task, now.next_step), "warn")),
      ...closed.flatMap((task, index) => this.#labelled(index === 0 && open.length === 0 ? "Tasks" : "", closedTask(task), "faint")),
    ];
  }

  #openTask(task: Task, told: string | null): string {
    const seen = task.occurrences === 1 ? "" : `, seen ${task.occurrences} times`;
    const about = `${task.id} ${task.task_type}${task.stage === null ? "" : ` at ${task.stage}`}, open since ${shortTime(task.created_at)}${seen}`;
    return told !== null && beforeCommand(told) === beforeCommand(task.next_step) ? about : `${about}: ${task.next_step}`;
  }

  #labelled(label: string, text: string, tone?: Tone): string[] {
    return labelled(label, text, this.#paint, tone);
  }

  #table(head: readonly string[], rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
    const table = new Table({
      head: head.map(this.#paint.faint),
      colWidths: [...widths],
      chars: NO_BORDER,
      style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    });
    table.push(...rows.map((row) => [...row]));
    return table.toString().split("\n");
  }
}

const CANCEL_REQUEST = {
  open: "the retailer asks to cancel it",
  waved_through: "the retailer asked to cancel it; a person let it go on",
};

function statusWords({ status, meaning, failures, max_failures }: StageExplanation): string {
  if (status === STAGE_STATUS.manual) return "PERSON";
  return status === STAGE_STATUS.failed ? `failed ${failures}/${max_failures}` : meaning;
}

/** A deadline this near is shown as urgent. */
const CLOSE_SEC = 4 * 3600;

const NO_BORDER = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid"]
    .concat(["mid", "mid-mid", "right", "right-mid", "middle"])
    .map((place) => [place, ""]),
);

function closedTask({ id, task_type, stage, status, resolved_by, reason }: Task): string {
  const how = status === 3 ? "ignored" : "resolved";
  return `${id} ${task_type}${stage === null ? "" : ` at ${stage}`}, ${how}${resolved_by === null ? "" : ` by ${resolved_by}`}${reason === null ? "" : `: ${reason}`}`;
}

/** What a next step says before the command in it. */
function beforeCommand(text: string): string {
  return text.replace(/[:\s]*(\bipass .*)?$/, "");
}

function ago(time: Date, now: Date): string {
  return `${inWords(now.getTime() - time.getTime())} ago`;
}

function listed(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(", ");
}
