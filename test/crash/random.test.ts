import "./no-waiting.ts";
import { afterAll, beforeAll, describe, it } from "vitest";
import { PULL } from "../jobs/way-back-world.ts";
import { useCrashBuild } from "./crash-build.ts";
import { useCrashWorld } from "./crash-world.ts";
import { Figures } from "./figures.ts";
import { randomTrial } from "./random-trial.ts";

const { CRASH_TRIALS, CRASH_SEED } = process.env;
const trials = Number(CRASH_TRIALS ?? 30);
/** Another one with each run. Each trial has a seed of its own, which repeats it: npm run test:crash -- --trials 1 --seed <seed> */
const firstSeed = Number(CRASH_SEED ?? Date.now() % 1_000_000_000);

const crash = await useCrashWorld(await useCrashBuild());
const figures = new Figures();
let passMs = 0;
beforeAll(async () => {
  await crash.open();
  crash.life.order();
  const began = performance.now();
  await crash.start(PULL).running.done;
  passMs = 1.2 * (performance.now() - began);
});
afterAll(() => figures.report());

describe(`all jobs side by side, killed at random in ${trials} trials from seed ${firstSeed} on`, () => {
  it.each(Array.from({ length: trials }, (_, trial) => firstSeed + trial))("seed %i", { timeout: 600_000 }, async (seed) => {
    await randomTrial(crash, { seed, figures, passMs });
  });
});
