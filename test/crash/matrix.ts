import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobName } from "../../src/sync/job-name.ts";
import { expectNoViolation } from "./auditor.ts";
import { useCrashBuild } from "./crash-build.ts";
import { type CrashWorld, killAt, useCrashWorld } from "./crash-world.ts";
import type { Facts } from "./facts.ts";
import { Figures } from "./figures.ts";
import { JOB_POINTS } from "./job-points.ts";
import { SANDBOX, SCENES, type Scene, type SceneName } from "./scenes.ts";
import type { Effect } from "./vendor-witness.ts";

/** Starting a process takes its time on a busy machine, and a point is a few of them. */
const POINT_TIMEOUT_MS = 120_000;

/** The requests that change something at a vendor other than a token, and the sandbox's name for each. */
const EFFECT_OF: Readonly<Record<string, Effect>> = {
  "lingxing.order_create": "create",
  "dsco.order_acknowledge": "ack",
  "dsco.order_shipment": "ship",
  "dsco.invoice_batch": "invoice",
  "dsco.inventory_batch": "inventory",
};

/** The kind of request that has left at this point. */
function effectOf(point: string): Effect | undefined {
  return EFFECT_OF[point.replace(/\.left$/, "")];
}

/** A point of a pass to kill it at, and whether the vendor is slow to take what has left. */
interface Kill {
  readonly job: JobName;
  readonly scene: SceneName;
  readonly point: string;
  readonly late: boolean;
}

/**
 * Kills a job's passes at every point they pass, at the first, the middle and the last time they pass it; after each death one ordinary schedule
 * of passes, and the auditor.
 */
export async function describeMatrix(job: JobName): Promise<void> {
  const crash = await useCrashWorld(await useCrashBuild());
  const figures = new Figures();
  const hits = new Map<SceneName, ReadonlyMap<string, number>>();
  const scenes = Object.entries(SCENES[job]) as [SceneName, Scene][];

  beforeAll(async () => {
    for (const [name, scene] of scenes) hits.set(name, await record(crash, job, scene));
  }, POINT_TIMEOUT_MS);
  afterAll(() => figures.report());

  describe(`${job}, killed at every point of a pass`, () => {
    it("passes the points it is known to pass, and no other", () => {
      const usual = JOB_POINTS[job].usual ?? [];
      const passed = Object.fromEntries(
        scenes.map(([name]) => [
          name,
          [...(hits.get(name)?.keys() ?? [])].filter((point) => name === "usual" || !usual.includes(point)).sort(),
        ]),
      );
      expect(passed).toEqual(Object.fromEntries(Object.entries(JOB_POINTS[job]).map(([name, points]) => [name, [...points].sort()])));
    });

    it.each(killsOf(job))("$scene, $point, late: $late", { timeout: POINT_TIMEOUT_MS }, async ({ scene, point, late }) => {
      const prepare = SCENES[job][scene];
      const total = hits.get(scene)?.get(point) ?? 0;
      if (prepare === undefined || total === 0) throw new Error(`${scene} does not pass ${point}`);
      for (const nth of late ? [1] : firstMiddleLast(total)) {
        const facts = await trial(crash, { job, prepare, point, nth, late });
        figures.crashed(`${job} ${point}`);
        figures.audited(facts);
        expectNoViolation(facts, `${job} killed at ${point}@${nth}${late ? ", and the vendor was late" : ""}`);
      }
    });
  });
}

/** Each point once; where a request has left, also with a vendor who takes it only after the next pass has looked. */
function killsOf(job: JobName): Kill[] {
  return Object.entries(JOB_POINTS[job]).flatMap(([scene, points]) =>
    points.flatMap((point) => {
      const kill = { job, scene: scene as SceneName, point };
      return [{ ...kill, late: false }, ...(effectOf(point) === undefined ? [] : [{ ...kill, late: true }])];
    }),
  );
}

/** How often a pass that nobody kills passes each point. */
async function record(crash: CrashWorld, job: JobName, prepare: Scene): Promise<ReadonlyMap<string, number>> {
  await crash.open(SANDBOX);
  const pass = crash.start(job, await prepare(crash));
  await pass.running.done;
  expectNoViolation(await recover(crash), `${job}, not killed`);
  const hits = new Map<string, number>();
  for (const point of pass.points()) hits.set(point, (hits.get(point) ?? 0) + 1);
  return hits;
}

interface Trial {
  readonly job: JobName;
  readonly prepare: Scene;
  readonly point: string;
  readonly nth: number;
  readonly late: boolean;
}

/** A death, and what is true when things have gone on for a while. */
async function trial(crash: CrashWorld, { job, prepare, point, nth, late }: Trial): Promise<Facts> {
  await crash.open(SANDBOX);
  const { witness } = crash;
  const options = await prepare(crash);
  const effect = effectOf(point);
  const takenBefore = effect === undefined ? 0 : witness.taken(effect);
  const arrive = late && effect !== undefined ? witness.delayNext(effect) : undefined;
  await killAt(crash, job, `${point}@${nth}`, options);
  if (arrive !== undefined) {
    crash.world.vendors.replaceFaults([]);
    await crash.life.run(job); // within the grace: it may conclude nothing from what it does not see yet
    arrive();
  }
  await witness.quiet();
  if (effect !== undefined)
    expect(witness.taken(effect) - takenBefore, `requests to ${effect} that were taken`).toBeGreaterThanOrEqual(nth);
  return recover(crash);
}

/** One ordinary schedule of passes, when all that was left behind is old enough; and what is then true. */
async function recover(crash: CrashWorld): Promise<Facts> {
  crash.world.vendors.replaceFaults([]);
  await crash.graceOver();
  await crash.ordinarySchedule();
  await crash.world.db.query("delete from job_run where trace_id = 'long-dead'");
  return crash.facts();
}

function firstMiddleLast(total: number): number[] {
  return [...new Set([1, Math.ceil(total / 2), total])];
}
