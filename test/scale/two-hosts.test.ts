import { expect, it } from "vitest";
import { STAGES } from "../../src/sync/stage.ts";
import { expectNoViolation } from "../crash/auditor.ts";
import { readTables } from "../crash/facts.ts";
import { VendorWitness } from "../crash/vendor-witness.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { WayBack } from "../jobs/way-back-world.ts";
import { World } from "../jobs/world.ts";
import { Host, type HostRun } from "./host.ts";

/** Sixty on demand: TICKS=60 npm test -- test/scale */
const TICKS = Number(process.env.TICKS ?? 6);
const MINUTE_SEC = 60;
/** Longer than any grace and any wait. */
const LONG_SEC = 4000;
const CLOCK_MS = 150_000;
/** One of the hosts dies in the middle of this tick, and is back after as many as that again. */
const DIES_AT = Math.ceil(TICKS / 3);
const BACK_AT = DIES_AT * 2;

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const life = new WayBack(world);

it(`two hosts, their clocks five minutes apart, work as one through ${TICKS} ticks`, { timeout: TICKS * 30_000 + 120_000 }, async () => {
  await life.open({ skus: 5, auth: "secrets" }, { IPASS_STOCK_MAX_ZERO_PERCENT: "100" });
  const witness = new VendorWitness(world.vendors);
  const fast = new Host(world, "fast", CLOCK_MS);
  const slow = new Host(world, "slow", -CLOCK_MS);
  const killed = new Set<string>();

  for (let tick = 1; tick <= TICKS; tick++) {
    for (let orders = 1; orders <= 2; orders++) life.order();
    people();
    const alive = tick > DIES_AT && tick < BACK_AT ? [fast] : [fast, slow];
    const letThrough = tick === DIES_AT ? witness.delayNext("create") : undefined;
    const runs = alive.map((host) => ({ host, runs: host.tick() }));
    if (letThrough !== undefined) {
      await witness.waiting();
      for (const { traceId, running } of runs.find(({ host }) => host === slow)?.runs ?? []) {
        running.kill("SIGKILL");
        killed.add(traceId);
      }
      letThrough();
    }
    await allEndWell(runs.flatMap((each) => each.runs));
    if (alive.length === 1) {
      const idle = runs.flatMap((each) => each.runs).filter(({ traceId }) => skipped(fast).has(traceId));
      expect(idle, "the dead host holds no lock").toEqual([]);
    }
    await minutesPass(MINUTE_SEC);
  }
  // Nothing new any more: what is under way comes to its end.
  for (let tick = 1; tick <= 4; tick++) {
    await minutesPass(LONG_SEC);
    people();
    await allEndWell(fast.tick());
    await allEndWell(slow.tick());
  }

  for (const host of [fast, slow]) expect(skipped(host).size, "both hosts have worked, and let each other work").toBeGreaterThan(0);
  await witness.quiet();
  const facts = {
    vendors: world.vendors.state(),
    told: witness.told,
    ...(await readTables(db)),
    logs: [...fast.logs(), ...slow.logs()],
    killed,
  };
  expect(facts.orders).toHaveLength(TICKS * 2);
  expectNoViolation(facts, `${TICKS} ticks`);

  async function allEndWell(runs: readonly HostRun[]): Promise<void> {
    for (const { job, traceId, running } of runs) {
      const { code, stdout, stderr } = await running.done;
      if (!killed.has(traceId)) expect(code, `${job}: ${stdout}${stderr}`).toBe(0);
    }
  }
});

/** The runs that found the job under way. */
function skipped(host: Host): Set<string> {
  return new Set(host.logs().flatMap(({ msg, trace_id }) => (msg === "run_skipped_locked" ? [trace_id] : [])));
}

/** What is done in Lingxing between two ticks. */
function people(): void {
  world.vendors.advance({ action: "review" });
  world.vendors.advance({ action: "ship" });
  const rows = world.vendors.state().lingxing.stock.map(({ wid, sku, valid }) => ({ wid, sku, valid: valid + 1 }));
  world.vendors.advance({ action: "stock", rows });
}

/** Everything was sent and put off so much earlier: instead of waiting. */
async function minutesPass(seconds: number): Promise<void> {
  for (const stage of STAGES) {
    const set = ["sent_at", "next_attempt_at"].map((name) => `${stage}_${name} = ${stage}_${name} - interval ${seconds} second`);
    await db.query(`update sync_order_state set ${set.join(", ")} where ${stage}_status in (0, 2, 9)`);
  }
  await db.query(`update stock_level set sent_at = sent_at - interval ${seconds} second where status = 9`);
}
