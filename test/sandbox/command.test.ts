import { Command } from "commander";
import { parse } from "dotenv";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sandboxCommand } from "../../src/commands/sandbox.ts";
import { UsageError } from "../../src/errors.ts";
import { CALL_NAMES } from "../../src/sandbox/endpoint.ts";
import { FAULT_KINDS } from "../../src/sandbox/faults.ts";
import { aSandbox, call } from "./vendor-calls.ts";

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

interface Running {
  readonly printed: string;
  /** As if the process had got the signal; only the command's own listeners hear it. */
  stop(signal: "SIGTERM" | "SIGINT"): Promise<void>;
}

async function start(...args: string[]): Promise<Running> {
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const before = new Set([...process.listeners("SIGTERM"), ...process.listeners("SIGINT")]);
  const done = sandboxCommand()
    .exitOverride()
    .parseAsync(["--port", "0", ...args], { from: "user" });
  await Promise.race([vi.waitFor(() => expect(printed).not.toBe("")), done]);
  return {
    printed,
    stop: async (signal) => {
      for (const listener of process.listeners(signal)) if (!before.has(listener)) listener(signal);
      await done;
    },
  };
}

describe("ipass sandbox", () => {
  it("prints variables an .env file can hold, serves, and ends with 0 on SIGTERM", async () => {
    const sandbox = await start("--orders", "3");
    const env = parse(sandbox.printed);
    expect(Object.keys(env)).toEqual([
      "IPASS_DSCO_BASE_URL",
      "IPASS_DSCO_TOKEN",
      "IPASS_LINGXING_BASE_URL",
      "IPASS_LINGXING_APP_ID",
      "IPASS_LINGXING_ACCESS_TOKEN",
      "IPASS_LINGXING_PLATFORM_CODE",
      "IPASS_LINGXING_STORE_ID",
      "IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON",
    ]);
    expect(JSON.parse(env.IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON ?? "")).toEqual({ "1001": "WH-CA", "1002": "WH-NJ" });
    const summary = new URL("/_sandbox/summary", env.IPASS_DSCO_BASE_URL).href;
    expect((await call(summary, {})).json).toMatchObject({ dsco: { orders: 3 } });
    await sandbox.stop("SIGTERM");
    expect(process.exitCode).toBe(0);
    await expect(call(summary, {})).rejects.toThrow();
  });

  it("with --json prints one document; secrets where asked for", async () => {
    const sandbox = await start(
      "--json",
      "--auth",
      "secrets",
      "--latency",
      "5",
      "--no-limits",
      "--fault",
      "ack:html:1",
      "--fault",
      "*:429:#9",
    );
    const document = JSON.parse(sandbox.printed);
    expect(document.env).toMatchObject({ IPASS_DSCO_CLIENT_ID: "sandbox-client", IPASS_LINGXING_APP_SECRET: expect.any(String) });
    expect(document.env).not.toHaveProperty("IPASS_DSCO_TOKEN");
    expect((await call(`${document.control_url}settings`, {})).json).toMatchObject({
      latencyMs: 5,
      limits: false,
      faults: ["ack:html:1", "*:429:#9"],
    });
    await sandbox.stop("SIGINT");
    expect(process.exitCode).toBe(0);
  });

  it("says which port is taken", async () => {
    const { url } = await aSandbox();
    const started = sandboxCommand().parseAsync(["--port", new URL(url).port], { from: "user" });
    await expect(started).rejects.toThrow(UsageError);
    await expect(started).rejects.toThrow(/port \d+ is taken/);
  });

  it("refuses a fault that makes no sense, with what would, before it looks at the port", async () => {
    const { url } = await aSandbox();
    const started = sandboxCommand().parseAsync(["--port", new URL(url).port, "--fault", "create:explode:1"], { from: "user" });
    await expect(started).rejects.toThrow(/"explode" is not one of/);
  });

  it.each([
    ["--orders", "-1"],
    ["--orders", "many"],
    ["--auth", "none"],
  ])("refuses %s %s", async (flag, value) => {
    const command = sandboxCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync([flag, value], { from: "user" })).rejects.toThrow(/invalid/);
  });

  it("names every call and every kind of fault in its help, and shows an example", () => {
    let help = "";
    const program = new Command("ipass").addCommand(sandboxCommand().configureOutput({ writeOut: (text) => (help += text) }));
    program.commands[0]?.outputHelp();
    for (const name of [...CALL_NAMES, "scroll", ...FAULT_KINDS]) expect(help).toMatch(new RegExp(`(^|\\s)${name}(\\s|$)`, "m"));
    expect(help).toMatch(/Example[\s\S]*\$ ipass sandbox/);
  });
});
