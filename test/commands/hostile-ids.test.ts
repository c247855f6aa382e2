import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { CliResult } from "../helpers/cli.ts";
import { PULL, PUSH, useWorld } from "../jobs/world.ts";

const world = await useWorld();

/** A blank that is none, until a shell reads it. */
const IFS = "$".concat("{IFS}");

/** What a retailer may call an order: anything printable without blanks. */
const IDS = [
  "';DROP/**/TABLE/**/sync_order_state;--",
  '";DELETE/**/FROM/**/manual_task;#',
  `$(touch${IFS}pwned)`,
  `\`touch${IFS}pwned\``,
  `a;touch${IFS}pwned;b`,
  "a|b&&c>pwned",
  'it\'s"odd"',
  "$&$'$`$1",
  "\\'\\\"",
  "*?~[a]{1,2}!!",
  "<dscoOrderId>",
  "__proto__",
  "%s%n%00",
  "订单号①",
] as const;

/** What cannot be a key: told to a person, its text kept under a key of our own. */
const NO_IDS = ["a\nb", "a\u0000b", "\u001b[2J\u001b]0;pwned\u0007", "\u202eabc", "a b", "\ud800", "--json", "x".repeat(65)] as const;

const HARMLESS = ["1299999991", "1299999992"];

interface Listed<T> {
  readonly items: readonly T[];
}

async function ipass(...args: readonly string[]): Promise<CliResult> {
  const result = await world.start(args).done;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(result.stdout + result.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  return result;
}

async function json<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await ipass(...args, "--json");
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

/** What a shell makes of a command line: the words that ipass would be called with, each time it is called. */
function pasted(command: string): string[][] {
  const script = `ipass() { printf '%s\\0' "$@"; printf '\\0'; }; ${command}`;
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", script], { cwd: world.cli.cwd, encoding: "utf8" });
  expect({ status, stderr }, command).toEqual({ status: 0, stderr: "" });
  return stdout
    .split("\0\0")
    .filter((call) => call !== "")
    .map((call) => call.split("\0"));
}

/** The commands in a text for people: each from its name to where it ends. */
function commandsIn(text: string): string[] {
  return text.split(/(?=\bipass (?:order-state|manual-tasks|run|explain|watermark)\b)/).flatMap((part) => {
    if (!part.startsWith("ipass ")) return [];
    return [/^(?:\\.|'[^']*'|"[^"]*"|[^\\'";])*/.exec(part)?.[0].replace(/ brings it back.*$/, "") ?? ""];
  });
}

function expectNothingHappened(): void {
  expect(readdirSync(world.cli.cwd).filter((name) => name !== "logs")).toEqual([]);
}

describe("orders whose ids are written to do harm", () => {
  beforeAll(async () => {
    await world.db.empty();
  });

  it("are stored, shown and named in commands that a shell reads as the id and nothing else", { timeout: 120_000 }, async () => {
    const refuse = { [IDS[2]]: "no such product", [IDS[6]]: "no such product" };
    await world.open({ orders: 0, limits: false, refuse }, { IPASS_MAX_RETRY_PER_ORDER: "2" });
    const order = (dscoOrderId: string, n: number) => ({
      order: { dscoOrderId, poNumber: `PO-${n}`, shipping: n % 2 === 0 ? {} : { country: "" } } as never,
    });
    world.vendors.changeOrders({ add: [...IDS, ...NO_IDS, ...HARMLESS].map(order), updatedAt: Date.now() - 20_000 });
    const pull = await world.pass(PULL);
    expect(pull.report.counts).toMatchObject({ read: IDS.length + NO_IDS.length + HARMLESS.length, manual: NO_IDS.length });
    expect(new Set((await world.orders()).map((row) => row.dsco_order_id))).toEqual(new Set([...IDS, ...HARMLESS]));

    for (let pass = 1; pass <= 2; pass++) {
      expect((await world.pass(PUSH)).code).toBe(3);
      await world.age();
    }
    expect(await world.orders("push_status = 1")).toHaveLength(IDS.length / 2 - 2 + 1);

    const { items } = await json<Listed<{ dsco_order_id: string | null; next_step: string }>>("manual-tasks", "--limit", "200");
    expect(items.length).toBeGreaterThan(NO_IDS.length + IDS.length / 2);
    const named = items.flatMap(({ dsco_order_id, next_step }) =>
      commandsIn(next_step).map((command) => ({ dsco_order_id, words: pasted(command)[0] ?? [] })),
    );
    for (const { dsco_order_id, words } of named) if (dsco_order_id !== null) expect(words).toContain(dsco_order_id);
    expect(named.filter(({ words }) => words[0] === "order-state").map(({ dsco_order_id }) => dsco_order_id)).toEqual(
      expect.arrayContaining([IDS[2], IDS[6]]),
    );

    for (const id of IDS) {
      const { now } = await json<{ now: { command: string | null } }>("explain", id);
      for (const words of pasted(now.command ?? "")) expect(words, now.command ?? "").toContain(id);
      const screen = (await ipass("explain", id)).stdout;
      // The very lines that are to be pasted, broken as they are for the width of a terminal.
      const lines = /\n\n((?: {2}.*\n)+)\n/.exec(screen)?.[1] ?? "";
      expect(pasted(lines), screen).toEqual(pasted(now.command ?? ""));
    }
    await ipass("manual-tasks", "--limit", "200");
    await ipass("order-state");
    for (const id of IDS.slice(0, 8)) {
      const { stdout } = await ipass("order-state", id);
      for (const command of commandsIn(stdout.replace(/\n(push|ack|ship|invoice): [\s\S]*$/, "")))
        expect(pasted(command)).toEqual([["explain", id]]);
    }
    const { code } = await ipass(
      "order-state",
      "requeue",
      IDS[2],
      IDS[6],
      "--stage",
      "push",
      "--reason",
      "'; DROP TABLE order_event; -- $(id) `id`",
    );
    expect(code).toBe(0);
    expect(await world.db.query("select count(*) as n from order_event where detail like '%DROP TABLE%'")).toEqual([{ n: "2" }]);
    expectNothingHappened();
  });

  it.each([...IDS.slice(0, 3), "a\nb", "\u001b[31mred", "' OR '1'='1"])("unknown: %j is named harmlessly, too", async (id) => {
    for (const args of [
      ["explain", id],
      ["order-state", id],
      ["run", PUSH, "--order", id],
      ["stock", "show", id],
    ]) {
      if (args.includes("run")) await world.open({ orders: 0 });
      const { code, stderr } = await ipass(...args);
      expect(code, stderr).toBe(2);
      for (const command of commandsIn(stderr.split("\n").slice(-2)[0] ?? "").filter((line) => line.includes("pull_dsco_orders")))
        expect(pasted(command).flat().at(-1)).toBe(id.replace(/[\p{Cc}\p{Cf}]/gu, " "));
    }
    expectNothingHappened();
  });

  it("are no jobs, stages, trace ids or counts either", async () => {
    for (const text of ["'; DROP TABLE job_run; --", "\u001b[31m$(touch pwned)", "constructor"]) {
      for (const args of [
        ["run", text],
        ["watermark", "get", text],
        ["watermark", "set", "ack_to_dsco", text],
        ["order-state", "requeue", "1", "--stage", text, "--reason", "r"],
        ["order-state", "--push-status", text],
        ["manual-tasks", "show", text],
        ["manual-tasks", "--type", text],
        ["purge", "--older-than", text],
        [text],
      ]) {
        expect((await ipass(...args)).code, args.join(" ")).toBe(2);
      }
    }
    expect(await world.db.query("select 1 from job_run limit 1")).toEqual([]);
    expectNothingHappened();
  });
});
