import { describe, expect, it } from "vitest";
import { StockWorld, WEST } from "../jobs/stock-world.ts";
import { UTC_TIME, useShell } from "./shell.ts";

const shell = await useShell();
const stock = new StockWorld(shell.world);

interface Diff {
  readonly items: readonly Readonly<Record<string, string | number | null>>[];
  readonly count: number;
  readonly warnings: readonly string[];
}
interface Show {
  readonly sku: string;
  readonly warehouses: readonly Readonly<Record<string, unknown>>[];
  readonly history: readonly Readonly<Record<string, unknown>>[];
}

/** DSCO shows what Lingxing has; the map is the sandbox's own, with both warehouses. */
async function open(skus = 25): Promise<void> {
  await stock.open({ skus });
  expect((await shell.run("run", "sync_stock", "--json")).code).toBe(0);
}

describe("ipass stock diff", () => {
  it("shows what a pass would change: as a table, as JSON, as CSV; and changes nothing", async () => {
    await open();
    expect(await shell.json<Diff>("stock", "diff")).toEqual({ items: [], count: 0, warnings: [] });
    const [sku = ""] = stock.skus();
    stock.edit({ wid: WEST, sku, valid: 7 }, { wid: WEST, sku: 'B"ED,2', valid: 3 });
    const before = stock.atDsco().get(sku)?.["WH-CA"] ?? 0;
    const expected = [
      { sku, warehouse: "WH-CA", dsco_last_confirmed: before, lingxing_now: 7, difference: 7 - before },
      { sku: 'B"ED,2', warehouse: "WH-CA", dsco_last_confirmed: null, lingxing_now: 3, difference: 3 },
      { sku: 'B"ED,2', warehouse: "WH-NJ", dsco_last_confirmed: null, lingxing_now: 0, difference: 0 },
    ];
    expect(await shell.json<Diff>("stock", "diff")).toEqual({ items: expected, count: 3, warnings: [] });

    const csv = await shell.run("stock", "diff", "--csv");
    expect(csv.stdout.split("\r\n")).toEqual([
      "sku,warehouse,dsco_last_confirmed,lingxing_now,difference",
      `${sku},WH-CA,${before},7,${7 - before}`,
      '"B""ED,2",WH-CA,,3,3',
      '"B""ED,2",WH-NJ,,0,0',
      "",
    ]);
    const table = await shell.run("stock", "diff");
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout).toMatch(/SKU .*warehouse .*DSCO last confirmed .*Lingxing now .*difference/);
    expect(table.stdout).toMatch(/never .* 3 .*\+3/);
    expect(stock.requests.inventory, "one batch, from before").toBe(1);
    expect((await shell.run("stock", "diff", "--csv", "--json")).code).toBe(2);
  });

  it("shows the figures also where a guard would stop the pass, and says so", async () => {
    await open();
    stock.edit(...stock.skus().flatMap((sku) => [WEST, 1002].map((wid) => ({ wid, sku, valid: 0 }))));
    const diff = await shell.json<Diff>("stock", "diff");
    expect(diff.count).toBeGreaterThan(25);
    expect(diff.warnings).toEqual([expect.stringContaining("SKUs in stock at DSCO would turn 0")]);
    const table = await shell.run("stock", "diff");
    expect(table.stderr).toContain("would turn 0");

    expect((await shell.run("run", "sync_stock")).code).toBe(4);
    expect((await shell.run("run", "sync_stock", "--allow-mass-zero")).code).toBe(0);
    const [task] = await stock.tasks("stock_guard", 2);
    expect(task?.resolved_by).toMatch(/./);
    expect(task?.payload).toContain(`"overridden_by":"${task?.resolved_by}"`);
  });
});

describe("ipass stock show", () => {
  it("tells what was sent, confirmed and refused, newest first", async () => {
    await open();
    const [sku = ""] = stock.skus();
    stock.edit({ wid: WEST, sku, valid: 7 });
    await shell.run("run", "sync_stock");
    stock.world.vendors.changeSettings({ refuse: { [sku]: "discontinued item" } });
    stock.edit({ wid: WEST, sku, valid: 8 });
    expect((await shell.run("run", "sync_stock")).code).toBe(3);

    const shown = await shell.json<Show>("stock", "show", sku);
    expect(shown.warehouses[0]).toMatchObject({ warehouse: "WH-CA", status: 2, confirmed_quantity: 7, sent_quantity: 8, retry_count: 1 });
    expect(shown.warehouses[0]?.error).toContain("discontinued item");
    expect(shown.history.map(({ event }) => event)).toEqual(["stock_refused", "stock_confirmed", "stock_confirmed"]);
    expect(shown.history[1]).toMatchObject({
      at: expect.stringMatching(UTC_TIME),
      request_id: expect.any(String),
      trace_id: expect.any(String),
      detail: { to: { "WH-CA": 7 } },
    });
    const text = await shell.run("stock", "show", sku);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toContain("why: ");
    expect(text.stdout).toMatch(/→ 7/);
  });

  it("ends with 2 for a SKU that was never sent", async () => {
    expect((await shell.failure(2, "stock", "show", "NOPE")).message).toContain("NOPE");
  });
});

it.each([["--full"], ["--allow-mass-zero"]])("ipass run refuses %s for another job", async (flag) => {
  expect((await shell.failure(2, "run", "ack_to_dsco", flag)).message).toContain("sync_stock only");
});
