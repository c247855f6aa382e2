import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outcome, type StageState, toStageChange } from "../../src/sync/outcome.ts";
import { STAGE_STATUS, STAGES } from "../../src/sync/stage.ts";
import { aStageState } from "../helpers/builders.ts";

const NOW = new Date("2026-01-05T08:00:00Z");
const RULES = { maxRetryPerOrder: 5 };
const inSec = (sec: number) => new Date(NOW.getTime() + sec * 1000);

function change(outcome: Outcome, before: Partial<StageState> = {}, stage: (typeof STAGES)[number] = "push") {
  return toStageChange(stage, aStageState(before), outcome, RULES, NOW);
}

const failed = (charge: boolean, error = "no such SKU"): Outcome => ({ to: "failed", charge, error });
const byPerson: Outcome = { to: "manual", type: "bad_payload", cause: "missing city", nextStep: "ask", detail: { fields: ["city"] } };

describe("toStageChange", () => {
  it.each([
    {
      name: "sent",
      outcome: { to: "done", how: "sent", globalOrderNo: "901234567890123456", requestId: "r2" },
      before: { status: 9, retryCount: 2, doubts: 3, error: "time-out", requestId: "r1" },
      expected: {
        status: 1,
        retryCount: 2,
        doubts: 0,
        error: undefined,
        nextAttemptAt: undefined,
        requestId: "r2",
        globalOrderNo: "901234567890123456",
        tally: "done",
        event: "done",
        detail: { global_order_no: "901234567890123456" },
      },
    },
    {
      name: "adopted, the request id of the lost answer kept",
      outcome: { to: "done", how: "adopted" },
      before: { status: 9, requestId: "r1" },
      expected: { status: 1, requestId: "r1", globalOrderNo: undefined, tally: "done", event: "adopted", detail: {} },
    },
    {
      name: "not needed",
      outcome: { to: "notNeeded", reason: "cancelled at DSCO" },
      before: { retryCount: 1 },
      expected: { status: 4, retryCount: 1, tally: "skipped", event: "not_needed", detail: { reason: "cancelled at DSCO" } },
    },
    {
      name: "a person's",
      outcome: byPerson,
      before: { retryCount: 1, nextAttemptAt: NOW },
      expected: {
        status: 3,
        retryCount: 1,
        error: "missing city",
        hold: "bad_payload",
        nextAttemptAt: undefined,
        task: { type: "bad_payload", cause: "missing city", nextStep: "ask", detail: { fields: ["city"] } },
        tally: "manual",
        event: "needs_person",
        detail: { task_type: "bad_payload", cause: "missing city", fields: ["city"] },
      },
    },
    {
      name: "never arrived, and nobody else's did: sent again now",
      outcome: { to: "resend" },
      before: { status: 9, doubts: 1, nextAttemptAt: NOW, error: "time-out" },
      expected: { status: 0, doubts: 1, retryCount: 0, nextAttemptAt: undefined, tally: "waiting", event: "never_arrived" },
    },
    {
      name: "never arrived: due again, its doubts kept",
      outcome: { to: "resend" },
      before: { status: 9, doubts: 1, retryCount: 2 },
      expected: { status: 0, doubts: 1, retryCount: 2, nextAttemptAt: undefined, tally: "waiting" },
    },
    {
      name: "provably not sent: as before the claim",
      outcome: { to: "unsent" },
      before: { status: 2, retryCount: 3, doubts: 1, nextAttemptAt: inSec(-1), error: "no such SKU", requestId: "r1" },
      expected: {
        status: 2,
        retryCount: 3,
        doubts: 1,
        nextAttemptAt: inSec(-1),
        error: "no such SKU",
        requestId: "r1",
        tally: "waiting",
        event: "not_sent",
        task: undefined,
      },
    },
  ] as const)("$name", ({ outcome, before, expected }) => {
    expect(change(outcome, before)).toMatchObject(expected);
  });
});

describe("the retry budget", () => {
  it.each([
    { name: "the first failure", before: 0, charge: true, expected: { status: 2, retryCount: 1, nextAttemptAt: inSec(60) } },
    { name: "the second waits longer", before: 1, charge: true, expected: { status: 2, retryCount: 2, nextAttemptAt: inSec(120) } },
    { name: "the last but one", before: 3, charge: true, expected: { status: 2, retryCount: 4, nextAttemptAt: inSec(480) } },
    { name: "the last", before: 4, charge: true, expected: { status: 3, retryCount: 5, nextAttemptAt: undefined } },
    { name: "a budget that was lowered since", before: 9, charge: true, expected: { status: 3, retryCount: 10 } },
    { name: "not the order's fault", before: 4, charge: false, expected: { status: 2, retryCount: 4, nextAttemptAt: inSec(480) } },
    { name: "not its fault, never failed", before: 0, charge: false, expected: { status: 2, retryCount: 0, nextAttemptAt: inSec(60) } },
  ])("$name", ({ before, charge, expected }) => {
    expect(change(failed(charge), { status: 9, retryCount: before })).toMatchObject(expected);
  });

  it("keeps the vendor's reason on the row, in the event and, once used up, in the task", () => {
    expect(change(failed(true))).toMatchObject({
      error: "no such SKU",
      hold: undefined,
      task: undefined,
      tally: "failed",
      event: "failed",
      detail: { error: "no such SKU", retry_count: 1 },
    });
    expect(change(failed(true), { retryCount: 4 }, "ship")).toMatchObject({
      error: "no such SKU",
      hold: "max_retry_exceeded",
      tally: "manual",
      event: "needs_person",
      task: {
        type: "max_retry_exceeded",
        cause: "no such SKU",
        detail: { attempts: 5 },
        nextStep: expect.stringContaining("requeue <dscoOrderId> --stage ship"),
      },
    });
  });

  it.each([
    { given: "r2", expected: "r2" },
    { given: undefined, expected: "r1" },
  ])("keeps the latest request id ($given)", ({ given, expected }) => {
    for (const retryCount of [0, 4]) {
      expect(change({ to: "failed", charge: true, error: "x", requestId: given }, { retryCount, requestId: "r1" }).requestId).toBe(
        expected,
      );
    }
  });

  it("of one means a person at the first failure", () => {
    expect(toStageChange("ack", aStageState(), failed(true), { maxRetryPerOrder: 1 }, NOW)).toMatchObject({ status: 3, retryCount: 1 });
  });
});

describe("every outcome", () => {
  const outcome = fc.oneof(
    fc.constantFrom<Outcome>({ to: "done", how: "sent" }, { to: "done", how: "adopted" }, { to: "notNeeded", reason: "r" }, byPerson),
    fc.constant<Outcome>({ to: "resend" }),
    fc.constant<Outcome>({ to: "unsent" }),
    fc.boolean().map((charge) => failed(charge)),
  );
  const before = fc.record({ retryCount: fc.nat(9), doubts: fc.nat(9), status: fc.constantFrom(0 as const, 2 as const) });

  it("charges only a failure that is the order's, and by one; a task goes with 3 and only with 3; a date only with 2 or as it was", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STAGES), before, outcome, (stage, state, to) => {
        const found = toStageChange(stage, aStageState(state), to, RULES, NOW);
        expect(found.retryCount).toBe(state.retryCount + (to.to === "failed" && to.charge ? 1 : 0));
        expect(found.task !== undefined).toBe(found.status === STAGE_STATUS.manual);
        expect(found.hold).toBe(found.task?.type);
        expect(found.status).not.toBe(STAGE_STATUS.inFlight);
        if (found.status === STAGE_STATUS.failed && to.to === "failed")
          expect(found.nextAttemptAt?.getTime()).toBeGreaterThan(NOW.getTime());
        else expect(found.nextAttemptAt).toBeUndefined();
      }),
    );
  });
});
