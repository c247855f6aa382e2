import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/sandbox/random.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { killAtRandom, REPORT_STAGES, ReportRun, type ReportStage } from "../helpers/whole-run.ts";
import { useWayBack } from "./way-back-world.ts";

const life = await useWayBack();
const { world } = life;

const ORDERS = 320;
const KILLS = 15;
/** Another one with each run; a failure names it. */
const seed = Number(process.env.IPASS_CRASH_SEED ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const note = `seed ${seed}`;

/** Some seconds of sending at DSCO's pace (15 ACKs a second, 2 of the others), so that a kill may fall anywhere. */
const BATCH_SIZE: Readonly<Record<ReportStage, number>> = { ack: 10, ship: 25, invoice: 25 };
const SPREAD_MS: Readonly<Record<ReportStage, number>> = { ack: 400, ship: 900, invoice: 900 };
const START_MS = 400;
/** DSCO is slower than its 202. */
const SLOW = { latencyMs: 40, settleMs: 300 };
/** Longer than the grace of the passes that are killed: the default one. */
const GRACE_OVER_SEC = 400;
const CLEAN = { IPASS_IN_DOUBT_GRACE_SEC: "1" };

async function prepare(stage: ReportStage): Promise<ReportRun> {
  const run = await ReportRun.prepare(life, stage, { orders: ORDERS, batchSize: BATCH_SIZE[stage] });
  world.vendors.changeSettings(SLOW);
  return run;
}

/** Every second pass is a short one, so that kills also meet the waiting for DSCO's log. */
function start({ job, stage }: ReportRun): RunningCli {
  const limit = random.next() < 0.5 ? ["--limit", String(2 * BATCH_SIZE[stage])] : [];
  return world.start(["run", job, "--json", ...limit]);
}

const kill = (running: RunningCli, { stage }: ReportRun): Promise<boolean> =>
  killAtRandom(running, world, { random, call: stage, startMs: START_MS, spreadMs: SPREAD_MS[stage] });

/** At most three passes that nobody kills; time goes by between them. */
async function cleanPasses(run: ReportRun): Promise<void> {
  for (let pass = 1; pass <= 3; pass++) {
    await run.later(GRACE_OVER_SEC);
    const { code, report } = await world.pass(run.job, [], CLEAN);
    expect(code, `${note}: ${JSON.stringify(report)}`).toBe(0);
    if (report.counts.waiting === 0) return;
  }
}

async function expectNobodyCharged({ stage }: ReportRun): Promise<void> {
  const charged = await world.orders(`${stage}_retry_count > 0`);
  expect(
    charged.map(({ dsco_order_id }) => dsco_order_id),
    `${note}; nobody is charged for a crash`,
  ).toEqual([]);
  expect(await world.tasks(), note).toEqual([]);
}

describe.each(REPORT_STAGES)("%s_to_dsco that is killed", (stage) => {
  it(`at ${KILLS} random moments, has told DSCO of each of ${ORDERS} orders exactly once after at most three passes`, {
    timeout: 90_000,
  }, async () => {
    const run = await prepare(stage);
    let interrupted = 0;
    for (let killed = 1; killed <= KILLS; killed++) {
      const { 0: waiting = 0, 9: inFlight = 0 } = await run.statuses();
      if ((await kill(start(run), run)) && waiting + inFlight > 0) interrupted += 1;
      if (killed % 3 !== 0) await run.later(GRACE_OVER_SEC);
    }
    expect(interrupted, `${note}; most kills met a pass with work to do`).toBeGreaterThan(KILLS / 2);
    await cleanPasses(run);
    await run.expectEachOnce(note);
    await expectNobodyCharged(run);
    expect(world.logs().filter(({ msg, job }) => msg === "run_died" && job === run.job).length).toBeGreaterThan(0);
  });

  it("with another one started at the same time, has told DSCO of each order exactly once", { timeout: 90_000 }, async () => {
    const run = await prepare(stage);
    for (let round = 1; round <= KILLS / 3; round++) {
      await Promise.all([start(run), start(run)].map((running) => kill(running, run)));
      if (round % 3 !== 0) await run.later(GRACE_OVER_SEC);
    }
    await run.later(GRACE_OVER_SEC);
    const both = await Promise.all([world.pass(run.job, [], CLEAN), world.pass(run.job, [], CLEAN)]);
    expect(
      both.map(({ code }) => code).sort((a, b) => Number(a) - Number(b)),
      note,
    ).toEqual([0, 11]);
    await cleanPasses(run);
    await run.expectEachOnce(note);
    await expectNobodyCharged(run);
  });
});
