import { describe, expect, it } from "vitest";
import { isoTime } from "../../src/sandbox/orders.ts";
import { PULL, PUSH, until, useWorld } from "./world.ts";

const world = await useWorld();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const since = (at: number): string => JSON.stringify({ mode: "updatedSince", since: isoTime(at) });
const setWatermark = (at: number) =>
  world.db.query("insert into job_watermark (job_name, watermark) values (?, ?) on duplicate key update watermark = values(watermark)", [
    PULL,
    since(at),
  ]);
const watermarkTime = async (): Promise<number> => Date.parse((JSON.parse((await world.watermark()) ?? "{}") as { since: string }).since);
const known = async (): Promise<string[]> => (await world.orders()).map(({ dsco_order_id }) => dsco_order_id);
const atDsco = (): string[] =>
  world.vendors
    .state()
    .dsco.orders.map(({ dscoOrderId }) => String(dscoOrderId))
    .sort();
const rawText = async (id: string): Promise<string | undefined> =>
  (await world.db.query<{ payload: string }>("select payload from dsco_order_raw where dsco_order_id = ?", [id]))[0]?.payload;
const pages = (): number => world.vendors.stats().requests.order_page ?? 0;

describe("a first pull", () => {
  it("reads from 1970 when nobody has set a watermark, and then has one", async () => {
    await world.open({ orders: 3 });
    const old = world.vendors.changeOrders({ add: [{ updatedAt: "2011-05-06T07:08:09Z" }] }).added[0];
    const began = Date.now();
    const pass = await world.pass(PULL);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { read: 4, done: 4 } });
    expect(await known()).toContain(old);
    expect(Math.abs((await watermarkTime()) - (began - 10_000))).toBeLessThan(5_000);
  });

  it("leaves alone what was finished before it was ever seen, and test orders", async () => {
    await world.open({ orders: 2 });
    const order = (fields: object) => ({ order: { ...fields }, updatedAt: Date.now() - HOUR });
    const { added } = world.vendors.changeOrders({
      add: [
        order({ dscoStatus: "shipped" }),
        order({ dscoStatus: "cancelled" }),
        order({ testFlag: true }),
        order({ dscoStatus: "shipment_pending" }),
      ],
    });
    const [shipped = "", cancelled = "", test = "", open = ""] = added;
    await world.pulled();
    const tracked = await known();
    expect(tracked).toEqual(expect.arrayContaining([open]));
    for (const id of [shipped, cancelled, test]) expect(tracked).not.toContain(id);

    world.vendors.changeOrders({ uncancel: [cancelled], updatedAt: Date.now() - 20_000 });
    await world.pulled();
    expect(await known(), "once it is open, it is ours").toContain(cancelled);
    await world.pass(PULL, ["--since", isoTime(Date.now() - 2 * HOUR)], { IPASS_INCLUDE_TEST_ORDERS: "true" });
    expect(await known()).toContain(test);
  });
});

describe("the ids", () => {
  it("keep every digit beyond 2^53, sent as text or as numbers, and every other text stays as DSCO wrote it", async () => {
    await world.open({ orders: 24, broken: 12 });
    await world.pulled();
    const numeric = world.vendors
      .state()
      .dsco.orders.map(({ dscoOrderId }) => String(dscoOrderId))
      .filter((id) => /9007\d{12,}/.test(id));
    expect(numeric.length).toBeGreaterThan(0);
    const id = /\d{17,}/.exec(numeric[0] ?? "")?.[0] ?? "";
    expect(await known()).toContain(id);
    expect(await rawText(id)).toContain(`"dscoOrderId":${id}`);
    const long = "90071992547409931234";
    world.vendors.changeOrders({ add: [{ order: { dscoOrderId: long }, updatedAt: Date.now() - 20_000 }] });
    await world.pulled();
    expect(await known()).toContain(long);
    await world.pass(PUSH);
    const numbers = world.vendors.state().lingxing.orders.flatMap(({ platformOrderNos }) => platformOrderNos);
    expect(numbers).toEqual(expect.arrayContaining([id, long]));
  });
});

describe("orders that are malformed", () => {
  it("each keep their text and become one task that names what is wrong; the others go on; exit 3", async () => {
    await world.open({ orders: 24, broken: 12 });
    const pull = await world.pass(PULL);
    expect(pull.report, "one has no id at all").toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    const push = await world.pass(PUSH);
    expect(push.report).toMatchObject({ exit: { code: 3 } });
    const tasks = (await world.tasks()).map(({ task_type, dsco_order_id, payload }) => ({
      task_type,
      dsco_order_id,
      why: (JSON.parse(payload) as { cause: string }).cause,
    }));
    const causes = tasks.map(({ task_type, why }) => `${task_type}: ${why.replace("missing or unreadable: ", "")}`).sort();
    expect(causes).toEqual([
      "bad_payload: lineItems",
      expect.stringMatching(/^bad_payload: lineItems \(every line is cancelled or rejected\)$|^bad_payload: lineItems\[0\]\.quantity/),
      expect.stringMatching(/^bad_payload: lineItems\[0\]\.sku/),
      "bad_payload: no readable dscoOrderId",
      "bad_payload: shipping.address",
      "bad_payload: shipping.country",
      "bad_payload: shipping.name",
      "cancel_requested: the retailer asks to cancel this order",
    ]);
    for (const { dsco_order_id } of tasks.filter(({ dsco_order_id }) => dsco_order_id !== null)) {
      const order = world.vendors.state().dsco.orders.find(({ dscoOrderId }) => String(dscoOrderId) === dsco_order_id);
      expect(JSON.parse((await rawText(dsco_order_id ?? "")) ?? "null")).toEqual(JSON.parse(JSON.stringify(order)));
    }
    const stuck = await world.orders("push_status = 3");
    expect(stuck).toHaveLength(7);
    expect(world.vendors.state().lingxing.orders).toHaveLength(push.report.counts.done);
    expect(await world.orders("push_status not in (1, 3)")).toEqual([]);

    const again = [await world.pass(PULL), await world.pass(PUSH)];
    expect(
      again.map(({ code }) => code),
      "nothing new: nobody is told twice",
    ).toEqual([0, 0]);
    expect((await world.tasks()).map(({ occurrences }) => occurrences)).toEqual(tasks.map(() => 1));
  });

  it("without an id are kept to the letter, under a key the task names", async () => {
    await world.open({ orders: 1 });
    world.vendors.changeOrders({ add: [{ order: { dscoOrderId: "x".repeat(80) }, updatedAt: Date.now() - 20_000 }] });
    const pass = await world.pass(PULL);
    expect(pass.report).toMatchObject({ exit: { code: 3 }, counts: { read: 2, done: 1, manual: 1 } });
    const [task] = await world.tasks();
    expect(task).toMatchObject({ task_type: "bad_payload", dsco_order_id: null, stage: null });
    const { raw_kept_as } = JSON.parse(task?.payload ?? "{}") as { raw_kept_as: string };
    expect(task?.next_step).toContain(raw_kept_as);
    expect(await rawText(raw_kept_as)).toContain(`"dscoOrderId":"${"x".repeat(80)}"`);
  });

  it("go on by themselves once the retailer has corrected them, and their task closes", async () => {
    await world.open({ orders: 2 });
    await world.pulled();
    const [id = ""] = await known();
    const ship = (city: string | null, ago: number) =>
      world.vendors.changeOrders({ patch: [{ id, set: { shipping: { city } } }], updatedAt: Date.now() - ago });
    ship(null, 30_000);
    await world.pulled();
    await world.pass(PUSH);
    expect(await world.tasks("status = 0")).toMatchObject([{ task_type: "bad_payload", dsco_order_id: id }]);
    ship("Reno", 20_000);
    await world.pulled();
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { done: 1 } });
    expect(await world.tasks()).toMatchObject([{ status: 2, resolved_by: "ipass" }]);
  });
});

describe("a page whose answer is lost", () => {
  it("that never arrives at all: 14, and DSCO is not asked for ever", async () => {
    await world.open({ orders: 5, faults: ["order_page:500-before:1"] });
    const pass = await world.pass(PULL);
    expect(pass.report).toMatchObject({ exit: { code: 14 }, counts: { read: 0 } });
    expect(pages()).toBe(4);
  });
});

describe("a scroll that expires", () => {
  it("is read in smaller slices, all in the same pass", async () => {
    // Whoever leaves a scroll for five minutes finds it gone: this clock jumps while the second page is asked for.
    let aheadMs = 0;
    await world.open({ orders: 2500, limits: false, latencyMs: 150, now: () => new Date(Date.now() + aheadMs) });
    await setWatermark(Date.now() - 2 * HOUR);
    const watch = setInterval(() => {
      if (pages() === 2) aheadMs = 6 * MINUTE;
    }, 1);
    const pass = await world.pass(PULL).finally(() => clearInterval(watch));
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 2500 } });
    expect(await known()).toEqual(atDsco());
    const warned = world.logs().filter((line) => line.trace_id === pass.report.trace_id && line.msg === "pull_slice_halved");
    expect(warned).toMatchObject([{ reason: "expired" }]);
    expect(await watermarkTime()).toBeGreaterThan(Date.now() - MINUTE);
  });
});

describe("the deadline", () => {
  it("keeps what was read; pass after pass gets through, wherever it falls", { timeout: 120_000 }, async () => {
    const smallPages = { IPASS_JOB_PULL_DSCO_ORDERS_BATCH_SIZE: "100" };
    await world.open({ orders: 4500, limits: false, latencyMs: 100, windowMs: 2 * HOUR });
    await setWatermark(Date.now() - 3 * HOUR);
    const first = await world.pass(PULL, ["--max-duration", "2"], smallPages);
    expect(first.report).toMatchObject({ exit: { code: 15, name: "deadline" } });
    expect(first.report.counts.done).toBeGreaterThan(0);
    expect((await world.orders()).length).toBe(first.report.counts.done);
    let passes = 1;
    for (let code: number | null = 15; code === 15; passes++) {
      expect(passes, `still at ${await world.watermark()}, with ${(await known()).length} of 4500 orders`).toBeLessThan(30);
      ({ code } = await world.pass(PULL, ["--max-duration", "2"], smallPages));
    }
    expect(await known()).toEqual(atDsco());
  });
});

describe("an order that becomes visible late", () => {
  const visibleNow = (changedAgo: number): string =>
    world.vendors.changeOrders({ add: [{ updatedAt: Date.now() - changedAgo, visibleAt: Date.now() - 1000 }] }).added[0] ?? "";

  it("by 4 minutes is pulled by the next pass", async () => {
    await world.open({ orders: 3 });
    await setWatermark(Date.now() - MINUTE);
    const id = visibleNow(4 * MINUTE);
    await world.pulled();
    expect(await known()).toContain(id);
  });

  it("by 10 hours is pulled by the first pass in the next quarter of the day", async () => {
    await world.open({ orders: 3 });
    const quarter = Math.floor((Date.now() - 15_000) / (6 * HOUR)) * 6 * HOUR;
    const id = visibleNow(10 * HOUR);
    await setWatermark(quarter + 1000);
    await world.pulled();
    expect(await known(), "not by every pass: that would be a day of orders each minute").not.toContain(id);
    await setWatermark(quarter - MINUTE);
    await world.pulled();
    expect(await known()).toContain(id);
  });
});

describe("what is known already", () => {
  it("costs no write when it is unchanged", async () => {
    await world.open({ orders: 50 });
    await world.pulled();
    const snapshot = () =>
      world.db.query(
        "select s.dsco_order_id, s.updated_at, r.fetched_at from sync_order_state s join dsco_order_raw r using (dsco_order_id) order by 1",
      );
    const before = await snapshot();
    const events = await world.db.query("select count(*) as n from order_event");
    const pass = await world.pass(PULL);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 0 } });
    expect(await snapshot()).toEqual(before);
    expect(await world.db.query("select count(*) as n from order_event")).toEqual(events);
    expect(await world.start(["run", PULL]).done).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("is replaced by a newer snapshot, never by an older one", async () => {
    await world.open({ orders: 1 });
    await world.pulled();
    const [id = ""] = await known();
    world.vendors.changeOrders({ patch: [{ id, set: { poNumber: "PO-NEW" } }], updatedAt: Date.now() - 20_000 });
    await world.pulled();
    expect(await rawText(id)).toContain("PO-NEW");
    world.vendors.changeOrders({ patch: [{ id, set: { poNumber: "PO-OLD" } }], updatedAt: Date.now() - 90_000 });
    const pass = await world.pass(PULL);
    expect(pass.report.counts).toMatchObject({ read: 1, skipped: 1 });
    expect(await rawText(id)).toContain("PO-NEW");
    expect((await world.db.query("select po_number from sync_order_state"))[0]).toEqual({ po_number: "PO-NEW" });
  });

  it("that changes after the push: a task names the fields, changed lines hold the shipment", async () => {
    await world.open({ orders: 2 });
    await world.pulled();
    await world.pass(PUSH);
    const [moved = "", relined = ""] = await known();
    world.vendors.changeOrders({
      patch: [
        { id: moved, set: { shipping: { city: "Tulsa" } } },
        { id: relined, set: { lineItems: [{ lineNumber: 1, sku: "MUG-1", quantity: 9, consumerPrice: 5 }] } },
      ],
      updatedAt: Date.now() - 20_000,
    });
    await world.pulled();
    const tasks = await world.tasks();
    expect(tasks).toMatchObject([{ task_type: "changed_after_push" }, { task_type: "changed_after_push" }]);
    const fields = Object.fromEntries(
      tasks.map(({ dsco_order_id, payload }) => [dsco_order_id, (JSON.parse(payload) as { fields: string[] }).fields]),
    );
    expect(fields[moved]).toEqual(["city"]);
    expect(fields[relined]).toEqual(["lines", "prices"]);
    expect(await world.order(moved)).toMatchObject({ push_status: 1, ship_status: 0 });
    expect(await world.order(relined)).toMatchObject({ push_status: 1, ship_status: 3 });
  });
});

describe("the watermark", () => {
  it.each([
    { how: "--limit", args: () => ["--limit", "2"] },
    { how: "--order", args: () => ["--order", "1200000001"] },
    { how: "--since", args: () => ["--since", isoTime(Date.now() - 2 * HOUR), "--until", isoTime(Date.now() - MINUTE)] },
    { how: "--dry-run", args: () => ["--dry-run"] },
  ])("is not moved by a pass with $how", async ({ args }) => {
    await world.open({ orders: 5 });
    const start = Date.now() - 3 * HOUR;
    await setWatermark(start);
    const pass = await world.pass(PULL, args());
    expect(pass.report).toMatchObject({ exit: { code: 0 } });
    expect(pass.report.counts.done).toBeGreaterThan(0);
    expect(await world.watermark()).toBe(since(start));
  });

  it("that an operator sets while a pull runs, wins", async () => {
    await world.open({ orders: 2500, limits: false, latencyMs: 200 });
    await setWatermark(Date.now() - 3 * HOUR);
    const running = world.start(["run", PULL, "--json"]);
    await until("the first page is in", async () => (await known()).length > 0);
    const theirs = '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z"}';
    expect((await world.start(["watermark", "set", PULL, theirs]).done).code).toBe(0);
    const pass = await world.finished(running);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 2500 } });
    expect(await world.watermark()).toBe(theirs);
    expect(
      world.logs().filter((line) => line.trace_id === pass.report.trace_id && line.msg === "watermark_was_set_meanwhile"),
    ).toHaveLength(1);
  });

  it("that makes no sense is left for a person to correct: 2", async () => {
    await world.open({ orders: 1 });
    await world.db.query("insert into job_watermark (job_name, watermark) values (?, '{\"cursor\":1}')", [PULL]);
    const pass = await world.pass(PULL);
    expect(pass.report).toMatchObject({
      exit: { code: 2 },
      error: { next_step: expect.stringContaining("ipass watermark set pull_dsco_orders") },
    });
    expect(await known()).toEqual([]);
  });
});

describe("what the caller may ask for", () => {
  it("--dry-run: what would be new, and nothing kept", async () => {
    await world.open({ orders: 24, broken: 12 });
    const rehearsal = await world.pass(PULL, ["--dry-run"]);
    expect(await known()).toEqual([]);
    expect(await world.db.query("select * from dsco_order_raw")).toEqual([]);
    expect(await world.tasks()).toEqual([]);
    const real = await world.pass(PULL);
    expect(rehearsal.report).toMatchObject({ dry_run: true, counts: real.report.counts, exit: real.report.exit });
    expect(rehearsal.report.plan).toMatchObject([{ do: "manual", task_type: "bad_payload" }]);
  });

  it("--order: that one, at once; an id DSCO does not know: 2", async () => {
    await world.open({ orders: 3 });
    const [first = ""] = atDsco();
    expect((await world.pass(PULL, ["--order", first])).report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await known()).toEqual([first]);
    const unknown = await world.pass(PULL, ["--order", "4711"]);
    expect(unknown.report).toMatchObject({ exit: { code: 2, name: "usage" }, error: { message: expect.stringContaining("4711") } });
  });

  it("--since/--until: the changes of that window, and no others", async () => {
    await world.open({ orders: 0 });
    const at = (hoursAgo: number) => Date.now() - hoursAgo * HOUR;
    const [, inside = ""] = world.vendors.changeOrders({ add: [{ updatedAt: at(50) }, { updatedAt: at(30) }, { updatedAt: at(2) }] }).added;
    const pass = await world.pass(PULL, ["--since", isoTime(at(40)), "--until", isoTime(at(20))]);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await known()).toEqual([inside]);
  });
});

describe("a push whose snapshots are old", () => {
  const makeStale = () => world.db.query("update dsco_order_raw set fetched_at = utc_timestamp(3) - interval 1 hour");

  it("first reads what changed since, in pages, without moving the watermark", async () => {
    await world.open({ orders: 20 });
    await world.pulled();
    await setWatermark(Date.now() - HOUR);
    await makeStale();
    const [cancelled = "", patched = ""] = await known();
    world.vendors.changeOrders({ cancel: [cancelled], updatedAt: Date.now() - 20_000 });
    world.vendors.changeOrders({ patch: [{ id: patched, set: { shipping: { city: "Boise" } } }], updatedAt: Date.now() - 20_000 });
    const mark = await world.watermark();
    world.vendors.resetStats();
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 19 } });
    expect(await world.order(cancelled)).toMatchObject({ push_status: 4 });
    const arrived = world.vendors.state().lingxing.orders;
    expect(arrived.some(({ platformOrderNos }) => platformOrderNos.includes(cancelled))).toBe(false);
    expect(arrived.find(({ platformOrderNos }) => platformOrderNos.includes(patched))?.sent.city).toBe("Boise");
    expect(world.vendors.stats().requests).toMatchObject({ order_page: 2 });
    expect(world.vendors.stats().requests.order_get).toBeUndefined();
    expect(await world.watermark()).toBe(mark);
  });

  it("under --order asks for that order alone", async () => {
    await world.open({ orders: 5 });
    await world.pulled();
    await setWatermark(Date.now() - HOUR);
    await makeStale();
    const [cancelled = ""] = await known();
    world.vendors.changeOrders({ cancel: [cancelled], updatedAt: Date.now() - 20_000 });
    world.vendors.resetStats();
    const pass = await world.pass(PUSH, ["--order", cancelled]);
    expect(pass.report).toMatchObject({ counts: { read: 1, skipped: 1 } });
    expect(world.vendors.stats().requests).toEqual({ order_get: 1 });
    expect((await world.order(cancelled)).push_status).toBe(4);
  });

  it.each(["0", "5"])("an age of %s s, less than DSCO lets anybody be up to date, still ends", async (age) => {
    await world.open({ orders: 5 });
    await world.pulled();
    await makeStale();
    world.vendors.resetStats();
    const pass = await world.pass(PUSH, ["--max-duration", "4"], { IPASS_ORDER_MAX_AGE_SEC: age });
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 5 } });
    expect(pages()).toBeLessThanOrEqual(2);
  });
});
