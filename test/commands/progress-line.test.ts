import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { showProgress } from "../../src/commands/progress-line.ts";
import { Tally } from "../../src/sync/tally.ts";
import { PULL, useWorld } from "../jobs/world.ts";

const ERASE = "\r\u001b[K";

describe("the progress line", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const aTerminal = (more: { isTTY?: boolean; columns?: number } = {}) => {
    const written: string[] = [];
    return { isTTY: true, columns: 80, ...more, written, write: (text: string) => written.push(text) };
  };

  it("appears after a second, is renewed in place with the counts so far, and is erased in the end", () => {
    const terminal = aTerminal();
    const tally = new Tally();
    {
      using _progress = showProgress(PULL, tally, terminal, { TERM: "xterm" });
      vi.advanceTimersByTime(999);
      expect(terminal.written).toEqual([]);
      tally.read(1000);
      vi.advanceTimersByTime(1);
      tally.settle("done", 990);
      tally.settle("manual", 2);
      vi.advanceTimersByTime(1000);
    }
    vi.advanceTimersByTime(5000);
    expect(terminal.written[0]).toBe(`${ERASE}pull_dsco_orders, 1 s: 1000 read, 0 done, 0 failed`);
    expect(terminal.written.at(-2)).toBe(`${ERASE}pull_dsco_orders, 2 s: 1000 read, 990 done, 0 failed, 2 to a person`);
    expect(terminal.written.at(-1)).toBe(ERASE);
  });

  it("of a short pass is never drawn, and leaves nothing to erase", () => {
    const terminal = aTerminal();
    const progress = showProgress(PULL, new Tally(), terminal, {});
    vi.advanceTimersByTime(900);
    progress[Symbol.dispose]();
    vi.advanceTimersByTime(5000);
    expect(terminal.written).toEqual([]);
  });

  it("stays on one line of a narrow terminal", () => {
    const terminal = aTerminal({ columns: 20 });
    using _progress = showProgress(PULL, new Tally(), terminal, {});
    vi.advanceTimersByTime(1000);
    expect(terminal.written).toEqual([`${ERASE}pull_dsco_orders, 1`]);
  });

  it.each([
    { name: "a file or a pipe", isTTY: false, env: { TERM: "xterm" } },
    { name: "a terminal that cannot move its cursor", isTTY: true, env: { TERM: "dumb" } },
  ])("is not for $name", ({ isTTY, env }) => {
    const terminal = aTerminal({ isTTY });
    using _progress = showProgress(PULL, new Tally(), terminal, env);
    vi.advanceTimersByTime(10_000);
    expect(terminal.written).toEqual([]);
  });
});

describe("ipass run", async () => {
  const world = await useWorld();
  const bin = fileURLToPath(new URL("../../bin/ipass", import.meta.url));
  /** Each answer takes longer than a pass stays silent. */
  const SLOW = { orders: 3, latencyMs: 1500 };

  /** With standard error on a pseudo-terminal, which `script` of util-linux makes; standard output goes to a file. */
  async function onTerminal(...args: string[]): Promise<{ terminal: string; stdout: string }> {
    const command = `'${process.execPath}' '${bin}' ${args.join(" ")} >stdout.txt`;
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: world.cli.cwd,
      env: { PATH: process.env.PATH, TERM: "xterm", ...world.env, IPASS_DB_DSN: world.db.dsn },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let terminal = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      terminal += text;
    });
    expect(await once(child, "close")).toEqual([0, null]);
    return { terminal, stdout: readFileSync(join(world.cli.cwd, "stdout.txt"), "utf8") };
  }

  it("shows on a terminal how far it is, erases that, and keeps standard output clean", async () => {
    await world.open(SLOW);
    const { terminal, stdout } = await onTerminal("run", PULL);
    expect(terminal).toMatch(/pull_dsco_orders, \d+ s: \d+ read, \d+ done, 0 failed/);
    expect(terminal.endsWith(ERASE)).toBe(true);
    expect(stdout).toMatch(/pull_dsco_orders: 0 ok/);
    expect(stdout).not.toContain("\u001b");
  });

  it("shows nothing with --json, and nothing without a terminal", async () => {
    await world.open(SLOW);
    const { terminal, stdout } = await onTerminal("run", PULL, "--json");
    expect({ terminal, report: JSON.parse(stdout) as unknown }).toMatchObject({ terminal: "", report: { counts: { done: 3 } } });
    expect(await world.start(["run", PULL]).done).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });
});
