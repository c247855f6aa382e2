import { html } from "hono/html";
import { EXIT, type ExitName } from "../../exit-codes.ts";
import type { RecordedRun } from "../../store/run-query.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, TASK_STATUS, type TaskStatus } from "../../sync/stage.ts";
import type { Messages } from "./english.ts";
import { type IconName, icon } from "./icon.ts";
import type { Content, Html } from "./markup.ts";

/** How much something asks to be looked at; the class of its colour. A shape and a word always say the same. */
export type Tone = "quiet" | "plain" | "good" | "busy" | "warn" | "alarm";

const STATUS_LOOK: Readonly<Record<StageStatus, { readonly tone: Tone; readonly shape: IconName }>> = {
  [STAGE_STATUS.waiting]: { tone: "plain", shape: "circle" },
  [STAGE_STATUS.done]: { tone: "good", shape: "check" },
  [STAGE_STATUS.failed]: { tone: "warn", shape: "again" },
  [STAGE_STATUS.manual]: { tone: "alarm", shape: "person" },
  [STAGE_STATUS.notNeeded]: { tone: "quiet", shape: "dash" },
  [STAGE_STATUS.inFlight]: { tone: "busy", shape: "arrow" },
};

export function toneOf(status: StageStatus): Tone {
  return STATUS_LOOK[status].tone;
}

/** A shape, a word and a colour. */
export function state(tone: Tone, shape: IconName, word: Content): Html {
  return html`<span class="state ${tone}">${icon(shape)}${word}</span>`;
}

export function stageState(status: StageStatus, words: Messages, word: string = words.stageStatus[status]): Html {
  const { tone, shape } = STATUS_LOOK[status];
  return state(tone, shape, word);
}

/** The way of one order in a line: each stage with its state. */
export function track(statuses: Readonly<Record<Stage, StageStatus>>, words: Messages): Html {
  const steps = STAGES.map((stage) => {
    const { tone, shape } = STATUS_LOOK[statuses[stage]];
    return html`<li class="${tone}">${icon(shape)}${words.stage[stage]}<span class="unseen">: ${words.stageStatus[statuses[stage]]}</span></li>`;
  });
  return html`<ol class="track">${steps}</ol>`;
}

const TASK_LOOK: Readonly<Record<TaskStatus, { readonly tone: Tone; readonly shape: IconName }>> = {
  [TASK_STATUS.open]: { tone: "alarm", shape: "person" },
  [TASK_STATUS.inWork]: { tone: "busy", shape: "person" },
  [TASK_STATUS.resolved]: { tone: "good", shape: "check" },
  [TASK_STATUS.ignored]: { tone: "quiet", shape: "dash" },
};

export function taskState(status: TaskStatus, words: Messages): Html {
  const { tone, shape } = TASK_LOOK[status];
  return state(tone, shape, words.taskStatus[status]);
}

/** How a run ended, with its exit code; or that it is at work. */
export function runState({ exit }: Pick<RecordedRun, "exit">, words: Messages): Html {
  if (exit === null) return state("busy", "arrow", words.runs.atWork);
  const { tone, shape } = exitLook(exit.name);
  return state(tone, shape, exitWords(exit, words));
}

/** `vendor (14)`: the word first, as "3 partial" reads like three of something, and in Chinese like three parts that failed. */
export function exitWords({ code, name }: { readonly code: number | null; readonly name: string }, words: Messages): string {
  const known = name === "died" || name in EXIT ? words.exit[name as ExitName | "died"] : name;
  return code === null ? known : words.exitWithCode(known, code);
}

function exitLook(name: string): { readonly tone: Tone; readonly shape: IconName } {
  if (name === "ok") return { tone: "good", shape: "check" };
  if (name === "partial" || name === "deadline" || name === "locked") return { tone: "warn", shape: "warning" };
  return { tone: "alarm", shape: "cross" };
}
