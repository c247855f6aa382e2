import { describe, expect, it } from "vitest";
import { ACK, INVOICE, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const DAY_SEC = 86_400;
const nowSec = (): number => Math.floor(Date.now() / 1000);
const feedSince = async (job: string): Promise<number | undefined> => {
  const text = await life.world.watermark(job);
  return text === undefined ? undefined : (JSON.parse(text) as { since: number }).since;
};
const notDueFor = (job: "ack" | "ship", sec: number) =>
  life.world.db.query(`update sync_order_state set ${job}_next_attempt_at = utc_timestamp(3) + interval ? second`, [sec]);

describe("an order in Lingxing", () => {
  it("that was reviewed and shipped between two passes is acknowledged, shipped and invoiced", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    await life.ran(ACK);
    expect(await life.stages(id)).toEqual([1, 0, 0, 0]);
    life.people({ action: "review" });
    life.people({ action: "ship", trackingNumbers: ["1ZWAY1"] });
    await life.due();
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
    expect(life.atDsco(id)).toMatchObject({ dscoStatus: "shipped", packages: [{ trackingNumber: "1ZWAY1" }] });
    expect(life.invoices(id)).toMatchObject([{ invoiceId: `INV-${id}` }]);
    expect(await life.row(id)).toMatchObject({ shipped_tracking_no: "1ZWAY1", dsco_invoice_id: `INV-${id}` });
  });

  it("costs no request once all is done", async () => {
    await life.open();
    await life.shipped();
    await life.ran(INVOICE);
    life.world.vendors.resetStats();
    for (const job of [ACK, SHIP, INVOICE] as const) expect(await life.ran(job)).toMatchObject({ counts: { read: 0 } });
    expect(life.world.vendors.stats().total).toBe(0);
  });
});

describe("Lingxing's feed of changes", () => {
  it.each([
    { name: "with no watermark yet", watermark: undefined },
    { name: "with the watermark 0", watermark: 0 },
    { name: "with a watermark of a minute ago", watermark: nowSec() - 60 },
  ])("wakes a waiting order $name, and moves the watermark, never into the future", async ({ watermark }) => {
    await life.open();
    const [changed = "", same = ""] = await life.pushed({}, {});
    if (watermark !== undefined) await life.watermark(ACK, { mode: "update_time", since: watermark });
    const before = await feedSince(ACK);
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 2, waiting: 2 } });
    expect(await feedSince(ACK), "nothing waited for a time yet, so the feed was not read").toBe(before);

    life.people({ action: "review", numbers: [changed] });
    expect(await life.ran(ACK), "both: the other one is new in Lingxing, too").toMatchObject({ counts: { read: 2, done: 1, waiting: 1 } });
    expect(await life.stages(changed)).toEqual([1, 1, 0, 0]);
    const moved = await feedSince(ACK);
    expect(moved).toBeGreaterThan(nowSec() - 10);
    expect(moved).toBeLessThanOrEqual(nowSec());

    life.people({ action: "review", numbers: [same] });
    expect(await life.ran(ACK), "at once again").toMatchObject({ counts: { read: 1, done: 1 } });
  });

  it("is not read while no order waits", async () => {
    await life.open();
    for (const job of [ACK, SHIP] as const) await life.ran(job);
    expect(life.world.vendors.stats().total).toBe(0);
    const [id = ""] = await life.pushed();
    life.people({ action: "review", numbers: [id] });
    life.world.vendors.resetStats();
    await life.ran(ACK);
    expect(life.requests, "by its number only").toMatchObject({ list: 1 });
    expect(await life.world.watermark(ACK)).toBeUndefined();
  });

  it("that lacks a change, since it lies before the watermark, costs time and no order", async () => {
    const clock = { aheadMs: 0 };
    await life.open({ now: () => new Date(Date.now() + clock.aheadMs) });
    const [id = ""] = await life.pushed();
    await life.ran(ACK);
    clock.aheadMs = -2 * 3600_000;
    life.people({ action: "review", numbers: [id] });
    clock.aheadMs = 0;
    await life.watermark(ACK, { mode: "update_time", since: nowSec() - 60 });
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 0 } });
    expect(life.requests).toMatchObject({ list: 2 });
    await life.due();
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.stages(id)).toEqual([1, 1, 0, 0]);
  });

  it("is read in slices from a watermark of 90 days ago", async () => {
    await life.open();
    const [id = ""] = await life.pushed();
    await life.ran(ACK);
    await life.later(90 * DAY_SEC);
    await notDueFor("ack", 3600);
    await life.watermark(ACK, { mode: "update_time", since: nowSec() - 90 * DAY_SEC });
    life.people({ action: "review", numbers: [id] });
    life.world.vendors.resetStats();
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(life.requests.list, "four slices, and the order by its number").toBe(5);
    expect(await feedSince(ACK)).toBeGreaterThan(nowSec() - 10);
    expect(await life.world.db.query("select watermark_before, watermark_after from job_run order by id desc limit 1")).toMatchObject([
      {
        watermark_before: expect.stringContaining(`${nowSec() - 90 * DAY_SEC}`.slice(0, 6)),
        watermark_after: await life.world.watermark(ACK),
      },
    ]);
  });

  it("leaves the watermark under --limit, and says what is wrong with one that makes no sense", async () => {
    await life.open();
    await life.pushed({}, {});
    await life.ran(ACK);
    life.people({ action: "review" });
    expect(await life.ran(ACK, { limit: 1 })).toMatchObject({ counts: { read: 1, done: 1 } });
    expect(await life.world.watermark(ACK)).toBeUndefined();
    await notDueFor("ack", 3600);
    await life.watermark(ACK, { mode: "updatedSince", since: "2026-01-01T00:00:00Z" });
    expect(await life.run(ACK)).toMatchObject({
      exit: { code: 2 },
      error: { next_step: expect.stringContaining(`ipass watermark set ${ACK}`) },
    });
  });
});

describe("1,000 orders that waited three days for Lingxing", () => {
  it("are shipped without asking DSCO for one after the other, and invoiced", { timeout: 60_000 }, async () => {
    const orders = 1000;
    await life.open({ orders });
    await life.world.pulled();
    await life.ran("push_orders_to_lingxing");
    life.people({ action: "review" });
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: orders, done: orders } });
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: orders, waiting: orders } });
    await life.later(3 * DAY_SEC);
    life.people({ action: "ship" });
    life.world.vendors.resetStats();
    expect(await life.ran(SHIP)).toMatchObject({ counts: { read: orders, done: orders } });
    expect(await life.ran(INVOICE)).toMatchObject({ counts: { read: orders, done: orders } });
    expect(life.requests.order_get).toBeUndefined();
    expect(life.requests.order_page, "the snapshots were brought up to date").toBeGreaterThan(0);
    expect(life.world.vendors.stats().total).toBeLessThan(60);
    expect(life.world.vendors.summary().dsco).toMatchObject({
      ordersWithPackages: orders,
      packages: orders,
      invoices: orders,
      maxInvoicesOfAnOrder: 1,
      invoicesBeforeShipment: 0,
    });
  });
});
