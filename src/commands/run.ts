import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { Command, InvalidArgumentError, Option } from "commander";
import type { RunOptions } from "../jobs/job.ts";
import type { RunReport } from "../jobs/run-job.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import type { Tally } from "../sync/tally.ts";
import { collect, parseCount, parseJob, parseTime, parseTraceId } from "./parse.ts";
import { userName } from "./user-name.ts";

interface Flags {
  readonly order?: string[];
  readonly dryRun?: true;
  readonly limit?: number;
  readonly maxDuration: number;
  readonly onLocked: NonNullable<RunOptions["onLocked"]>;
  readonly traceId?: string;
  readonly force?: true;
  readonly since?: Date;
  readonly until?: Date;
  readonly full?: true;
  readonly allowMassZero?: true;
  readonly json?: true;
}

const LONGEST_SEC = 86_400;

export const runCommand = (): Command =>
  new Command("run")
    .description("One pass of a job: works until nothing is due, then ends with an exit code.")
    .argument("<job>", `one of: ${JOB_NAMES.join(", ")}`, parseJob)
    .option("--order <dscoOrderId>", "only this order, due or not; may be repeated", collect)
    .option("--dry-run", "send no write, change no order; print the plan")
    .option("--limit <n>", "at most n items", parseCount(1, 1_000_000_000))
    .option("--max-duration <s>", "stop in order after this many seconds, progress kept", parseCount(1, LONGEST_SEC), 300)
    .addOption(
      new Option("--on-locked <what>", "when the job is already running: fail, skip, or wait=<s>")
        .argParser(parseOnLocked)
        .default({ do: "fail" } as const, "fail"),
    )
    .option("--trace-id <id>", "use this trace id instead of a fresh one", parseTraceId)
    .option("--force", "run although the job is switched off")
    .option("--since <time>", "pull: read changes after this time; the watermark stays", parseTime)
    .option("--until <time>", "pull: read changes up to this time", parseTime)
    .option("--full", "stock: send every SKU, changed or not")
    .option("--allow-mass-zero", "stock: send although a guard says no; recorded with your name")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample, as a crontab line:\n  * * * * * cd /srv/ipass && bin/ipass run pull_dsco_orders --on-locked skip")
    .action(async (job: JobName, flags: Flags, command: Command) => {
      checkFlags(job, flags, command);
      keepHeapSmall();
      compileWasmOnce();
      const [{ openApp }, { runJob }] = await Promise.all([import("../app.ts"), import("../jobs/run-job.ts")]);
      await using app = openApp(flags.traceId ?? randomUUID());
      const run = (tally?: Tally) => runJob(app, job, { ...toOptions(flags), ...(tally === undefined ? {} : { tally }) });
      const report = process.stderr.isTTY && !flags.json ? await watched(job, run) : await run();
      process.exitCode = report.exit.code;
      if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
      else await printReport(report);
    });

/** Somebody looks on: shows how far the pass has come. */
async function watched(job: JobName, run: (tally: Tally) => Promise<RunReport>): Promise<RunReport> {
  const [{ Tally }, { showProgress }] = await Promise.all([import("../sync/tally.ts"), import("./progress-line.ts")]);
  const tally = new Tally();
  using _progress = showProgress(job, tally, process.stderr);
  return await run(tally);
}

/**
 * V8 lets the heap double before it looks for garbage, so a pass over 100,000 orders would take half as much memory again as one over
 * 1,000, for garbage alone. Collecting at half of that costs no measurable time. The flag is V8's, not Node's: only where it was tried.
 */
function keepHeapSmall(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 20 && major <= 24) setFlagsFromString("--heap-growing-percent=50");
}

/**
 * Node's fetch reads HTTP with WebAssembly, which V8 compiles twice: quickly, and again for a speed that the calls of one pass never
 * notice. Compiled once, a process saves 28 MB and a third of what its first call costs in CPU. To be set before fetch is so much as
 * named: `new Headers` loads all of it.
 */
function compileWasmOnce(): void {
  if (process.versions.node.startsWith("20.")) setFlagsFromString("--liftoff-only");
}

function parseOnLocked(text: string): NonNullable<RunOptions["onLocked"]> {
  if (text === "fail" || text === "skip") return { do: text };
  const wait = /^wait=(\d{1,5})$/.exec(text);
  if (wait === null) throw new InvalidArgumentError("One of: fail, skip, wait=<seconds>.");
  return { do: "wait", sec: Number(wait[1]) };
}

function checkFlags(job: JobName, flags: Flags, command: Command): void {
  const wrong = (message: string) => command.error(`error: ${message}`, { code: "ipass.usage" });
  if (job === "sync_stock" && flags.order !== undefined) wrong("--order does not go with sync_stock: stock is sent by SKU");
  if (job !== "pull_dsco_orders" && (flags.since !== undefined || flags.until !== undefined))
    wrong("--since and --until go with pull_dsco_orders only");
  if (job !== "sync_stock" && (flags.full || flags.allowMassZero)) wrong("--full and --allow-mass-zero go with sync_stock only");
  if (flags.until !== undefined && flags.since === undefined) wrong("--until needs --since");
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) wrong("--since must lie before --until");
  if (flags.since !== undefined && flags.order !== undefined) wrong("--since and --order exclude each other");
}

function toOptions({ order, dryRun, limit, maxDuration, onLocked, force, since, until, full, allowMassZero }: Flags): RunOptions {
  return {
    maxDurationSec: maxDuration,
    onLocked,
    dryRun: dryRun === true,
    force: force === true,
    ...(order === undefined ? {} : { orders: order }),
    ...(limit === undefined ? {} : { limit }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(full === undefined ? {} : { full }),
    ...(allowMassZero === undefined ? {} : { allowMassZero }),
    // Whoever overrules a guard is put on record, also from a script.
    ...(process.stdin.isTTY || allowMassZero ? { actor: userName() } : {}),
  };
}

/** Nothing for a pass in which nothing happened: cron mails whatever is printed. */
async function printReport(report: RunReport): Promise<void> {
  const { counts, exit, error, plan } = report;
  const rehearsed = plan !== undefined && (plan.length > 0 || error === undefined);
  if (counts.done + counts.failed + counts.manual > 0 || rehearsed) {
    const { printLine, printTable } = await import("./output.ts");
    if (plan !== undefined) await printPlan(plan);
    printTable(["read", "done", "waiting", "failed", "manual", "skipped"], [Object.values(counts)]);
    printLine(`${report.job}: ${exit.code} ${exit.name}, ${(report.duration_ms / 1000).toFixed(1)} s, trace_id ${report.trace_id}`);
    if (counts.failed + counts.manual > 0)
      printLine(
        `why: ipass manual-tasks${plan === undefined && STAGE_OF[report.job] ? `, ipass order-state --${STAGE_OF[report.job]}-status 2` : ""}`,
      );
  }
  if (error !== undefined) (await import("./failure.ts")).printError(error);
}

/** The stage whose failed orders a run is about. */
const STAGE_OF: Partial<Record<JobName, string>> = {
  push_orders_to_lingxing: "push",
  ack_to_dsco: "ack",
  ship_to_dsco: "ship",
  invoice_to_dsco: "invoice",
};

async function printPlan(plan: NonNullable<RunReport["plan"]>): Promise<void> {
  if (plan.length === 0) return;
  const { printColumns } = await import("./output.ts");
  printColumns(
    ["would", "order or SKU", "what"],
    plan.map(({ do: what, dsco_order_id, sku, ...detail }) => ({
      cells: [
        what,
        dsco_order_id ?? sku,
        Object.entries(detail)
          .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
          .join(" "),
      ],
    })),
  );
}
