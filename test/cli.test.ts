import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EXIT } from "../src/exit-codes.ts";
import { JOB_NAMES } from "../src/sync/job-name.ts";
import { useShell } from "./commands/shell.ts";
import { PULL, PUSH } from "./jobs/world.ts";

const shell = await useShell();
const { world } = shell;
const bin = fileURLToPath(new URL("../bin/ipass", import.meta.url));

const words = async (...args: string[]): Promise<string[]> => {
  const { stdout } = await shell.run(...args, "--help");
  const listed = stdout.split(/^Commands:$/m)[1] ?? "";
  return [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, word]) => word ?? "").filter((word) => word !== "help");
};

describe("--help", () => {
  it("lists every exit code with its meaning, and every command", async () => {
    const { code, stdout } = await shell.run("--help");
    expect(code).toBe(0);
    for (const { code: number, meaning } of Object.values(EXIT)) expect(stdout).toContain(`${number}  ${meaning}`);
    expect(await words()).toEqual(expect.arrayContaining(["run", "watermark", "order-state", "manual-tasks", "migrate", "sandbox"]));
    expect((await shell.run()).stdout).toBe(stdout);
  });

  it("of every command and subcommand has an example, and says --json where it prints one", { timeout: 60_000 }, async () => {
    for (const command of await words()) {
      for (const path of [[command], ...(await words(command)).map((sub) => [command, sub])]) {
        const { code, stdout, stderr } = await shell.run(...path, "--help");
        expect({ code, stderr }, path.join(" ")).toEqual({ code: 0, stderr: "" });
        expect(stdout, path.join(" ")).toMatch(/^Example[\s\S]*ipass /m);
      }
    }
  });

  it("of run names all jobs and what --on-locked takes", async () => {
    const { stdout } = await shell.run("run", "--help");
    for (const word of [...JOB_NAMES, "fail, skip", "wait=", "--dry-run", "--max-duration"])
      expect(stdout.replace(/\s+/g, " ")).toContain(word);
  });
});

it("--version is the one of package.json", async () => {
  const { stdout } = await shell.run("--version");
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await shell.run("-V")).stdout).toBe(stdout);
});

describe("a slip of the finger", () => {
  it.each([
    { args: ["run", "push_orders_to_lingxin"], says: /Did you mean push_orders_to_lingxing\?/ },
    { args: ["run", "pull"], says: /Did you mean pull_dsco_orders\?/ },
    { args: ["rn", PULL], says: /Did you mean run\?/ },
    { args: ["run", PULL, "--dryrun"], says: /Did you mean --dry-run\?/ },
    { args: ["watermark", "gt", PULL], says: /Did you mean get\?/ },
    { args: ["watermark", "get", "pul_dsco_orders"], says: /Did you mean pull_dsco_orders\?/ },
    { args: ["run"], says: /missing required argument 'job'/ },
    { args: ["run", PULL, PUSH], says: /too many arguments/ },
    { args: ["run", PULL, "--limit", "0"], says: /--limit.*whole number from 1/ },
    { args: ["run", PULL, "--limit", "1e3"], says: /--limit/ },
    { args: ["run", PULL, "--max-duration", "-5"], says: /--max-duration/ },
    { args: ["run", PULL, "--on-locked", "wait"], says: /--on-locked.*fail, skip, wait=<seconds>/ },
    { args: ["run", PULL, "--since", "yesterday"], says: /--since/ },
    { args: ["run", PULL, "--since", "2026-01-02T03:04:05"], says: /zone/ },
    { args: ["run", PULL, "--since", "2026-02-31T00:00:00Z"], says: /--since/ },
    { args: ["run", PULL, "--until", "2026-01-02"], says: /--until needs --since/ },
    { args: ["run", PULL, "--since", "2026-01-02", "--until", "2026-01-01"], says: /--since must lie before --until/ },
    { args: ["run", PUSH, "--since", "2026-01-02"], says: /pull_dsco_orders only/ },
    { args: ["run", "sync_stock", "--order", "1"], says: /--order does not go with sync_stock/ },
    { args: ["run", PULL, "--trace-id", "two words"], says: /--trace-id/ },
    { args: ["run", PULL, "--trace-id", "x".repeat(65)], says: /--trace-id/ },
    { args: ["run", PULL, "--order", "--dry-run"], says: /--order/ },
    { args: ["run", "push"], says: /Did you mean push_orders_to_lingxing\?/ },
    { args: ["run", PULL, "--offset", "3"], says: /unknown option '--offset'/ },
    { args: ["manual-tasks", "requeue", "--reason", "x"], says: /either the ids of tasks or --type/ },
    { args: ["manual-tasks", "requeue", "1", "--type", "bad_payload", "--reason", "x"], says: /either the ids of tasks or --type/ },
    { args: ["manual-tasks", "requeue", "--type", "bad_payload"], says: /--reason/ },
    { args: ["manual-tasks", "requeue", "--type", "stuck", "--reason", "x"], says: /bad_payload/ },
    { args: ["manual-tasks", "resolve", "1", "--type", "bad_payload", "--reason", "x"], says: /unknown option '--type'/ },
    {
      args: ["order-state", "requeue", "1", "--push-status", "3", "--stage", "push", "--reason", "x"],
      says: /unknown option '--push-status'/,
    },
  ])("ipass $args: 2, with what would be right, in text and in JSON", async ({ args, says }) => {
    const error = await shell.failure(2, ...args);
    expect(error).toMatchObject({ code: 2, name: "usage" });
    expect(error.message.replace(/\n/g, " ")).toMatch(says);
    expect(error.next_step).toContain("--help");
  });
});

describe("output", () => {
  it("through a closed pipe ends cleanly", async () => {
    await world.open({ orders: 200 });
    await world.pulled();
    const pipe = (command: string) =>
      spawnSync("bash", ["--norc", "-c", `${command}; echo "\${PIPESTATUS[0]}" >&2`], {
        cwd: world.cli.cwd,
        env: { PATH: process.env.PATH, ...world.env, IPASS_DB_DSN: world.db.dsn, IPASS: `${process.execPath} ${bin}` },
        encoding: "utf8",
      });
    const head = pipe("$IPASS order-state --limit 200 | head -1");
    expect(head.stderr.trim()).toBe("0");
    expect(head.stdout.split("\n")).toHaveLength(2);
    expect(pipe("$IPASS order-state --limit 200 --json | head -c 20").stderr.trim()).toBe("0");
    const whole = pipe("$IPASS order-state --limit 200 --json | cat");
    expect(whole.stdout.length, "more than a pipe holds").toBeGreaterThan(65_536);
    expect((JSON.parse(whole.stdout) as { items: unknown[] }).items).toHaveLength(200);
  });

  it("has no colour and moves no cursor without a terminal", async () => {
    await world.open({ orders: 24, broken: 12 });
    for (const args of [
      ["run", PULL],
      ["run", PUSH, "--dry-run"],
      ["run", PUSH],
      ["order-state"],
      ["manual-tasks"],
      ["watermark", "list"],
      ["--help"],
      ["run", "pul"],
    ]) {
      const { stdout, stderr } = await shell.run(...args);
      expect(stdout + stderr).not.toContain("\u001b");
      expect(stdout + stderr).not.toBe("");
    }
  });

  it("of a run that did something is a table; of one that did nothing, nothing", async () => {
    await world.open({ orders: 3 });
    const busy = await shell.run("run", PULL);
    expect(busy).toMatchObject({ code: 0, stderr: "" });
    for (const word of [PULL, "done", "3", "0 ok"]) expect(busy.stdout).toContain(word);
    expect(await shell.run("run", PULL)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const unreached = { IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/x" };
    for (const args of [[], ["--dry-run"]])
      expect(await world.start(["run", PULL, ...args], unreached).done).toMatchObject({ code: 13, stdout: "" });
  });

  it("of a run in which something failed says where to look", async () => {
    await world.open({ orders: 24, broken: 12 });
    await world.pulled();
    const { code, stdout } = await shell.run("run", PUSH);
    expect(code).toBe(3);
    expect(stdout).toContain("ipass manual-tasks");
    expect(stdout).toMatch(/trace_id [0-9a-f-]{36}/);
    expect(stdout).toContain("3 partial");
  });
});

describe("a .env file in the working directory", () => {
  it("is read, and does not override what is set", async () => {
    await world.open({ orders: 1 });
    const { writeFileSync, rmSync } = await import("node:fs");
    const { join } = await import("node:path");
    const file = join(world.cli.cwd, ".env");
    writeFileSync(file, "IPASS_JOB_PULL_DSCO_ORDERS_ENABLE=no\nIPASS_DSCO_TOKEN=wrong\n");
    try {
      expect((await world.pass(PULL)).report.counts.read, "switched off by .env").toBe(0);
      expect((await world.pass(PULL, ["--force"])).report, "the token that is set counts").toMatchObject({
        exit: { code: 0 },
        counts: { done: 1 },
      });
    } finally {
      rmSync(file);
    }
  });
});
