import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BOTH, EAST, useStockWorld, WEST, WEST_ONLY } from "./stock-world.ts";

const stock = await useStockWorld();
const SKU_MAP = "IPASS_STOCK_SKU_TO_DSCO_SKU_JSON";
const TEN_MINUTES = 601;

describe("10,000 SKUs in one warehouse, 50 ms away", () => {
  it("take at most 50 requests at first, only the reads when nothing changed, and one item when one changed", {
    timeout: 120_000,
  }, async () => {
    await stock.open({ skus: 10_000, latencyMs: 50, limits: true });
    const first = await stock.ran();
    expect(first.counts).toMatchObject({ read: 10_000, done: 10_000 });
    expect(stock.world.vendors.stats().total).toBeLessThanOrEqual(50);
    expect(stock.world.vendors.stats().throttled).toEqual({});
    stock.expectEqual();

    stock.world.vendors.resetStats();
    const second = await stock.ran();
    expect(second.counts).toMatchObject({ read: 10_000, skipped: 10_000 });
    expect(Object.keys(stock.requests)).toEqual(["stock"]);

    stock.edit({ wid: WEST, sku: first5()[0], valid: 777 });
    const third = await stock.ran();
    expect(third.counts).toMatchObject({ read: 10_000, done: 1, skipped: 9_999 });
    expect(stock.requests).toMatchObject({ inventory: 1 });
    expect(stock.world.vendors.summary().dsco.inventoryUpdates).toBe(10_001);
    stock.expectEqual();
  });
});

describe("what DSCO shows", () => {
  it("is the sum over sellers, FNSKUs and all Lingxing warehouses of a DSCO warehouse, never less than 0", async () => {
    await stock.open({}, { [WEST]: "WH-CA", [EAST]: "WH-CA" });
    const [plain, split, negative, alsoNegative] = first5();
    stock.edit(
      { wid: WEST, sku: split, sellerId: "104", fnsku: "X001", valid: 4 },
      { wid: EAST, sku: split, sellerId: "0", valid: -3 },
      { wid: WEST, sku: negative, valid: -50 },
      { wid: EAST, sku: negative, valid: 20 },
      { wid: WEST, sku: alsoNegative, valid: -5 },
      { wid: EAST, sku: alsoNegative, valid: 12 },
      { wid: WEST, sku: plain, valid: 7 },
    );
    await stock.ran();
    expect(stock.atDsco().get(negative)).toEqual({ "WH-CA": 0 });
    expect(stock.atDsco().get(alsoNegative)).toEqual({ "WH-CA": 7 });
    stock.expectEqual();
  });

  it("names every warehouse of the map, with 0 where Lingxing has no row", async () => {
    await stock.open({}, BOTH);
    const [sku] = first5();
    stock.edit({ wid: EAST, sku, remove: true }, { wid: WEST, sku, valid: 9 });
    await stock.ran();
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 9, "WH-NJ": 0 });
    stock.expectEqual();
  });

  it("stands under the SKU the map gives; a Lingxing SKU that only shares its name is left out, and a person is told once", async () => {
    await stock.open();
    const [target, other] = first5();
    const map = { [SKU_MAP]: JSON.stringify({ "LOCAL-1": target }) };
    stock.edit({ wid: WEST, sku: "LOCAL-1", valid: 41 }, { wid: WEST, sku: target, valid: 1_000 });
    for (const pass of [1, 2]) {
      const report = await stock.run({}, map);
      expect(report, `pass ${pass}`).toMatchObject({ exit: { code: 3 }, counts: { manual: 1, failed: 0 } });
    }
    expect(stock.atDsco().get(target)).toEqual({ "WH-CA": 41 });
    expect(stock.atDsco().get(other)).toEqual(stock.wanted().get(other));
    const [task, ...more] = await stock.tasks("missing_mapping");
    expect(more).toEqual([]);
    expect(task).toMatchObject({ occurrences: 2, dsco_order_id: null, payload: expect.stringContaining(target) });

    stock.edit({ wid: WEST, sku: target, remove: true });
    await stock.ran({}, map);
    expect(await stock.tasks("missing_mapping")).toEqual([]);
    expect(await stock.tasks("missing_mapping", 2)).toMatchObject([{ resolved_by: "ipass" }]);
  });

  it("becomes 0 when a SKU is gone from Lingxing, and comes back with it", async () => {
    await stock.open();
    const [sku] = first5();
    stock.edit({ wid: WEST, sku, valid: 9 });
    await stock.ran();
    stock.edit({ wid: WEST, sku, remove: true });
    expect((await stock.ran()).counts).toMatchObject({ done: 1 });
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 0 });
    expect((await stock.ran()).counts).toMatchObject({ done: 0 });
    stock.edit({ wid: WEST, sku, valid: 3 });
    await stock.ran();
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 3 });
  });

  it("becomes 0, once, in a warehouse that was taken out of the map", async () => {
    await stock.open({}, BOTH);
    await stock.ran();
    stock.map(WEST_ONLY);
    expect((await stock.ran()).counts.done).toBeGreaterThan(40); // some had nothing there anyway
    for (const [sku, { "WH-CA": west }] of stock.wanted()) expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": west, "WH-NJ": 0 });
    expect((await stock.ran()).counts).toMatchObject({ done: 0, skipped: 50 });
    await stock.ran({ full: true });
    expect((await stock.levels()).filter(({ warehouse_code }) => warehouse_code === "WH-NJ")).toEqual([]);
  });

  it("heals when a warehouse code was misspelt: what DSCO never took is not sent to it again", async () => {
    await stock.open({}, { [WEST]: "WH-CAA" });
    expect(await stock.run()).toMatchObject({ exit: { code: 3 }, counts: { failed: 50 } });
    stock.map(WEST_ONLY);
    expect((await stock.ran()).counts).toMatchObject({ done: 50 });
    stock.expectEqual();
    expect((await stock.levels()).length).toBe(50);
    expect(await stock.tasks("sync_failed")).toEqual([]);
  });

  it("is not held up by a warehouse outside the map that DSCO does not take any more", async () => {
    await stock.open({}, WEST_ONLY);
    await stock.ran();
    await stock.world.db.query(
      "insert into stock_level (dsco_sku, warehouse_code, status, confirmed_quantity, confirmed_at, sent_quantity, sent_at, run_id) select dsco_sku, 'WH-GONE', 1, 5, confirmed_at, 5, sent_at, run_id from stock_level",
    );
    expect((await stock.run()).counts).toMatchObject({ failed: 50 });
    await stock.later(TEN_MINUTES);
    expect((await stock.ran()).counts).toMatchObject({ done: 50 });
    stock.expectEqual();
  });

  it("is sent again after a day, or at once with --full", async () => {
    await stock.open();
    await stock.ran();
    expect((await stock.ran({ full: true })).counts).toMatchObject({ done: 50 });
    await stock.later(23 * 3600);
    expect((await stock.ran()).counts).toMatchObject({ done: 0, skipped: 50 });
    await stock.later(3601);
    expect((await stock.ran()).counts).toMatchObject({ done: 50 });
    expect(stock.world.vendors.summary().dsco.inventoryUpdates).toBe(150);
  });
});

describe("a pass", () => {
  it("under --dry-run sends and writes nothing, and tells what it would send", async () => {
    await stock.open();
    await stock.ran();
    const [sku] = first5();
    stock.edit({ wid: WEST, sku, valid: 777 });
    const [before] = await stock.levels(sku);
    const report = await stock.ran({ dryRun: true });
    expect(report).toMatchObject({ dry_run: true, counts: { read: 50, done: 1, skipped: 49 } });
    const dsco = before?.confirmed_quantity ?? 0;
    expect(report.plan).toEqual([
      { do: "send", sku, why: "changed", warehouses: [{ code: "WH-CA", dsco, lingxing: 777, difference: 777 - dsco }] },
    ]);
    expect(await stock.levels(sku)).toEqual([before]);
    expect(stock.world.vendors.summary().dsco.inventoryUpdates).toBe(50);
  });

  it("sends at most --limit SKUs, the rest waits", async () => {
    await stock.open();
    expect((await stock.ran({ limit: 7 })).counts).toMatchObject({ read: 50, done: 7, waiting: 43 });
    expect(stock.atDsco().size).toBe(7);
  });

  it("ends with 10 when two SKUs are mapped to one, before anything is asked", async () => {
    await stock.open();
    const report = await stock.run({}, { [SKU_MAP]: '{"A":"MUG","B":"MUG"}' });
    expect(report).toMatchObject({ exit: { code: 10 }, error: { message: expect.stringContaining("both map to") } });
    expect(stock.requests).toEqual({});
  });
});

describe("a SKU that DSCO does not take", () => {
  it("leaves one task, is sent again after 10 minutes, doubling, and closes its task by itself", async () => {
    await stock.open();
    const [sku] = first5();
    stock.world.vendors.changeSettings({ refuse: { [sku]: "no such item" } });
    expect(await stock.run()).toMatchObject({ exit: { code: 3 }, counts: { done: 49, failed: 1 } });
    expect(await stock.ran()).toMatchObject({ counts: { waiting: 1, skipped: 49 } });
    await stock.later(TEN_MINUTES);
    expect((await stock.run()).counts).toMatchObject({ failed: 1 });
    await stock.later(TEN_MINUTES);
    expect((await stock.run()).counts).toMatchObject({ waiting: 1 });
    const [task, ...more] = await stock.tasks("sync_failed");
    expect(more).toEqual([]);
    expect(task).toMatchObject({ occurrences: 2, payload: expect.stringContaining("no such item") });
    expect(await stock.levels(sku)).toMatchObject([
      { status: 2, retry_count: 2, confirmed_quantity: null, error: expect.stringContaining("no such item") },
    ]);

    stock.world.vendors.changeSettings({ refuse: {} });
    await stock.later(TEN_MINUTES);
    await stock.ran();
    stock.expectEqual();
    expect(await stock.tasks("sync_failed")).toEqual([]);
    expect(await stock.tasks("sync_failed", 2)).toMatchObject([{ resolved_by: "ipass" }]);
  });

  it("is sent again as soon as its figure changes", async () => {
    await stock.open();
    const [sku] = first5();
    stock.world.vendors.changeSettings({ refuse: { [sku]: "no such item" } });
    await stock.run();
    stock.edit({ wid: WEST, sku, valid: 12_345 });
    expect((await stock.run()).counts).toMatchObject({ failed: 1 });
  });

  it("is forgotten, task and all, when it is mapped to the SKU DSCO knows it by", async () => {
    await stock.open();
    const [sku] = first5();
    stock.edit({ wid: WEST, sku, remove: true }, { wid: WEST, sku: "LOCAL-1", valid: 8 });
    expect((await stock.run()).counts).toMatchObject({ done: 49, failed: 1 });
    expect((await stock.ran({}, { [SKU_MAP]: JSON.stringify({ "LOCAL-1": sku }) })).counts).toMatchObject({ done: 1 });
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 8 });
    expect(await stock.levels("LOCAL-1")).toEqual([]);
    expect(await stock.tasks("sync_failed")).toEqual([]);
  });

  it("is found alone when the whole batch is refused for it", async () => {
    await stock.open();
    const rules = { [SKU_MAP]: JSON.stringify({ "LOCAL-1": "X".repeat(90), "LOCAL-2": "Y".repeat(91) }) };
    stock.edit({ wid: WEST, sku: "LOCAL-1", valid: 1 }, { wid: WEST, sku: "LOCAL-2", valid: 1 });
    const report = await stock.run({}, rules);
    // 90 characters are unknown to DSCO, 91 are never sent.
    expect(report).toMatchObject({ exit: { code: 3 }, counts: { done: 50, failed: 1, manual: 1 } });
    stock.edit({ wid: WEST, sku: "LOCAL-1", remove: true }, { wid: WEST, sku: "LOCAL-2", remove: true });
    stock.expectEqual();
  });
});

describe("an answer that is lost", () => {
  it("for a batch that never arrived is waited for 10 minutes; then the figure of that time is sent", async () => {
    await stock.open({ faults: ["inventory:reset-before:#1"] });
    const [sku] = first5();
    expect((await stock.ran()).counts).toMatchObject({ waiting: 50 });
    stock.edit({ wid: WEST, sku, valid: 321 });
    expect((await stock.ran()).counts).toMatchObject({ waiting: 50 });
    expect(stock.requests.inventory).toBe(1);
    await stock.later(TEN_MINUTES);
    expect((await stock.ran()).counts).toMatchObject({ done: 50 });
    stock.expectEqual();
  });

  it("keeps a SKU from being taken for unchanged when Lingxing is back at the old figure", async () => {
    await stock.open();
    const [sku] = first5();
    stock.edit({ wid: WEST, sku, valid: 5 });
    await stock.ran();
    stock.edit({ wid: WEST, sku, valid: 3 });
    stock.world.vendors.replaceFaults(["inventory:reset-after:#1", "inventory_log:500-before:1"]);
    expect((await stock.run()).counts).toMatchObject({ waiting: 1 });
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 3 });
    stock.world.vendors.replaceFaults([]);
    stock.edit({ wid: WEST, sku, valid: 5 });
    await stock.world.db.query("update stock_level set sent_at = sent_at - interval 2 day where status = 9");
    expect((await stock.ran()).counts).toMatchObject({ done: 1 });
    expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 5 });
  });
});

describe("a batch that DSCO is slow with", () => {
  it("is asked for by the next pass; until then no SKU of it is sent again", async () => {
    await stock.open({ settleMs: 3_600_000 });
    const [sku] = first5();
    expect(await stock.run({ maxDurationSec: 2 })).toMatchObject({ exit: { code: 15 }, counts: { waiting: 50 } });
    stock.edit({ wid: WEST, sku, valid: 321 });
    expect((await stock.ran()).counts).toMatchObject({ waiting: 50 });
    expect(stock.requests.inventory).toBe(1);
    stock.world.vendors.changeSettings({ settleMs: 0 });
    expect((await stock.ran()).counts).toMatchObject({ read: 50, done: 50 });
    stock.expectEqual();
  });

  it("is waited for however long it takes, when its answer was lost but the log names its request", async () => {
    const clock = { aheadMs: -1_000 };
    const now = () => new Date(Date.now() + clock.aheadMs);
    await stock.open({ settleMs: 600_000, faults: ["inventory:reset-after:#1"], now });
    await stock.ran();
    clock.aheadMs = 0;
    stock.world.vendors.changeSettings({ settleMs: 40_000 }); // of 50 SKUs, one has been dealt with
    await stock.ran();
    const open = await stock.levels();
    expect(new Set(open.filter(({ status }) => status === 9).map(({ request_id }) => request_id))).toEqual(new Set([expect.any(String)]));
    await stock.later(TEN_MINUTES);
    stock.edit({ wid: WEST, sku: open.at(-1)?.dsco_sku ?? "", valid: 4_321 });
    await stock.ran();
    expect(stock.requests.inventory, "nothing of it is sent while DSCO is at work on it").toBe(1);
    stock.world.vendors.changeSettings({ settleMs: 0 });
    await stock.ran();
    stock.expectEqual();
  });
});

describe("a Lingxing that does not keep to the rules", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  type Page = { total: number; data: unknown };
  /** Answers with what `page` says; `asked` counts from 1. */
  async function lingxing(page: (offset: number, asked: number) => Page): Promise<{ env: Record<string, string>; asked: () => number }> {
    let asked = 0;
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (text: Buffer) => {
        body += text.toString();
      });
      request.on("end", () => {
        asked += 1;
        const { offset } = JSON.parse(body) as { offset: number };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ code: 0, message: "success", ...page(offset, asked) }));
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { env: { IPASS_LINGXING_BASE_URL: `http://127.0.0.1:${port}` }, asked: () => asked };
  }
  const row = (sku: string, valid: unknown, fields: object = {}) => ({
    wid: WEST,
    sku,
    product_valid_num: valid,
    third_inventory: [],
    ...fields,
  });

  it("names a warehouse nobody asked for: one task, and the others go on", async () => {
    await stock.open();
    const [a, b] = first5();
    const { env } = await lingxing(() => ({
      total: 3,
      data: [row(a, 5), row(b, 6, { wid: 77 }), row(b, 7, { third_inventory: { qty_sellable: 1 } })],
    }));
    expect(await stock.run({}, env)).toMatchObject({ exit: { code: 3 }, counts: { read: 3, done: 2, manual: 1 } });
    expect(Object.fromEntries(stock.atDsco())).toEqual({ [a]: { "WH-CA": 5 }, [b]: { "WH-CA": 7 } });
    const [task] = await stock.tasks("missing_mapping");
    expect(task?.payload).toContain("Lingxing warehouse 77 is in no map");
    await stock.world.db.query("update manual_task set status = 3");
    await stock.ran({}, env);
  });

  it("has a figure nobody can read: DSCO keeps the one it has", async () => {
    await stock.open();
    const [a, b] = first5();
    const good = await lingxing(() => ({ total: 2, data: [row(a, 5), row(b, 6)] }));
    await stock.ran({}, good.env);
    server?.close();
    const bad = await lingxing(() => ({ total: 2, data: [row(a, "five"), row(b, 9)] }));
    expect(await stock.run({}, bad.env)).toMatchObject({ exit: { code: 3 }, counts: { done: 1, manual: 1 } });
    expect(Object.fromEntries(stock.atDsco())).toEqual({ [a]: { "WH-CA": 5 }, [b]: { "WH-CA": 9 } });
    expect(await stock.tasks("bad_payload")).toHaveLength(1);
  });

  it("changes its total while it is read: the reading starts over", async () => {
    await stock.open();
    const [a] = first5();
    const filler = Array.from({ length: 800 }, (_, index) => row(`F-${index}`, 1));
    const { env, asked } = await lingxing((offset, nth) => {
      if (offset === 0) return { total: nth === 1 ? 802 : 801, data: filler };
      return { total: 801, data: [row(a, 5)] };
    });
    const report = await stock.run({ dryRun: true }, env);
    expect(report).toMatchObject({ exit: { code: 0 }, counts: { read: 801 } });
    expect(asked()).toBe(4);
  });

  describe.each([
    { name: "lists nothing", cause: "empty_read", page: () => ({ total: 0, data: [] }) },
    { name: "promises more rows than it gives", cause: "short_read", page: () => ({ total: 3, data: [row("A", 5)] }) },
    {
      name: "has an empty page inside",
      cause: "short_read",
      page: (offset: number) => ({
        total: 1_700,
        data: offset === 800 ? [] : Array.from({ length: offset === 0 ? 800 : 100 }, () => row("A", 5)),
      }),
    },
  ])("and $name", ({ cause, page }) => {
    it("sends nothing, ends with 4, leaves one task; --allow-mass-zero goes on, with who and when", async () => {
      await stock.open();
      await stock.ran();
      const updates = () => stock.world.vendors.summary().dsco.inventoryUpdates;
      const { env } = await lingxing(page);
      for (const _ of [1, 2]) {
        const report = await stock.run({}, env);
        expect(report).toMatchObject({ exit: { code: 4, name: "refused" }, counts: { read: 0 } });
        expect(report.error?.next_step).toContain("ipass stock diff");
      }
      expect(updates()).toBe(50);
      expect(await stock.tasks("stock_guard")).toMatchObject([
        { occurrences: 2, payload: expect.stringContaining(cause === "empty_read" ? '"rows_read":0' : '"rows_promised"') },
      ]);

      await stock.run({ allowMassZero: true, actor: "ann" }, env);
      expect(updates()).toBeGreaterThan(50);
      for (const sku of stock.skus()) expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 0 });
      const closed = await stock.tasks("stock_guard", 2);
      expect(closed.map(({ resolved_by }) => resolved_by)).toEqual(closed.map(() => "ann"));
      expect(closed.find(({ payload }) => payload.includes("overridden_at"))?.payload).toContain('"overridden_by":"ann"');
    });
  });
});

describe("the guard against a wrong 0 everywhere", () => {
  /** How many SKUs of this list are in stock at DSCO. */
  const inStock = () =>
    [...stock.atDsco()].filter(([, shown]) => Object.values(shown).some((quantity) => quantity > 0)).map(([sku]) => sku);

  it("stops a pass that would turn more than half of the SKUs to 0, vanished ones counted, and sends nothing", async () => {
    await stock.open({ skus: 60 });
    await stock.ran();
    const before = stock.atDsco();
    const skus = inStock();
    const half = Math.floor(skus.length / 2);
    const emptied = skus
      .slice(0, half + 1)
      .map((sku, index) => (index % 2 === 0 ? { wid: WEST, sku, remove: true } : { wid: WEST, sku, valid: 0 }));
    stock.edit(...emptied);
    const report = await stock.run();
    expect(report).toMatchObject({ exit: { code: 4, name: "refused" }, counts: { read: 0 } });
    expect(stock.atDsco()).toEqual(before);
    const [task] = await stock.tasks("stock_guard");
    expect(JSON.parse(task?.payload ?? "{}")).toMatchObject({
      in_stock: skus.length,
      turning_zero: half + 1,
      vanished: Math.ceil((half + 1) / 2),
      max_percent: 50,
    });
    expect((await stock.run({ dryRun: true })).exit.code).toBe(4);

    const report2 = await stock.ran({ allowMassZero: true, actor: "ann" });
    expect(report2.counts).toMatchObject({ done: half + 1 });
    for (const { sku } of emptied) expect(stock.atDsco().get(sku)).toEqual({ "WH-CA": 0 });
    expect(await stock.tasks("stock_guard", 2)).toMatchObject([{ resolved_by: "ann", payload: expect.stringContaining("overridden_at") }]);
    const [run] = await stock.world.db.query<{ actor: string }>("select actor from job_run order by id desc limit 1");
    expect(run?.actor).toBe("ann");
    await stock.ran();
  });

  it("lets half of them pass, and closes its task when the figures are right again", async () => {
    await stock.open({ skus: 60 });
    await stock.ran();
    const skus = inStock();
    const figures = new Map([...stock.wanted()].map(([sku, shown]) => [sku, shown["WH-CA"] ?? 0]));
    stock.edit(...skus.map((sku) => ({ wid: WEST, sku, valid: 0 })));
    expect((await stock.run()).exit.code).toBe(4);
    const kept = skus.slice(Math.floor(skus.length / 2));
    stock.edit(...kept.map((sku) => ({ wid: WEST, sku, valid: figures.get(sku) ?? 1 })));
    await stock.ran();
    stock.expectEqual();
    expect(await stock.tasks("stock_guard", 2)).toMatchObject([{ resolved_by: "ipass" }]);
  });

  it("says nothing below 20 SKUs in stock, nor above what IPASS_STOCK_MAX_ZERO_PERCENT allows", async () => {
    await stock.open({ skus: 19 });
    await stock.ran();
    stock.edit(...stock.skus().map((sku) => ({ wid: WEST, sku, valid: 0 })));
    await stock.ran();
    stock.expectEqual();
    await stock.open({ skus: 60 });
    await stock.world.db.empty();
    await stock.ran();
    stock.edit(...stock.skus().map((sku) => ({ wid: WEST, sku, valid: 0 })));
    await stock.ran({}, { IPASS_STOCK_MAX_ZERO_PERCENT: "100" });
    stock.expectEqual();
  });

  it("does not stop what it has let pass: figures that are on their way count as sent", async () => {
    await stock.open({ skus: 60 });
    await stock.ran();
    stock.edit(...stock.skus().map((sku) => ({ wid: WEST, sku, valid: 0 })));
    stock.world.vendors.changeSettings({ settleMs: 3_600_000 });
    expect((await stock.run({ allowMassZero: true, maxDurationSec: 2 })).exit.code).toBe(15);
    await stock.ran();
    stock.world.vendors.changeSettings({ settleMs: 0 });
    await stock.ran();
    stock.expectEqual();
  });
});

function first5(): [string, string, string, string, string] {
  const [a = "", b = "", c = "", d = "", e = ""] = stock.skus();
  return [a, b, c, d, e];
}
