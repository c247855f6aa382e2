import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import type { Answer, CallName } from "../../src/sandbox/endpoint.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { STAGE_STATUS, STAGES } from "../../src/sync/stage.ts";
import { aDscoWireOrder } from "../helpers/builders.ts";
import { tamper } from "../helpers/whole-run.ts";
import { STOCK, StockWorld } from "../jobs/stock-world.ts";
import { ACK, INVOICE, PULL, PUSH, SHIP, WayBack } from "../jobs/way-back-world.ts";
import { useWorld } from "../jobs/world.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";
import { type Mutation, mutated, mutation, textOf } from "./mutations.ts";

const world = await useWorld();
const life = new WayBack(world);
const stock = new StockWorld(world);

const wrongs = fc.array(mutation, { minLength: 1, maxLength: 4 });
const JOBS: readonly JobName[] = [PULL, PUSH, ACK, SHIP, INVOICE];
/** What a vendor's nonsense may come to. Not 1: that is a bug of ours. Not 13: our own tables must take whatever is read. */
const FORESEEN = [0, 3, 4, 12, 14, 15];

function expectForeseen(report: RunReport, note: string): void {
  if (FORESEEN.includes(report.exit.code)) return;
  const errors = world.logText("error").trim().split("\n").slice(-2).join("\n");
  expect.fail(`${report.job} ended with ${report.exit.code}: ${JSON.stringify(report.error)}\n${note}\n${errors}`);
}

/** Every text has its row or its task, every row its text, and every stage a status there is. */
async function expectNothingByHalves(note: string): Promise<void> {
  const { db } = world;
  const rows = await db.query<Record<string, unknown>>("select * from sync_order_state");
  const texts = await db.query<{ id: string; payload: string }>("select dsco_order_id as id, payload from dsco_order_raw");
  const tasks = await db.query<{ payload: string }>("select payload from manual_task where dsco_order_id is null");
  const kept = tasks.map(({ payload }) => (JSON.parse(payload) as { raw_kept_as?: string }).raw_kept_as);
  const tracked = new Set(rows.map((row) => row.dsco_order_id));
  const untracked = texts.filter(({ id }) => !tracked.has(id)).map(({ id }) => id);
  expect(untracked.sort(), `texts without an order; ${note}`).toEqual(kept.filter((key) => key !== undefined).sort());
  expect(new Set(texts.map(({ id }) => id).filter((id) => tracked.has(id))), `orders without a text; ${note}`).toEqual(tracked);
  for (const row of rows) for (const stage of STAGES) expect(Object.values(STAGE_STATUS), note).toContain(row[`${stage}_status`]);
}

async function run(job: JobName, note: string): Promise<RunReport> {
  const report = await life.run(job);
  expectForeseen(report, note);
  return report;
}

/** The answers of a call go wrong: those whose turn it is, in the way given, until what is returned is called. */
function spoil(call: CallName, turns: readonly (readonly Mutation[] | undefined)[], spoilt: string[]): () => void {
  let turn = 0;
  tamper(world.vendors, call, async (request, handle) => {
    const answer: Answer = await handle(request);
    const wrong = turns[turn++];
    if (wrong === undefined) return answer;
    const body = mutated(JSON.parse(answer.body), wrong);
    spoilt.push(`${call}: ${body.slice(0, 2_000)}`);
    return { ...answer, body };
  });
  return () => {
    turn = turns.length;
  };
}

describe("a page of orders of which some have gone wrong", FUZZ_TIMEOUT, () => {
  it("is stored as far as it is orders, each whole, the others with them; and every job lives with them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wrongs, { minLength: 1, maxLength: 6 }), async (wrong) => {
        await world.db.empty();
        await life.open({}, { IPASS_INCLUDE_TEST_ORDERS: "true" });
        const plain = ["1200000001", "1200000002"];
        const good = plain.map((id) => textOf(aDscoWireOrder({ dscoOrderId: id })));
        const odd = wrong.map((mutations, n) =>
          mutated(aDscoWireOrder({ dscoOrderId: `13000000${n}`, acknowledgeByDate: "2026-01-06T08:00:00Z" }), mutations),
        );
        const texts = [good[0], ...odd, good[1]];
        tamper(world.vendors, "order_page", () => ({
          status: 200,
          body: `{"orders":[${texts.join(",")}]}`,
          contentType: "application/json",
        }));
        const note = odd.join("\n");
        const { counts } = await run(PULL, note);
        expect(counts.read, note).toBe(texts.length);
        expect((await world.orders()).map((row) => row.dsco_order_id)).toEqual(expect.arrayContaining(plain));
        await expectNothingByHalves(note);
        const again = await run(PULL, note);
        expect(again.counts, `nothing new the second time; ${note}`).toMatchObject({ read: texts.length, done: 0, manual: 0 });

        for (const job of JOBS.slice(1)) await run(job, note);
        await expectNothingByHalves(note);
        for (const id of plain) expect(await life.stages(id), note).toEqual([1, 0, 0, 0]);
        await world.db.query("update sync_order_state set push_status = 1, ack_status = 1, ship_status = 1 where push_status in (0, 2, 3)");
        await run(INVOICE, note);
      }),
      cases(25),
    );
  });
});

describe("a page of orders of which one is enormous", FUZZ_TIMEOUT, () => {
  it.each([
    { name: "10 MB of letters", text: () => "x".repeat(10_000_000), tracked: true },
    { name: "10 MB of quotes, which the database's protocol doubles", text: () => '"'.repeat(5_000_000), tracked: false },
    { name: "40 MB of letters, more than a statement may hold", text: () => "x".repeat(40_000_000), tracked: false },
  ])("arrives, whatever becomes of the one: $name", async ({ text, tracked }) => {
    await life.open();
    const [before, after] = ["1200000001", "1200000002"].map((id) => textOf(aDscoWireOrder({ dscoOrderId: id })));
    const enormous = textOf(aDscoWireOrder({ dscoOrderId: "1300000000", shipping: { name: text() } }));
    tamper(world.vendors, "order_page", () => ({ status: 200, body: `{"orders":[${before},${enormous},${after}]}` }));
    expect((await run(PULL, "")).counts).toMatchObject({ read: 3, done: tracked ? 3 : 2, manual: tracked ? 0 : 1 });
    expect((await run(PULL, "")).counts).toMatchObject({ read: 3, skipped: 3 });
    await expectNothingByHalves("");
    await run(PUSH, "");
    for (const id of ["1200000001", "1200000002"]) expect(await life.stages(id)).toEqual([1, 0, 0, 0]);
  });

  it("arrives when it is the page that is: 500 orders of 40 kB each", async () => {
    await life.open();
    const orders = Array.from({ length: 500 }, (_, n) => textOf(aDscoWireOrder({ dscoOrderId: `12${n}`, note: `"${"x".repeat(40_000)}` })));
    tamper(world.vendors, "order_page", () => ({ status: 200, body: `{"orders":[${orders.join(",")}]}` }));
    expect((await run(PULL, "")).counts).toMatchObject({ read: 500, done: 500 });
    await expectNothingByHalves("");
  });
});

describe("answers that have gone wrong on an order's way", FUZZ_TIMEOUT, () => {
  const calls = fc.constantFrom<CallName>("order_page", "create", "list", "wms", "ack", "ship", "invoice", "order_log", "invoice_log");
  const turns = fc.array(fc.option(wrongs, { nil: undefined, freq: 3 }), { minLength: 1, maxLength: 4 });

  it("end no pass with a bug, leave nothing by halves, and are got over", async () => {
    await fc.assert(
      fc.asyncProperty(calls, turns, async (call, wrong) => {
        await world.db.empty();
        await life.open();
        const ids = [life.order(), life.order()];
        const spoilt: string[] = [];
        const heal = spoil(call, wrong, spoilt);
        const everyJob = async () => {
          for (const job of JOBS) {
            await run(job, spoilt.join("\n"));
            world.vendors.advance({ action: "review" });
            world.vendors.advance({ action: "ship" });
          }
        };
        await everyJob();
        await expectNothingByHalves(spoilt.join("\n"));
        heal();
        // The nonsense is over, time goes by, and a person lets go on what was held.
        await life.later(3600);
        await life.due();
        await everyJob();
        await expectNothingByHalves(spoilt.join("\n"));
        const { orders } = world.vendors.state().lingxing;
        const numbers = orders.flatMap(({ platformOrderNos }) => platformOrderNos);
        expect(numbers.length, "none was created twice").toBe(new Set(numbers).size);
        const { dsco } = world.vendors.summary();
        expect(dsco.maxInvoicesOfAnOrder, spoilt.join("\n")).toBeLessThanOrEqual(1);
        expect(dsco.maxPackagesOfAnOrder, spoilt.join("\n")).toBeLessThanOrEqual(1);
        expect(ids).toHaveLength(2);
      }),
      cases(8),
    );
  });
});

describe("stock that has gone wrong", FUZZ_TIMEOUT, () => {
  const calls = fc.constantFrom<CallName>("stock", "stock", "inventory", "inventory_log");
  const turns = fc.array(fc.option(wrongs, { nil: undefined, freq: 3 }), { minLength: 1, maxLength: 4 });

  it("ends no pass with a bug, and is set right by the next ones", async () => {
    await fc.assert(
      fc.asyncProperty(calls, turns, async (call, wrong) => {
        await world.db.empty();
        await stock.open({ skus: 5 });
        const spoilt: string[] = [];
        const heal = spoil(call, wrong, spoilt);
        for (let pass = 1; pass <= 2; pass++) expectForeseen(await stock.run(), spoilt.join("\n"));
        heal();
        await stock.later(86_400);
        for (let pass = 1; pass <= 2; pass++) {
          expectForeseen(await stock.run({ allowMassZero: true, full: true }), spoilt.join("\n"));
          await stock.later(86_400);
        }
        stock.expectEqual(spoilt.join("\n"));
      }),
      cases(8),
    );
  });

  it("names its job", () => expect(STOCK).toBe("sync_stock"));
});
