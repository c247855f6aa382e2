import { Command } from "commander";
import type { Task } from "../store/task-store.ts";
import { TASK_STATUS, TASK_TYPES, type TaskStatus, type TaskType } from "../sync/stage.ts";
import { parseCount, parseOneOf, parseReason } from "./parse.ts";
import { STAGE_WORDS } from "./stage-words.ts";

interface ListFlags {
  readonly status: TaskStatus;
  readonly type?: TaskType;
  readonly limit: number;
  readonly offset: number;
  readonly json?: true;
}

const parseId = parseCount(1, Number.MAX_SAFE_INTEGER);
const STATUS_WORD: Readonly<Record<TaskStatus, string>> = { 0: "open", 1: "in work", 2: "resolved", 3: "ignored" };

export const manualTasksCommand = (): Command =>
  new Command("manual-tasks")
    .description("What waits for a person, why, and what to do. Status: 0 open, 1 in work, 2 resolved, 3 ignored.")
    .option("--status <n>", "only tasks with this status", parseOneOf(Object.values(TASK_STATUS)), TASK_STATUS.open)
    .option("--type <type>", "only tasks of this type", parseOneOf(TASK_TYPES))
    .option("--limit <n>", "at most n tasks", parseCount(1, 200), 50)
    .option("--offset <n>", "leave out the first n", parseCount(0, 1_000_000_000), 0)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass manual-tasks --type bad_payload")
    .action(list)
    .addCommand(showCommand())
    .addCommand(closeCommand("resolve", "resolved", "the matter is settled; no stage is touched"))
    .addCommand(closeCommand("ignore", "ignored", "do not open it again for this cause; no stage is touched"))
    .addCommand(requeueCommand());

function showCommand(): Command {
  return new Command("show")
    .description("one task in full")
    .argument("<id>", "the task", parseId)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass manual-tasks show 17")
    .action(async (id: number, _flags: object, command: Command) => show(id, command.optsWithGlobals<{ json?: true }>()));
}

interface ActFlags {
  readonly reason: string;
  readonly dryRun?: true;
  readonly json?: true;
}

function closeCommand(name: string, to: "resolved" | "ignored", summary: string): Command {
  return new Command(name)
    .description(summary)
    .argument("<id...>", "one or several tasks", collectId)
    .requiredOption("--reason <text>", "why; it is recorded with your name", parseReason)
    .option("--dry-run", "only say what would happen")
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  ipass manual-tasks ${name} 17 18 --reason "settled by phone"`)
    .action(async (ids: number[], _flags: object, command: Command) => close(to, [...new Set(ids)], command.optsWithGlobals<ActFlags>()));
}

function requeueCommand(): Command {
  return new Command("requeue")
    .description("let the stage that each task is about be tried again, its retry budget fresh; all of them or none")
    .argument("[id...]", "one or several tasks", collectId)
    .option("--type <type>", "instead of ids: all open tasks of this type", parseOneOf(TASK_TYPES))
    .requiredOption("--reason <text>", "why; it is recorded with your name", parseReason)
    .option("--dry-run", "only say what would happen")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      '\nExample, after the SKUs were added to the map:\n  ipass manual-tasks requeue --type missing_mapping --reason "mapping added" --dry-run',
    )
    .action(async (ids: number[], _flags: object, command: Command) => {
      const flags = command.optsWithGlobals<ActFlags & { type?: TaskType }>();
      if ((ids.length === 0) === (flags.type === undefined))
        command.error("error: give either the ids of tasks or --type", { code: "ipass.usage" });
      await requeue(flags.type === undefined ? { ids: [...new Set(ids)] } : { type: flags.type }, flags);
    });
}

function collectId(text: string, before: readonly number[] | undefined): number[] {
  return [...(before ?? []), parseId(text)];
}

async function close(to: "resolved" | "ignored", ids: readonly number[], { reason, dryRun, json }: ActFlags): Promise<void> {
  const [{ withDatabase, requestOf }, { closeTasks }, { printJson, printLine, printColumns }] = await Promise.all([
    import("./database.ts"),
    import("../store/task-actions.ts"),
    import("./output.ts"),
  ]);
  const closed = await withDatabase((db, app) => closeTasks(db, ids, to, requestOf(app, reason), { dryRun: dryRun === true }));
  if (json) return printJson({ ids, status: TASK_STATUS[to], count: closed.length, ...(dryRun ? { dry_run: true } : {}) });
  if (dryRun)
    printColumns(
      ["task", "type", "order", "from", "to"],
      closed.map((task) => ({
        cells: [String(task.task_id), task.task_type, task.dsco_order_id, STATUS_WORD[task.from], STATUS_WORD[task.to]],
      })),
    );
  printLine(dryRun ? `${closed.length} would be ${to}; nothing was changed` : `${closed.length} ${to}`);
}

async function requeue(which: { readonly ids: readonly number[] } | { readonly type: TaskType }, { reason, dryRun, json }: ActFlags) {
  const [{ withDatabase, requestOf }, { requeueTasks }, { printJson, printLine, printColumns }] = await Promise.all([
    import("./database.ts"),
    import("../store/task-actions.ts"),
    import("./output.ts"),
  ]);
  const items = await withDatabase((db, app) => requeueTasks(db, which, requestOf(app, reason), new Date(), { dryRun: dryRun === true }));
  if (json) return printJson({ items, count: items.length, ...(dryRun ? { dry_run: true } : {}) });
  if (items.length === 0) return printLine("no such task is open");
  printColumns(
    ["task", "type", "order", "stage", "from", "to"],
    items.map((item) => ({
      cells: [String(item.task_id), item.task_type, item.dsco_order_id, item.stage, STAGE_WORDS[item.from], STAGE_WORDS[item.to]],
    })),
  );
  printLine(dryRun ? `${items.length} would be requeued; nothing was changed` : `${items.length} requeued`);
}

async function list({ status, type, limit, offset, json }: ListFlags): Promise<void> {
  const [{ withDatabase }, { TaskStore }, { printJson, printLine, printTable }] = await Promise.all([
    import("./database.ts"),
    import("../store/task-store.ts"),
    import("./output.ts"),
  ]);
  const { items, total } = await withDatabase((db) =>
    new TaskStore(db).list({ status, limit, offset, ...(type === undefined ? {} : { type }) }),
  );
  if (json) return printJson({ items, count: items.length, total });
  const rows = items.map((task) => [String(task.id), task.task_type, orderOf(task), `${causeOf(task)}\n→ ${task.next_step}`]);
  if (rows.length > 0) printTable(["task", "type", "order", "why → what to do"], rows);
  printLine(`${items.length} of ${total} ${STATUS_WORD[status]}`);
}

async function show(id: number, { json }: { json?: true }): Promise<void> {
  const [{ withDatabase }, { TaskStore }, { printJson, printLine, shortTime }, { UsageError }] = await Promise.all([
    import("./database.ts"),
    import("../store/task-store.ts"),
    import("./output.ts"),
    import("../errors.ts"),
  ]);
  const task = await withDatabase((db) => new TaskStore(db).find(id));
  if (task === undefined) throw new UsageError(`unknown task ${id}`, "ipass manual-tasks lists the known ones");
  if (json) return printJson(task);
  printLine(
    `task ${task.id}: ${task.task_type}, ${STATUS_WORD[task.status]}, seen ${task.occurrences} time${task.occurrences === 1 ? "" : "s"}`,
  );
  printLine(
    `order ${orderOf(task) || "none"}${task.stage === null ? "" : `, stage ${task.stage}`}; opened ${shortTime(task.created_at)}, last seen ${shortTime(task.updated_at)} UTC`,
  );
  printLine(`why: ${causeOf(task)}`);
  printLine(`what to do: ${task.next_step}`);
  printLine(`payload: ${JSON.stringify(task.payload)}`);
  if (task.resolved_by !== null) printLine(`closed by ${task.resolved_by}: ${task.reason ?? ""}`);
}

/** A task about stock is about no order; a bad payload about one that lacks its id. */
function orderOf({ dsco_order_id, task_type }: Task): string {
  return dsco_order_id ?? (task_type === "bad_payload" ? "(no id)" : "");
}

function causeOf({ payload, task_type }: Task): string {
  return typeof payload === "object" && payload !== null && "cause" in payload ? String(payload.cause) : task_type;
}
