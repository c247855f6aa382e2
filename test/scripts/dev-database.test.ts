import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mysql from "mysql2/promise";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { startDatabase } from "../../scripts/dev-database.mjs";
import { findInstalledServer } from "../../scripts/installed-server.mjs";
import { parseServerDsn, waitForServer } from "../../scripts/server-dsn.mjs";

const script = fileURLToPath(new URL("../../scripts/dev-database.mjs", import.meta.url));
const onLinux = existsSync("/proc/self/stat");
const folder = mkdtempSync(join(tmpdir(), "ipass-programs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answers = async (dsn: string, timeoutMs = 0) => (await waitForServer(parseServerDsn(dsn), { timeoutMs })) !== undefined;

/** By /proc, as a slim container has no ps. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => {
      try {
        return /^\d+$/.test(name) && /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1] === String(parent);
      } catch {
        return false; // it ended while we looked
      }
    })
    .map(Number);
}

const parents: ChildProcess[] = [];
afterEach(() => {
  for (const parent of parents.splice(0)) parent.kill("SIGKILL");
});

/** The command that holds a server in the foreground, and the address it printed. */
async function startParent(...names: string[]): Promise<{ parent: ChildProcess; dsn: string }> {
  const parent = spawn(process.execPath, [script, ...names], { env: { PATH: process.env.PATH }, stdio: ["ignore", "pipe", "ignore"] });
  parents.push(parent);
  const [printed] = await once(parent.stdout.setEncoding("utf8"), "data");
  return {
    parent,
    dsn: String(printed)
      .trim()
      .replace(names.length === 0 ? "IPASS_TEST_DB_DSN=" : "IPASS_DB_DSN=", ""),
  };
}

/** Resolves when nothing answers any more; the test's own time limit is the patience. */
async function gone(dsn: string): Promise<boolean> {
  while (await answers(dsn)) await new Promise((resolve) => setTimeout(resolve, 20));
  return true;
}

/** Answers on the published port as a server does, until it is told to kill; notes how it was called. */
const FAKE_DOCKER = `#!/usr/bin/env node
const { appendFileSync } = require("node:fs");
const args = process.argv.slice(2);
if (args[0] === "run" || args[0] === "kill") appendFileSync(CALLS, args.join(" ") + "\\n");
if (args[0] === "run") {
  const port = Number(args[args.indexOf("-p") + 1].split(":")[1]);
  require("node:net").createServer((socket) => socket.end("\\0\\0\\0\\0\\n5.5.5-10.11.9-MariaDB\\0")).listen(port, "127.0.0.1");
}
`;

describe("startDatabase", () => {
  it("uses IPASS_TEST_DB_DSN and never IPASS_DB_DSN", async () => {
    const given = process.env.IPASS_TEST_DB_DSN ?? "";
    const database = await startDatabase({ env: { IPASS_TEST_DB_DSN: given, IPASS_DB_DSN: "mysql://live:live@127.0.0.1:1/live" } });
    expect(parseServerDsn(database.dsn)).toEqual({ ...parseServerDsn(given), database: "" });
    await database.stop();
    expect(await answers(given)).toBe(true);
  });

  it("says so when IPASS_TEST_DB_DSN cannot be read, without its password", async () => {
    const refusal = await startDatabase({ env: { IPASS_TEST_DB_DSN: "u:secret@h" } }).catch(String);
    expect(refusal).toMatch(/^Error: IPASS_TEST_DB_DSN: expected mysql:/);
    expect(refusal).not.toContain("secret");
  });

  it("names the ways out where there is nothing", async () => {
    await expect(startDatabase({ env: { IPASS_DB_DSN: "mysql://live:live@127.0.0.1:1/live" }, folders: [folder] })).rejects.toThrow(
      /IPASS_TEST_DB_DSN[\s\S]*apt-get install mariadb-server[\s\S]*Docker/,
    );
  });

  it("starts a container where only Docker is there, and kills it by name", async () => {
    const calls = join(folder, "calls");
    const docker = join(folder, "docker");
    writeFileSync(docker, FAKE_DOCKER.replace("CALLS", JSON.stringify(calls)));
    chmodSync(docker, 0o755);
    const database = await startDatabase({ env: {}, folders: [folder] });
    expect(database).toMatchObject({ flavour: "mariadb", version: "10.11.9-MariaDB" });
    await database.stop();
    expect(await gone(database.dsn)).toBe(true);
    const [run, kill] = readFileSync(calls, "utf8").split("\n");
    expect(run).toMatch(/^run --rm --name ipass-dev-\w+ -p 127\.0\.0\.1:\d+:3306 /);
    expect(kill).toBe(`kill ${/--name (\S+)/.exec(run ?? "")?.[1]}`);
  });
});

describe.runIf(findInstalledServer() !== undefined)("a private server", () => {
  it("runs as a non-root user, lets its account create databases, and is gone after stop", async () => {
    const database = await startDatabase({ env: {} });
    const connection = await mysql.createConnection(parseServerDsn(database.dsn));
    await connection.query("create database of_my_own");
    const [rows] = await connection.query("select @@bind_address as address, @@collation_server as collation, @@pid_file as pid_file");
    expect(rows).toMatchObject([{ address: "127.0.0.1", collation: "utf8mb4_unicode_ci" }]);
    await connection.end();
    const [{ pid_file: pidFile } = { pid_file: "" }] = rows as { pid_file: string }[];
    if (onLinux) expect(statSync(`/proc/${readFileSync(pidFile, "utf8").trim()}`).uid).not.toBe(0);
    await database.stop();
    expect(await answers(database.dsn)).toBe(false);
  });

  it("makes its first datadir as another user, although that one may not write to TMPDIR", () => {
    // In a clone of its own there is no datadir yet to copy.
    const scripts = join(folder, "clone", "scripts");
    cpSync(fileURLToPath(new URL("../../scripts", import.meta.url)), scripts, { recursive: true });
    const program = `
      import { rmSync } from "node:fs";
      import { startDatabase } from "${scripts}/dev-database.mjs";
      import { serverAccount, serverFolder } from "${scripts}/server-folder.mjs";
      const database = await startDatabase({ env: {} });
      console.log(database.version);
      await database.stop();
      rmSync(serverFolder(serverAccount()), { recursive: true });`;
    const closed = mkdtempSync(join(folder, "closed-"));
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      env: { PATH: process.env.PATH, TMPDIR: closed },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\d+\.\d+/);
  });

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("goes with its parent: %s", async (signal) => {
    const { parent, dsn } = await startParent();
    expect(await answers(dsn)).toBe(true);
    parent.kill(signal);
    await once(parent, "exit");
    expect(await gone(dsn)).toBe(true);
  });

  it.runIf(onLinux)("removes the server of a run whose keeper was killed too", async () => {
    const { parent, dsn: orphan } = await startParent();
    for (const keeper of childrenOf(parent.pid ?? 0)) process.kill(keeper, "SIGKILL");
    parent.kill("SIGKILL");
    await once(parent, "exit");
    expect(await answers(orphan)).toBe(true);
    const next = await startDatabase({ env: {} });
    expect(await gone(orphan)).toBe(true);
    await next.stop();
  });

  it("creates an empty database where a name is given, and prints it as a line for .env", async () => {
    const { dsn } = await startParent("ipass_rehearsal");
    const connection = await mysql.createConnection(parseServerDsn(dsn));
    const [rows] = await connection.query(
      "select database() as name, (select count(*) from information_schema.tables where table_schema = database()) as tables",
    );
    expect(rows).toEqual([{ name: "ipass_rehearsal", tables: 0 }]);
    await connection.end();
  });
});
