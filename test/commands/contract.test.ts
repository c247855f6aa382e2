import stringWidth from "string-width";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { StockWorld } from "../jobs/stock-world.ts";
import { PULL, PUSH, World } from "../jobs/world.ts";

/**
 * Every command line that others rely on, written out a second time on purpose: what it is called, which options it takes, what its
 * JSON has, and how it fails. A command that is not in this table, or a row without a command, fails.
 */
interface Line {
  readonly words: string;
  /** What follows the words, made when there are orders, tasks and stock to be named. */
  readonly args?: () => readonly string[];
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

const known = { order: "", held: "", task: "", otherTask: "", sku: "" };

const LINES: readonly Line[] = [
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
  { words: "order-state", args: () => [known.order], options: [], json: ROW, without: needsDatabase },
  {
    words: "order-state requeue",
    args: () => [known.held, "--stage", "push", ...REASON],
    options: ["--stage", "--reason", "--dry-run"],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "order-state done",
    args: () => [known.held, "--stage", "invoice", ...REASON],
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
  { words: "manual-tasks show", args: () => [known.task], options: [], json: TASK, without: needsDatabase },
  {
    words: "manual-tasks resolve",
    args: () => [known.task, known.otherTask, ...REASON],
    options: ["--reason", "--dry-run"],
    json: ["ids", "status", "count"],
    without: needsDatabase,
  },
  {
    words: "manual-tasks ignore",
    args: () => [known.otherTask, ...REASON],
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
    args: () => [known.otherTask, ...REASON],
    options: [],
    json: ["items", "count"],
    without: needsDatabase,
  },
  {
    words: "explain",
    args: () => [known.order],
    options: [],
    json: "dsco_order_id order cancel_request current_stage now stages deadlines tasks runs events fetched_at explained_at".split(" "),
    without: needsDatabase,
  },
  { words: "status", options: [], json: ["at", "orders", "stages", "jobs", "tasks", "deadlines"], without: needsDatabase },
  { words: "runs", options: ["--job", "--limit", "--offset"], json: ["items", "count"], without: needsDatabase },
  { words: "doctor", options: ["--offline"], json: [], code: 20, without: { database: 20, settings: 20 } },
  { words: "stock diff", options: ["--csv"], json: ["items", "count", "warnings"], without: needsDatabase },
  { words: "stock show", args: () => [known.sku], options: [], json: ["sku", "warehouses", "history", "count"], without: needsDatabase },
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

const db = await useTestDatabase();
const cli = useCli({ IPASS_DB_DSN: db.dsn });
const world = new World(db, cli);
const stock = new StockWorld(world);

beforeAll(async () => {
  await stock.open({ orders: 12, broken: 12, skus: 3 });
  await world.pulled();
  await world.pass(PUSH);
  await world.pass("sync_stock");
  const [held, other] = await world.tasks("dsco_order_id is not null and stage = 'push'");
  const [order] = await world.orders("push_status = 1");
  Object.assign(known, {
    order: order?.dsco_order_id,
    held: held?.dsco_order_id,
    task: held?.id,
    otherTask: other?.id,
    sku: stock.skus()[0],
  });
}, 120_000);
afterAll(() => world.close());

/** Commands that run until they are stopped: told to end at once, by a setting or by a port that cannot be had. */
const EXTRA: Readonly<Record<string, { args?: readonly string[]; env?: Readonly<Record<string, string>> }>> = {
  serve: { env: { IPASS_HTTP_ENABLE: "false" } },
  sandbox: { args: ["--fault", "nonsense"] },
};

interface Failure {
  readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly next_step: string };
}

const run = (words: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  cli.run([...words.split(" "), ...args, ...(EXTRA[words]?.args ?? [])], { env: { ...world.env, ...env, ...EXTRA[words]?.env } });

const only = (stdout: string): unknown => {
  expect(stdout.match(/\n/g), "one document, on a line of its own").toHaveLength(1);
  return JSON.parse(stdout);
};

/** What help lists under "Commands:", up to the blank line that ends the list: the examples below it begin with `ipass`, too. */
async function namesUnder(path: readonly string[]): Promise<string[]> {
  const { stdout } = await cli.run([...path, "--help"]);
  const [, list = ""] = /^Commands:\n((?: .*\n)+)/m.exec(stdout) ?? [];
  return [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name ?? "").filter((name) => name !== "help");
}

/** Commands and their subcommands: two levels and no more, one after the other. */
async function allCommands(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesUnder([])) {
    const below = await namesUnder([name]);
    found.push(name, ...below.map((sub) => `${name} ${sub}`));
  }
  return found;
}

it("names every command there is, and no other", { timeout: 120_000 }, async () => {
  const named = new Set(LINES.map(({ words }) => words));
  const groups = ["watermark", "stock"]; // nothing by themselves
  expect((await allCommands()).filter((words) => !groups.includes(words)).sort()).toEqual([...named].sort());
});

describe.each(LINES)("ipass $words", ({ words, args = () => [], options, json, code = 0, without }) => {
  it("has help with an example, and names its options", { timeout: 60_000 }, async () => {
    const help = await run(words, ["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(new RegExp(`^Example[\\s\\S]*ipass ${words}\\b`, "m"));
    for (const option of [...options, "--json", "--help"]) expect(help.stdout).toMatch(new RegExp(`^ +.*${option}\\b`, "m"));
  });

  it("prints one JSON document, and for people text without colour that fits 80 columns", { timeout: 60_000 }, async () => {
    const asJson = await run(words, [...args(), "--json"]);
    expect(asJson, asJson.stdout).toMatchObject({ code, stderr: "" });
    expect(Object.keys(only(asJson.stdout) as object)).toEqual(expect.arrayContaining([...json]));
    if (json[0] === "items") {
      const { items, count } = only(asJson.stdout) as { items: unknown[]; count: number };
      expect(items).toHaveLength(count);
    }
    const asText = await run(words, args());
    expect(asText, asText.stderr).toMatchObject({ code });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(asText.stdout + asText.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    // A line of a crontab, and the command in a task, stay one line: they are there to be pasted.
    if (words !== "crontab" && words !== "manual-tasks show")
      for (const line of asText.stdout.split("\n")) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
  });

  it("says what is wrong as text on stderr or as JSON on stdout", { timeout: 60_000 }, async () => {
    const failures = [
      { wrong: await run(words, [...args(), "--no-such-option", "--json"]), ends: 2 },
      ...(without === undefined
        ? []
        : [
            { wrong: await run(words, [...args(), "--json"], { IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/x" }), ends: without.database },
            { wrong: await run(words, [...args(), "--json"], { IPASS_DB_DSN: "" }), ends: without.settings },
          ]),
    ];
    for (const { wrong, ends } of failures) {
      expect(wrong, wrong.stdout).toMatchObject({ code: ends, stderr: "" });
      if (ends === 20) continue; // doctor tells it as a finding
      const { error } = only(wrong.stdout) as Failure;
      expect(error).toMatchObject({
        code: ends,
        name: expect.stringMatching(/^[a-z]+$/),
        message: expect.any(String),
        next_step: expect.stringMatching(/\w/),
      });
    }
    const asText = await run(words, [...args(), "--no-such-option"]);
    expect(asText).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^ipass: unknown option '--no-such-option'\nsee: ipass [\w-]+ --help\n$/),
    });
  });
});
