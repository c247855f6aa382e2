import { existsSync, readFileSync, renameSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { PULL, PUSH, until, useWorld } from "../jobs/world.ts";
import { BEARER, type Served, sendRaw, serve } from "./served.ts";

const world = await useWorld();
type Report = RunReport & { readonly ok: boolean };

beforeEach(() => world.open({ orders: 200, limits: false }));

/** Whether a new connection is accepted. */
const accepts = (admin: Served) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(admin.port, "127.0.0.1", () => socket.end());
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(true));
  });

/** A push that is busy for some seconds: ten creates at a time, each slow. */
async function busyPush(admin: Served): Promise<{ answer: ReturnType<Served["post"]> }> {
  await world.pulled();
  world.vendors.changeSettings({ latencyMs: 400 });
  const answer = admin.post(`/admin/run?job=${PUSH}`);
  await until("some orders are pushed", async () => ((await world.pushStatuses())[1] ?? 0) > 0);
  return { answer };
}

const SLOW = { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" };

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("with nothing to do ends it with 0", async () => {
    const admin = await serve(world);
    admin.kill(signal);
    expect(await admin.done).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(world.logs().map(({ msg }) => msg)).toEqual(expect.arrayContaining(["serve_start", "serve_stopping", "serve_end"]));
  });

  it("in the middle of a run: no new connection, the run ends in order and is answered", async () => {
    const admin = await serve(world, SLOW);
    const { answer } = await busyPush(admin);
    admin.kill(signal);
    await until("the door is shut", async () => !(await accepts(admin)));
    const { status, headers, json } = await answer;
    expect(status).toBe(500);
    expect(headers.get("connection")).toBe("close");
    const report = json<Report>();
    const name = signal === "SIGTERM" ? "sigterm" : "sigint";
    expect(report).toMatchObject({ ok: false, exit: { name }, error: { name } });
    expect(await admin.done).toMatchObject({ code: 0, signal: null, stderr: "" });
    const statuses = await world.pushStatuses();
    expect(statuses[9]).toBeUndefined();
    expect(statuses[1]).toBe(report.counts.done);
    expect(statuses[0]).toBe(200 - report.counts.done);
    expect(await world.db.query("select exit_name from job_run where ended_at is null or exit_name = 'died'")).toEqual([]);
  });
});

it("a run whose caller has gone is waited for all the same", async () => {
  const admin = await serve(world, SLOW);
  await world.pulled();
  world.vendors.changeSettings({ latencyMs: 400 });
  const caller = new AbortController();
  const asked = fetch(`${admin.url}admin/run?job=${PUSH}`, { method: "POST", headers: BEARER, signal: caller.signal });
  await until("some orders are pushed", async () => ((await world.pushStatuses())[1] ?? 0) > 0);
  caller.abort();
  await expect(asked).rejects.toThrow();
  admin.kill("SIGTERM");
  expect(await admin.done).toMatchObject({ code: 0, signal: null });
  expect((await world.pushStatuses())[9]).toBeUndefined();
  expect(await world.db.query("select exit_name from job_run where job_name = ?", [PUSH])).toEqual([{ exit_name: "sigterm" }]);
});

it("several runs at once all hear it, and those that wait for their turn do not begin", async () => {
  const admin = await serve(world, SLOW);
  const { answer } = await busyPush(admin);
  const others = [PUSH, PUSH, PUSH, PULL].map((job) => admin.post(`/admin/run?job=${job}`));
  await until("the pull is at work", async () => (await world.db.query("select id from job_run where ended_at is null")).length === 2);
  admin.kill("SIGTERM");
  for (const { status, json } of await Promise.all([answer, ...others])) {
    expect([409, 500, 503]).toContain(status);
    expect(["sigterm", "locked", "refused"]).toContain(json().error.name);
  }
  expect(await admin.done).toMatchObject({ code: 0, stderr: "" });
  const ends = world.logs().filter(({ msg }) => msg === "run_end");
  expect(ends).toHaveLength(world.logs().filter(({ msg }) => msg === "run_start").length);
});

it("a request on a connection that was kept is told to ask elsewhere", async () => {
  const admin = await serve(world, SLOW);
  const { answer } = await busyPush(admin);
  // The second half arrives when the process is about to end.
  const socket = connect(admin.port, "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n");
  await until("the first is answered", () => received.includes('{"ok":true}'));
  admin.kill("SIGTERM");
  await until("the door is shut", async () => !(await accepts(admin)));
  socket.write("Host: x\r\n\r\n");
  await closed;
  expect(received).toMatch(/HTTP\/1\.1 503 .*"ipass serve is stopping"/s);
  expect(received).toMatch(/connection: close/i);
  await answer;
  expect((await admin.done).code).toBe(0);
});

it("a client that never finishes its request does not hold it up", async () => {
  const admin = await serve(world);
  const half = sendRaw(admin.port, "GET /healthz HTTP/1.1\r\nHost:");
  await until("the server has it", async () => (await admin.get("/healthz")).status === 200);
  admin.kill("SIGTERM");
  expect(await admin.done).toMatchObject({ code: 0, signal: null });
  await half;
});

it("a second signal ends it at once", async () => {
  const admin = await serve(world, SLOW);
  const { answer } = await busyPush(admin);
  const lost = expect(answer).rejects.toThrow();
  admin.kill("SIGTERM");
  await until("the door is shut", async () => !(await accepts(admin)));
  admin.kill("SIGTERM");
  expect(await admin.done).toMatchObject({ code: null, signal: "SIGTERM" });
  await lost;
});

it("SIGHUP opens the log files anew", async () => {
  const admin = await serve(world);
  await admin.get("/healthz", { ...BEARER, "x-trace-id": "before" });
  const logs = join(world.cli.cwd, "logs");
  renameSync(join(logs, "debug.log"), join(logs, "debug.log.1"));
  await admin.get("/healthz", { ...BEARER, "x-trace-id": "between" });
  admin.kill("SIGHUP");
  await until("a line in the new file", async () => {
    await admin.get("/healthz", { ...BEARER, "x-trace-id": "after" });
    return existsSync(join(logs, "debug.log")) && readFileSync(join(logs, "debug.log"), "utf8").includes('"after"');
  });
  await admin.stop();
  const ids = world.logs().map(({ trace_id }) => trace_id);
  for (const id of ["before", "between", "after"]) expect(ids).toContain(id);
});
