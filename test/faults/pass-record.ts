import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import type { LogLine } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";

/** One pass, and what it wrote about itself. */
export interface Recorded {
  readonly report: RunReport;
  readonly lines: readonly LogLine[];
}

/**
 * One pass of the bench's job, with a log of its own. Whatever befell it, it has begun and ended once in the log and in its record, with one
 * exit code, and was not taken for a bug.
 */
export async function recordedPass(bench: Bench): Promise<Recorded> {
  const { world } = bench;
  const dir = join(world.cli.cwd, `logs-${randomUUID()}`);
  const report = await bench.run({ IPASS_LOG_DIR: dir });
  const lines = readLog(dir);
  rmSync(dir, { recursive: true, force: true });
  const named = (name: string) => lines.filter(({ msg }) => msg === name);
  expect(named("internal_error"), JSON.stringify(report)).toEqual([]);
  expect(named("run_start")).toHaveLength(1);
  expect(named("run_end")).toMatchObject([{ exit_code: report.exit.code, trace_id: report.trace_id }]);
  const runs = await world.db.query("select exit_code, ended_at from job_run where trace_id = ?", [report.trace_id]);
  expect(runs).toMatchObject([{ exit_code: report.exit.code, ended_at: expect.any(Date) }]);
  return { report, lines };
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
