import { describe, expect, it } from "vitest";
import { ACK, aBowl, aLine, PULL, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const HOUR_SEC = 3600;
/** Seconds until the shipment is looked at again. */
const nextLookSec = async (id: string): Promise<number> => {
  const { ship_next_attempt_at } = await life.row(id);
  if (!(ship_next_attempt_at instanceof Date)) throw new Error("it waits for no time");
  return (ship_next_attempt_at.getTime() - Date.now()) / 1000;
};
const WAITED = { ship_status: 0, ship_retry_count: 0, ship_error: null };

describe("a shipment at DSCO", () => {
  it("names each line by all its ids, and carrier, method, service level and warehouse as the retailer asked for them", async () => {
    await life.open();
    const id = await life.acked({
      requestedShipCarrier: "FedEx",
      requestedShipMethod: "Ground",
      requestedShippingServiceLevelCode: "FECG",
      requestedWarehouseCode: "WH-NJ",
      shipCarrier: "USPS",
      lineItems: [aLine({ quantity: 1 }), aBowl(), aLine({ lineNumber: 3, quantity: 2 })],
    });
    life.people({ action: "ship", trackingNumbers: ["1ZSHIP1"], deliveredAt: "2026-01-05 16:30:00" });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.atDsco(id).packages).toEqual([
      {
        dscoPackageId: 1,
        trackingNumber: "1ZSHIP1",
        shipDate: "2026-01-05T08:30:00Z",
        shipCarrier: "FedEx",
        shipMethod: "Ground",
        shippingServiceLevelCode: "FECG",
        warehouseCode: "WH-NJ",
        items: [
          { lineNumber: 1, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 1 },
          { lineNumber: 2, dscoItemId: "900002", sku: "BOWL-RED", partnerSku: "CH-7701", quantity: 1 },
          { lineNumber: 3, dscoItemId: "900001", sku: "MUG-BLUE", partnerSku: "CH-5512", quantity: 2 },
        ],
      },
    ]);
    expect(await life.row(id)).toMatchObject({ ship_status: 1, shipped_tracking_no: "1ZSHIP1", ship_request_id: expect.any(String) });
  });

  it("leaves out what the retailer cancelled before the push", async () => {
    await life.open();
    const id = await life.acked({ lineItems: [aLine({ quantity: 3, cancelledQuantity: 1 }), aBowl({ cancelledQuantity: 1 })] });
    life.people({ action: "ship" });
    await life.ran(SHIP);
    expect(life.atDsco(id).packages[0]?.items).toMatchObject([{ lineNumber: 1, quantity: 2 }]);
  });

  it("that somebody has entered by hand is believed, without a write", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", trackingNumbers: ["1ZHAND"] });
    life.patch(id, {
      dscoStatus: "shipped",
      packages: [{ trackingNumber: " 1zhand", items: [{ lineNumber: 1, dscoItemId: "900001", quantity: 2 }] }],
    });
    await life.ran(PULL);
    expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
    expect(life.requests.ship).toBeUndefined();
    expect(await life.row(id)).toMatchObject({ ship_status: 1, shipped_tracking_no: "1ZHAND" });
  });
});

describe("a shipment waits, and no retry is charged,", () => {
  it("while part of the order is still in the warehouse, and less and less often", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", trackingNumbers: ["1ZPART"], only: { "MUG-BLUE": 1 } });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 1, waiting: 1 } });
    expect(await life.row(id)).toMatchObject({ ...WAITED, ship_waits_for: "shipped so far: 1 of 2 MUG-BLUE" });
    const gaps = [await nextLookSec(id)];
    for (const waited of [600, 1200, 4 * HOUR_SEC]) {
      await life.later(waited);
      expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 1, waiting: 1 } });
      gaps.push(await nextLookSec(id));
    }
    expect(
      gaps.map((gap) => Math.round(gap / 60)),
      "minutes",
    ).toEqual([1, 10, 30, 60]);
    expect(await life.row(id)).toMatchObject(WAITED);
    expect(life.requests.ship).toBeUndefined();

    life.people({ action: "ship", trackingNumbers: ["1ZPART"] });
    expect(await life.ran(SHIP), "woken by Lingxing's feed").toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.atDsco(id).packages).toMatchObject([{ trackingNumber: "1ZPART", items: [{ lineNumber: 1, quantity: 2 }] }]);
  });

  it("while one half of a split order is unshipped", async () => {
    await life.open();
    const [id = ""] = await life.pushed({ lineItems: [aLine(), aBowl()] });
    life.people({ action: "split", numbers: [id] });
    life.people({ action: "review" });
    await life.ran(ACK);
    const [first = "", second = ""] = life.world.vendors.state().lingxing.orders.map(({ globalOrderNo }) => globalOrderNo);
    life.people({ action: "ship", numbers: [first], trackingNumbers: ["1ZHALF"] });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { waiting: 1 } });
    expect(await life.row(id)).toMatchObject(WAITED);
    life.people({ action: "ship", numbers: [second], trackingNumbers: ["1ZHALF"] });
    await life.due();
    await life.ran(SHIP);
    expect(life.atDsco(id).packages).toMatchObject([{ trackingNumber: "1ZHALF", items: [{ quantity: 2 }, { quantity: 1 }] }]);
  });

  it("while there is no tracking number", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", withoutTracking: true });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { waiting: 1 } });
    expect(await life.row(id)).toMatchObject({ ...WAITED, ship_waits_for: expect.stringMatching(/^no tracking number yet for WO/) });
    expect(life.requests.ship).toBeUndefined();
  });

  it("while the only outbound order is a deleted one (4)", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "cancel", numbers: [id] });
    life.people({ action: "status", status: 6, numbers: [id] });
    expect(life.world.vendors.state().lingxing.outbound.map(({ status }) => status)).toEqual([4]);
    expect(await life.ran(SHIP)).toMatchObject({ counts: { waiting: 1 } });
    expect(await life.row(id)).toMatchObject({ ...WAITED, ship_waits_for: "shipped in Lingxing, but no outbound order has left yet" });
  });

  it.each(["0000-00-00 00:00:00", ""])("while its date is still empty (%j); after a day a person is asked", async (deliveredAt) => {
    const clock = { aheadMs: 0 };
    await life.open({ now: () => new Date(Date.now() + clock.aheadMs) });
    const id = await life.acked();
    clock.aheadMs = -25 * HOUR_SEC * 1000; // Lingxing's last change is that long ago
    life.people({ action: "ship", trackingNumbers: ["1ZDATE"], deliveredAt });
    clock.aheadMs = 0;
    expect(await life.ran(SHIP)).toMatchObject({ counts: { waiting: 1 } });
    expect(await life.row(id)).toMatchObject({ ...WAITED, ship_waits_for: expect.stringMatching(/^delivered_at is still empty for WO/) });
    await life.later(25 * HOUR_SEC);
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id)).toMatchObject([{ task_type: "bad_payload", stage: "ship", status: 0 }]);

    await life.requeue(id, "ship");
    await life.ran(SHIP, {}, { IPASS_SHIP_DATE_SOURCE: "none" });
    expect(life.atDsco(id).packages).toEqual([expect.not.objectContaining({ shipDate: expect.anything() })]);
  });
});

describe("the ship date", () => {
  it.each([
    { zone: "America/New_York", text: "2026-03-08 15:30:00", instant: "2026-03-08T07:30:00Z" }, // 2:30 there, an hour that day does not have
    { zone: "Asia/Shanghai", text: "2026-01-01 00:00:00", instant: "2025-12-31T16:00:00Z" },
    { zone: "Pacific/Apia", text: "2026-11-01 14:30:00", instant: "2026-11-01T06:30:00Z" },
  ])("is the instant of Lingxing's Beijing text, on a host in $zone", async ({ zone, text, instant }) => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", deliveredAt: text });
    const pass = await life.world.pass(SHIP, [], { TZ: zone });
    expect(pass.report, pass.stderr).toMatchObject({ exit: { code: 0 }, counts: { done: 1 } });
    expect(life.atDsco(id).packages).toMatchObject([{ shipDate: instant }]);
  });

  it("may be that of the stock ledger", async () => {
    await life.open({}, { IPASS_SHIP_DATE_SOURCE: "stock_delivered_at" });
    const id = await life.acked();
    life.people({ action: "ship", deliveredAt: "2026-01-05 00:00:01" });
    await life.ran(SHIP);
    expect(life.atDsco(id).packages).toMatchObject([{ shipDate: "2026-01-04T16:00:01Z" }]);
  });

  it("that is no time is not guessed", async () => {
    await life.open();
    const id = await life.acked();
    life.people({ action: "ship", deliveredAt: "05/01/2026 16:30" });
    expect(await life.run(SHIP)).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await life.tasks(id)).toMatchObject([{ task_type: "bad_payload", payload: expect.stringContaining("05/01/2026 16:30") }]);
    expect(life.requests.ship).toBeUndefined();
  });
});
