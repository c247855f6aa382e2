import { describe, expect, it } from "vitest";
import { ACK, aBowl, aLine, INVOICE, PULL, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const openTasks = async (id: string) =>
  (await life.tasks(id, 0)).map(({ task_type, stage, payload, occurrences }) => [
    task_type,
    stage,
    (JSON.parse(payload) as { fields?: string[] }).fields?.join(),
    occurrences,
  ]);
const change = async (id: string, set: Readonly<Record<string, unknown>>): Promise<void> => {
  life.patch(id, set);
  await life.ran(PULL);
};
const LINES = { lineItems: [aLine({ quantity: 3 })] };
const LINES_BACK = { lineItems: [aLine()] };

describe("an order that the retailer changed after its push", () => {
  it("asks a person to correct what the task names, and ships all the same when it is no line", async () => {
    await life.open();
    const id = await life.acked();
    await change(id, { shipping: { city: "Albany", phone: "7755550199" } });
    for (let pull = 1; pull <= 2; pull++) await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "push", "city,phone", 1]]);
    life.people({ action: "ship" });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
  });

  it("is not shipped while its lines differ; changed back it goes on, and the task closes by itself", async () => {
    await life.open();
    const id = await life.acked();
    await change(id, LINES);
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "ship", "lines", 1]]);
    life.people({ action: "ship" });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 0 } });

    await change(id, LINES_BACK);
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await life.tasks(id)).toMatchObject([{ status: 2, resolved_by: "ipass" }]);
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { done: 1 } });
  });

  it("goes on when a person has seen to it, whatever else of it changes at DSCO, such as by the ACK", async () => {
    await life.open();
    const [id = ""] = await life.pushed({ lineItems: [aLine(), aBowl()] });
    await change(id, { lineItems: [aLine(), aBowl({ status: "cancelled", cancelledQuantity: 1 })] });
    expect(await life.stages(id)).toEqual([1, 0, 3, 0]);
    await life.requeue(id, "ship");
    expect(await life.tasks(id, 0)).toEqual([]);
    life.people({ action: "review" });
    await life.ran(ACK);
    await change(id, { dscoStatus: "shipment_pending" });
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await life.tasks(id, 0)).toEqual([]);

    await change(id, { lineItems: [aLine(), aBowl()] });
    expect(await life.stages(id), "but a further change holds it again, even back to what was pushed").toEqual([1, 1, 3, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "ship", "lines", 2]]);
  });

  it("and its shipment is told about, never to requeue what is done", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship" });
    await life.ran(SHIP);
    await change(id, LINES);
    expect(await life.stages(id)).toEqual([1, 1, 1, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "push", "lines", 1]]);
    expect((await life.tasks(id, 0))[0]?.next_step).toContain("manual-tasks resolve");
  });

  it("and of which the lines are as they were, yet not the city, goes on", async () => {
    await life.open();
    const id = await life.acked();
    await change(id, { ...LINES, shipping: { city: "Albany" } });
    expect(await openTasks(id)).toEqual([["changed_after_push", "ship", "city,lines", 1]]);
    await change(id, LINES_BACK);
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "push", "city", 1]]);
    await change(id, LINES);
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id), "one task, which names all").toEqual([["changed_after_push", "ship", "city,lines", 2]]);
  });

  it("while it was cancelled is held for its lines when it is brought back", async () => {
    await life.open();
    const id = await life.acked();
    life.retailer({ cancel: [id] });
    await life.ran(PULL);
    await change(id, LINES);
    life.retailer({ uncancel: [id] });
    await life.ran(PULL);
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "ship", "lines", expect.any(Number)]]);
  });

  it("while its retailer asked to cancel it is held for its lines when the request is withdrawn", async () => {
    await life.open();
    const id = await life.acked();
    await change(id, { cancelRequested: true });
    await change(id, LINES);
    await change(id, { cancelRequested: false });
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    expect(await openTasks(id)).toEqual([["changed_after_push", "ship", "lines", expect.any(Number)]]);
  });
});
