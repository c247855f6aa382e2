import { Command } from "commander";
import type { OrderStateRow } from "../store/order-query.ts";
import { inWords } from "../sync/duration.ts";
import type { OperatorAction } from "../sync/operator.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { parseCount, parseOneOf, parseReason, parseStage } from "./parse.ts";
import { STAGE_TONES, STAGE_WORDS } from "./stage-words.ts";
import type { Cell, Row } from "./table.ts";

interface ListFlags {
  readonly pushStatus?: StageStatus;
  readonly ackStatus?: StageStatus;
  readonly shipStatus?: StageStatus;
  readonly invoiceStatus?: StageStatus;
  readonly limit: number;
  readonly offset: number;
  readonly json?: true;
}

interface ActFlags {
  readonly stage: Stage;
  readonly reason: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const parseStatus = parseOneOf(Object.values(STAGE_STATUS));
export const orderStateCommand = (): Command =>
  new Command("order-state")
    .description("Where orders stand. Status: 0 waiting, 1 done, 2 failed and tried again, 3 a person must act, 4 not needed, 9 in flight.")
    .argument("[dscoOrderId]", "one order")
    .option("--push-status <n>", "only orders with this status", parseStatus)
    .option("--ack-status <n>", "only orders with this status", parseStatus)
    .option("--ship-status <n>", "only orders with this status", parseStatus)
    .option("--invoice-status <n>", "only orders with this status", parseStatus)
    .option("--limit <n>", "at most n orders", parseCount(1, 200), 50)
    .option("--offset <n>", "leave out the first n", parseCount(0, 1_000_000_000), 0)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass order-state --push-status 3")
    .action((id: string | undefined, flags: ListFlags) => (id === undefined ? list(flags) : show(id, flags)))
    .addCommand(actionCommand("requeue", "let a failed or held stage be tried again, its retry budget fresh"))
    .addCommand(actionCommand("done", "close a stage that a person has done elsewhere"));

function actionCommand(action: OperatorAction, summary: string): Command {
  return new Command(action)
    .description(summary)
    .argument("<dscoOrderId...>", "one or several orders")
    .requiredOption("--stage <stage>", STAGES.join(", "), parseStage)
    .requiredOption("--reason <text>", "why; it is recorded with your name", parseReason)
    .option("--dry-run", "only say what would happen")
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  ipass order-state ${action} 1200000001 --stage push --reason "corrected in Lingxing"`)
    .action(async (ids: string[], _flags: ActFlags, command: Command) =>
      act(action, [...new Set(ids)], command.optsWithGlobals<ActFlags>()),
    );
}

async function act(action: OperatorAction, ids: readonly string[], { stage, reason, dryRun, json }: ActFlags): Promise<void> {
  const [{ withDatabase, requestOf }, { actOnStage }, { printColumns, printJson, printLine }] = await Promise.all([
    import("./database.ts"),
    import("../store/operator-actions.ts"),
    import("./output.ts"),
  ]);
  const items = await withDatabase((db, app) =>
    actOnStage(db, action, ids, stage, requestOf(app, reason), new Date(), { dryRun: dryRun === true }),
  );
  if (json) return printJson({ items, count: items.length, ...(dryRun ? { dry_run: true } : {}) });
  if (items.length === 0) return printLine(`nothing to change: ${stage} is ${action === "done" ? "closed" : "waiting"} already`);
  printColumns(
    ["order", "stage", "from", "to"],
    items.map((item) => ({ cells: [item.dsco_order_id, item.stage, STAGE_WORDS[item.from], STAGE_WORDS[item.to]] })),
  );
  if (dryRun) printLine(`${items.length} would be ${action === "done" ? "closed" : "requeued"}; nothing was changed`);
}

async function list(flags: ListFlags): Promise<void> {
  const [{ withDatabase }, { OrderQuery }, { printColumns, printJson, printLine }] = await Promise.all([
    import("./database.ts"),
    import("../store/order-query.ts"),
    import("./output.ts"),
  ]);
  const filter = {
    limit: flags.limit,
    offset: flags.offset,
    ...(flags.pushStatus === undefined ? {} : { push: flags.pushStatus }),
    ...(flags.ackStatus === undefined ? {} : { ack: flags.ackStatus }),
    ...(flags.shipStatus === undefined ? {} : { ship: flags.shipStatus }),
    ...(flags.invoiceStatus === undefined ? {} : { invoice: flags.invoiceStatus }),
  };
  const { items, total } = await withDatabase((db) => new OrderQuery(db).list(filter));
  if (flags.json) return printJson({ items, count: items.length, total });
  if (items.length > 0)
    printColumns(
      ["order", "DSCO", ...STAGES],
      items.map((row) => ({ cells: [row.dsco_order_id, row.dsco_status, ...STAGES.map((stage) => statusCell(row, stage))] })),
    );
  printLine(`${items.length} of ${total}`);
}

async function show(id: string, { json }: ListFlags): Promise<void> {
  const [{ withDatabase }, { OrderQuery }, output, { UsageError }] = await Promise.all([
    import("./database.ts"),
    import("../store/order-query.ts"),
    import("./output.ts"),
    import("../errors.ts"),
  ]);
  const row = await withDatabase((db) => new OrderQuery(db).find(id));
  if (row === undefined)
    throw new UsageError(`unknown order ${id}`, `if DSCO has it, pull it: ipass run pull_dsco_orders --order ${shellWord(id)}`);
  if (json) return output.printJson(row);
  output.printColumns(
    ["order", "PO number", "DSCO", "number in Lingxing", "Lingxing order"],
    [{ cells: [row.dsco_order_id, row.po_number, row.dsco_status, row.platform_order_no, row.lingxing_global_order_no] }],
  );
  output.printLine("");
  output.printColumns(
    ["stage", "status", "since (UTC)", "sent (UTC)", "next attempt"],
    STAGES.map((stage) => stageRow(row, stage, output.shortTime)),
  );
  output.printLine(`\nwhat it waits for, and what to type: ipass explain ${shellWord(id)}`);
}

function stageRow(row: OrderStateRow, stage: Stage, time: (value: Date | null) => string): Row {
  const error = row[`${stage}_error`];
  return {
    cells: [stage, statusCell(row, stage), time(row[`${stage}_at`]), time(row[`${stage}_sent_at`]), nextAttempt(row, stage)],
    notes: error === null ? [] : [error],
  };
}

/** `2 failed 3x`: with how often, where it has failed. */
function statusCell(row: OrderStateRow, stage: Stage): Cell {
  const status = row[`${stage}_status`];
  const retries = row[`${stage}_retry_count`];
  return { value: `${STAGE_WORDS[status]}${retries === 0 ? "" : ` ${retries}x`}`, tone: STAGE_TONES[status] };
}

function nextAttempt(row: OrderStateRow, stage: Stage): string {
  const status = row[`${stage}_status`];
  const at = row[`${stage}_next_attempt_at`];
  if (status === STAGE_STATUS.done || status === STAGE_STATUS.notNeeded || status === STAGE_STATUS.manual) return "";
  if (at === null) return "in its turn";
  const left = at.getTime() - Date.now();
  return left > 0 ? `in ${inWords(left)}` : "due";
}
