import type { Cli } from "../helpers/cli.ts";
import { type Env, PULL, type World } from "../jobs/world.ts";

/** What the lines name: ids of orders and tasks, a SKU. */
export interface Known {
  readonly order: string;
  /** An order that a person has to see to. */
  readonly held: string;
  readonly task: string;
  readonly otherTask: string;
  readonly sku: string;
}

/**
 * Every command line that others rely on, written out a second time on purpose: what it is called, which options it takes, what its
 * JSON has, and how it fails. A command that is not in this table, or a row without a command, fails.
 */
export interface CommandLine {
  readonly words: string;
  /** What follows the words, made when there are orders, tasks and stock to be named. */
  readonly args?: (known: Known) => readonly string[];
  readonly options: readonly string[];
  /** The names of its JSON document; a list's are `items` and `count`. */
  readonly json: readonly string[];
  /** How it ends when all is well, if not with 0. */
  readonly code?: number;
  /** How it ends without a database, and without any setting; what needs neither ends as always. */
  readonly without?: { readonly database: number; readonly settings: number };
}

const needsDatabase = { database: 13, settings: 10 } as const;
const ROW = `dsco_order_id po_number dsco_status platform_order_no store_id lingxing_global_order_no ${[
  "status",
  "at",
  "sent_at",
  "retry_count",
  "error",
  "next_attempt_at",
]
  .flatMap((column) => ["push", "ack", "ship", "invoice"].map((stage) => `${stage}_${column}`))
  .join(" ")} shipped_tracking_no dsco_invoice_id retry_count last_error last_attempt_at created_at updated_at`.split(" ");
const TASK = "id task_type dsco_order_id stage status payload occurrences next_step created_at updated_at resolved_by reason".split(" ");
const REASON = ["--reason", "settled by phone"];

export const COMMAND_LINES: readonly CommandLine[] = [
  {
    words: "run",
    args: () => [PULL],
    options: [
      "--order",
      "--dry-run",
      "--limit",
      "--max-duration",
      "--on-locked",
      "--trace-id",
      "--force",
      "--since",
      "--until",
      "--full",
    ].concat("--allow-mass-zero"),
    json: ["job", "trace_id", "exit", "dry_run", "counts", "duration_ms"],
    without: needsDatabase,
  },
  { words: "watermark get", args: () => [PULL], options: [], json: ["mode", "since"], without: needsDatabase },
  {
    words: "watermark set",
    args: () => [PULL, '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z"}'],
    options: [],
    json: ["job", "before", "after"],
    without: needsDatabase,
  },
  { words: "watermark list", options: ["--history"], json: ["items", "count"], without: needsDatabase },
  { words: "watermark list", args: () => ["--history"], options: ["--history"], json: ["items", "count"], without: needsDatabase },
  {
    words: "order-state",
    options: ["--push-status", "--ack-status", "--ship-status", "--invoice-status", "--limit", "--offset"],
    json: ["items", "count", "total"],
    without: needsDatabase,
  },
  { words: "order-state", args: (known) => [known.order], options: [], json: ROW, without: needsDatabase },
  {
    words: "order-state requeue",
    args: (known) => [known.held, "--stage", "push", ...REASON],
    options: ["--stage", "--reason", "--dry-run"],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "order-state done",
    args: (known) => [known.held, "--stage", "invoice", ...REASON],
    options: ["--stage", "--reason", "--dry-run"],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "manual-tasks",
    options: ["--status", "--type", "--limit", "--offset"],
    json: ["items", "count", "total"],
    without: needsDatabase,
  },
  { words: "manual-tasks show", args: (known) => [known.task], options: [], json: TASK, without: needsDatabase },
  {
    words: "manual-tasks resolve",
    args: (known) => [known.task, known.otherTask, ...REASON],
    options: ["--reason", "--dry-run"],
    json: ["ids", "status", "count"],
    without: needsDatabase,
  },
  {
    words: "manual-tasks ignore",
    args: (known) => [known.otherTask, ...REASON],
    options: ["--reason", "--dry-run"],
    json: ["ids", "status", "count"],
    without: needsDatabase,
  },
  {
    words: "manual-tasks requeue",
    args: () => ["--type", "cancel_requested", ...REASON],
    options: ["--type", "--reason", "--dry-run"],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "manual-tasks requeue",
    args: (known) => [known.otherTask, ...REASON],
    options: [],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "explain",
    args: (known) => [known.order],
    options: [],
    json: "dsco_order_id order cancel_request current_stage now stages deadlines tasks runs events fetched_at explained_at".split(" "),
    without: needsDatabase,
  },
  { words: "status", options: [], json: ["at", "orders", "stages", "jobs", "tasks", "deadlines"], without: needsDatabase },
  { words: "runs", options: ["--job", "--limit", "--offset"], json: ["items", "count"], without: needsDatabase },
  { words: "doctor", options: ["--offline"], json: [], code: 20, without: { database: 20, settings: 20 } },
  { words: "stock diff", options: ["--csv"], json: ["items", "count", "warnings"], without: needsDatabase },
  {
    words: "stock show",
    args: (known) => [known.sku],
    options: [],
    json: ["sku", "warehouses", "history", "count"],
    without: needsDatabase,
  },
  { words: "migrate", options: [], json: ["applied"], without: needsDatabase },
  { words: "migrate status", options: [], json: ["applied", "pending"], without: needsDatabase },
  { words: "migrate rollback", args: () => ["--yes"], options: ["--yes"], json: ["error"], code: 4, without: needsDatabase },
  { words: "crontab", options: [], json: ["path", "items", "count"] },
  {
    words: "purge",
    args: () => ["--older-than", "90"],
    options: ["--older-than", "--dry-run"],
    json: ["purged", "older_than_days", "dry_run"],
    without: needsDatabase,
  },
  { words: "serve", options: [], json: ["enabled"] },
  { words: "sandbox", options: ["--port", "--fault"], json: ["error"], code: 2 },
];

interface Ending {
  readonly args?: readonly string[];
  readonly env?: Env;
}

/** Commands that run until they are stopped: told to end at once, by a setting or by a port that cannot be had. */
const EXTRA: Readonly<Record<string, Ending>> = {
  serve: { env: { IPASS_HTTP_ENABLE: "false" } },
  sandbox: { args: ["--fault", "nonsense"] },
};

/** The words of a line as a process is given them, and the settings that go with it. */
export function called({ words }: CommandLine, args: readonly string[]): { readonly args: readonly string[]; readonly env: Env } {
  const { args: further = [], env = {} } = EXTRA[words] ?? {};
  return { args: [...words.split(" "), ...args, ...further], env };
}

/** What the lines are to name, found in a world where orders were pulled and pushed. */
export async function findKnown(world: World, sku: string): Promise<Known> {
  const [held, other] = await world.tasks("dsco_order_id is not null and stage = 'push'");
  const [order] = await world.orders("push_status = 1");
  if (order === undefined || held === undefined || other === undefined) throw new Error("no order is pushed, or no two are held");
  return { order: order.dsco_order_id, held: held.dsco_order_id ?? "", task: held.id, otherTask: other.id, sku };
}

/** What help lists under "Commands:", up to the blank line that ends the list: the examples below it begin with `ipass`, too. */
async function namesUnder(cli: Cli, path: readonly string[]): Promise<string[]> {
  const { stdout } = await cli.run([...path, "--help"]);
  const [, list = ""] = /^Commands:\n((?: .*\n)+)/m.exec(stdout) ?? [];
  return [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name ?? "").filter((name) => name !== "help");
}

/** Commands and their subcommands: two levels and no more, one after the other. */
export async function allCommands(cli: Cli): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesUnder(cli, [])) {
    const below = await namesUnder(cli, [name]);
    found.push(name, ...below.map((sub) => `${name} ${sub}`));
  }
  return found;
}
