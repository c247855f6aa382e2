import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { type Env, until } from "../jobs/world.ts";
import { audit, expectTrueRows, goodPass } from "./audit.ts";
import { type Bench, standing, useLastingWorld } from "./bench.ts";
import { BENCHES, Moment } from "./benches.ts";
import { isFull } from "./full.ts";
import { expectBeginningAndEnd, type Recorded, readLines, readLog } from "./pass-record.ts";
import { useQuickWaits } from "./quick-waits.ts";

const world = await useLastingWorld();
useQuickWaits([]);
const ipass = fileURLToPath(new URL("../../bin/ipass", import.meta.url));

let runs = 0;
/** A log directory of its own for each run. */
const newLogDir = (): string => join(world.cli.cwd, `logs-of-run-${++runs}`);

const start = ({ job, env }: Bench, dir: string, trace: string): RunningCli =>
  world.start(["run", job, "--json", "--trace-id", trace], { ...env, IPASS_LOG_DIR: dir });

/** Passes in this process, until what never left can be told from what is still on its way. */
async function goodPasses(bench: Bench, items: readonly string[]): Promise<Recorded[]> {
  const passes = [await goodPass(bench)];
  if ((await standing(bench, items)).done === items.length) return passes;
  await bench.graceOver(items);
  return [...passes, await goodPass(bench)];
}

const isStopping = (dir: string) => until("it knows", () => readLog(dir).some(({ msg }) => msg === "run_stopping"));

const SIGNALS = [
  { first: "SIGTERM", code: 143 },
  { first: "SIGINT", code: 130 },
] as const;
const TWICE = [
  { first: "SIGTERM", second: "SIGTERM" },
  { first: "SIGTERM", second: "SIGINT" },
  { first: "SIGINT", second: "SIGINT" },
] as const;
/** A process of its own on a busy machine. */
const SLOW = { timeout: 60_000 };

describe.each(JOB_NAMES)("%s, told to stop with an answer on the way,", (job) => {
  const bench = BENCHES[job](world);
  const moment = new Moment(bench);
  /** Which signals they are is nobody's but the pass's own affair, so that one job can stand for all in the short form. */
  const twice = isFull || job === "ack_to_dsco" ? TWICE : TWICE.slice(0, 1);
  beforeAll(() => bench.open(SIGNALS.length + twice.length));

  it.for(SIGNALS)("by $first ends with $code, what is in hand finished, nothing else begun", SLOW, async ({ first, code }, { task }) => {
    const items = await bench.next();
    const dir = newLogDir();
    let begun = 0;
    moment.happens(async () => {
      running.kill(first);
      await isStopping(dir);
      begun = world.vendors.stats().requests[bench.effect] ?? 0;
    });
    world.vendors.resetStats();
    const running = start(bench, dir, `${job}-${first}`);
    const ended = await running.done;
    expect(ended, ended.stderr).toMatchObject({ code, signal: null, stderr: "" });
    const report = JSON.parse(ended.stdout) as RunReport;
    const stopped = { report, lines: readLog(dir) };
    expect(report.exit.code).toBe(code);
    expectBeginningAndEnd(stopped);
    await expectTrueRows(bench, items);
    const atOnce = job === "push_orders_to_lingxing" ? items.length / bench.perCall : begun;
    expect(world.vendors.stats().requests[bench.effect], "nothing begun after that").toBeLessThanOrEqual(atOnce);
    await audit(bench, items, [stopped, ...(await goodPasses(bench, items))], task.meta);
  });

  it.for(twice)(
    "and told again ($first, then $second), is gone at once; the next pass says so and makes good",
    SLOW,
    async ({ first, second }, { task }) => {
      const items = await bench.next();
      const dir = newLogDir();
      const trace = `${job}-${first}-${second}`;
      moment.happens(async () => {
        running.kill(first);
        await isStopping(dir);
        running.kill(second);
        await running.done;
      });
      const running = start(bench, dir, trace);
      expect(await running.done).toMatchObject({ code: null, signal: second, stdout: "" });
      expect(readLog(dir).filter(({ msg }) => msg === "run_start" || msg === "run_end")).toMatchObject([{ msg: "run_start" }]);
      await expectTrueRows(bench, items);
      await audit(bench, items, await goodPasses(bench, items), task.meta, [trace]);
    },
  );
});

/** `ipass run …` in a shell line; `$IPASS` stands for it. Its own exit code, whatever becomes of its output. */
async function inShell(line: string, bench: Bench, env: Env): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(world.cli.cwd, `exit-code-${++runs}`);
  const shell = spawn("sh", ["-c", line.replace("$IPASS", `{ "$NODE" "$BIN" run ${bench.job} --json; echo $? >"$FILE"; }`)], {
    cwd: world.cli.cwd,
    env: {
      PATH: process.env.PATH,
      ...world.env,
      ...bench.env,
      ...env,
      IPASS_DB_DSN: world.db.dsn,
      NODE: process.execPath,
      BIN: ipass,
      FILE: file,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  shell.stdout.on("data", (text) => (stdout += text));
  shell.stderr.on("data", (text) => (stderr += text));
  await once(shell, "close");
  return { code: Number(readFileSync(file, "utf8")), stdout, stderr };
}

describe.each(["pull_dsco_orders", "ack_to_dsco"] as const)("%s, when nobody takes its output:", (job) => {
  const bench = BENCHES[job](world);
  /** What is `lost` is missing where somebody will look for it. */
  const LINES: readonly { how: string; line: string; lost?: RegExp }[] = [
    { how: "head reads one letter", line: "$IPASS | head -c1" },
    { how: "the reader is gone", line: "$IPASS | true" },
    { how: "standard output is closed", line: "$IPASS >&-" },
    { how: "all is closed", line: "$IPASS >&- 2>&- <&-" },
    {
      how: "the disk behind it is full",
      line: "$IPASS >/dev/full",
      lost: /^ipass: cannot write the output \(ENOSPC\); what was done is done\n$/,
    },
  ];
  beforeAll(() => bench.open(LINES.length));

  it.for(LINES)("$how", SLOW, async ({ line, lost }, { task }) => {
    const items = await bench.next();
    const dir = newLogDir();
    const { code, stderr } = await inShell(line, bench, { IPASS_LOG_DIR: dir });
    expect({ code, stderr }).toEqual({ code: lost === undefined ? 0 : 1, stderr: lost === undefined ? "" : expect.stringMatching(lost) });
    const lines = readLog(dir);
    const [end] = lines.filter(({ msg }) => msg === "run_end");
    const report = { trace_id: end?.trace_id, exit: { code: 0 } } as RunReport;
    expectBeginningAndEnd({ report, lines });
    expect(await standing(bench, items)).toEqual({ done: items.length });
    await audit(bench, items, [{ report, lines }, await goodPass(bench)], task.meta);
  });
});

describe.each(["push_orders_to_lingxing", "sync_stock"] as const)("%s, when its log", (job) => {
  const bench = BENCHES[job](world);
  const LOGS: readonly { what: string; prepare: (dir: string) => void; closed?: string }[] = [
    { what: "stands on a full disk", prepare: fillDisk },
    { what: "stands on a full disk and nobody reads standard error either", prepare: fillDisk, closed: "2>&-" },
    { what: "has no directory to be in", prepare: (dir) => writeFileSync(dir, "a file") },
  ];
  beforeAll(() => bench.open(LOGS.length));

  it.for(LOGS)("$what, goes on, and says it on standard error", SLOW, async ({ prepare, closed }, { task }) => {
    const items = await bench.next();
    const dir = newLogDir();
    prepare(dir);
    const { code, stdout, stderr } = await inShell(`$IPASS ${closed ?? ""}`, bench, { IPASS_LOG_DIR: dir });
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as RunReport;
    expect(report.exit.code).toBe(0);
    const lines = readLines(stderr);
    if (closed === undefined) {
      expect(stderr).toMatch(/^ipass cannot write .*run-\d+\/info\.log: (ENOSPC|ENOTDIR|EEXIST).*; its lines follow here\n/);
      expectBeginningAndEnd({ report, lines });
    }
    rmSync(dir, { recursive: true, force: true });
    await audit(bench, items, [{ report, lines }, await goodPass(bench)], task.meta);
    const again = await inShell("$IPASS", bench, { IPASS_LOG_DIR: dir });
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(dir, "info.log")), "written again once there is room").toBe(true);
  });
});

function fillDisk(dir: string): void {
  mkdirSync(dir);
  for (const level of ["debug", "info", "warn", "error"]) symlinkSync("/dev/full", join(dir, `${level}.log`));
}
