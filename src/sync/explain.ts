import { clockTime, timeToCome } from "./duration.ts";
import { clause, helpFor, requeue, taskFor } from "./explain-help.ts";
import { jobTrouble, nextRun, runNow } from "./explain-job.ts";
import { currentStage, type ExplainedStage, type ExplainedState, type ExplainFacts } from "./explained-state.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "./stage.ts";

/** `next_step` is null where nobody has to do anything; `command` is then what hurries it, or null where nothing does. */
export interface ExplainedNow {
  readonly sentence: string;
  readonly next_step: string | null;
  readonly command: string | null;
}

const TITLE: Readonly<Record<Stage, string>> = {
  push: "The push to Lingxing",
  ack: "The acknowledgement to DSCO",
  ship: "The shipment notice to DSCO",
  invoice: "The invoice to DSCO",
};
const VENDOR: Readonly<Record<Stage, string>> = { push: "Lingxing", ack: "DSCO", ship: "DSCO", invoice: "DSCO" };
const SHORT: Readonly<Record<StageStatus, string>> = {
  0: "waiting",
  1: "done",
  2: "failed",
  3: "waiting for a person",
  4: "not needed",
  9: "in flight",
};

/** What an order waits for now, in plain words, who has to do what about it, and what to type. */
export function explainNow(state: ExplainedState, facts: ExplainFacts): ExplainedNow {
  const stage = currentStage(state);
  const pending = cancelRulePending(state);
  if (pending !== undefined) return withTrouble({ sentence: pending }, stage ?? "push", state, facts);
  if (stage === undefined) return withOpenTask({ sentence: settled(state) }, state, facts);
  if (state.stages[stage].status === STAGE_STATUS.manual) return person(stage, state, facts);
  const sentence = sentenceOf(stage, state, facts) + heldAhead(stage, state);
  return withTrouble({ sentence }, stage, state, facts);
}

function sentenceOf(stage: Stage, state: ExplainedState, facts: ExplainFacts): string {
  const { status } = state.stages[stage];
  if (status === STAGE_STATUS.failed) return failed(stage, state, facts);
  if (status === STAGE_STATUS.inFlight) return inFlight(stage, state, facts);
  return waiting(stage, state, facts);
}

function waiting(stage: Stage, state: ExplainedState, facts: ExplainFacts): string {
  const { waitsFor, nextAttemptAt } = state.stages[stage];
  const later = isLater(nextAttemptAt, facts.now) ? timeToCome(nextAttemptAt, facts.now) : undefined;
  if (waitsFor === undefined)
    return later === undefined
      ? `${TITLE[stage]} is due: ${nextRun(stage, facts)} takes it.`
      : `${TITLE[stage]} waits until its next attempt ${later}.`;
  return `${TITLE[stage]} is not ready yet: ${clause(waitsFor)}; ${later === undefined ? `${nextRun(stage, facts)} looks again` : `looked at again ${later}`}.`;
}

function failed(stage: Stage, state: ExplainedState, facts: ExplainFacts): string {
  const { retryCount, error, nextAttemptAt } = state.stages[stage];
  const times =
    retryCount === 0 ? "" : ` ${retryCount} time${retryCount === 1 ? "" : "s"} (at ${facts.maxRetryPerOrder} a person is asked)`;
  const why = error === undefined ? "" : `: ${clause(error)}`;
  const again = isLater(nextAttemptAt, facts.now)
    ? `tried again ${timeToCome(nextAttemptAt, facts.now)}`
    : `${nextRun(stage, facts)} tries again`;
  return `${TITLE[stage]} failed${times}${why}; ${again}.`;
}

function inFlight(stage: Stage, state: ExplainedState, facts: ExplainFacts): string {
  const { sentAt, since, requestId, error, nextAttemptAt } = state.stages[stage];
  const sent = sentAt ?? since;
  const at = sent === undefined ? "" : ` since ${clockTime(sent, facts.now)}`;
  const known =
    requestId === undefined
      ? `no answer yet${error === undefined ? "" : ` (${clause(error)})`}`
      : `queued there as request ${requestId}${error === undefined ? "" : ` (${clause(error)})`}`;
  const grace = isLater(nextAttemptAt, facts.now) ? `, and not before its grace ends ${timeToCome(nextAttemptAt, facts.now)}` : "";
  const cancelled = state.dscoStatus === "cancelled" ? " DSCO has cancelled the order meanwhile; that is dealt with afterwards." : "";
  return `${TITLE[stage]} is in flight${at}, ${known}; ${nextRun(stage, facts)} asks ${VENDOR[stage]} what became of it. It is sent again only if it is not there${grace}.${cancelled}`;
}

function person(stage: Stage, state: ExplainedState, facts: ExplainFacts): ExplainedNow {
  const { error, hold } = state.stages[stage];
  const task = taskFor(state, stage, facts.tasks);
  const sentence = `${TITLE[stage]} waits for a person: ${clause(error ?? hold?.replaceAll("_", " ") ?? "no reason is recorded")}.`;
  if (task !== undefined) return { sentence, ...helpFor(task, state, stage) };
  return {
    sentence,
    next_step: "its task is closed but the stage is still held; if the cause is gone, let it be tried again:",
    command: requeue(state.id, stage, "the cause is gone"),
  };
}

function settled(state: ExplainedState): string {
  const stages = STAGES.map((stage) => state.stages[stage]);
  if (stages.every(({ status }) => status === STAGE_STATUS.done)) {
    const tracking = state.trackingNo === undefined ? "" : ` under ${state.trackingNo}`;
    return `All done: pushed, acknowledged, shipped${tracking}, invoiced${state.invoiceId === undefined ? "" : ` as ${state.invoiceId}`}.`;
  }
  if (stages.every(({ status, hold }) => status === STAGE_STATUS.notNeeded && hold === "cancelled"))
    return "Cancelled at DSCO before it was pushed: nothing is left to do.";
  const cancelled = state.dscoStatus === "cancelled" ? "Cancelled at DSCO. " : "";
  return `${cancelled}Nothing is left to do: ${STAGES.map((stage) => `${stage} ${SHORT[state.stages[stage].status]}`).join(", ")}.`;
}

/** What the cancel rule will do at the start of the next run, where it has not been yet. */
function cancelRulePending(state: ExplainedState): string | undefined {
  const stages = STAGES.map((stage) => state.stages[stage]);
  if (state.dscoStatus === "cancelled") {
    const open = !state.cancelApplied && currentStage(state) !== undefined;
    return open && stages.every(({ status }) => status !== STAGE_STATUS.inFlight)
      ? "Cancelled at DSCO: the next run of any job closes what is still open."
      : undefined;
  }
  if (state.cancelApplied && stages.some(({ hold }) => hold === "cancelled" || hold === "cancelled_after_push"))
    return "No longer cancelled at DSCO: the next run of any job takes it up again.";
  const open = ({ status }: ExplainedStage) => status === STAGE_STATUS.waiting || status === STAGE_STATUS.failed;
  const blocked = (["push", "ship"] as const).filter((stage) => open(state.stages[stage]));
  return state.cancelRequest === "open" && blocked.length > 0
    ? `The retailer asks to cancel it: the next run of any job holds ${blocked.join(" and ")} for a person.`
    : undefined;
}

/** A later stage that a person must release anyway: better told now than when its turn comes. */
function heldAhead(stage: Stage, state: ExplainedState): string {
  const held = STAGES.slice(STAGES.indexOf(stage) + 1).find((later) => state.stages[later].status === STAGE_STATUS.manual);
  if (held === undefined) return "";
  const { error } = state.stages[held];
  return ` ${TITLE[held]} already waits for a person${error === undefined ? "" : `: ${clause(error)}`}.`;
}

function withTrouble({ sentence }: { sentence: string }, stage: Stage, state: ExplainedState, facts: ExplainFacts): ExplainedNow {
  const trouble = jobTrouble(stage, state, facts);
  if (trouble !== undefined) return { ...trouble, sentence: `${sentence} ${trouble.sentence}` };
  return withOpenTask({ sentence, command: runNow(stage, state) }, state, facts);
}

function withOpenTask(
  { sentence, command = null }: { sentence: string; command?: string | null },
  state: ExplainedState,
  { tasks }: ExplainFacts,
): ExplainedNow {
  const held = STAGES.find((stage) => state.stages[stage].status === STAGE_STATUS.manual);
  const task = (held === undefined ? undefined : taskFor(state, held, tasks)) ?? tasks.at(-1);
  if (task === undefined) return { sentence, next_step: null, command };
  const stage = held ?? task.stage ?? "push";
  const told = held === undefined ? `${sentence} Task ${task.id} (${task.type}) is open.` : sentence;
  return { sentence: told, ...helpFor(task, state, stage) };
}

function isLater(time: Date | undefined, now: Date): time is Date {
  return time !== undefined && time > now;
}
