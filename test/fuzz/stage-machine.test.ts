import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideCancel } from "../../src/sync/cancel.ts";
import { decideOperator } from "../../src/sync/operator.ts";
import { type Outcome, type StageState, toStageChange } from "../../src/sync/outcome.ts";
import { decideAbsent } from "../../src/sync/push-batch.ts";
import { decideRefusal } from "../../src/sync/refusal.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, TASK_TYPES } from "../../src/sync/stage.ts";
import { aStageState } from "../helpers/builders.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

/** Who may move a stage from where to where: everything else is a defect, whatever order things happen in. */
const EDGES: Readonly<Record<string, readonly `${StageStatus}→${StageStatus}`[]>> = {
  claim: ["0→9", "2→9"],
  /** Of what was in flight. `unsent` puts it back to where it was claimed from. */
  settle: ["9→0", "9→1", "9→2", "9→3", "9→4"],
  /** Of what was due, with nothing sent. */
  decide: ["0→1", "0→2", "0→3", "0→4", "2→1", "2→2", "2→3", "2→4"],
  requeue: ["2→0", "3→0"],
  done: ["0→4", "2→4", "3→4"],
  cancel: ["0→4", "2→4", "3→4", "0→3", "2→3", "3→3"],
  uncancel: ["4→0", "3→0"],
};

const NOW = new Date("2026-01-05T08:00:00Z");
const CLAIMABLE: readonly StageStatus[] = [STAGE_STATUS.waiting, STAGE_STATUS.failed];

interface Row {
  state: StageState;
  hold: string | undefined;
  /** Where it was claimed from. */
  before: StageState | undefined;
}

/** The edges that some order has gone. */
const taken = new Set<string>();

class Order {
  readonly rows: Record<Stage, Row>;
  dscoStatus = "created";
  cancelRequested = false;
  applied = false;
  readonly maxRetryPerOrder: number;
  #now = NOW.getTime();

  constructor(maxRetryPerOrder: number) {
    this.maxRetryPerOrder = maxRetryPerOrder;
    const row = (): Row => ({ state: aStageState(), hold: undefined, before: undefined });
    this.rows = { push: row(), ack: row(), ship: row(), invoice: row() };
  }

  get now(): Date {
    this.#now += 61_000;
    return new Date(this.#now);
  }

  move(by: keyof typeof EDGES, stage: Stage, next: Partial<StageState>, hold: string | undefined): void {
    const row = this.rows[stage];
    const edge = `${row.state.status}→${next.status ?? row.state.status}` as const;
    taken.add(`${by} ${edge}`);
    expect(EDGES[by], `${by} moves ${stage}`).toContain(edge);
    row.state = { ...row.state, ...next };
    row.hold = hold;
  }

  isDue(stage: Stage): boolean {
    const at = STAGES.indexOf(stage);
    const previous = STAGES[at - 1];
    const behind = previous === undefined || [1, 4].includes(this.rows[previous].state.status);
    return behind && this.dscoStatus !== "cancelled" && CLAIMABLE.includes(this.rows[stage].state.status);
  }

  claim(stage: Stage): void {
    const { state } = this.rows[stage];
    if (!this.isDue(stage) || (this.cancelRequested && (stage === "push" || stage === "ship"))) return;
    this.rows[stage].before = state;
    const sentAt = this.now;
    this.move("claim", stage, { status: 9, sentAt, nextAttemptAt: new Date(sentAt.getTime() + 300_000), requestId: undefined }, undefined);
  }

  settle(stage: Stage, outcome: Outcome): void {
    const { state, before } = this.rows[stage];
    const inFlight = state.status === STAGE_STATUS.inFlight;
    if (!inFlight && !this.isDue(stage)) return;
    // What never left can only be put back, and only by the run that claimed it: it decides on the order as it was before the claim.
    if ((outcome.to === "unsent" || outcome.to === "resend") && !inFlight) return;
    const seen = outcome.to === "unsent" && before !== undefined ? before : state;
    const change = toStageChange(stage, seen, outcome, this, this.now);
    const { status, retryCount, doubts, error, nextAttemptAt, requestId } = change;
    this.move(inFlight ? "settle" : "decide", stage, { status, retryCount, doubts, error, nextAttemptAt, requestId }, change.hold);
    this.#check(stage, seen, outcome, change);
  }

  #check(stage: Stage, before: StageState, outcome: Outcome, change: ReturnType<typeof toStageChange>): void {
    const charged = outcome.to === "failed" && outcome.charge;
    expect(change.retryCount - before.retryCount, "only a failure that is charged counts").toBe(charged ? 1 : 0);
    expect(change.status === STAGE_STATUS.manual, "whoever waits for a person has a task and a reason").toBe(change.task !== undefined);
    if (change.status === STAGE_STATUS.manual) expect([change.hold, change.error]).toEqual([change.task?.type, change.task?.cause]);
    if (outcome.to === "failed" && charged && change.retryCount >= this.maxRetryPerOrder)
      expect(change).toMatchObject({ status: 3, task: { type: "max_retry_exceeded" } });
    if (change.status === STAGE_STATUS.failed) {
      expect(change.nextAttemptAt?.getTime(), "a failure is tried again later").toBeGreaterThan(NOW.getTime());
    }
    const { sentAt } = this.rows[stage].state;
    expect((sentAt?.getTime() ?? 0) >= (before.sentAt?.getTime() ?? 0), "that it ever left is never forgotten").toBe(true);
  }

  refused(stage: Stage, words: string): void {
    const { state, before } = this.rows[stage];
    if (state.status === STAGE_STATUS.inFlight) this.settle(stage, decideRefusal(stage, before ?? state, words));
  }

  /** A later pass asks the vendor, who does not have it. */
  lookedUp(stage: Stage, fruitful: boolean): void {
    const { state } = this.rows[stage];
    if (state.status !== STAGE_STATUS.inFlight) return;
    const pass = { now: this.now, lastFruitful: fruitful ? this.now : undefined, batchSize: 4 };
    const absent = decideAbsent(state, pass);
    if (absent === undefined)
      expect(state.nextAttemptAt?.getTime(), "only the grace keeps an absent order back").toBeGreaterThan(pass.now.getTime());
    else this.settle(stage, absent);
  }

  operator(action: "requeue" | "done", stage: Stage): void {
    const decision = decideOperator(action, this.rows[stage].state.status);
    if (decision.do !== "set") return;
    this.move(action, stage, { status: decision.status, retryCount: 0, doubts: 0, error: undefined, nextAttemptAt: undefined }, undefined);
    if (decision.status === 0 && this.dscoStatus === "cancelled") this.applied = false;
  }

  cancelRule(): void {
    const stages = Object.fromEntries(
      STAGES.map((stage) => [stage, { status: this.rows[stage].state.status, hold: this.rows[stage].hold }]),
    );
    const effect = decideCancel({
      dscoStatus: this.dscoStatus,
      cancelRequested: this.cancelRequested,
      applied: this.applied,
      stages: stages as Record<Stage, { status: StageStatus; hold: string | undefined }>,
    });
    if (effect === undefined) return;
    expect(
      STAGES.some((stage) => this.rows[stage].state.status === 9) && this.dscoStatus === "cancelled",
      "what is in flight is settled before it is cancelled",
    ).toBe(false);
    this.applied = effect.applied;
    for (const [stage, next] of Object.entries(effect.stages) as [Stage, { status: StageStatus; hold?: string; error?: string }][]) {
      const by = effect.event === "uncancelled" ? "uncancel" : "cancel";
      if (by === "uncancel")
        expect(["cancelled", "cancelled_after_push"], "only what the rule closed is opened").toContain(this.rows[stage].hold);
      const budget = next.status === STAGE_STATUS.waiting ? { retryCount: 0 } : {}; // as the store writes it
      this.move(by, stage, { status: next.status, error: next.error, nextAttemptAt: undefined, ...budget }, next.hold);
    }
    if (effect.task !== undefined) expect(this.rows[effect.task.stage].state.status).toBe(STAGE_STATUS.manual);
  }
}

/** Mostly the stage an order stands at: elsewhere little may happen. */
const stage = fc.constantFrom<Stage | undefined>(...STAGES, undefined, undefined, undefined, undefined, undefined);
const at = (order: Order, chosen: Stage | undefined): Stage =>
  chosen ?? STAGES.find((each) => ![1, 4].includes(order.rows[each].state.status)) ?? "invoice";
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom<Outcome>(
    { to: "done", how: "sent" },
    { to: "done", how: "adopted" },
    { to: "notNeeded", reason: "r" },
    { to: "resend" },
    { to: "unsent" },
  ),
  fc.record({ to: fc.constant("failed" as const), error: fc.constantFrom("x", "y"), charge: fc.boolean() }),
  fc.record({
    to: fc.constant("manual" as const),
    type: fc.constantFrom(...TASK_TYPES),
    cause: fc.constant("c"),
    nextStep: fc.constant("n"),
  }),
);

type Step = (order: Order) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: stage.map((each) => (order: Order) => order.claim(at(order, each))) },
  {
    weight: 5,
    arbitrary: fc.tuple(stage, outcome).map(
      ([each, what]) =>
        (order: Order) =>
          order.settle(at(order, each), what),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(stage, fc.constantFrom("x", "y")).map(
      ([each, words]) =>
        (order: Order) =>
          order.refused(at(order, each), words),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(stage, fc.boolean()).map(
      ([each, fruitful]) =>
        (order: Order) =>
          order.lookedUp(at(order, each), fruitful),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("requeue" as const, "done" as const), stage).map(
      ([action, each]) =>
        (order: Order) =>
          order.operator(action, at(order, each)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("created", "cancelled", "shipment_pending").map((status) => (order: Order) => {
      order.dscoStatus = status;
      order.cancelRule();
    }),
  },
  { weight: 1, arbitrary: fc.boolean().map((asks) => (order: Order) => Object.assign(order, { cancelRequested: asks })) },
  { weight: 1, arbitrary: fc.constant((order: Order) => order.cancelRule()) },
);

describe("an order's stages", FUZZ_TIMEOUT, () => {
  it("never take a way that is not drawn, whatever happens in whatever order, and keep to their budget", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60, size: "max" }), (budget, steps) => {
        const order = new Order(budget);
        for (const take of steps) {
          const before = structuredClone(order.rows);
          take(order);
          for (const each of STAGES) {
            const { state, hold } = order.rows[each];
            if (before[each].state.status === STAGE_STATUS.done) expect(state, "done stays done").toEqual(before[each].state);
            if (before[each].state.status === STAGE_STATUS.notNeeded && before[each].hold !== "cancelled")
              expect(state, "what was closed stays closed").toEqual(before[each].state);
            expect(state.retryCount, "budget").toBeLessThanOrEqual(budget);
            if (CLAIMABLE.includes(state.status)) expect(state.retryCount, "a used-up budget is a person's").toBeLessThan(budget);
            if (hold !== undefined) expect([STAGE_STATUS.manual, STAGE_STATUS.notNeeded] as StageStatus[]).toContain(state.status);
          }
        }
      }),
      cases(600),
    );
    const drawn = Object.entries(EDGES).flatMap(([by, edges]) => edges.map((edge) => `${by} ${edge}`));
    expect(
      drawn.filter((edge) => !taken.has(edge)),
      "every way that is drawn is gone",
    ).toEqual([]);
  });

  it("come to an end: an order that keeps being refused is a person's after no more tries than its budget", () => {
    const refusal = fc.constantFrom("x", "y", "z");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(refusal), fc.constantFrom(...STAGES), (budget, words, each) => {
        const order = new Order(budget);
        for (const earlier of STAGES.slice(0, STAGES.indexOf(each))) order.rows[earlier].state = aStageState({ status: 1 });
        let tries = 0;
        for (const said of words) {
          order.claim(each);
          order.refused(each, said);
          tries += 1;
          if (order.rows[each].state.status === STAGE_STATUS.manual) break;
        }
        expect(tries).toBeLessThanOrEqual(budget);
      }),
      cases(300),
    );
  });
});
