import { Command } from "commander";
import type { Task } from "../store/task-store.ts";
import { TASK_STATUS, TASK_TYPES, type TaskStatus, type TaskType } from "../sync/stage.ts";
import { parseCount, parseOneOf, parseReason } from "./parse.ts";

interface ListFlags {
  readonly status: TaskStatus;
  readonly type?: TaskType;
  readonly limit: number;
  readonly offset: number;
  readonly json?: true;
}

/** What is left of 80 columns beside the longest type and an order id of ten digits. */
const WHY_WIDTH = 30;

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
    .addCommand(closeCommand("ignore", "ignored", "do not open it again for this cause; no stage is touched"));

function showCommand(): Command {
  return new Command("show")
    .description("one task in full")
    .argument("<id>", "the task", parseId)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass manual-tasks show 17")
    .action(async (id: number, _flags: object, command: Command) => show(id, command.optsWithGlobals<{ json?: true }>()));
}

function closeCommand(name: string, to: "resolved" | "ignored", summary: string): Command {
  return new Command(name)
    .description(summary)
    .argument("<id...>", "one or several tasks", (text: string, before: number[] | undefined) => [...(before ?? []), parseId(text)])
    .requiredOption("--reason <text>", "why; it is recorded with your name", parseReason)
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  ipass manual-tasks ${name} 17 18 --reason "settled by phone"`)
    .action(async (ids: number[], _flags: object, command: Command) => {
      const { reason, json } = command.optsWithGlobals<{ reason: string; json?: true }>();
      const [{ withDatabase, requestOf }, { closeTasks }, { printJson, printLine }] = await Promise.all([
        import("./database.ts"),
        import("../store/operator-actions.ts"),
        import("./output.ts"),
      ]);
      const closed = await withDatabase((db, app) => closeTasks(db, [...new Set(ids)], to, requestOf(app, reason)));
      if (json) printJson({ ids, status: TASK_STATUS[to], count: closed });
      else printLine(`${closed} ${to}`);
    });
}

async function list({ status, type, limit, offset, json }: ListFlags): Promise<void> {
  const [{ withDatabase }, { TaskStore }, { printJson, printLine, printTable }, { wrapColumns }] = await Promise.all([
    import("./database.ts"),
    import("../store/task-store.ts"),
    import("./output.ts"),
    import("./columns.ts"),
  ]);
  const { items, total } = await withDatabase((db) =>
    new TaskStore(db).list({ status, limit, offset, ...(type === undefined ? {} : { type }) }),
  );
  if (json) return printJson({ items, count: items.length, total });
  const whyAndWhat = (task: Task) =>
    [...wrapColumns(causeOf(task), WHY_WIDTH), ...wrapColumns(`→ ${task.next_step}`, WHY_WIDTH)].join("\n");
  const rows = items.map((task) => [task.id, task.task_type, orderOf(task), whyAndWhat(task)]);
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
