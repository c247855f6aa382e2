import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/sandbox/random.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { BOTH, EAST, STOCK, useStockWorld, WEST } from "./stock-world.ts";
import { sleep, until } from "./world.ts";

const stock = await useStockWorld();

const SKUS = 300;
const KILLS = 10;
const LATENCY_MS = 40;
/** Six batches, a second and a half of sending. */
const SETTINGS = { IPASS_JOB_SYNC_STOCK_BATCH_SIZE: "50", IPASS_STOCK_MAX_ZERO_PERCENT: "100" };
/** Another one with each run; a failure names it. */
const seed = Number(process.env.IPASS_CRASH_SEED ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

const start = () => stock.world.start(["run", STOCK], { ...stock.env, ...SETTINGS });

/** What goes on in the warehouses between two passes: most figures change, some rows go, some come back. */
function changeStock(): void {
  const edits = Array.from({ length: SKUS }, () => {
    const sku = random.pick(stock.skus());
    const wid = random.pick([WEST, EAST]);
    return random.next() < 0.1 ? { wid, sku, remove: true } : { wid, sku, valid: random.between(-5, 300) };
  });
  stock.edit(...edits);
}

/** One time in three anywhere in the start, else from the first batch on, spread over the sending and the asking. */
async function killAtRandom(running: RunningCli): Promise<boolean> {
  if (random.next() < 0.33) await sleep(startMs * random.next());
  else {
    const heard = () => stock.requests.inventory ?? 0;
    const before = heard();
    let ended = false;
    void running.done.then(() => {
      ended = true;
    });
    await until("the pass sends a batch, or ends", () => ended || heard() > before);
    await sleep(2_000 * random.next());
  }
  running.kill("SIGKILL");
  return (await running.done).signal === "SIGKILL";
}

/** Passes nobody kills, ten minutes apart, until nothing is open. */
async function cleanPasses(): Promise<void> {
  for (let pass = 1; pass <= 4; pass++) {
    await stock.later(601);
    const { code, stderr } = await start().done;
    expect(code, `seed ${seed}: ${stderr}`).toBe(0);
    if ((await stock.levels()).every(({ status }) => status === 1)) return;
  }
}

let startMs = 0;
beforeAll(async () => {
  await stock.open({ skus: 1 }, BOTH, SETTINGS);
  const began = performance.now();
  await start().done;
  startMs = performance.now() - began;
});

describe("a stock pass that is killed", () => {
  it(`at ${KILLS} random moments while stock changes, leaves DSCO with Lingxing's figures in the end`, { timeout: 120_000 }, async () => {
    await stock.open({ skus: SKUS, latencyMs: LATENCY_MS, settleMs: 300 }, BOTH, SETTINGS);
    let killed = 0;
    for (let tried = 1; killed < KILLS; tried++) {
      expect(tried, `seed ${seed}: ${killed} killed`).toBeLessThan(3 * KILLS);
      changeStock();
      if (await killAtRandom(start())) killed += 1;
      if (tried % 3 === 0) await stock.later(601);
    }
    await cleanPasses();
    stock.expectEqual(`seed ${seed}`);
    for (const { dsco_sku, warehouse_code, confirmed_quantity } of await stock.levels()) {
      expect(confirmed_quantity, `seed ${seed}: ${dsco_sku}`).toBe(stock.atDsco().get(dsco_sku)?.[warehouse_code]);
    }
  });

  it("while every fourth batch loses its answer, leaves DSCO with Lingxing's figures in the end", { timeout: 120_000 }, async () => {
    await stock.open({ skus: SKUS, latencyMs: LATENCY_MS, faults: ["inventory:reset-after:every=4"] }, BOTH, SETTINGS);
    await stock.world.db.empty();
    for (let kill = 1; kill <= 4; kill++) {
      changeStock();
      await killAtRandom(start());
    }
    stock.world.vendors.replaceFaults([]);
    await cleanPasses();
    stock.expectEqual(`seed ${seed}`);
  });
});
