import type { Facts, RunRow } from "./facts.ts";
import type { Violation } from "./violation.ts";

/** Every run has begun once and ended once, in its record and in the log; one that was killed was closed by another, as what it is. */
export function* auditRuns({ runs, logs, killed }: Facts): Generator<Violation> {
  const told = countLines(logs);
  for (const run of runs) {
    for (const what of [...judgeRecord(run, killed.has(run.trace_id)), ...judgeLines(told.get(run.trace_id), killed.has(run.trace_id))]) {
      yield { rule: "run", about: `${run.job_name} ${run.trace_id}`, what };
    }
  }
}

function* judgeRecord(run: RunRow, wasKilled: boolean): Generator<string> {
  if (run.ended_at === null) return yield "its record is still open";
  if (run.exit_name === "died") {
    if (!wasKilled) yield "is on record as dead, and nobody killed it";
    return;
  }
  if (run.exit_code === null) yield "its record has no exit code";
  const { items_read, items_done, items_waiting, items_failed, items_manual, items_skipped } = run;
  const sum = items_done + items_waiting + items_failed + items_manual + items_skipped;
  if (items_read !== sum) yield `it read ${items_read} and accounts for ${sum}`;
}

interface Lines {
  starts: number;
  ends: number;
  deaths: number;
}

function* judgeLines(lines: Lines | undefined, wasKilled: boolean): Generator<string> {
  const { starts = 0, ends = 0, deaths = 0 } = lines ?? {};
  if (starts !== 1) yield `has ${starts} run_start`;
  if (wasKilled ? ends > 1 : ends !== 1) yield `has ${ends} run_end`;
  if (deaths > 1) yield `was reported dead ${deaths} times`;
  if (deaths > 0 && !wasKilled) yield "was reported dead and is not";
}

function countLines(logs: Facts["logs"]): Map<string, Lines> {
  const told = new Map<string, Lines>();
  const linesOf = (traceId: string): Lines => {
    const lines = told.get(traceId) ?? { starts: 0, ends: 0, deaths: 0 };
    told.set(traceId, lines);
    return lines;
  };
  for (const { msg, trace_id, died_trace_id } of logs) {
    if (msg === "run_start") linesOf(trace_id).starts += 1;
    if (msg === "run_end") linesOf(trace_id).ends += 1;
    if (msg === "run_died") linesOf(String(died_trace_id)).deaths += 1;
  }
  return told;
}
