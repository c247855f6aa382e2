import { Command } from "commander";
import type { Run } from "../store/run-query.ts";
import { inWords } from "../sync/duration.ts";
import type { JobName } from "../sync/job-name.ts";
import { parseCount, parseJob } from "./parse.ts";
import { endTone, runEnd } from "./run-end.ts";
import type { Row } from "./table.ts";

interface Flags {
  readonly job?: JobName;
  readonly limit: number;
  readonly offset: number;
  readonly json?: true;
}

export const runsCommand = (): Command =>
  new Command("runs")
    .description("The runs of the jobs, newest first: when, how each ended and why, and what it did.")
    .option("--job <job>", "only runs of this job", parseJob)
    .option("--limit <n>", "at most n runs", parseCount(1, 200), 50)
    .option("--offset <n>", "leave out the first n", parseCount(0, 1_000_000_000), 0)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass runs --job ship_to_dsco --limit 10")
    .action(listRuns);

async function listRuns({ job, limit, offset, json }: Flags): Promise<void> {
  const [{ withDatabase }, { RunQuery }, { printColumns, printJson, printLine }] = await Promise.all([
    import("./database.ts"),
    import("../store/run-query.ts"),
    import("./output.ts"),
  ]);
  const filter = job === undefined ? {} : { job };
  const items = await withDatabase((db) => new RunQuery(db).list({ ...filter, limit, offset }));
  if (json) return printJson({ items, count: items.length });
  if (items.length > 0) printColumns(["UTC", ...(job === undefined ? ["job"] : []), "ended with", "took", "did"], toRows(items, job));
  const older =
    items.length < limit
      ? ""
      : `; older ones: ipass runs ${job === undefined ? "" : `--job ${job} `}--limit ${limit} --offset ${offset + limit}`;
  printLine(`${items.length} run${items.length === 1 ? "" : "s"}${older}`);
}

/** Each day has a line of its own before its runs. */
function toRows(runs: readonly Run[], job: JobName | undefined): Row[] {
  let day = "";
  return runs.flatMap((run) => {
    const [date = "", time = ""] = run.started_at.toISOString().slice(0, 19).split("T");
    const newDay = date === day ? [] : [{ cells: [{ value: date, tone: "faint" as const }] }];
    day = date;
    const end = { value: runEnd(run), tone: endTone(run) };
    return [...newDay, { cells: [time, ...(job === undefined ? [run.job] : []), end, took(run), did(run)], notes: notes(run) }];
  });
}

function took({ duration_ms }: Run): string {
  if (duration_ms === null) return "";
  return duration_ms < 100_000 ? `${(duration_ms / 1000).toFixed(1)} s` : inWords(duration_ms);
}

/** Waiting is no work, unless it is all there was. */
function did({ counts: { done, failed, manual, waiting } }: Run): string {
  const parts = [done > 0 ? `${done} done` : "", failed > 0 ? `${failed} failed` : "", manual > 0 ? `${manual} to a person` : ""].filter(
    (part) => part !== "",
  );
  return parts.length === 0 && waiting > 0 ? `${waiting} waiting` : parts.join(", ");
}

/** Why it did not simply end well, and where to read on. */
function notes(run: Run): string[] {
  const { exit, error, trace_id, host, pid, actor, dry_run, vendor_calls } = run;
  const throttled = Object.entries(vendor_calls).flatMap(([vendor, { calls, throttled }]) =>
    throttled > 0 ? [`${vendor} throttled ${throttled} of ${calls} calls`] : [],
  );
  const who = [...(dry_run ? ["dry run"] : []), ...(actor === null ? [] : [`by ${actor}`])];
  if (exit?.name === "ok") return who.length === 0 ? [] : [who.join(" ")];
  const where = exit === null || exit.code === null ? [`host ${host}, pid ${pid}`] : [];
  return [...(error === null ? [] : [error]), [`trace_id ${trace_id}`, ...where, ...throttled, ...who].join("; ")];
}
