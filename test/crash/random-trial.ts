import { expect } from "vitest";
import { type SeededRandom, seededRandom } from "../../src/sandbox/random.ts";
import { JOB_NAMES, type JobName } from "../../src/sync/job-name.ts";
import { ACK, PULL, PUSH, SHIP } from "../jobs/way-back-world.ts";
import { type Env, sleep } from "../jobs/world.ts";
import { expectNoViolation } from "./auditor.ts";
import type { CrashPass, CrashWorld } from "./crash-world.ts";
import type { Figures } from "./figures.ts";
import { JOB_POINTS } from "./job-points.ts";
import { EFFECTS } from "./vendor-witness.ts";

const SKUS = 5;
const MOST_TICKS = 2;
/** After each tick, and twice before the end. */
const MOST_GRACES = MOST_TICKS + 2;
/** What a pass may end with that nobody has killed: nothing special, an order cancelled under its hands, or three answers lost in a row. */
const UNDISTURBED = [0, 3, 14];
/** In one trial out of three the vendors also break off answers to what they have done. */
const LOST_ANSWERS = EFFECTS.map((call) => `${call}:reset-after:0.2`);

export interface TrialSettings {
  readonly seed: number;
  readonly figures: Figures;
  /** How long a pass takes on this machine: what the moments of the kills are spread over. */
  readonly passMs: number;
}

/**
 * Some ticks of cron in which all jobs run side by side and most are killed, while orders come and go and people work in the warehouse; then
 * two ticks that nobody disturbs, and the auditor. All that is left to chance follows from the seed, except how the processes interleave.
 */
export async function randomTrial(crash: CrashWorld, { seed, figures, passMs }: TrialSettings): Promise<void> {
  const random = seededRandom(seed);
  const readLagMs = random.pick([0, 0, 1_000]);
  // The vendors' clock catches up with ours by the lag each time a grace is over, instead of minutes that pass: what they have done by
  // then lies in the past for both of us, and within what we ask them for.
  const clock = { aheadMs: -MOST_GRACES * readLagMs };
  await crash.open({ orders: 0, skus: SKUS, seed, auth: "secrets", now: () => new Date(Date.now() + clock.aheadMs) }, batchSizes(random));
  await ordersAtEveryStage(crash, random.pick([1, 2, 2, 2, 8]));
  crash.world.vendors.changeSettings({ latencyMs: random.pick([0, 5, 40]), settleMs: random.pick([0, 0, 300]), readLagMs });
  crash.world.vendors.replaceFaults(random.pick([[], [], LOST_ANSWERS]));

  for (let tick = random.between(1, MOST_TICKS); tick > 0; tick--) {
    changeTheWorld(crash, random);
    await crashingTick(crash, random, { seed, figures, passMs });
    await crash.witness.quiet();
    if (random.next() < 0.6) await later();
  }
  crash.world.vendors.changeSettings({ latencyMs: 0, settleMs: 0, readLagMs: 0 });
  crash.world.vendors.replaceFaults([]);
  await later();
  await crash.ordinarySchedule();
  await later();
  await crash.ordinarySchedule();
  const facts = await crash.facts();
  figures.trial();
  figures.audited(facts);
  expectNoViolation(facts, `seed ${seed}`);

  /** So much later that every grace is over; reads have caught up long before. */
  async function later(): Promise<void> {
    clock.aheadMs += readLagMs;
    await crash.graceOver();
    await crash.waitsOver();
  }
}

function batchSizes(random: SeededRandom): Env {
  return Object.fromEntries(
    JOB_NAMES.map((job) => [`IPASS_JOB_${job.toUpperCase()}_BATCH_SIZE`, String(random.pick(job === PULL ? [10, 1000] : [1, 2, 50]))]),
  );
}

/** So many orders for each job to work on. */
async function ordersAtEveryStage({ life, world }: CrashWorld, count: number): Promise<void> {
  const add = () => Array.from({ length: count }, () => life.order());
  const [toInvoice, toShip, toAck] = [add(), add(), add()];
  await life.ran(PULL);
  await life.ran(PUSH);
  world.vendors.advance({ action: "review", numbers: [...toInvoice, ...toShip] });
  await life.ran(ACK);
  world.vendors.advance({ action: "ship", numbers: toInvoice });
  await life.ran(SHIP);
  world.vendors.advance({ action: "ship", numbers: toShip });
  world.vendors.advance({ action: "review", numbers: toAck });
  add();
  await life.ran(PULL);
  add();
}

/** What others do between two ticks. */
function changeTheWorld({ life, world }: CrashWorld, random: SeededRandom): void {
  if (random.next() < 0.7) life.order();
  if (random.next() < 0.25) {
    const open = world.vendors.state().dsco.orders.filter(({ dscoStatus }) => dscoStatus === "created");
    if (open.length > 0) life.retailer({ cancel: [String(random.pick(open).dscoOrderId)] });
  }
  if (random.next() < 0.5) world.vendors.advance({ action: "review" });
  if (random.next() < 0.5) world.vendors.advance({ action: "ship" });
  const stock = world.vendors.state().lingxing.stock.filter(() => random.next() < 0.5);
  world.vendors.advance({ action: "stock", rows: stock.map(({ wid, sku }) => ({ wid, sku, valid: random.between(-3, 200) })) });
}

type Fate = { readonly dies: "never" } | { readonly dies: "at"; readonly at: string } | { readonly dies: "after"; readonly ms: number };

async function crashingTick(crash: CrashWorld, random: SeededRandom, { seed, figures, passMs }: TrialSettings): Promise<void> {
  // Now and then cron starts a job while it is still running.
  const jobs = JOB_NAMES.flatMap((job) => (random.next() < 0.15 ? [job, job] : [job]));
  const fates = jobs.map((job) => ({ job, fate: fateOf(job, random, passMs) }));
  await Promise.all(
    fates.map(async ({ job, fate }) => {
      const pass = crash.start(job, { args: ["--on-locked", "skip"], ...(fate.dies === "at" && { at: fate.at }) });
      if (fate.dies === "after") await killAfter(pass, fate.ms);
      const { code, signal, stdout, stderr } = await pass.running.done;
      if (signal === "SIGKILL") {
        crash.died(pass);
        figures.crashed(fate.dies === "at" ? `${job} ${fate.at.replace(/@\d+$/, "")}` : undefined);
      } else expect(UNDISTURBED, `seed ${seed}: ${job} ended by itself; ${stdout}${stderr}`).toContain(code);
    }),
  );
}

function fateOf(job: JobName, random: SeededRandom, passMs: number): Fate {
  const draw = random.next();
  if (draw < 0.6) return { dies: "at", at: `${random.pick(commonPoints(job))}@${random.pick([1, 1, 1, 2])}` };
  return draw < 0.92 ? { dies: "after", ms: passMs * random.next() } : { dies: "never" };
}

/** Those that a pass gets to without anything going wrong; the matrix has them all. */
function commonPoints(job: JobName): readonly string[] {
  return (JOB_POINTS[job].usual ?? []).filter(
    (point) => !/^(run_dead|doubt|cancel_rule|give_up|forget|task|order_count|wait|wake)\./.test(point),
  );
}

async function killAfter({ running }: CrashPass, ms: number): Promise<void> {
  await Promise.race([sleep(ms), running.done]);
  running.kill("SIGKILL");
}
