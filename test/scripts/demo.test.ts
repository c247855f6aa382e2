import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase } from "../helpers/mysql.ts";

const script = fileURLToPath(new URL("../../scripts/demo.mjs", import.meta.url));
let temporary = "";
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "ipass-demo-test-"));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

function startDemo() {
  // Settings of a live account, as a developer's shell may hold them.
  const env = { ...process.env, TMPDIR: temporary, IPASS_DB_DSN: "mysql://live:live@127.0.0.1:1/live", IPASS_DSCO_TOKEN: "live" };
  const demo = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const printed = async (text: string) => {
    while (!output.includes(text)) {
      if (demo.exitCode !== null) throw new Error(`the demo ended without printing ${text}:\n${output}`);
      await Promise.race([once(demo.stdout, "data"), once(demo, "close")]);
    }
  };
  return { demo, output: () => output, printed };
}

/** Drops the databases demos left on the server we lent them; returns their names. */
async function dropLeftDatabases(): Promise<string[]> {
  const database = await createTestDatabase({ migrated: false });
  const rows = await database.query("show databases like 'ipass\\_demo\\_%'");
  const names = rows.flatMap((row) => Object.values(row).map(String));
  for (const name of names) await database.query(`drop database \`${name}\``);
  await database.drop();
  return names;
}

/** Processes that still work in the demo's temporary folder. */
function leftProcesses(): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(temporary);
    } catch {
      return false; // it ended while we looked, or is not ours to look at
    }
  });
}

it("shows the way of the orders, twice, and leaves nothing behind", async () => {
  for (const _ of [1, 2]) {
    const { demo, output } = startDemo();
    const [code] = await once(demo, "close");
    expect({ code, output: output() }).toMatchObject({ code: 0, output: expect.stringContaining("$ ipass run push_orders_to_lingxing") });
    expect(readdirSync(temporary)).toEqual([]);
  }
  expect(await dropLeftDatabases()).toEqual([]);
}, 240_000);

it.each([
  { signal: "SIGINT", code: 130 },
  { signal: "SIGTERM", code: 143 },
] as const)("leaves nothing behind when it is ended by $signal", async ({ signal, code }) => {
  const { demo, printed } = startDemo();
  await printed("$ ipass migrate");
  demo.kill(signal);
  expect(await once(demo, "close")).toEqual([code, null]);
  expect(readdirSync(temporary)).toEqual([]);
  expect(await dropLeftDatabases()).toEqual([]);
});

it.runIf(existsSync("/proc/self/cwd"))("takes its sandbox with it when it is killed", async () => {
  const { demo, printed } = startDemo();
  await printed("$ ipass run pull_dsco_orders");
  expect(leftProcesses()).not.toEqual([]);
  demo.kill("SIGKILL");
  await once(demo, "exit");
  while (leftProcesses().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // A private server is gone with all it held; on a server lent to us a killed demo cannot drop its database.
  expect(await dropLeftDatabases()).toHaveLength(1);
});
