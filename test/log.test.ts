import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NeedsHumanError } from "../src/errors.ts";
import { createLog, type LogLevel, type ProcessLog } from "../src/log.ts";
import { Redactor } from "../src/redact.ts";

const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeSync = (file: number, bytes: Buffer): number => {
    if (disk.room === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const written = fs.writeSync(file, bytes.subarray(0, Math.min(disk.room, bytes.length)));
    disk.room -= written;
    return written;
  };
  return { ...fs, writeSync };
});

let dir: string;
let log: ProcessLog;
let fallback: string[];

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "ipass-log-")), "logs");
  fallback = [];
  disk.room = Number.POSITIVE_INFINITY;
  log = aLog();
});
afterEach(() => {
  log.close();
  rmSync(join(dir, ".."), { recursive: true });
});

function aLog(options: { level?: LogLevel; secret?: string; dir?: string } = {}): ProcessLog {
  const redact = new Redactor();
  redact.addSecret(options.secret ?? "the-secret-word");
  return createLog({ dir, traceId: "trace-1", redact, fallback: (line) => fallback.push(line), ...options });
}

function linesOf(level: LogLevel, name = `${level}.log`): Record<string, unknown>[] {
  const text = readFileSync(join(dir, name), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("createLog", () => {
  it("puts each level into its own file, as JSON lines with the fields every line has", () => {
    for (const level of ["debug", "info", "warn", "error"] as const) log[level](`event_${level}`, { job: "ack_to_dsco", count: 3 });
    expect(readdirSync(dir).sort()).toEqual(["debug.log", "error.log", "info.log", "warn.log"]);
    for (const level of ["debug", "info", "warn", "error"] as const) {
      expect(linesOf(level)).toEqual([
        {
          level,
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          trace_id: "trace-1",
          job: "ack_to_dsco",
          count: 3,
          msg: `event_${level}`,
        },
      ]);
    }
  });

  it("creates nothing before the first line of a level", () => {
    expect(existsSync(dir)).toBe(false);
    log.info("run_start");
    expect(readdirSync(dir)).toEqual(["info.log"]);
  });

  it("leaves out what is below its level", () => {
    const quiet = aLog({ level: "warn" });
    quiet.info("run_start");
    quiet.debug("page_read");
    quiet.warn("retry");
    expect(readdirSync(dir)).toEqual(["warn.log"]);
    quiet.close();
  });

  it("adds a child's fields to its lines only, each key once", () => {
    const child = log.child({ job: "sync_stock" }).child({ trace_id: "trace-2", dsco_order_id: "1" });
    child.info("order_moved", { dsco_order_id: "2" });
    log.info("other");
    const [first, second] = linesOf("info");
    expect(first).toMatchObject({ trace_id: "trace-2", job: "sync_stock", dsco_order_id: "2" });
    expect(second).not.toHaveProperty("job");
    expect(
      readFileSync(join(dir, "info.log"), "utf8")
        .split("\n")[0]
        ?.match(/"trace_id"/g),
    ).toHaveLength(1);
  });

  it("keeps its own level, time and msg", () => {
    log.info("run_end", { level: "x", time: "y", msg: "z" });
    expect(linesOf("info")[0]).toMatchObject({ level: "info", msg: "run_end", time: expect.stringMatching(/Z$/) });
  });

  it("redacts every field, error and stack", () => {
    const cause = new Error("cause with the-secret-word");
    log.error("call_failed", {
      url: "https://x/?access_token=abc&sign=def",
      nested: [{ note: "the-secret-word" }],
      shipping: { name: "Ann Lee" },
      err: new Error("to ann@example.com with the-secret-word", { cause }),
    });
    const text = readFileSync(join(dir, "error.log"), "utf8");
    expect(text).not.toMatch(/the-secret-word|access_token=abc|sign=def|Ann|ann@/);
    expect(text).toContain("cause with ***");
  });

  it("describes a bug with its frames, and an error that was foreseen without", () => {
    log.error("bug", { err: Object.assign(new TypeError("x is undefined"), { code: "E_X" }) });
    log.error("person", { err: new NeedsHumanError("bad_payload", "missing city", "have it corrected") });
    const [bug, person] = linesOf("error");
    expect(bug?.err).toEqual({
      name: "TypeError",
      message: "x is undefined",
      code: "E_X",
      stack: expect.stringMatching(/^at .*log\.test\.ts/),
    });
    expect(person?.err).toEqual({ name: "NeedsHumanError", message: "missing city" });
  });

  it("takes a driver's own message, not the statement with its values", () => {
    const sql = Object.assign(new Error("insert into t values ('1 Main St') - Duplicate entry"), {
      code: "ER_DUP_ENTRY",
      sqlMessage: "Duplicate entry 'x'",
    });
    log.error("db", { err: new Error("cannot save", { cause: sql }) });
    expect(readFileSync(join(dir, "error.log"), "utf8")).not.toContain("Main St");
    expect(linesOf("error")[0]).toMatchObject({ err: { cause: { message: "Duplicate entry 'x'", code: "ER_DUP_ENTRY" } } });
  });

  it("finds words for an error that only collects others", () => {
    log.error("connect", {
      err: Object.assign(new AggregateError([new Error("connect ECONNREFUSED 127.0.0.1:3306")]), { code: "ECONNREFUSED" }),
    });
    expect(linesOf("error")[0]).toMatchObject({ err: { name: "AggregateError", message: "connect ECONNREFUSED 127.0.0.1:3306" } });
  });

  it("follows the name after a rotation, once asked to", () => {
    log.info("before");
    renameSync(join(dir, "info.log"), join(dir, "info.log.1"));
    log.info("still_before");
    log.reopen();
    log.info("after");
    expect(linesOf("info", "info.log.1").map(({ msg }) => msg)).toEqual(["before", "still_before"]);
    expect(linesOf("info").map(({ msg }) => msg)).toEqual(["after"]);
  });

  it("appends to what is there", () => {
    log.info("first_process");
    const other = aLog();
    other.info("second_process");
    log.info("first_again");
    other.close();
    expect(linesOf("info").map(({ msg }) => msg)).toEqual(["first_process", "second_process", "first_again"]);
  });
});

describe("when the disk does not take it", () => {
  it("goes on without throwing, says why once, and hands the lines to the fallback", () => {
    log.info("one");
    disk.room = 0;
    log.info("two");
    log.info("three");
    expect(fallback).toHaveLength(3);
    expect(fallback[0]).toMatch(/info\.log: ENOSPC/);
    expect(fallback.slice(1).map((line) => JSON.parse(line).msg)).toEqual(["two", "three"]);
    disk.room = Number.POSITIVE_INFINITY;
    log.info("four");
    expect(linesOf("info").map(({ msg }) => msg)).toEqual(["one", "four"]);
  });

  it("does not continue a line that was cut off", () => {
    disk.room = 10;
    log.info("cut");
    disk.room = Number.POSITIVE_INFINITY;
    log.info("whole");
    const [cut, whole] = readFileSync(join(dir, "info.log"), "utf8").split("\n");
    expect(cut).toHaveLength(10);
    expect(JSON.parse(whole ?? "")).toMatchObject({ msg: "whole" });
    expect(JSON.parse(fallback[1] ?? "")).toMatchObject({ msg: "cut" });
  });

  it("writes a line that the system takes in pieces", () => {
    const long = "x".repeat(100_000);
    log.info("long", { long });
    expect(linesOf("info")[0]?.long).toBe(long);
  });

  it("uses the fallback when the directory cannot be made", () => {
    writeFileSync(join(dir, "..", "file"), "");
    const broken = aLog({ dir: join(dir, "..", "file", "logs") });
    broken.error("run_end");
    expect(fallback[0]).toMatch(/error\.log: (ENOTDIR|EEXIST)/);
    expect(JSON.parse(fallback[1] ?? "")).toMatchObject({ msg: "run_end", trace_id: "trace-1" });
  });
});

describe("several processes", () => {
  it("write into one file without losing or mixing lines, however abruptly they end", async () => {
    const script = join(dir, "..", "writer.mjs");
    await build({
      stdin: {
        contents: `import { createLog } from "./src/log.ts"; import { Redactor } from "./src/redact.ts";
          const log = createLog({ dir: process.argv[2], traceId: process.argv[3], redact: new Redactor() });
          for (let n = 0; n < 200; n++) log.info("tick", { n, pad: "x".repeat(n % 7 ? 100 : 9000) });
          process.kill(process.pid, "SIGKILL");`,
        resolveDir: process.cwd(),
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: 'import{createRequire as __c}from"node:module";const require=__c(import.meta.url);' },
      outfile: script,
    });
    const killed = ["a", "b", "c"].map((name) => promisify(execFile)(process.execPath, [script, dir, name]).catch((error) => error.signal));
    expect(await Promise.all(killed)).toEqual(["SIGKILL", "SIGKILL", "SIGKILL"]);
    const lines = linesOf("info");
    for (const name of ["a", "b", "c"]) {
      expect(lines.filter(({ trace_id }) => trace_id === name).map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    }
  });
});
