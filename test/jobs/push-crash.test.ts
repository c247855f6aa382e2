import { beforeAll, describe, expect, it } from "vitest";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
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
 * A moment to kill at: one time in four anywhere in the start; one in four from the first question to Lingxing on; else from the first
 * create on, and so long after it that all kills together spread over the work there is.
 */
async function killAtRandom(running: RunningCli): Promise<boolean> {
  const { idleMs, workMs } = pace;
  const draw = random.next();
  if (draw < 0.25) await sleep(idleMs * random.next());
  else {
    const heard = () => (draw < 0.5 ? world.vendors.stats().total : (world.vendors.stats().requests.create ?? 0));
    const before = heard();
    let ended = false;
    void running.done.then(() => {
      ended = true;
    });
    await until("the pass asks Lingxing something, or ends", () => ended || heard() > before);
    await sleep((draw < 0.5 ? 2 * LATENCY_MS : (2 * workMs) / KILLS) * random.next());
  }
  running.kill("SIGKILL");
  return (await running.done).signal === "SIGKILL";
}

async function freshOrders(options: Partial<SandboxOptions> = {}): Promise<void> {
  await world.open({ orders: ORDERS, limits: false, latencyMs: LATENCY_MS, ...options }, SLOW);
  await world.db.empty();
  await world.pulled();
}

let pace: { idleMs: number; workMs: number };
beforeAll(async () => {
  await freshOrders();
  pace = await measure();
});

describe("a push that is killed", () => {
  it(`at ${KILLS} random moments, has created each of ${ORDERS} orders exactly once after at most three passes`, {
    timeout: 90_000,
  }, async () => {
    await freshOrders();
    let interrupted = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const open = (await world.orders("push_status in (0, 9)")).length;
      const killed = await killAtRandom(world.start(["run", PUSH]));
      if (killed && open > 0) interrupted += 1;
      if (kill % 3 !== 0) await world.age();
    }
    expect(interrupted, "most kills met a pass with work to do").toBeGreaterThan(KILLS / 2);
    await cleanPasses();
    await expectEachOnce();
    expect(world.logs().filter(({ msg }) => msg === "run_died").length).toBeGreaterThan(0);
  });

  it("with another one started at the same time, has created each order exactly once", { timeout: 90_000 }, async () => {
    await freshOrders();
    for (let round = 1; round <= KILLS / 2; round++) {
      const both = [world.start(["run", PUSH, "--json"]), world.start(["run", PUSH, "--json"])];
      await Promise.all(both.map(killAtRandom));
      if (round % 3 !== 0) await world.age();
    }
    await world.age();
    const both = await Promise.all([world.pass(PUSH), world.pass(PUSH)]);
    const codes = both.map(({ code }) => code).sort((a, b) => Number(a) - Number(b));
    expect(
      [
        [0, 0],
        [0, 11],
      ],
      `seed ${seed}`,
    ).toContainEqual(codes); // 0 twice: the first had ended when the second began
    await cleanPasses();
    await expectEachOnce();
  });

  it.each(["reset-after", "truncated", "500-after"])(
    "while every tenth create ends with %s, has created each order exactly once",
    { timeout: 60_000 },
    async (fault) => {
      await freshOrders({ faults: [`create:${fault}:every=10`] });
      for (let kill = 1; kill <= 3; kill++) {
        await killAtRandom(world.start(["run", PUSH]));
        await world.age();
      }
      await cleanPasses();
      expect(world.vendors.stats().faults[`create:${fault}`]).toBeGreaterThanOrEqual(10);
      await expectEachOnce();
    },
  );
});

describe("a list that shows new orders only after 20 s, with the default grace", () => {
  it("makes nobody send a lost create again, neither before nor after", { timeout: 60_000 }, async () => {
    const clock = { aheadMs: 0 };
    await world.open(
      {
        orders: 300,
        limits: false,
        latencyMs: 20,
        readLagMs: 20_000,
        faults: ["create:reset-after:every=5"],
        now: () => new Date(Date.now() + clock.aheadMs),
      },
      { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "10" },
    );
    await world.pulled();
    const first = await world.pass(PUSH);
    expect(first.report).toMatchObject({ exit: { code: 0 }, counts: { read: 300, done: 240, waiting: 60 } });

    const killed = world.start(["run", PUSH]);
    await sleep(pace.idleMs * random.next());
    killed.kill("SIGKILL");
    await killed.done;
    const early = await world.pass(PUSH);
    expect(early.report).toMatchObject({ exit: { code: 0 }, counts: { read: 60, waiting: 60 } });
    expect(await world.pushStatuses()).toEqual({ 1: 240, 9: 60 });
    expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });

    clock.aheadMs = 21_000;
    const late = await world.pass(PUSH);
    expect(late.report).toMatchObject({ exit: { code: 0 }, counts: { read: 60, done: 60 } });
    await expectEachOnce(300);
  });
});
