import { clockTime } from "./duration.ts";
import { ENGLISH } from "./explain-english.ts";
import { helpFor, requeue, taskFor } from "./explain-help.ts";
import { jobTrouble, nextRun, runNow } from "./explain-job.ts";
import type { Again, ExplainWords, Later } from "./explain-words.ts";
import { currentStage, type ExplainedStage, type ExplainedState, type ExplainFacts } from "./explained-state.ts";
import { STAGE_STATUS, STAGES, type Stage } from "./stage.ts";

/** `next_step` is null where nobody has to do anything; `command` is then what hurries it, or null where nothing does. */
export interface ExplainedNow {
  readonly sentence: string;
  readonly next_step: string | null;
  readonly command: string | null;
}

/** What an order waits for now, in plain words, who has to do what about it, and what to type. */
export function explainNow(state: ExplainedState, facts: ExplainFacts, words: ExplainWords = ENGLISH): ExplainedNow {
  const stage = currentStage(state);
  const pending = cancelRulePending(state, words);
  if (pending !== undefined) return withTrouble(pending, stage ?? "push", state, facts, words);
  if (stage === undefined) return withOpenTask({ sentence: settled(state, words) }, state, facts, words);
  if (state.stages[stage].status === STAGE_STATUS.manual) return person(stage, state, facts, words);
  const ahead = heldAhead(stage, state, words);
  const sentence = sentenceOf(stage, state, facts, words);
  return withTrouble(ahead === undefined ? sentence : words.joined([sentence, ahead]), stage, state, facts, words);
}

function sentenceOf(stage: Stage, state: ExplainedState, facts: ExplainFacts, words: ExplainWords): string {
  const { status, waitsFor, nextAttemptAt, retryCount, error } = state.stages[stage];
  const run = nextRun(stage, facts);
  const at = later(nextAttemptAt, facts.now);
  const again: Again = at === undefined ? { by: run } : { at };
  if (status === STAGE_STATUS.failed) return words.failed(stage, { times: retryCount, most: facts.maxRetryPerOrder, error, again });
  if (status === STAGE_STATUS.inFlight) return inFlight(stage, state, facts, words);
  if (waitsFor !== undefined) return words.notReady(stage, waitsFor, again);
  return at === undefined ? words.due(stage, run) : words.putOff(stage, at);
}

function inFlight(stage: Stage, state: ExplainedState, facts: ExplainFacts, words: ExplainWords): string {
  const { sentAt, since, requestId, error, nextAttemptAt } = state.stages[stage];
  const sent = sentAt ?? since;
  return words.inFlight(stage, {
    since: sent === undefined ? undefined : clockTime(sent, facts.now),
    requestId,
    error,
    run: nextRun(stage, facts),
    graceEnds: later(nextAttemptAt, facts.now),
    cancelled: state.dscoStatus === "cancelled",
  });
}

function person(stage: Stage, state: ExplainedState, facts: ExplainFacts, words: ExplainWords): ExplainedNow {
  const task = taskFor(state, stage, facts.tasks);
  const sentence = words.needsPerson(stage, state.stages[stage]);
  if (task !== undefined) return { sentence, ...helpFor(task, state, stage, words) };
  return { sentence, next_step: words.closedTaskStep, command: requeue(state.id, stage, "the cause is gone") };
}

function settled(state: ExplainedState, words: ExplainWords): string {
  const stages = STAGES.map((stage) => state.stages[stage]);
  if (stages.every(({ status }) => status === STAGE_STATUS.done)) return words.allDone(state);
  if (stages.every(({ status, hold }) => status === STAGE_STATUS.notNeeded && hold === "cancelled")) return words.cancelledBeforePush;
  const { push, ack, ship, invoice } = state.stages;
  const statuses = { push: push.status, ack: ack.status, ship: ship.status, invoice: invoice.status };
  return words.nothingLeft(statuses, state.dscoStatus === "cancelled");
}

/** What the cancel rule will do at the start of the next run, where it has not been yet. */
function cancelRulePending(state: ExplainedState, words: ExplainWords): string | undefined {
  const stages = STAGES.map((stage) => state.stages[stage]);
  if (state.dscoStatus === "cancelled") {
    const open = !state.cancelApplied && currentStage(state) !== undefined;
    return open && stages.every(({ status }) => status !== STAGE_STATUS.inFlight) ? words.willBeClosed : undefined;
  }
  if (state.cancelApplied && stages.some(({ hold }) => hold === "cancelled" || hold === "cancelled_after_push")) return words.willBeTakenUp;
  const open = ({ status }: ExplainedStage) => status === STAGE_STATUS.waiting || status === STAGE_STATUS.failed;
  const blocked = (["push", "ship"] as const).filter((stage) => open(state.stages[stage]));
  return state.cancelRequest === "open" && blocked.length > 0 ? words.willBeHeld(blocked) : undefined;
}

/** A later stage that a person must release anyway: better told now than when its turn comes. */
function heldAhead(stage: Stage, state: ExplainedState, words: ExplainWords): string | undefined {
  const held = STAGES.slice(STAGES.indexOf(stage) + 1).find((next) => state.stages[next].status === STAGE_STATUS.manual);
  return held === undefined ? undefined : words.heldAhead(held, state.stages[held].error);
}

function withTrouble(sentence: string, stage: Stage, state: ExplainedState, facts: ExplainFacts, words: ExplainWords): ExplainedNow {
  const trouble = jobTrouble(stage, state, facts, words);
  if (trouble !== undefined) return { ...trouble, sentence: words.joined([sentence, trouble.sentence]) };
  return withOpenTask({ sentence, command: runNow(stage, state) }, state, facts, words);
}

function withOpenTask(
  { sentence, command = null }: { sentence: string; command?: string | null },
  state: ExplainedState,
  { tasks }: ExplainFacts,
  words: ExplainWords,
): ExplainedNow {
  const held = STAGES.find((stage) => state.stages[stage].status === STAGE_STATUS.manual);
  const task = (held === undefined ? undefined : taskFor(state, held, tasks)) ?? tasks.at(-1);
  if (task === undefined) return { sentence, next_step: null, command };
  const stage = held ?? task.stage ?? "push";
  const told = held === undefined ? words.joined([sentence, words.taskOpen(task)]) : sentence;
  return { sentence: told, ...helpFor(task, state, stage, words) };
}

/** Undefined once it is over. */
function later(time: Date | undefined, now: Date): Later | undefined {
  return time === undefined || time <= now ? undefined : { inMs: time.getTime() - now.getTime(), clock: clockTime(time, now) };
}
