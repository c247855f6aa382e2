import type { ExplainWords } from "./explain-words.ts";
import type { ExplainedState, OpenTask } from "./explained-state.ts";
import { shellWord } from "./shell-word.ts";
import { STAGE_STATUS, STAGES, type Stage } from "./stage.ts";

export interface Help {
  readonly next_step: string;
  readonly command: string;
}

/** A command as the text of a task gives it: up to its reason where it has one, else to the end. An odd id stands in single quotes. */
const COMMAND = /\bipass (?:order-state|manual-tasks|run|watermark)\b(?:(?:\\.|'[^']*'|[^"'\\])*"[^"]*"|(?:\\.|'[^']*'|[^"'\\])*$)/;

/** The task that says what to do about a held stage: of that stage and cause, then of the cause, then of the stage. */
export function taskFor(state: ExplainedState, stage: Stage, tasks: readonly OpenTask[]): OpenTask | undefined {
  const { hold } = state.stages[stage];
  return (
    tasks.findLast((task) => task.stage === stage && task.type === hold) ??
    tasks.findLast((task) => task.type === hold) ??
    tasks.findLast((task) => task.stage === stage)
  );
}

/** What a task tells to do, its placeholders filled in, and the command in it ready to paste. */
export function helpFor(task: OpenTask, state: ExplainedState, stage: Stage, words: ExplainWords): Help {
  const step = withoutPlaceholders(task, state.id);
  const found = COMMAND.exec(step);
  if (found === null) return { next_step: words.taskStep(task, ended(step), step), command: usualCommand(task, state, stage) };
  const [command] = found;
  const after = step.slice(found.index + command.length).trim();
  // Where there is an alternative behind it the whole is told; else the command stands by itself.
  const next_step = words.taskStep(task, after === "" ? step.slice(0, found.index).trim() : step, step);
  const every = heldBy(state, "cancelled_after_push");
  if (task.type === "cancelled_after_push" && every.length > 1)
    return { next_step, command: every.map((held) => command.replace(/--stage \w+/, `--stage ${held}`)).join(" && ") };
  return { next_step, command };
}

export function requeue(id: string, stage: Stage, reason: string): string {
  return `ipass order-state requeue ${shellWord(id)} --stage ${stage} --reason "${reason}"`;
}

/** A corrected order comes back by itself with the next pull; any other held stage waits until a person says so. */
function usualCommand(task: OpenTask, { id, stages }: ExplainedState, stage: Stage): string {
  if (stages[stage].status !== STAGE_STATUS.manual) return `ipass manual-tasks resolve ${task.id} --reason "settled"`;
  if (task.type === "bad_payload" && stage === "push") return `ipass run pull_dsco_orders --order ${shellWord(id)}`;
  return requeue(id, stage, reasonOf(task));
}

/** A reason is recorded for good, so a pasted command gives a true one: where to read on. */
function withoutPlaceholders(task: OpenTask, id: string): string {
  return task.nextStep
    .replaceAll("<dscoOrderId>", () => shellWord(id))
    .replaceAll(/(--order )…/g, (_, option: string) => option + shellWord(id))
    .replaceAll("<id>", String(task.id))
    .replaceAll('--reason "…"', `--reason "${reasonOf(task)}"`);
}

function reasonOf(task: OpenTask): string {
  return `see task ${task.id}`;
}

function heldBy(state: ExplainedState, hold: string): Stage[] {
  return STAGES.filter((stage) => state.stages[stage].status === STAGE_STATUS.manual && state.stages[stage].hold === hold);
}

function ended(text: string): string {
  return text.replace(/[\s:]+$/, "");
}

/** A recorded reason as part of a sentence. */
export function clause(text: string): string {
  return text.trim().replace(/[.;:,。；：，\s]+$/, "");
}
