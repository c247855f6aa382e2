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

/** One pass of the bench's job in this process. */
export async function recordedPass(bench: Bench, env: Env = {}): Promise<Recorded> {
  const dir = join(bench.world.cli.cwd, `logs-${randomUUID()}`);
  const report = await bench.run({ ...env, IPASS_LOG_DIR: dir });
  const recorded = { report, lines: readLog(dir) };
  rmSync(dir, { recursive: true, force: true });
  expectBeginningAndEnd(recorded);
  return recorded;
}

/** Whatever befell the pass: it has begun and ended once in its log, with the exit it told, and was not taken for a bug. */
export function expectBeginningAndEnd({ report, lines }: Recorded): void {
  const named = (name: string) => lines.filter(({ msg }) => msg === name);
  expect(named("internal_error"), JSON.stringify(report)).toEqual([]);
  expect(named("run_start")).toHaveLength(1);
  expect(named("run_end")).toMatchObject([{ exit_code: report.exit.code, trace_id: report.trace_id }]);
}

/** Every line of all levels. */
export function readLog(dir: string): LogLine[] {
  const files = existsSync(dir) ? readdirSync(dir) : [];
  return files.flatMap((name) => readLines(readFileSync(join(dir, name), "utf8")));
}

export function readLines(text: string): LogLine[] {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as LogLine);
}

interface RunRow {
  readonly trace_id: string;
  readonly exit_code: number | null;
  readonly exit_name: string | null;
  readonly ended_at: Date | null;
}

/**
 * Every pass has a record with the exit it told; one that was `killed`, or that could not close its record, was closed by the next one,
 * which said so.
 */
export async function expectRecordsClosed(bench: Bench, passes: readonly Recorded[], killed: readonly string[]): Promise<void> {
  const records = await bench.world.db.query<RunRow>("select * from job_run where job_name = ?", [bench.job]);
  const saidDied = passes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === "run_died").map((line) => line.died_trace_id));
  expect(records.filter(({ ended_at }) => ended_at === null)).toEqual([]);
  for (const trace of [...killed, ...passes.map(({ report }) => report.trace_id)]) {
    const record = records.find(({ trace_id }) => trace_id === trace);
    const report = passes.find((pass) => pass.report.trace_id === trace)?.report;
    if (record?.exit_name === "died") expect(saidDied.filter((died) => died === trace)).toHaveLength(1);
    else if (record !== undefined) expect(record.exit_code).toBe(report?.exit.code);
    else expect(report, "only a run that never got to write has no record").toMatchObject({ exit: { code: 13 }, counts: { read: 0 } });
  }
}
