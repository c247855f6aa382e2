import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/sandbox/random.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { PUSH, sleep, until, useWorld } from "./world.ts";

const world = await useWorld();

const ORDERS = 1000;
const KILLS = 20;
/** Another one with each run; a failure names it. */
const seed = Number(process.env.IPASS_CRASH_SEED ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

/** Ten creates side by side in some twenty rounds, so that a kill may fall anywhere. */
const SLOW = { IPASS_IN_DOUBT_GRACE_SEC: "1", IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "5" };
const LATENCY_MS = 40;

/** At most three passes that nobody kills; time goes by between them. */
async function cleanPasses(): Promise<void> {
  for (let pass = 1; pass <= 3; pass++) {
    await world.age();
    const { code, report } = await world.pass(PUSH);
    expect(code, `seed ${seed}: ${JSON.stringify(report)}`).toBe(0);
    if (report.counts.waiting === 0) return;
  }
}

/** What must hold whatever happened on the way. */
async function expectEachOnce(orders = ORDERS): Promise<void> {
  expect(world.repeated(), `seed ${seed}`).toEqual({ inLingxing: [], createdAgain: [] });
  expect(await world.pushStatuses(), `seed ${seed}`).toEqual({ 1: orders });
  const inLingxing = world.vendors.state().lingxing.orders;
  expect(inLingxing, `seed ${seed}`).toHaveLength(orders);
  const numbers = new Map(inLingxing.map(({ platformOrderNos, globalOrderNo }) => [platformOrderNos[0], globalOrderNo]));
  for (const row of await world.orders()) {
    expect(row.platform_order_no).toBe(row.dsco_order_id);
    expect(row.lingxing_global_order_no).toBe(numbers.get(row.dsco_order_id));
    expect(row.push_retry_count, "nobody is charged for a crash").toBe(0);
  }
}

/** How long an idle pass and a full one take, in ms: what the moments of the kills are spread over. */
async function measure(): Promise<{ idleMs: number; workMs: number }> {
  const timed = async () => {
    const began = performance.now();
    await world.pass(PUSH);
    return performance.now() - began;
  };
  const fullMs = await timed();
  const idleMs = await timed();
  return { idleMs, workMs: fullMs - idleMs };
}

/**
 * A moment to kill at: one time in four anywhere in the start, otherwise once Lingxing is spoken to, and so long after that all kills
 * together spread over the work there is.
 */
async function killAtRandom(running: RunningCli, kills: number, { idleMs, workMs }: { idleMs: number; workMs: number }): Promise<boolean> {
  if (random.next() < 0.25) await sleep(idleMs * random.next());
  else {
    const asked = world.vendors.stats().total;
    let ended = false;
    void running.done.then(() => {
      ended = true;
    });
    await until("the pass asks Lingxing something, or ends", () => ended || world.vendors.stats().total > asked);
    await sleep(((2 * workMs) / kills) * random.next());
  }
  running.kill("SIGKILL");
  return (await running.done).signal === "SIGKILL";
}

async function freshThousand(): Promise<void> {
  await world.open({ orders: ORDERS, limits: false, latencyMs: LATENCY_MS }, SLOW);
  await world.db.empty();
  await world.pulled();
}

describe("a push that is killed", () => {
  it(`${KILLS} times at any moment, has created each of ${ORDERS} orders exactly once after at most three passes`, { timeout: 90_000 }, async () => {
    await freshThousand();
    const pace = await measure();
    await freshThousand();
    let interrupted = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const open = (await world.orders("push_status in (0, 9)")).length;
      const killed = await killAtRandom(world.start(["run", PUSH]), KILLS, pace);
      if (process.env.DBG) console.log(kill, killed, JSON.stringify(await world.pushStatuses()), JSON.stringify(pace));
      if (killed && open > 0) interrupted += 1;
      if (kill % 3 !== 0) await world.age();
    }
    expect(interrupted, "most kills met a pass with work to do").toBeGreaterThan(KILLS / 2);
    await cleanPasses();
    await expectEachOnce();
    const died = world.logs().filter(({ msg }) => msg === "run_died");
    expect(died.length).toBeGreaterThan(0);
  });
});
