import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import type { Env, LogLine } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";

/** One pass, and what it wrote about itself. */
export interface Recorded {
  readonly report: RunReport;
  readonly lines: readonly LogLine[];
}

/** One pass of the bench's job, with a log of its own. Whatever befell it, it has begun and ended once in its log, and was not taken for a bug. */
export async function recordedPass(bench: Bench, env: Env = {}): Promise<Recorded> {
  const dir = join(bench.world.cli.cwd, `logs-${randomUUID()}`);
  const report = await bench.run({ ...env, IPASS_LOG_DIR: dir });
  const lines = readLog(dir);
  rmSync(dir, { recursive: true, force: true });
  const named = (name: string) => lines.filter(({ msg }) => msg === name);
  expect(named("internal_error"), JSON.stringify(report)).toEqual([]);
  expect(named("run_start")).toHaveLength(1);
  expect(named("run_end")).toMatchObject([{ exit_code: report.exit.code, trace_id: report.trace_id }]);
  return { report, lines };
}

/** Every pass so far has a record, with the exit it reported; one whose record could not be closed was closed by the next, which said so. */
export async function expectRecordsClosed(bench: Bench, passes: readonly Recorded[]): Promise<void> {
  const runs = await bench.world.db.query<RunRow>("select trace_id, exit_code, exit_name, ended_at from job_run where job_name = ?", [
    bench.job,
  ]);
  const died = new Set(passes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === "run_died").map((line) => line.died_trace_id)));
  expect(runs.filter(({ ended_at }) => ended_at === null)).toEqual([]);
  for (const { report } of passes) {
    const record = runs.find(({ trace_id }) => trace_id === report.trace_id);
    if (record?.exit_name === "died") expect([...died]).toContain(report.trace_id);
    else if (record !== undefined) expect(record.exit_code).toBe(report.exit.code);
    else expect(report, "only a run that never got to write has no record").toMatchObject({ exit: { code: 13 }, counts: { read: 0 } });
  }
}

interface RunRow {
  readonly trace_id: string;
  readonly exit_code: number | null;
  readonly exit_name: string | null;
  readonly ended_at: Date | null;
}

function readLog(dir: string): LogLine[] {
  const files = existsSync(dir) ? readdirSync(dir) : [];
  return files.flatMap((name) =>
    readFileSync(join(dir, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LogLine),
  );
}
