import { describe, expect, it } from "vitest";
import { ACK, aBowl, aLine, INVOICE, PULL, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const SEND = { IPASS_SHIP_MULTI_PACKAGE: "send" };
const TWO_NUMBERS = ["1ZBOX1", "1ZBOX2"];

describe("an order that went out under two tracking numbers", () => {
  it.each([
    { name: "in two outbound orders", inOneField: false, trackingNumbers: TWO_NUMBERS },
    { name: "in one field, with a comma between", inOneField: true, trackingNumbers: TWO_NUMBERS },
    { name: "in one field, with a blank and a Chinese comma between", inOneField: true, trackingNumbers: ["1ZBOX1 1ZBOX2，1ZBOX3"] },
  ])("is a person's by default: $name", async ({ inOneField, trackingNumbers }) => {
    await life.open();
    const id = await life.acked({ lineItems: [aLine({ quantity: 3 })] });
    life.people({ action: "ship", trackingNumbers, inOneField });
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { read: 1, manual: 1 } });
    expect(await life.stages(id)).toEqual([1, 1, 3, 0]);
    const [task, ...others] = await life.tasks(id);
    expect(others).toEqual([]);
    expect(task).toMatchObject({ task_type: "multi_shipment", stage: "ship", status: 0, occurrences: 1 });
    expect(task?.next_step).toMatch(new RegExp(`^report 1ZBOX1, 1ZBOX2.* at DSCO by hand.*requeue ${id} --stage ship`));
    expect(life.requests.ship).toBeUndefined();
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: 0 } });
  });

  it("is done once somebody has entered both at DSCO and requeued it, and the task closes", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", trackingNumbers: TWO_NUMBERS });
    await life.run(SHIP);
    const items = [{ lineNumber: 1, dscoItemId: "900001", quantity: 1 }];
    life.patch(id, { dscoStatus: "shipped", packages: TWO_NUMBERS.map((trackingNumber) => ({ trackingNumber, items })) });
    await life.ran(PULL);
    await life.requeue(id, "ship");
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(life.requests.ship).toBeUndefined();
    expect(await life.row(id)).toMatchObject({ ship_status: 1, shipped_tracking_no: "1ZBOX1,1ZBOX2" });
    expect(await life.tasks(id, 0)).toEqual([]);
  });

  it.each([false, true])("makes two packages where that is wanted, lines in both flagged (in one field: %s)", async (inOneField) => {
    await life.open({}, SEND);
    const id = await life.acked({ lineItems: [aLine({ quantity: 3 }), aBowl()] });
    life.people({ action: "ship", trackingNumbers: TWO_NUMBERS, inOneField });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    const { packages, dscoStatus } = life.atDsco(id);
    expect(dscoStatus).toBe("shipped");
    expect(packages.map(({ trackingNumber }) => trackingNumber)).toEqual(TWO_NUMBERS);
    expect(
      packages.map(({ items }) => items.map(({ lineNumber, quantity, packageSpanFlag }) => [lineNumber, quantity, packageSpanFlag])),
    ).toEqual(expect.arrayContaining([expect.arrayContaining([[1, 2, true]]), expect.arrayContaining([[1, 1, true]])]));
    const bowls = packages.flatMap(({ items }) => items.filter(({ lineNumber }) => lineNumber === 2));
    expect(bowls).toEqual([expect.objectContaining({ quantity: 1 })]);
    expect(bowls).toEqual([expect.not.objectContaining({ packageSpanFlag: true })]);
    expect(await life.row(id)).toMatchObject({ shipped_tracking_no: "1ZBOX1,1ZBOX2" });
    await life.ran(INVOICE);
    expect(life.invoices(id)).toEqual([expect.not.objectContaining({ ship: expect.anything() })]);
  });

  it("of which DSCO has one already gets the other one only", async () => {
    await life.open({}, SEND);
    const id = await life.acked();
    life.people({ action: "ship", trackingNumbers: TWO_NUMBERS });
    const reported = { trackingNumber: "1ZBOX1", items: [{ lineNumber: 1, dscoItemId: "900001", quantity: 1, packageSpanFlag: true }] };
    life.patch(id, { dscoStatus: "shipment_pending", packages: [reported], lineItems: [aLine({ shippedQuantity: 1 })] });
    await life.ran(PULL);
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(life.atDsco(id)).toMatchObject({
      dscoStatus: "shipped",
      packages: [{ trackingNumber: "1ZBOX1" }, { trackingNumber: "1ZBOX2", items: [{ quantity: 1, packageSpanFlag: true }] }],
    });
  });
});

describe("two orders merged in Lingxing", () => {
  const merged = async (): Promise<[string, string]> => {
    const [one = "", two = ""] = await life.pushed({ lineItems: [aLine()] }, { lineItems: [aLine({ quantity: 1 }), aBowl()] });
    life.people({ action: "merge", numbers: [one, two] });
    life.people({ action: "review" });
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 2, done: 2 } });
    return [one, two];
  };

  it.each([true, false])("get what each one wants, under the one tracking number (lines named: %s)", async (outboundLineNumbers) => {
    await life.open({ outboundLineNumbers });
    const [one, two] = await merged();
    life.people({ action: "ship", trackingNumbers: ["1ZBOTH"] });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 2, done: 2 } });
    expect(life.atDsco(one).packages).toMatchObject([{ trackingNumber: "1ZBOTH", items: [{ lineNumber: 1, quantity: 2 }] }]);
    expect(life.atDsco(two).packages).toMatchObject([
      {
        trackingNumber: "1ZBOTH",
        items: [
          { lineNumber: 1, quantity: 1 },
          { lineNumber: 2, quantity: 1 },
        ],
      },
    ]);
  });

  it("go to a person where the goods are not told apart and one of them is not ours", async () => {
    await life.open();
    const [one, two] = await merged();
    await life.world.db.query("delete from sync_order_state where dsco_order_id = ?", [two]);
    life.people({ action: "ship", trackingNumbers: ["1ZBOTH"] });
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { read: 1, manual: 1 } });
    expect(await life.tasks(one)).toMatchObject([{ task_type: "sync_failed", stage: "ship", payload: expect.stringContaining(two) }]);
    expect(life.requests.ship).toBeUndefined();
  });

  it("wait while less has left than they want together", async () => {
    await life.open();
    const [one, two] = await merged();
    life.people({ action: "ship", trackingNumbers: ["1ZBOTH"], only: { "MUG-BLUE": 3 } });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 2, waiting: 2 } });
    for (const id of [one, two]) expect(await life.row(id)).toMatchObject({ ship_status: 0, ship_retry_count: 0 });
  });
});

describe("what left, counted in the retailer's goods", () => {
  it("does not count a bundle and its components both", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", asBundle: true });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(life.atDsco(id).packages).toMatchObject([{ items: [{ sku: "MUG-BLUE", quantity: 2 }] }]);
  });

  it("maps Lingxing's SKU back; one that no line answers to is a person's, never a guess", async () => {
    await life.open();
    const map = { IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: '{"LX-77":"MUG-BLUE"}' };
    const id = life.order();
    await life.ran(PULL);
    await life.ran("push_orders_to_lingxing", {}, map);
    expect(life.world.vendors.state().lingxing.orders).toMatchObject([{ lines: [{ sku: "LX-77" }] }]);
    life.people({ action: "review" });
    life.people({ action: "ship" });
    await life.ran(ACK);
    expect(await life.run(SHIP), "with the map gone").toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id)).toMatchObject([
      { task_type: "missing_mapping", stage: "ship", status: 0, payload: expect.stringContaining("LX-77") },
    ]);
    expect(life.requests.ship).toBeUndefined();

    await life.requeue(id, "ship");
    expect(await life.ran(SHIP, {}, map)).toMatchObject({ counts: { done: 1 } });
    expect(life.atDsco(id).packages).toMatchObject([{ items: [{ sku: "MUG-BLUE", quantity: 2 }] }]);
    expect(await life.tasks(id, 0)).toEqual([]);
  });

  it("is a person's when it is more than is wanted", async () => {
    await life.open();
    const id = await life.acked({ lineItems: [aLine({ quantity: 3 })] });
    life.patch(id, { lineItems: [aLine({ quantity: 3, cancelledQuantity: 1 })] });
    await life.ran(PULL);
    life.people({ action: "ship" });
    await life.requeue(id, "ship");
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id, 0)).toMatchObject([{ stage: "ship", payload: expect.stringContaining("3 of 2 MUG-BLUE") }]);
    expect(life.requests.ship).toBeUndefined();
  });
});
