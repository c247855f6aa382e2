import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { createConnection } from "mysql2/promise";
import { afterEach, describe, expect, it } from "vitest";
import { parseServerDsn } from "../../scripts/server-dsn.mjs";
import { lockName } from "../../src/store/lock.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { type LogLine, type Pass, PULL, PUSH, until, useWorld } from "./world.ts";

const world = await useWorld();

interface RunRow {
  readonly id: string;
  readonly job_name: string;
  readonly trace_id: string;
  readonly host: string;
  readonly pid: number;
  readonly dry_run: number;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly exit_code: number | null;
  readonly exit_name: string | null;
  readonly items_read: number;
  readonly items_done: number;
  readonly items_waiting: number;
  readonly items_failed: number;
  readonly items_manual: number;
  readonly items_skipped: number;
  readonly error: string | null;
}

const runs = (): Promise<RunRow[]> => world.db.query<RunRow>("select * from job_run order by id");
const theLock = (job: string): string => lockName(world.db.name, job);

/** Exactly one beginning and one end, and the end says what the process said. */
function expectStartAndEnd({ report }: Pick<Pass, "report">): LogLine[] {
  const lines = world.logs().filter((line) => line.trace_id === report.trace_id);
  const starts = lines.filter(({ msg }) => msg === "run_start");
  const ends = lines.filter(({ msg }) => msg === "run_end");
  expect(starts).toMatchObject([{ job: report.job, level: "info" }]);
  expect(ends).toMatchObject([{ job: report.job, exit_code: report.exit.code, exit_name: report.exit.name, ...report.counts }]);
  expect(ends[0]?.level).toBe(report.error === undefined ? "info" : "error");
  return lines;
}

/** The lock in the hands of somebody who is no ipass. */
async function holdLock(job: string): Promise<{ release(): Promise<void> }> {
  const connection = await createConnection(parseServerDsn(world.db.dsn));
  await connection.query("select get_lock(?, 0)", [theLock(job)]);
  return { release: () => connection.end() };
}

/** A push that is busy for some seconds: ten creates at a time, each slow. */
async function busyPush(args: readonly string[] = []): Promise<RunningCli> {
  await world.open({ orders: 200, limits: false });
  await world.pulled();
  world.vendors.changeSettings({ latencyMs: 300 });
  const running = world.start(["run", PUSH, "--json", ...args], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
  await until("some orders are pushed", async () => ((await world.pushStatuses())[1] ?? 0) > 0);
  return running;
}

describe("every run", () => {
  it.each([
    { job: PULL, args: [] },
    { job: PUSH, args: ["--dry-run"] },
  ])("of $job leaves one beginning, one end and one record, under the trace id it prints", async ({ job, args }) => {
    await world.open({ orders: 24, broken: 12 });
    if (job === PUSH) await world.pulled();
    const pass = await world.pass(job, args);
    const lines = expectStartAndEnd(pass);
    expect(new Set(lines.filter(({ msg }) => msg === "run_start" || msg === "run_end").map((line) => line.job))).toEqual(new Set([job]));
    const { counts, exit, trace_id } = pass.report;
    const record = (await runs()).find((run) => run.trace_id === trace_id);
    expect(record).toMatchObject({
      job_name: job,
      host: hostname(),
      dry_run: args.includes("--dry-run") ? 1 : 0,
      ended_at: expect.any(Date),
      exit_code: exit.code,
      exit_name: exit.name,
      items_read: counts.read,
      items_done: counts.done,
      items_waiting: counts.waiting,
      items_failed: counts.failed,
      items_manual: counts.manual,
      items_skipped: counts.skipped,
      error: null,
    });
    expect(pass.stderr).toBe("");
  });

  it("gets a trace id of its own, or the one it is given", async () => {
    await world.open({ orders: 0 });
    const own = [await world.pass(PULL), await world.pass(PULL)].map(({ report }) => report.trace_id);
    expect(new Set(own).size).toBe(2);
    const given = await world.pass(PULL, ["--trace-id", "ticket-4711"]);
    expect(given.report.trace_id).toBe("ticket-4711");
    expectStartAndEnd(given);
    expect((await runs()).map(({ trace_id }) => trace_id)).toEqual([...own, "ticket-4711"]);
  });

  it("tells per order what it did", async () => {
    await world.open({ orders: 3 });
    await world.pulled();
    const pass = await world.pass(PUSH);
    const lines = expectStartAndEnd(pass);
    const orders = (await world.orders()).map(({ dsco_order_id }) => dsco_order_id);
    expect(
      lines
        .filter(({ msg }) => msg === "push_done")
        .map((line) => line.dsco_order_id)
        .sort(),
    ).toEqual(orders);
    const events = await world.db.query<{ dsco_order_id: string; event: string; trace_id: string }>(
      "select * from order_event where event = 'push_done' order by dsco_order_id",
    );
    expect(events.map(({ dsco_order_id, trace_id }) => [dsco_order_id, trace_id])).toEqual(orders.map((id) => [id, pass.report.trace_id]));
  });
});

describe("a job that is switched off", () => {
  it("does nothing and ends well, unless it is forced", async () => {
    await world.open({ orders: 3 }, { IPASS_JOB_PULL_DSCO_ORDERS_ENABLE: "false" });
    const off = await world.pass(PULL);
    expect(off.report).toMatchObject({ exit: { code: 0 }, counts: { read: 0 } });
    const lines = expectStartAndEnd(off);
    expect(lines.filter(({ msg }) => msg === "job_disabled")).toMatchObject([{ level: "info" }]);
    expect(world.vendors.stats().total).toBe(0);
    expect(await world.start(["run", PULL]).done).toMatchObject({ code: 0, stdout: "", stderr: "" });

    const forced = await world.pass(PULL, ["--force"]);
    expect(forced.report).toMatchObject({ exit: { code: 0 }, counts: { done: 3 } });
  });
});

describe("a job that runs already", () => {
  it("is refused with 11, and told who is at it; skip ends silently; a wait that is too short ends with 11", {
    timeout: 30_000,
  }, async () => {
    const running = await busyPush(["--trace-id", "the-first"]);
    const refused = await world.pass(PUSH);
    expect(refused.report).toMatchObject({ exit: { code: 11, name: "locked" }, counts: { read: 0 } });
    const [holder] = await runs().then((all) => all.filter(({ trace_id }) => trace_id === "the-first"));
    for (const part of [hostname(), `pid ${running.pid}`, "trace_id the-first", holder?.started_at.toISOString() ?? "no record"])
      expect(refused.report.error?.message).toContain(part);
    expect(refused.report.error?.next_step).toContain("--on-locked");
    expectStartAndEnd(refused);

    const inText = await world.start(["run", PUSH]).done;
    expect(inText).toMatchObject({ code: 11, stdout: "" });
    expect(inText.stderr).toContain("trace_id the-first");

    const skipped = await world.start(["run", PUSH, "--on-locked", "skip"]).done;
    expect(skipped).toMatchObject({ code: 0, stdout: "" });
    const skippedJson = await world.pass(PUSH, ["--on-locked", "skip"]);
    expect(skippedJson.report.exit).toEqual({ code: 0, name: "ok" });
    expectStartAndEnd(skippedJson);

    const { report } = await world.finished(running);
    expect(report).toMatchObject({ exit: { code: 0 }, counts: { done: 200 } });
  });

  it("may be waited for", { timeout: 30_000 }, async () => {
    await world.open({ orders: 3 });
    const held = await holdLock(PULL);
    const tooShort = await world.pass(PULL, ["--on-locked", "wait=1"]);
    expect(tooShort.report.exit).toEqual({ code: 11, name: "locked" });
    expectStartAndEnd(tooShort);
    const waiting = world.start(["run", PULL, "--json", "--on-locked", "wait=20"]);
    await until(
      "it waits",
      async () =>
        (await world.db.query("select 1 from information_schema.processlist where info like '%GET_LOCK%' and db = ?", [world.db.name]))
          .length > 1,
    );
    await held.release();
    const pass = await world.finished(waiting);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { done: 3 } });
    expectStartAndEnd(pass);
  });

  it("of another kind is nobody's business", async () => {
    await world.open({ orders: 3 });
    const held = await holdLock(PULL);
    expect((await world.pass(PUSH)).code).toBe(0);
    await held.release();
  });
});

describe("a run that was killed", () => {
  it("is closed by the next one, which says so", { timeout: 30_000 }, async () => {
    const killed = await busyPush(["--trace-id", "killed-one"]);
    killed.kill("SIGKILL");
    await killed.done;
    await world.age();
    const next = await world.pass(PUSH);
    const lines = expectStartAndEnd(next);
    expect(lines.filter(({ msg }) => msg === "run_died")).toMatchObject([
      { died_trace_id: "killed-one", pid: killed.pid, host: hostname() },
    ]);
    expect((await runs()).filter(({ trace_id }) => trace_id === "killed-one")).toMatchObject([
      { exit_code: null, exit_name: "died", ended_at: expect.any(Date) },
    ]);
    expect((await runs()).filter(({ ended_at }) => ended_at === null)).toEqual([]);
  });
});

describe("a run that is told to stop", () => {
  it("by its deadline finishes what is under way, starts nothing more, and ends with 15", { timeout: 30_000 }, async () => {
    await world.open({ orders: 200, limits: false });
    await world.pulled();
    world.vendors.changeSettings({ latencyMs: 300 });
    const pass = await world.pass(PUSH, ["--max-duration", "1"], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
    expect(pass.report).toMatchObject({ exit: { code: 15, name: "deadline" } });
    const { done, waiting } = pass.report.counts;
    expect(done).toBeGreaterThan(0);
    expect(await world.pushStatuses()).toEqual({ 0: waiting, 1: done });
    expectStartAndEnd(pass);
  });

  it("while it waits for the lock ends with the signal's code, soon", { timeout: 30_000 }, async () => {
    await world.open({ orders: 3 });
    const held = await holdLock(PULL);
    const waiting = world.start(["run", PULL, "--json", "--on-locked", "wait=8"]);
    await until(
      "it waits",
      async () =>
        (
          await world.db.query(
            "select 1 from information_schema.processlist where info like '%GET_LOCK%' and info not like '%processlist%' and db = ?",
            [world.db.name],
          )
        ).length > 0,
    );
    const begun = performance.now();
    waiting.kill("SIGTERM");
    const pass = await world.finished(waiting);
    await held.release();
    expect(pass.report.exit).toEqual({ code: 143, name: "sigterm" });
    expect(performance.now() - begun).toBeLessThan(4000);
    expectStartAndEnd(pass);
  });
});

describe("without the database", () => {
  it("a run ends with 13, and says what to check", async () => {
    await world.open({ orders: 3 });
    const { host, user, password } = parseServerDsn(world.db.dsn);
    const away = `mysql://${user}:${password}@${host}:1/${world.db.name}`;
    const pass = await world.pass(PULL, [], { IPASS_DB_DSN: away });
    expect(pass.report).toMatchObject({
      exit: { code: 13, name: "database" },
      counts: { read: 0 },
      error: { code: 13, next_step: expect.stringContaining("IPASS_DB_DSN") },
    });
    expectStartAndEnd(pass);
    const inText = await world.start(["run", PULL], { IPASS_DB_DSN: away }).done;
    expect(inText).toMatchObject({ code: 13, stdout: "" });
    expect(inText.stderr).toContain("IPASS_DB_DSN");
    expect(inText.stderr).not.toMatch(/\n\s+at /);
  });

  it("a database without tables: 13, run ipass migrate", async () => {
    await world.open({ orders: 3 });
    await world.db.query("rename table sync_order_state to elsewhere");
    try {
      const pass = await world.pass(PUSH);
      expect(pass.report).toMatchObject({ exit: { code: 13 }, error: { next_step: "run: ipass migrate" } });
      expectStartAndEnd(pass);
    } finally {
      await world.db.query("rename table elsewhere to sync_order_state");
    }
  });
});

describe("with wrong settings", () => {
  it("a run ends with 10 and names every problem at once, in text and in JSON, no secret shown", async () => {
    await world.open({ orders: 0 });
    const wrong = {
      IPASS_LINGXING_APP_ID: "short",
      IPASS_LINGXING_STORE_ID: "",
      IPASS_MAX_RETRY_PER_ORDER: "5x",
      IPASS_WAREHOUSE_MAP_JSON: "{not json",
      IPASS_DSCO_TOKEN: "",
      IPASS_DB_DSN: "postgres://user:canary-secret-77@host/db",
    };
    const names = Object.keys(wrong);
    const pass = await world.pass(PUSH, [], wrong);
    expect(pass.report).toMatchObject({ exit: { code: 10, name: "configuration" }, error: { code: 10, name: "configuration" } });
    for (const name of names) expect(pass.report.error?.message).toContain(name);
    expect(pass.report.error?.message).toContain("5x");
    expectStartAndEnd(pass);

    const inText = await world.start(["run", PUSH], wrong).done;
    expect(inText).toMatchObject({ code: 10, stdout: "" });
    for (const name of names) expect(inText.stderr).toContain(name);
    expect(JSON.stringify(pass.report) + inText.stderr + world.logText("error")).not.toContain("canary-secret-77");
  });

  it("checks only what the job needs", async () => {
    await world.open({ orders: 2 }, { IPASS_LINGXING_APP_ID: "short", IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: "often" });
    expect((await world.pass(PULL)).code).toBe(0);
    expect((await world.pass(PUSH)).code).toBe(10);
  });
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("many runs at once", () => {
  it("write whole lines into the same files, also after logrotate renamed them", { timeout: 30_000 }, async () => {
    await world.open({ orders: 50 });
    await world.pulled();
    const rotate = spawn("sh", [
      "-c",
      `while :; do for f in info warn; do [ -f ${world.cli.cwd}/logs/$f.log ] && mv ${world.cli.cwd}/logs/$f.log ${world.cli.cwd}/logs/$f.log.$(date +%s%N); done; sleep 0.2; done`,
    ]);
    children.push(rotate);
    const passes = await Promise.all([PULL, PUSH, PULL, PUSH].map((job) => world.pass(job, ["--on-locked", "wait=20"])));
    rotate.kill("SIGKILL");
    await once(rotate, "close");
    for (const pass of passes) {
      expect(pass.code).toBe(0);
      expectStartAndEnd(pass);
    }
  });
});
