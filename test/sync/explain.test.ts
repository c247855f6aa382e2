import { describe, expect, it } from "vitest";
import { toDeadline } from "../../src/sync/deadline.ts";
import { explainNow } from "../../src/sync/explain.ts";
import {
  currentStage,
  type ExplainedJob,
  type ExplainedRun,
  type ExplainedStage,
  type ExplainedState,
  type ExplainFacts,
  type OpenTask,
  waitsForStage,
} from "../../src/sync/explained-state.ts";
import { STAGES, type Stage } from "../../src/sync/stage.ts";

const NOW = new Date("2026-01-05T10:00:00Z");
const REQUEST = "3f0c5a52-4b54-4c0e-9f11-7b62a3c3d101";

type Stages = Partial<Record<Stage, Partial<ExplainedStage>>>;

function inSec(sec: number): Date {
  return new Date(NOW.getTime() + sec * 1000);
}

function aState({
  stages = {},
  ...overrides
}: Partial<Omit<ExplainedState, "stages">> & { readonly stages?: Stages } = {}): ExplainedState {
  const stage = (name: Stage): ExplainedStage => ({
    status: 0,
    since: undefined,
    sentAt: undefined,
    retryCount: 0,
    requestId: undefined,
    error: undefined,
    hold: undefined,
    waitsFor: undefined,
    nextAttemptAt: undefined,
    ...stages[name],
  });
  return {
    id: "1200000001",
    dscoStatus: "created",
    cancelRequest: "none",
    cancelApplied: false,
    trackingNo: undefined,
    invoiceId: undefined,
    ...overrides,
    stages: { push: stage("push"), ack: stage("ack"), ship: stage("ship"), invoice: stage("invoice") },
  };
}

function aRun(overrides: Partial<ExplainedRun> = {}): ExplainedRun {
  return { startedAt: inSec(-40), endedAt: inSec(-38), exit: "ok", error: undefined, ...overrides };
}

function aJob(overrides: Partial<ExplainedJob> = {}): ExplainedJob {
  return { enabled: true, intervalSec: 60, lastRun: aRun(), ...overrides };
}

function someFacts(overrides: Partial<ExplainFacts> = {}): ExplainFacts {
  return { now: NOW, maxRetryPerOrder: 5, jobs: { push: aJob(), ack: aJob(), ship: aJob(), invoice: aJob() }, tasks: [], ...overrides };
}

/** All jobs alike: only the one of the stage in question is to be looked at, which `elsewhere` tests. */
function everyJob(job: ExplainedJob): ExplainFacts {
  return someFacts({ jobs: { push: job, ack: job, ship: job, invoice: job } });
}

function aTask(overrides: Partial<OpenTask> = {}): OpenTask {
  return { id: 8, type: "bad_payload", stage: "push", nextStep: "correct it", ...overrides };
}

const DONE = { status: 1 } as const;
const PUSHED: Stages = { push: DONE };

interface Case {
  readonly name: string;
  readonly state: ExplainedState;
  readonly facts?: ExplainFacts;
  readonly sentence: string;
  readonly next_step?: string;
  readonly command?: string;
}

function check({ state, facts = someFacts(), sentence, next_step, command }: Case): void {
  expect(explainNow(state, facts)).toEqual({ sentence, next_step: next_step ?? null, command: command ?? null });
}

describe("an order that waits by itself", () => {
  it.each<Case>([
    {
      name: "is due, and the next run can be foreseen",
      state: aState(),
      sentence: "The push to Lingxing is due: the next run of push_orders_to_lingxing (in 20 s) takes it.",
      command: "ipass run push_orders_to_lingxing --order 1200000001",
    },
    {
      name: "is due, and its run is late by seconds",
      state: aState({ stages: PUSHED }),
      facts: everyJob(aJob({ lastRun: aRun({ startedAt: inSec(-65), endedAt: inSec(-61) }) })),
      sentence: "The acknowledgement to DSCO is due: the next run of ack_to_dsco (any moment) takes it.",
      command: "ipass run ack_to_dsco --order 1200000001",
    },
    {
      name: "is due while its job is at work",
      state: aState({ stages: PUSHED }),
      facts: everyJob(aJob({ lastRun: aRun({ endedAt: undefined, exit: undefined }) })),
      sentence: "The acknowledgement to DSCO is due: the run of ack_to_dsco that began 09:59:20 UTC, or the next one, takes it.",
      command: "ipass run ack_to_dsco --order 1200000001",
    },
    {
      name: "is not ready and is looked at later",
      state: aState({ stages: { ...PUSHED, ack: { waitsFor: "not in Lingxing's order list yet", nextAttemptAt: inSec(300) } } }),
      sentence: "The acknowledgement to DSCO is not ready yet: not in Lingxing's order list yet; looked at again in 5 min (10:05:00 UTC).",
      command: "ipass run ack_to_dsco --order 1200000001",
    },
    {
      name: "was not ready and is due again",
      state: aState({
        stages: { push: DONE, ack: DONE, ship: { waitsFor: "no tracking number yet for WO-1.", nextAttemptAt: inSec(-1) } },
      }),
      sentence:
        "The shipment notice to DSCO is not ready yet: no tracking number yet for WO-1; the next run of ship_to_dsco (in 20 s) looks again.",
      command: "ipass run ship_to_dsco --order 1200000001",
    },
    {
      name: "is put off without a reason, to another day",
      state: aState({ stages: { push: DONE, ack: DONE, ship: DONE, invoice: { nextAttemptAt: inSec(15 * 3600) } } }),
      sentence: "The invoice to DSCO waits until its next attempt in 15 h (2026-01-06 01:00:00 UTC).",
      command: "ipass run invoice_to_dsco --order 1200000001",
    },
    {
      name: "goes on past stages that are not needed",
      state: aState({ stages: { push: { status: 4 } } }),
      sentence: "The acknowledgement to DSCO is due: the next run of ack_to_dsco (in 20 s) takes it.",
      command: "ipass run ack_to_dsco --order 1200000001",
    },
  ])("$name", check);
});

describe("a failed stage", () => {
  it.each<Case>([
    {
      name: "is tried again later",
      state: aState({ stages: { ...PUSHED, ack: { status: 2, retryCount: 2, error: "地址无效。", nextAttemptAt: inSec(120) } } }),
      sentence: "The acknowledgement to DSCO failed 2 times (at 5 a person is asked): 地址无效; tried again in 2 min (10:02:00 UTC).",
      command: "ipass run ack_to_dsco --order 1200000001",
    },
    {
      name: "is due again",
      state: aState({ stages: { push: { status: 2, retryCount: 1, error: "sku not found", nextAttemptAt: inSec(0) } } }),
      sentence:
        "The push to Lingxing failed 1 time (at 5 a person is asked): sku not found; the next run of push_orders_to_lingxing (in 20 s) tries again.",
      command: "ipass run push_orders_to_lingxing --order 1200000001",
    },
    {
      name: "that was not charged says no number",
      state: aState({ stages: { push: { status: 2, nextAttemptAt: inSec(60) } } }),
      sentence: "The push to Lingxing failed; tried again in 60 s (10:01:00 UTC).",
      command: "ipass run push_orders_to_lingxing --order 1200000001",
    },
  ])("$name", check);
});

describe("a stage in flight", () => {
  it.each<Case>([
    {
      name: "is queued at DSCO, in its grace",
      state: aState({ stages: { ...PUSHED, ack: { status: 9, sentAt: inSec(-90), requestId: REQUEST, nextAttemptAt: inSec(210) } } }),
      sentence: `The acknowledgement to DSCO is in flight since 09:58:30 UTC, queued there as request ${REQUEST}; the next run of ack_to_dsco (in 20 s) asks DSCO what became of it. It is sent again only if it is not there, and not before its grace ends in 4 min (10:03:30 UTC).`,
      command: "ipass run ack_to_dsco --order 1200000001",
    },
    {
      name: "lost its answer, and its grace is over",
      state: aState({ stages: { push: { status: 9, sentAt: inSec(-86_400), error: "no answer within 60 s", nextAttemptAt: inSec(-1) } } }),
      sentence:
        "The push to Lingxing is in flight since 2026-01-04 10:00:00 UTC, no answer yet (no answer within 60 s); the next run of push_orders_to_lingxing (in 20 s) asks Lingxing what became of it. It is sent again only if it is not there.",
      command: "ipass run push_orders_to_lingxing --order 1200000001",
    },
    {
      name: "is cancelled meanwhile",
      state: aState({ dscoStatus: "cancelled", stages: { push: { status: 9, sentAt: inSec(-10) } } }),
      sentence:
        "The push to Lingxing is in flight since 09:59:50 UTC, no answer yet; the next run of push_orders_to_lingxing (in 20 s) asks Lingxing what became of it. It is sent again only if it is not there. DSCO has cancelled the order meanwhile; that is dealt with afterwards.",
      command: "ipass run push_orders_to_lingxing --order 1200000001",
    },
  ])("$name", check);
});

describe("a stage that waits for a person", () => {
  const held = (stage: Stage, hold: string, error: string): ExplainedState =>
    aState({
      stages: {
        ...Object.fromEntries(STAGES.slice(0, STAGES.indexOf(stage)).map((name) => [name, DONE])),
        [stage]: { status: 3, hold, error },
      },
    });

  it.each<Case>([
    {
      name: "comes back with the next pull once it is corrected",
      state: held("push", "bad_payload", "missing or unreadable: shipping.address"),
      facts: someFacts({
        tasks: [aTask({ nextStep: "have the retailer correct the order at DSCO; the next pull brings it back by itself" })],
      }),
      sentence: "The push to Lingxing waits for a person: missing or unreadable: shipping.address.",
      next_step: "have the retailer correct the order at DSCO; the next pull brings it back by itself",
      command: "ipass run pull_dsco_orders --order 1200000001",
    },
    {
      name: "takes the command out of the task, and names the task as reason",
      state: held("push", "missing_mapping", "no mapping for sku MUG-BLUE"),
      facts: someFacts({
        tasks: [
          aTask({
            id: 9,
            type: "missing_mapping",
            nextStep: 'add it, then: ipass order-state requeue <dscoOrderId> --stage push --reason "…"',
          }),
        ],
      }),
      sentence: "The push to Lingxing waits for a person: no mapping for sku MUG-BLUE.",
      next_step: "add it, then:",
      command: 'ipass order-state requeue 1200000001 --stage push --reason "see task 9"',
    },
    {
      name: "tells the whole step where it has an alternative, the first command ready",
      state: held("ack", "lingxing_cancelled", "cancelled in Lingxing"),
      facts: someFacts({
        tasks: [
          aTask({
            type: "lingxing_cancelled",
            stage: "ack",
            nextStep:
              'restore it, then: ipass order-state requeue 1200000001 --stage ack --reason "…"; if it is settled: ipass order-state done 1200000001 --stage ack --reason "…"',
          }),
        ],
      }),
      sentence: "The acknowledgement to DSCO waits for a person: cancelled in Lingxing.",
      next_step:
        'restore it, then: ipass order-state requeue 1200000001 --stage ack --reason "see task 8"; if it is settled: ipass order-state done 1200000001 --stage ack --reason "see task 8"',
      command: 'ipass order-state requeue 1200000001 --stage ack --reason "see task 8"',
    },
    {
      name: "has a command without a reason",
      state: held("push", "bad_payload", "the raw text is missing"),
      facts: someFacts({ tasks: [aTask({ nextStep: "pull it again: ipass run pull_dsco_orders --order <dscoOrderId>" })] }),
      sentence: "The push to Lingxing waits for a person: the raw text is missing.",
      next_step: "pull it again:",
      command: "ipass run pull_dsco_orders --order 1200000001",
    },
    {
      name: "is requeued where the task names no command",
      state: held("ship", "bad_payload", "ship date unreadable"),
      facts: someFacts({ tasks: [aTask({ stage: "ship", nextStep: "correct the date in Lingxing" })] }),
      sentence: "The shipment notice to DSCO waits for a person: ship date unreadable.",
      next_step: "correct the date in Lingxing",
      command: 'ipass order-state requeue 1200000001 --stage ship --reason "see task 8"',
    },
    {
      name: "is told of the task of its own cause, not of a newer one",
      state: held("ship", "changed_after_push", "lines changed"),
      facts: someFacts({
        tasks: [
          aTask({ id: 3, type: "changed_after_push", stage: "ship", nextStep: "correct the lines" }),
          aTask({ id: 4, type: "sync_failed", stage: "ship", nextStep: "something else" }),
        ],
      }),
      sentence: "The shipment notice to DSCO waits for a person: lines changed.",
      next_step: "correct the lines",
      command: 'ipass order-state requeue 1200000001 --stage ship --reason "see task 3"',
    },
    {
      name: "says so when its task was closed",
      state: held("invoice", "sync_failed", "refused: total"),
      facts: someFacts({ tasks: [] }),
      sentence: "The invoice to DSCO waits for a person: refused: total.",
      next_step: "its task is closed but the stage is still held; if the cause is gone, let it be tried again:",
      command: 'ipass order-state requeue 1200000001 --stage invoice --reason "the cause is gone"',
    },
    {
      name: "does not fall silent without a reason",
      state: aState({ stages: { push: { status: 3, hold: "duplicate_number" } } }),
      facts: someFacts({ tasks: [aTask({ type: "duplicate_number", nextStep: "decide" })] }),
      sentence: "The push to Lingxing waits for a person: duplicate number.",
      next_step: "decide",
      command: 'ipass order-state requeue 1200000001 --stage push --reason "see task 8"',
    },
    {
      name: "closes every stage that a cancellation after the push holds",
      state: aState({
        dscoStatus: "cancelled",
        cancelApplied: true,
        stages: {
          push: DONE,
          ack: DONE,
          ship: { status: 3, hold: "cancelled_after_push", error: "cancelled at DSCO after it was pushed" },
          invoice: { status: 3, hold: "cancelled_after_push", error: "cancelled at DSCO after it was pushed" },
        },
      }),
      facts: someFacts({
        tasks: [
          aTask({
            type: "cancelled_after_push",
            stage: "ship",
            nextStep: 'cancel it in Lingxing too, then close each open stage: ipass order-state done 1200000001 --stage ship --reason "…"',
          }),
        ],
      }),
      sentence: "The shipment notice to DSCO waits for a person: cancelled at DSCO after it was pushed.",
      next_step: "cancel it in Lingxing too, then close each open stage:",
      command:
        'ipass order-state done 1200000001 --stage ship --reason "see task 8" && ipass order-state done 1200000001 --stage invoice --reason "see task 8"',
    },
    {
      name: "is told before its turn has come",
      state: aState({
        stages: { ...PUSHED, ship: { status: 3, hold: "changed_after_push", error: "lines changed at DSCO after the push" } },
      }),
      facts: someFacts({ tasks: [aTask({ type: "changed_after_push", stage: "ship", nextStep: "correct the lines" })] }),
      sentence:
        "The acknowledgement to DSCO is due: the next run of ack_to_dsco (in 20 s) takes it. The shipment notice to DSCO already waits for a person: lines changed at DSCO after the push.",
      next_step: "correct the lines",
      command: 'ipass order-state requeue 1200000001 --stage ship --reason "see task 8"',
    },
  ])("$name", check);
});

describe("an open task that holds no stage", () => {
  const task = aTask({
    id: 12,
    type: "changed_after_push",
    nextStep: 'correct city in Lingxing, then: ipass manual-tasks resolve <id> --reason "…"',
  });
  const help = { next_step: "correct city in Lingxing, then:", command: 'ipass manual-tasks resolve 12 --reason "see task 12"' };

  it.each<Case>([
    {
      name: "is told while the order goes on",
      state: aState({ stages: PUSHED }),
      facts: someFacts({ tasks: [task] }),
      sentence: "The acknowledgement to DSCO is due: the next run of ack_to_dsco (in 20 s) takes it. Task 12 (changed_after_push) is open.",
      ...help,
    },
    {
      name: "is told when all is done",
      state: aState({ stages: { push: DONE, ack: DONE, ship: DONE, invoice: DONE } }),
      facts: someFacts({ tasks: [task] }),
      sentence: "All done: pushed, acknowledged, shipped, invoiced. Task 12 (changed_after_push) is open.",
      ...help,
    },
  ])("$name", check);
});

describe("an open task without a command, of a stage that is done", () => {
  it("is resolved, since a done stage cannot be requeued", () => {
    const state = aState({ stages: { push: DONE, ack: DONE, ship: DONE, invoice: DONE } });
    const facts = someFacts({ tasks: [aTask({ type: "changed_after_push", nextStep: "correct it in Lingxing" })] });
    expect(explainNow(state, facts)).toMatchObject({
      next_step: "correct it in Lingxing",
      command: 'ipass manual-tasks resolve 8 --reason "settled"',
    });
  });
});

describe("an order with nothing left to do", () => {
  it.each<Case>([
    {
      name: "is all done",
      state: aState({
        trackingNo: "1Z999",
        invoiceId: "INV-1200000001",
        stages: { push: DONE, ack: DONE, ship: DONE, invoice: DONE },
      }),
      sentence: "All done: pushed, acknowledged, shipped under 1Z999, invoiced as INV-1200000001.",
    },
    {
      name: "was cancelled before the push",
      state: aState({
        dscoStatus: "cancelled",
        cancelApplied: true,
        stages: Object.fromEntries(STAGES.map((stage) => [stage, { status: 4, hold: "cancelled" }])) as Stages,
      }),
      sentence: "Cancelled at DSCO before it was pushed: nothing is left to do.",
    },
    {
      name: "was closed by a person after it was cancelled",
      state: aState({
        dscoStatus: "cancelled",
        cancelApplied: true,
        stages: { push: DONE, ack: DONE, ship: { status: 4 }, invoice: { status: 4 } },
      }),
      sentence: "Cancelled at DSCO. Nothing is left to do: push done, ack done, ship not needed, invoice not needed.",
    },
  ])("$name", check);
});

describe("a cancellation that no run has dealt with yet", () => {
  const command = "ipass run ack_to_dsco --order 1200000001";
  it.each<Case>([
    {
      name: "closes what is open",
      state: aState({ dscoStatus: "cancelled", stages: PUSHED }),
      sentence: "Cancelled at DSCO: the next run of any job closes what is still open.",
      command,
    },
    {
      name: "is asked for, and holds the shipment",
      state: aState({ cancelRequest: "open", stages: PUSHED }),
      sentence: "The retailer asks to cancel it: the next run of any job holds ship for a person.",
      command,
    },
    {
      name: "was taken back",
      state: aState({
        cancelApplied: true,
        stages: { push: { status: 4, hold: "cancelled" }, ack: { status: 4, hold: "cancelled" } },
      }),
      sentence: "No longer cancelled at DSCO: the next run of any job takes it up again.",
      command: "ipass run ship_to_dsco --order 1200000001",
    },
    {
      name: "was waved through by a person",
      state: aState({ cancelRequest: "waved_through", stages: PUSHED }),
      sentence: "The acknowledgement to DSCO is due: the next run of ack_to_dsco (in 20 s) takes it.",
      command,
    },
  ])("$name", check);
});

describe("a job that does not move the order on", () => {
  const due = "The acknowledgement to DSCO is due: the next run of ack_to_dsco takes it.";
  const soon = "The acknowledgement to DSCO is due: the next run of ack_to_dsco (in 20 s) takes it.";
  const crontab = "see that cron starts it (ipass crontab prints the lines); by hand:";
  const command = "ipass run ack_to_dsco --order 1200000001";
  const state = aState({ stages: PUSHED });
  const ended = (exit: string, error?: string): ExplainFacts => everyJob(aJob({ lastRun: aRun({ exit, error }) }));

  it.each<Case>([
    {
      name: "is switched off",
      state,
      facts: everyJob(aJob({ enabled: false })),
      sentence: `${due} ack_to_dsco is switched off.`,
      next_step: "set IPASS_JOB_ACK_TO_DSCO_ENABLE=true, or run it this once all the same:",
      command: `${command} --force`,
    },
    {
      name: "has never run",
      state,
      facts: everyJob(aJob({ lastRun: undefined })),
      sentence: `${due} ack_to_dsco has never run.`,
      next_step: crontab,
      command,
    },
    {
      name: "has not run for long",
      state,
      facts: everyJob(aJob({ lastRun: aRun({ startedAt: inSec(-7200), endedAt: inSec(-7200) }) })),
      sentence: `${due} ack_to_dsco last ran 2 h ago and is meant to run every 60 s.`,
      next_step: crontab,
      command,
    },
    {
      name: "runs as seldom as it is meant to",
      state,
      facts: everyJob(aJob({ intervalSec: 3600, lastRun: aRun({ startedAt: inSec(-7200), endedAt: inSec(-7190) }) })),
      sentence: "The acknowledgement to DSCO is due: the next run of ack_to_dsco (any moment) takes it.",
      command,
    },
    {
      name: "began long ago and never ended",
      state,
      facts: everyJob(aJob({ lastRun: aRun({ startedAt: inSec(-4000), endedAt: undefined, exit: undefined }) })),
      sentence: `${due} A run of ack_to_dsco began 1 h 7 min ago and has not ended, or died.`,
      next_step: crontab,
      command,
    },
    {
      name: "meets a vendor that is down",
      state,
      facts: ended("vendor", "DSCO answers 503."),
      sentence: `${soon} The last run of ack_to_dsco, 38 s ago, ended with 14 vendor: DSCO answers 503.`,
      next_step: "nothing is lost and each run tries again; if it lasts, ask the vendor. By hand:",
      command,
    },
    {
      name: "has the wrong credentials",
      state,
      facts: ended("credentials"),
      sentence: `${soon} The last run of ack_to_dsco, 38 s ago, ended with 12 credentials: a vendor refused our credentials, signature or IP address.`,
      next_step: "correct the credentials, the clock or the vendor's IP whitelist, then:",
      command,
    },
    {
      name: "was killed",
      state,
      facts: ended("died"),
      sentence: `${soon} The last run of ack_to_dsco, 38 s ago, ended with died: it was killed.`,
      next_step: "see in info.log and in the system's log what killed it; by hand:",
      command,
    },
    { name: "did all but other orders' work", state, facts: ended("partial"), sentence: soon, command },
  ])("$name", check);

  it("is the job of the stage, whatever the others do", () => {
    const facts = someFacts({ jobs: { push: aJob({ enabled: false }), ack: aJob(), ship: aJob({ lastRun: undefined }), invoice: aJob() } });
    expect(explainNow(state, facts)).toEqual({ sentence: soon, next_step: null, command });
  });

  it("does not matter to what a person must do", () => {
    const held = aState({ stages: { push: { status: 3, error: "x" } } });
    expect(explainNow(held, everyJob(aJob({ enabled: false }))).sentence).toBe("The push to Lingxing waits for a person: x.");
  });
});

describe("the stage before", () => {
  it("is the last one that is not behind", () => {
    const state = aState({ stages: { push: DONE, ack: { status: 2 } } });
    expect(currentStage(state)).toBe("ack");
    expect(STAGES.map((stage) => waitsForStage(state, stage))).toEqual([undefined, undefined, "ack", "ship"]);
  });
});

describe("toDeadline", () => {
  const at = inSec(3600);
  it.each([
    { name: "is ahead", at, stage: { status: 0, since: undefined }, expected: { at, state: "ahead", left_sec: 3600, done_at: null } },
    {
      name: "is over",
      at: inSec(-60),
      stage: { status: 3, since: NOW },
      expected: { at: inSec(-60), state: "over", left_sec: -60, done_at: null },
    },
    { name: "was met", at, stage: { status: 1, since: NOW }, expected: { at, state: "done", left_sec: null, done_at: NOW } },
    { name: "matters no more", at, stage: { status: 4, since: NOW }, expected: { at, state: "not_needed", left_sec: null, done_at: null } },
    { name: "was not given", at: undefined, stage: { status: 0, since: undefined }, expected: null },
  ] as const)("$name", ({ at: date, stage, expected }) => expect(toDeadline(date, stage, NOW)).toEqual(expected));
});
