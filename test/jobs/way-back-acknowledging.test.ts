import { describe, expect, it } from "vitest";
import { ACK, aBowl, aLine, PULL, PUSH, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const DAY_SEC = 86_400;
const TWO_LINES = { lineItems: [aLine(), aBowl()] };
/** What Lingxing calls its orders of this number, oldest first. */
const inLingxing = (id: string): string[] =>
  life.world.vendors.state().lingxing.orders.flatMap((order) => (order.platformOrderNos.includes(id) ? [order.globalOrderNo] : []));

describe("an order that Lingxing split in two", () => {
  it("is acknowledged when both halves are reviewed, not before", async () => {
    await life.open();
    const [id = ""] = await life.pushed(TWO_LINES);
    life.people({ action: "split", numbers: [id] });
    const [first = "", second = ""] = inLingxing(id);
    life.people({ action: "review", numbers: [first] });
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, waiting: 1 } });
    expect(life.requests.ack).toBeUndefined();
    expect(await life.row(id)).toMatchObject({
      ack_status: 0,
      ack_retry_count: 0,
      ack_waits_for: expect.stringContaining(`${second} is awaiting review (4)`),
    });

    life.people({ action: "review", numbers: [second] });
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.atDsco(id).dscoStatus).toBe("shipment_pending");
    expect(await life.row(id)).toMatchObject({ ack_status: 1, ack_waits_for: null, ack_request_id: expect.any(String) });
  });

  it("does not wait for a half that is hidden (8) beside a live one", async () => {
    await life.open();
    const [id = ""] = await life.pushed(TWO_LINES);
    life.people({ action: "split", numbers: [id] });
    const [first = "", second = ""] = inLingxing(id);
    life.people({ action: "review", numbers: [first] });
    life.people({ action: "status", status: 8, numbers: [second] });
    expect(await life.ran(ACK)).toMatchObject({ counts: { done: 1 } });
  });

  it("of which one half is cancelled goes to a person, since DSCO still wants all of it", async () => {
    await life.open();
    const [id = ""] = await life.pushed(TWO_LINES);
    life.people({ action: "split", numbers: [id] });
    const [first = "", second = ""] = inLingxing(id);
    life.people({ action: "review", numbers: [first] });
    life.people({ action: "cancel", numbers: [second] });
    expect(await life.run(ACK)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(life.requests.ack).toBeUndefined();
    expect(await life.tasks(id)).toMatchObject([{ task_type: "lingxing_cancelled", stage: "ack", status: 0 }]);
  });
});

describe("DSCO", () => {
  it("that has acknowledged the order by itself is believed, without a write", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    life.patch(id, { dscoStatus: "shipment_pending", dscoLifecycle: "acknowledged" });
    await life.ran(PULL);
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.requests.ack).toBeUndefined();
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await life.events(id, "ack_adopted")).toHaveLength(1);
  });

  it("gets hundreds of acknowledgements in one request, and is asked for them once", async () => {
    await life.open({ orders: 300 });
    await life.world.pulled();
    await life.ran(PUSH);
    life.people({ action: "review" });
    life.world.vendors.resetStats();
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 300, done: 300 } });
    expect(life.requests).toEqual({ list: 2, ack: 1, order_log: 1 });
  });
});

describe("an order that is gone in Lingxing", () => {
  it.each(["cancel", "delete"] as const)("(%s) goes to a person, once", async (action) => {
    await life.open();
    const [id = "", other = ""] = await life.pushed({}, {});
    life.people({ action: "review" });
    life.people({ action, numbers: [id] });
    expect(await life.run(ACK)).toMatchObject({ exit: { code: 3, name: "partial" }, counts: { read: 2, done: 1, manual: 1 } });
    expect(await life.stages(id)).toEqual([1, 3, 0, 0]);
    expect(await life.stages(other)).toEqual([1, 1, 0, 0]);
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 0 } });
    expect(await life.tasks(id)).toMatchObject([
      {
        task_type: "lingxing_cancelled",
        stage: "ack",
        status: 0,
        occurrences: 1,
        next_step: expect.stringContaining(`ipass order-state requeue ${id} --stage ack`),
      },
    ]);
  });

  it("and is restored there goes on once it is requeued, and its task is closed", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    life.people({ action: "cancel", numbers: [id] });
    await life.run(ACK);
    life.people({ action: "status", status: 5, numbers: [id] });
    await life.requeue(id, "ack");
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.tasks(id)).toMatchObject([{ status: 2, reason: "seen to" }]);
  });

  it("without a trace is waited for a day after the push, and then a person is asked to look for it", async () => {
    await life.open({ readLagMs: 10 * DAY_SEC * 1000 });
    const id = life.order();
    await life.ran(PULL);
    await life.ran(PUSH);
    expect(await life.ran(ACK)).toMatchObject({ counts: { waiting: 1 } });
    expect(await life.row(id)).toMatchObject({ ack_waits_for: "not in Lingxing's order list yet" });
    await life.later(DAY_SEC - 60);
    expect(await life.ran(ACK)).toMatchObject({ counts: { waiting: 1 } });
    await life.later(61 + 3600);
    expect(await life.run(ACK)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id)).toMatchObject([{ task_type: "lingxing_missing", stage: "ack", status: 0 }]);
    expect(await life.row(id)).toMatchObject({ ack_retry_count: 0 });
  });

  it("after the ACK holds the shipment", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "cancel", numbers: [id] });
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await life.tasks(id)).toMatchObject([{ task_type: "lingxing_cancelled", stage: "ship", status: 0 }]);
  });
});

it("an order the platform shipped itself (9) is acknowledged, and its shipment is a person's", async () => {
  await life.open();
  const [id = ""] = await life.pushed();
  life.people({ action: "shipByPlatform", numbers: [id] });
  expect(await life.ran(ACK)).toMatchObject({ counts: { done: 1 } });
  expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
  expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
  expect(await life.tasks(id)).toMatchObject([{ task_type: "shipped_by_platform", stage: "ship", status: 0 }]);
  expect(life.requests.ship).toBeUndefined();
});
