import { describe, expect, it } from "vitest";
import { ACK, INVOICE, PULL, PUSH, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const pulled = async (): Promise<string> => {
  const id = life.order();
  await life.ran(PULL);
  return id;
};
const pushed = async (): Promise<string> => (await life.pushed())[0] ?? "";
const invoiced = async (): Promise<string> => {
  const id = await life.shipped();
  await life.ran(INVOICE);
  return id;
};
const openTasks = async (id: string) =>
  (await life.tasks(id, 0)).map(({ task_type, stage, occurrences }) => [task_type, stage, occurrences]);

/** From wherever it stands to the confirmed invoice. */
async function finish(id: string): Promise<void> {
  for (const job of [PULL, PUSH] as const) await life.ran(job);
  for (const action of ["review", "ship"] as const) life.world.vendors.advance({ action, numbers: [id] });
  await life.due();
  for (const job of [ACK, SHIP, INVOICE] as const) await life.ran(job);
  expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
  expect(await life.tasks(id, 0)).toEqual([]);
  expect(life.atDsco(id)).toMatchObject({ dscoStatus: "shipped", packages: [{ items: [{ quantity: 2 }] }] });
  expect(life.invoices(id)).toHaveLength(1);
}

describe("an order cancelled at DSCO", () => {
  it.each([
    { when: "before its push", reach: pulled, stages: [4, 4, 4, 4], task: undefined },
    { when: "once it is in Lingxing", reach: pushed, stages: [1, 3, 3, 3], task: "ack" },
    { when: "once it is acknowledged", reach: () => life.acked(), stages: [1, 1, 3, 3], task: "ship" },
    { when: "once it is shipped", reach: () => life.shipped(), stages: [1, 1, 1, 3], task: "invoice" },
    { when: "once it is invoiced", reach: invoiced, stages: [1, 1, 1, 1], task: undefined },
  ])("$when: the right stages stop, and a person is asked once; brought back it goes on by itself", async ({ reach, stages, task }) => {
    await life.open();
    const id = await reach();
    const before = await life.stages(id);
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    for (const job of [PULL, PUSH, ACK, SHIP, INVOICE] as const) await life.ran(job);
    expect(await life.stages(id)).toEqual(stages);
    expect(await openTasks(id)).toEqual(task === undefined ? [] : [["cancelled_after_push", task, 1]]);
    for (const { next_step } of await life.tasks(id)) expect(next_step).toContain(`order-state done ${id} --stage ${task}`);

    life.retailer({ uncancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual(before);
    expect(await life.tasks(id)).toMatchObject(task === undefined ? [] : [{ status: 2, resolved_by: "ipass" }]);
    await finish(id);
  });

  it("twice is a task that opens again, not a second one", async () => {
    await life.open();
    const id = await life.acked();
    for (const round of [1, 2]) {
      life.retailer({ cancel: [id] });
      await life.ran(PULL);
      expect(await openTasks(id)).toEqual([["cancelled_after_push", "ship", round]]);
      life.retailer({ uncancel: [id] });
      await life.ran(PULL);
    }
    expect(await life.tasks(id)).toMatchObject([{ status: 2 }]);
  });

  it("stays closed where a person has closed it", async () => {
    await life.open();
    const id = await life.acked();
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    for (const stage of ["ship", "invoice"]) {
      expect(await life.shell("order-state", "done", id, "--stage", stage, "--reason", "cancelled in Lingxing too")).toMatchObject({
        code: 0,
      });
    }
    expect(await openTasks(id)).toEqual([]);
    await life.ran(SHIP);
    expect(await life.stages(id)).toEqual([1, 1, 4, 4]);
  });

  it("is not reported even if ipass has not read of it: what is in hand is read again when it is too old", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship" });
    await life.later(3600);
    life.retailer({ cancel: [id] });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 0 } });
    expect(await life.stages(id)).toEqual([1, 1, 3, 3]);
    expect(life.requests.ship).toBeUndefined();
    expect(life.requests.order_get).toBeUndefined();
  });
});

describe("an order cancelled at DSCO while a stage is in flight", () => {
  const NEVER_SETTLED_MS = 3_600_000;

  it.each([
    { what: "its create arrived", fault: "create:500-after:#1", stages: [1, 3, 3, 3], tasks: [["cancelled_after_push", "ack", 1]] },
    { what: "its create never arrived", fault: "create:500-before:#1", stages: [4, 4, 4, 4], tasks: [] },
  ])("is settled first: $what", async ({ fault, stages, tasks }) => {
    const clock = { aheadMs: 0 };
    // Lingxing's list shows a new order 20 s late: too late for the pass that created it.
    await life.open({ faults: [fault], readLagMs: 20_000, now: () => new Date(Date.now() + clock.aheadMs) });
    const id = await pulled();
    await life.ran(PUSH);
    expect(await life.stages(id)).toEqual([9, 0, 0, 0]);
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([9, 0, 0, 0]);
    clock.aheadMs = 21_000;
    await life.later(600);
    await life.ran(PUSH);
    expect(await life.stages(id)).toEqual(stages);
    expect(await openTasks(id)).toEqual(tasks);
    expect(life.requests.create).toBe(1);
  });

  it.each([
    { stage: "ack", job: ACK, first: true, stages: [1, 3, 3, 3], task: "ack" },
    { stage: "ack", job: ACK, first: false, stages: [1, 1, 3, 3], task: "ship" },
    { stage: "shipment", job: SHIP, first: true, stages: [1, 1, 3, 3], task: "ship" },
    { stage: "shipment", job: SHIP, first: false, stages: [1, 1, 1, 3], task: "invoice" },
    { stage: "invoice", job: INVOICE, first: true, stages: [1, 1, 1, 3], task: "invoice" },
    { stage: "invoice", job: INVOICE, first: false, stages: [1, 1, 1, 1], task: undefined },
  ] as const)("is settled first: $stage, cancelled before DSCO got to it: $first", async ({ job, first, stages, task }) => {
    await life.open();
    const [id = ""] = await life.pushed();
    for (const before of [ACK, SHIP, INVOICE] as const) {
      if (before === ACK) life.people({ action: "review", numbers: [id] });
      if (before === SHIP) life.people({ action: "ship", numbers: [id] });
      if (before === job) break;
      await life.ran(before);
    }
    life.world.vendors.changeSettings({ settleMs: NEVER_SETTLED_MS });
    expect(await life.run(job, { maxDurationSec: 1 })).toMatchObject({
      exit: { code: 15, name: "deadline" },
      counts: { read: 1, waiting: 1 },
    });
    const inFlight = await life.stages(id);
    expect(inFlight).toContain(9);
    if (!first) life.world.vendors.changeSettings({ settleMs: 0 });
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id), "nothing is decided before it is settled").toEqual(inFlight);

    life.world.vendors.changeSettings({ settleMs: 0 });
    // The budget is used up by a single failure: a refusal that the cancellation explains is none of it, and no second question to a person.
    const settled = await life.run(job, {}, { IPASS_MAX_RETRY_PER_ORDER: "1" });
    expect(settled).toMatchObject({ exit: { code: first ? 3 : 0 }, counts: { read: 1, [first ? "failed" : "done"]: 1 } });
    expect(await life.stages(id)).toEqual(stages);
    expect(await openTasks(id)).toEqual(task === undefined ? [] : [["cancelled_after_push", task, 1]]);
    const writes = [life.requests.ack, life.requests.ship, life.requests.invoice];
    for (const again of [PULL, ACK, SHIP, INVOICE] as const) await life.ran(again);
    expect([life.requests.ack, life.requests.ship, life.requests.invoice], "and nothing is sent any more").toEqual(writes);
    expect(await life.stages(id)).toEqual(stages);
  });
});

describe("an order whose retailer asks to cancel it", () => {
  const ask = async (id: string, cancelRequested = true): Promise<void> => {
    life.patch(id, { cancelRequested });
    await life.ran(PULL);
  };

  it.each([
    { when: "before its push", reach: pulled, stages: [3, 0, 3, 0], task: "push" },
    { when: "once it is in Lingxing", reach: pushed, stages: [1, 0, 3, 0], task: "ship" },
    { when: "once it is acknowledged", reach: () => life.acked(), stages: [1, 1, 3, 0], task: "ship" },
    { when: "once it is shipped", reach: () => life.shipped(), stages: [1, 1, 1, 0], task: undefined },
  ])("$when: push and shipment are held, a person is asked once; withdrawn it goes on by itself", async ({ reach, stages, task }) => {
    await life.open();
    const id = await reach();
    const before = await life.stages(id);
    await ask(id);
    for (const job of [PULL, PUSH, SHIP] as const) await life.ran(job);
    expect(await life.stages(id)).toEqual(stages);
    expect(await openTasks(id)).toEqual(task === undefined ? [] : [["cancel_requested", task, 1]]);

    await ask(id, false);
    expect(await life.stages(id)).toEqual(before);
    expect(await life.tasks(id)).toMatchObject(task === undefined ? [] : [{ status: 2, resolved_by: "ipass" }]);
    await finish(id);
  });

  it("is acknowledged all the same, and goes on when a person waves it through, whatever else changes at DSCO", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    await ask(id);
    life.people({ action: "review" });
    life.people({ action: "ship" });
    expect(await life.ran(ACK)).toMatchObject({ counts: { done: 1 } });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 0 } });
    expect(await life.run(SHIP, { orders: [id] }), "by name neither").toMatchObject({ counts: { read: 1, skipped: 1 } });

    await life.requeue(id, "ship");
    expect(await openTasks(id)).toEqual([]);
    life.patch(id, { shipByDate: new Date(Date.now() + 3_600_000).toISOString() });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(await life.tasks(id, 0)).toEqual([]);
  });

  it("again, after it was withdrawn, is held again although it was waved through before", async () => {
    await life.open();
    const id = await life.acked();
    await ask(id);
    await life.requeue(id, "ship");
    await ask(id, false);
    await ask(id);
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id)).toEqual([["cancel_requested", "ship", 2]]);
  });

  it("and who then cancels it: one open task, and the cancellation's; brought back, the request holds it again, with its task", async () => {
    await life.open();
    const id = await life.acked();
    await ask(id);
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 1, 3, 3]);
    expect(await openTasks(id)).toEqual([["cancelled_after_push", "ship", 1]]);
    life.retailer({ uncancel: [id] });
    await life.ran(PULL);
    await life.ran(ACK); // the rule runs at the start of every later job, too
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id), "a stage at 3 without a task is an order that nobody sees").toMatchObject([
      ["cancel_requested", "ship", 2],
    ]);
  });
});

describe("an order cancelled in Lingxing", () => {
  it("after its shipment was reported is invoiced all the same", async () => {
    await life.open();
    const id = await life.shipped();
    life.people({ action: "cancel", numbers: [id] });
    for (const job of [ACK, SHIP, INVOICE] as const) await life.ran(job);
    expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
    expect(await life.tasks(id)).toEqual([]);
  });

  it("and at DSCO, too: the cancellation at DSCO takes the place of what was asked before", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    life.people({ action: "cancel", numbers: [id] });
    expect(await life.run(ACK)).toMatchObject({ exit: { code: 3 } });
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 3, 3, 3]);
    expect(await openTasks(id), "one order, one task").toEqual([["cancelled_after_push", "ack", 1]]);
    life.retailer({ uncancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 0, 0, 0]);
    expect(await life.run(ACK), "Lingxing's is there still").toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await openTasks(id)).toEqual([["lingxing_cancelled", "ack", 2]]);
  });
});
