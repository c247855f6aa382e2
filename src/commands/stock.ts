import { randomUUID } from "node:crypto";
import { Command } from "commander";
import type { PlanEntry } from "../jobs/job.ts";
import type { StockEventRow } from "../store/stock-history.ts";
import { STOCK_STATUS, type StockCell, type StockLevel, type StockStatus } from "../sync/stock.ts";
import { terminalText } from "./terminal-text.ts";

/** A pass may be at work: its lock is waited for. */
const LOCK_WAIT_SEC = 120;

const STATUS_WORD: Readonly<Record<StockStatus, string>> = {
  [STOCK_STATUS.unknown]: "to be sent",
  [STOCK_STATUS.confirmed]: "confirmed",
  [STOCK_STATUS.refused]: "refused",
  [STOCK_STATUS.inFlight]: "in flight",
};

export const stockCommand = (): Command =>
  new Command("stock")
    .description("What DSCO shows in stock, compared with Lingxing; and how a SKU came to its figure.")
    .addHelpText("after", "\nExample:\n  ipass stock diff --csv > diff.csv")
    .addCommand(diffCommand())
    .addCommand(showCommand());

function diffCommand(): Command {
  return new Command("diff")
    .description("what a pass of sync_stock would change; nothing is sent")
    .option("--json", "print one JSON document")
    .option("--csv", "print comma-separated values")
    .addHelpText("after", "\nExample:\n  ipass stock diff --json")
    .action(diff);
}

function showCommand(): Command {
  return new Command("show")
    .description("one DSCO SKU: what was sent, confirmed and refused, newest first")
    .argument("<sku>", "as DSCO has it")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass stock show MUG-BLUE")
    .action(show);
}

/** One warehouse of a SKU whose figure at DSCO is another than Lingxing's, or not known. */
interface Difference {
  readonly sku: string;
  readonly warehouse: string;
  /** Null: never confirmed. */
  readonly dsco_last_confirmed: number | null;
  readonly lingxing_now: number;
  readonly difference: number;
}

/** A dry pass with the guards open: an operator looks here to see why a guard tripped. */
async function diff({ json, csv }: { json?: true; csv?: true }, command: Command): Promise<void> {
  if (json && csv) command.error("error: --json and --csv exclude each other", { code: "ipass.usage" });
  const [{ openApp }, { runJob }, { printColumns, printJson, printLine }] = await Promise.all([
    import("../app.ts"),
    import("../jobs/run-job.ts"),
    import("./output.ts"),
  ]);
  await using app = openApp(randomUUID());
  const onLocked = { do: "wait", sec: LOCK_WAIT_SEC } as const;
  const report = await runJob(app, "sync_stock", { dryRun: true, force: true, allowMassZero: true, onLocked });
  const plan = report.plan ?? [];
  const items = plan.flatMap(differences);
  const warnings = plan.filter((entry) => entry.do === "manual").map((entry) => String(entry.cause));
  process.exitCode = report.error === undefined ? 0 : report.exit.code;
  const { error } = report;
  if (json) return printJson({ items, count: items.length, warnings, ...(error === undefined ? {} : { error }) });
  if (csv) {
    const lines = items.map((item) => Object.values(item).map(csvCell).join(","));
    process.stdout.write([CSV_HEAD, ...lines, ""].join("\r\n"));
  } else if (items.length > 0) {
    printColumns(
      ["SKU", "warehouse", "DSCO last confirmed", "Lingxing now", "difference"],
      items.map((item) => ({
        cells: [item.sku, item.warehouse, item.dsco_last_confirmed ?? "never", item.lingxing_now, signed(item.difference)],
      })),
    );
  } else if (error === undefined) printLine("nothing to change");
  for (const warning of warnings) process.stderr.write(terminalText(`a pass would ask a person: ${warning}\n`));
  if (error !== undefined) (await import("./failure.ts")).printError(error);
}

const CSV_HEAD = "sku,warehouse,dsco_last_confirmed,lingxing_now,difference";

interface PlannedWarehouse {
  readonly code: string;
  readonly dsco: number | null;
  readonly lingxing: number;
  readonly difference: number;
}

/** What is sent again only because it is a day old, or beside a warehouse that changed, is no difference. */
function differences(entry: PlanEntry): Difference[] {
  const { sku } = entry;
  if (entry.do !== "send" || sku === undefined) return [];
  return (entry.warehouses as readonly PlannedWarehouse[])
    .filter(({ dsco, difference }) => dsco === null || difference !== 0 || entry.why === "in_doubt")
    .map(({ code, dsco, lingxing, difference }) => ({
      sku,
      warehouse: code,
      dsco_last_confirmed: dsco,
      lingxing_now: lingxing,
      difference,
    }));
}

function csvCell(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function signed(difference: number): string {
  return difference > 0 ? `+${difference}` : String(difference);
}

async function show(sku: string, { json }: { json?: true }): Promise<void> {
  const [{ withDatabase }, { StockHistory }, { UsageError }, output] = await Promise.all([
    import("./database.ts"),
    import("../store/stock-history.ts"),
    import("../errors.ts"),
    import("./output.ts"),
  ]);
  const found = await withDatabase((db) => new StockHistory(db).find(sku.trim()));
  if (found === undefined)
    throw new UsageError(`no stock of ${sku} was ever sent`, "give the SKU as DSCO has it; ipass stock diff lists what is to be sent");
  const { level, events } = found;
  if (json) return output.printJson({ sku: level.sku, warehouses: level.cells.map(toWire), history: events, count: events.length });
  printLevel(level, output);
  printEvents(events, output);
}

type Output = typeof import("./output.ts");

function printLevel({ sku, cells }: StockLevel, { printColumns, printLine, shortTime }: Output): void {
  printLine(sku);
  printColumns(
    ["warehouse", "status", "DSCO has", "since (UTC)", "sent", "at (UTC)"],
    cells.map((cell) => ({
      cells: [
        cell.code,
        STATUS_WORD[cell.status],
        cell.confirmed ?? "never",
        shortTime(cell.confirmedAt),
        cell.sent,
        shortTime(cell.sentAt),
      ],
      notes: cell.nextAttemptAt === undefined ? [] : [`next attempt ${shortTime(cell.nextAttemptAt)}`],
    })),
  );
  const reason = cells.find(({ error }) => error !== undefined)?.error;
  if (reason !== undefined) printLine(`why: ${reason}`);
}

/** The vendor's request id is what their support asks for, the trace id leads into our logs: whole, to be copied. */
function printEvents(events: readonly StockEventRow[], { printColumns, printLine, shortTime }: Output): void {
  if (events.length === 0) return;
  printLine("");
  printColumns(
    ["when (UTC)", "what", "figures"],
    events.map(({ at, event, detail, request_id, trace_id }) => ({
      cells: [shortTime(at), event.replace("stock_", ""), figures(detail)],
      notes: [`trace_id ${trace_id}`, ...(request_id === null ? [] : [`request ${request_id}`])],
    })),
  );
}

/** `WH-CA 5 → 7, WH-NJ 0`, and the reason where there is one. */
function figures(detail: unknown): string {
  const { from = {}, to = {}, reason } = detail as { from?: Record<string, number | null>; to?: Record<string, number>; reason?: string };
  const changes = Object.entries(to).map(([code, after]) => {
    const before = from[code];
    return before === undefined || before === after ? `${code} ${after}` : `${code} ${before ?? "?"} → ${after}`;
  });
  return [changes.join(", "), ...(reason === undefined ? [] : [reason])].join("\n");
}

function toWire(cell: StockCell): Readonly<Record<string, unknown>> {
  return {
    warehouse: cell.code,
    status: cell.status,
    confirmed_quantity: cell.confirmed ?? null,
    confirmed_at: cell.confirmedAt ?? null,
    sent_quantity: cell.sent,
    sent_at: cell.sentAt,
    request_id: cell.requestId ?? null,
    retry_count: cell.retryCount,
    error: cell.error ?? null,
    next_attempt_at: cell.nextAttemptAt ?? null,
  };
}
