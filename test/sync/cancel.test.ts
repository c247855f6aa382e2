import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CancelCase, type CancelEffect, decideCancel } from "../../src/sync/cancel.ts";
import { STAGES, type Stage, type StageStatus } from "../../src/sync/stage.ts";

type Given = StageStatus | readonly [StageStatus, string];
type Stages = readonly [Given, Given, Given, Given];
interface Row {
  readonly name: string;
  readonly stages: Stages;
  readonly expected: Partial<Record<Stage, StageStatus>>;
  readonly taskAt?: Stage;
}

/** An order whose stages, in order, stand at these statuses, with the reason they are held for. */
function anOrder(stages: Stages, rest: Partial<Omit<CancelCase, "stages">> = {}): CancelCase {
  const at = (given: Given) => (typeof given === "number" ? { status: given, hold: undefined } : { status: given[0], hold: given[1] });
  const [push, ack, ship, invoice] = stages;
  return {
    dscoStatus: "created",
    cancelRequested: false,
    applied: false,
    ...rest,
    stages: { push: at(push), ack: at(ack), ship: at(ship), invoice: at(invoice) },
  };
}

const cancelled = (stages: Stages) => decideCancel(anOrder(stages, { dscoStatus: "cancelled" }));
const asked = (stages: Stages) => decideCancel(anOrder(stages, { cancelRequested: true }));
const backAgain = (stages: Stages) => decideCancel(anOrder(stages, { applied: true }));
/** The statuses an effect sets, by stage. */
const sets = (effect: CancelEffect | undefined) =>
  effect && Object.fromEntries(Object.entries(effect.stages).map(([stage, { status }]) => [stage, status]));

const NOT_YET = [4, "cancelled"] as const;
const AFTER = [3, "cancelled_after_push"] as const;
const ASKED = [3, "cancel_requested"] as const;

describe("cancelled before it was pushed", () => {
  it.each<Row>([
    { name: "new", stages: [0, 0, 0, 0], expected: { push: 4, ack: 4, ship: 4, invoice: 4 } },
    { name: "failed before", stages: [2, 0, 0, 0], expected: { push: 4, ack: 4, ship: 4, invoice: 4 } },
    { name: "waiting for a person", stages: [[3, "bad_payload"], 0, 0, 0], expected: { push: 4, ack: 4, ship: 4, invoice: 4 } },
    { name: "asked to cancel before", stages: [ASKED, 0, ASKED, 0], expected: { push: 4, ack: 4, ship: 4, invoice: 4 } },
    { name: "later stages closed by hand", stages: [0, 4, 4, 4], expected: { push: 4 } },
  ])("$name: nothing is needed any more", ({ stages, expected }) => {
    const effect = cancelled(stages);
    expect(sets(effect)).toEqual(expected);
    expect(effect).toMatchObject({ applied: true, event: "cancelled", task: undefined, closes: "all" });
    expect(effect?.stages.push).toEqual({ status: 4, hold: "cancelled", error: "cancelled at DSCO" });
  });
});

describe("cancelled after it was pushed", () => {
  it.each<Row>([
    { name: "just pushed", stages: [1, 0, 0, 0], expected: { ack: 3, ship: 3, invoice: 3 }, taskAt: "ack" },
    { name: "acknowledged", stages: [1, 1, 0, 0], expected: { ship: 3, invoice: 3 }, taskAt: "ship" },
    { name: "acknowledging failed", stages: [1, 2, 0, 0], expected: { ack: 3, ship: 3, invoice: 3 }, taskAt: "ack" },
    { name: "shipped, not invoiced", stages: [1, 1, 1, 0], expected: { invoice: 3 }, taskAt: "invoice" },
    { name: "pushed by hand", stages: [4, 0, 0, 0], expected: { ack: 3, ship: 3, invoice: 3 }, taskAt: "ack" },
    { name: "held for another reason, which stays", stages: [1, 1, [3, "multi_shipment"], 0], expected: { invoice: 3 }, taskAt: "ship" },
    {
      name: "asked to cancel before, which this answers",
      stages: [1, 0, ASKED, 0],
      expected: { ack: 3, ship: 3, invoice: 3 },
      taskAt: "ack",
    },
    {
      name: "cancelled in Lingxing before, which this answers",
      stages: [1, [3, "lingxing_cancelled"], 0, 0],
      expected: { ack: 3, ship: 3, invoice: 3 },
      taskAt: "ack",
    },
    { name: "all with a person already", stages: [1, 1, [3, "bad_payload"], 1], expected: {}, taskAt: "ship" },
  ])("$name", ({ stages, expected, taskAt }) => {
    const effect = cancelled(stages);
    expect(sets(effect)).toEqual(expected);
    expect(effect).toMatchObject({
      applied: true,
      event: "cancelled_after_push",
      task: { type: "cancelled_after_push", stage: taskAt, nextStep: expect.stringContaining(`done <dscoOrderId> --stage ${taskAt}`) },
      closes: ["cancel_requested", "lingxing_cancelled"],
    });
    for (const { hold } of Object.values(effect?.stages ?? {})) expect(hold).toBe("cancelled_after_push");
  });

  it("everything done: noted, and nobody is asked", () => {
    expect(cancelled([1, 1, 1, 1])).toMatchObject({ stages: {}, applied: true, task: undefined });
    expect(cancelled([1, 1, 1, 4])).toMatchObject({ stages: {}, applied: true, task: undefined });
  });
});

describe("nothing is done", () => {
  it.each([
    { name: "to an open order", order: anOrder([0, 0, 0, 0]) },
    { name: "to a shipped order", order: anOrder([1, 1, 1, 0], { dscoStatus: "shipped" }) },
    { name: "twice", order: anOrder([NOT_YET, NOT_YET, NOT_YET, NOT_YET], { dscoStatus: "cancelled", applied: true }) },
    {
      name: "twice, though a person requeued a stage since",
      order: anOrder([1, 0, AFTER, AFTER], { dscoStatus: "cancelled", applied: true }),
    },
    { name: "while the push is in flight", order: anOrder([9, 0, 0, 0], { dscoStatus: "cancelled" }) },
    { name: "while the ack is in flight", order: anOrder([1, 9, 0, 0], { dscoStatus: "cancelled" }) },
    { name: "while the shipment is in flight", order: anOrder([1, 1, 9, 0], { dscoStatus: "cancelled" }) },
    { name: "while the invoice is in flight", order: anOrder([1, 1, 1, 9], { dscoStatus: "cancelled" }) },
    { name: "to an asked-for order that is held already", order: anOrder([ASKED, 0, ASKED, 0], { cancelRequested: true }) },
    { name: "to an asked-for order that is shipped", order: anOrder([1, 1, 1, 0], { cancelRequested: true }) },
    { name: "to an asked-for order whose shipment is in flight", order: anOrder([1, 1, 9, 0], { cancelRequested: true }) },
  ])("$name", ({ order }) => {
    expect(decideCancel(order)).toBeUndefined();
  });
});

describe("cancelled and then not", () => {
  it.each<Row>([
    { name: "before the push", stages: [NOT_YET, NOT_YET, NOT_YET, NOT_YET], expected: { push: 0, ack: 0, ship: 0, invoice: 0 } },
    { name: "after the push", stages: [1, AFTER, AFTER, AFTER], expected: { ack: 0, ship: 0, invoice: 0 } },
    { name: "a person closed one meanwhile", stages: [1, 4, AFTER, AFTER], expected: { ship: 0, invoice: 0 } },
    { name: "a stage was held for another reason", stages: [1, 1, [3, "multi_shipment"], AFTER], expected: { invoice: 0 } },
    { name: "everything was done", stages: [1, 1, 1, 1], expected: {} },
  ])("$name", ({ stages, expected }) => {
    const effect = backAgain(stages);
    expect(sets(effect)).toEqual(expected);
    expect(effect).toMatchObject({ applied: false, event: "uncancelled", task: undefined, closes: ["cancelled_after_push"] });
    for (const set of Object.values(effect?.stages ?? {})) expect(set).toEqual({ status: 0, hold: undefined, error: undefined });
  });
});

describe("asked to cancel", () => {
  it.each<Row>([
    { name: "before the push", stages: [0, 0, 0, 0], expected: { push: 3, ship: 3 }, taskAt: "push" },
    { name: "after a failed push", stages: [2, 0, 0, 0], expected: { push: 3, ship: 3 }, taskAt: "push" },
    { name: "after the push", stages: [1, 0, 0, 0], expected: { ship: 3 }, taskAt: "ship" },
    { name: "while the push is in flight: the shipment", stages: [9, 0, 0, 0], expected: { ship: 3 }, taskAt: "ship" },
    { name: "the push came back from flight", stages: [0, 0, ASKED, 0], expected: { push: 3 }, taskAt: "push" },
    { name: "the push waits for a person anyway", stages: [[3, "bad_payload"], 0, 0, 0], expected: { ship: 3 }, taskAt: "ship" },
  ])("$name: push and shipment are held, ack and invoice go on", ({ stages, expected, taskAt }) => {
    const effect = asked(stages);
    expect(sets(effect)).toEqual(expected);
    expect(effect).toMatchObject({
      applied: false,
      event: "cancel_requested",
      task: { type: "cancel_requested", stage: taskAt, nextStep: expect.stringContaining(`requeue <dscoOrderId> --stage ${taskAt}`) },
      closes: [],
    });
  });

  it("a cancellation goes before the request for one", () => {
    expect(decideCancel(anOrder([0, 0, 0, 0], { dscoStatus: "cancelled", cancelRequested: true }))?.event).toBe("cancelled");
    expect(decideCancel(anOrder([0, 0, 0, 0], { applied: true, cancelRequested: true }))?.event).toBe("uncancelled");
  });
});

describe("whatever an order looks like", () => {
  const held = fc.constantFrom("bad_payload", "lingxing_cancelled", "cancelled", "cancelled_after_push", "cancel_requested");
  const stage = fc.oneof(
    fc.constantFrom<StageStatus>(0, 1, 2, 9).map((status) => ({ status, hold: undefined })),
    fc.tuple(fc.constantFrom<StageStatus>(3, 4), fc.option(held, { nil: undefined })).map(([status, hold]) => ({ status, hold })),
  );
  const order: fc.Arbitrary<CancelCase> = fc.record({
    dscoStatus: fc.constantFrom("created", "shipment_pending", "shipped", "cancelled", ""),
    cancelRequested: fc.boolean(),
    applied: fc.boolean(),
    stages: fc.record({ push: stage, ack: stage, ship: stage, invoice: stage }),
  });
  const stagesAfter = (before: CancelCase, effect: CancelEffect): CancelCase => ({
    ...before,
    applied: effect.applied,
    stages: Object.fromEntries(
      STAGES.map((name) => {
        const set = effect.stages[name];
        return [name, set === undefined ? before.stages[name] : { status: set.status, hold: set.hold }];
      }),
    ) as Record<Stage, { status: StageStatus; hold: string | undefined }>,
  });

  /** The edges the rule may take: what is open or with a person closes or goes to a person; what the rule set goes back to 0. */
  const LEGAL: ReadonlySet<string> = new Set(["0→4", "2→4", "3→4", "0→3", "2→3", "3→3", "3→0", "4→0"]);

  it("a stage that is done or in flight is never touched, and no edge is taken that does not exist", () => {
    fc.assert(
      fc.property(order, (before) => {
        const effect = decideCancel(before);
        for (const [name, set] of Object.entries(effect?.stages ?? {})) {
          const from = before.stages[name as Stage];
          expect(LEGAL).toContain(`${from.status}→${set.status}`);
          // Only what the rule itself set goes back.
          if (set.status === 0) expect(["cancelled", "cancelled_after_push"]).toContain(from.hold);
          if (from.status === 3 && set.status === 3) expect(["cancel_requested", "lingxing_cancelled"]).toContain(from.hold);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("it comes to rest: applied once, the rule has nothing more to say", () => {
    fc.assert(
      fc.property(order, (before) => {
        let now = before;
        for (let steps = 0; steps <= 2; steps++) {
          const effect = decideCancel(now);
          if (effect === undefined) return true;
          now = stagesAfter(now, effect);
        }
        return decideCancel(now) === undefined;
      }),
      { numRuns: 2000 },
    );
  });

  it("cancelling and bringing back leaves what was waiting waiting, and what was done done", () => {
    const open = fc.constantFrom<StageStatus>(0, 1, 2).map((status) => ({ status, hold: undefined }));
    fc.assert(
      fc.property(fc.record({ push: open, ack: open, ship: open, invoice: open }), (stages) => {
        const before: CancelCase = { dscoStatus: "cancelled", cancelRequested: false, applied: false, stages };
        const cancelEffect = decideCancel(before);
        if (cancelEffect === undefined) return false;
        const gone = stagesAfter(before, cancelEffect);
        const undo = decideCancel({ ...gone, dscoStatus: "created" });
        if (undo === undefined) return false;
        const back = stagesAfter(gone, undo);
        return STAGES.every((name) => back.stages[name].status === (stages[name].status === 2 ? 0 : stages[name].status)) && !back.applied;
      }),
    );
  });

  it("says its task, its event and its flag together", () => {
    fc.assert(
      fc.property(order, (before) => {
        const effect = decideCancel(before);
        if (effect === undefined) return true;
        const kind = { cancelled: false, uncancelled: false, cancelled_after_push: true, cancel_requested: true }[effect.event];
        if (effect.task !== undefined && (!kind || effect.task.type !== effect.event)) return false;
        return effect.applied === (before.dscoStatus === "cancelled");
      }),
      { numRuns: 1000 },
    );
  });
});
