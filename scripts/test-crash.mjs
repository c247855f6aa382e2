// npm run test:crash: ipass killed at every boundary of every write, at random, and with its rules broken on purpose.
//   npm run test:crash -- --trials 1000            only the random trials, so many
//   npm run test:crash -- --trials 1 --seed 4711   only the one with this seed, as a failure names it
//   npm run test:crash -- --report figures.json    the figures as JSON, too
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addUp, inWords } from "./crash-figures.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @param {string[]} args
 * @returns {number} the exit code of the tests
 */
function run(args) {
  const { values } = parseArgs({ args, options: { trials: { type: "string" }, seed: { type: "string" }, report: { type: "string" } } });
  for (const name of /** @type {const} */ (["trials", "seed"])) {
    if (values[name] !== undefined && !/^[1-9]\d{0,8}$/.test(values[name]))
      throw new Error(`--${name} takes a whole number from 1 on, not ${values[name]}`);
  }
  const onlyRandom = values.trials !== undefined || values.seed !== undefined;
  const seed = values.seed ?? String(randomInt(1, 1_000_000_000));
  console.error(`random trials from seed ${seed} on`);
  const folder = mkdtempSync(join(tmpdir(), "ipass-test-crash-"));
  const file = join(folder, "figures");
  try {
    const env = {
      ...process.env,
      CRASH_FIGURES: file,
      CRASH_SEED: seed,
      ...(values.trials !== undefined && { CRASH_TRIALS: values.trials }),
    };
    const tests = onlyRandom ? "test/crash/random.test.ts" : "test/crash/";
    const { status } = spawnSync(process.execPath, ["scripts/test.mjs", tests], { cwd: root, env, stdio: "inherit" });
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    const figures = addUp(lines.map((line) => JSON.parse(line)));
    console.log(inWords(figures));
    if (values.report !== undefined) writeFileSync(resolve(values.report), `${JSON.stringify(figures, null, 2)}\n`);
    return status ?? 130;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
