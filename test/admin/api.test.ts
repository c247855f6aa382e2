import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseServerDsn } from "../../scripts/server-dsn.mjs";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { lockName } from "../../src/store/lock.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { PULL, PUSH, until, useWorld } from "../jobs/world.ts";
import { BEARER, type Served, serve } from "./served.ts";

const world = await useWorld();
const ACK = "ack_to_dsco";
type Report = RunReport & { readonly ok: boolean };

let admin: Served;
/** The vendors are opened anew by each test, on the port the admin's settings name. */
let vendorPort: number;
beforeAll(async () => {
  vendorPort = Number(new URL((await world.open({})).url).port);
  admin = await serve(world);
});
beforeEach(() => world.open({ port: vendorPort, orders: 24, broken: 12, limits: false }));
afterAll(() => admin.stop());

const run = async (job: string, headers: Readonly<Record<string, string>> = {}) =>
  admin.post(`/admin/run?job=${job}`, { headers: { ...BEARER, ...headers } });
const shell = async (...args: string[]): Promise<unknown> => JSON.parse((await world.start([...args, "--json"]).done).stdout);

describe("health", () => {
  it("is well while the database is there and its tables are of this version", async () => {
    expect((await admin.get("/healthz", {})).json()).toEqual({ ok: true });
    const before = await admin.get("/readyz", {});
    expect(before.status).toBe(503);
    expect(before.json().error).toMatchObject({
      code: 13,
      name: "database",
      message: expect.stringContaining("0001_init.sql"),
      next_step: "run: ipass migrate",
    });
    expect((await world.start(["migrate"]).done).code).toBe(0);
    expect(await admin.get("/readyz", {})).toMatchObject({ status: 200, text: '{"ok":true}' });
  });
});

describe("POST /admin/run", () => {
  it("is one pass, as in a shell, under the caller's trace id", async () => {
    const answer = await run(PULL, { "x-trace-id": "ticket-4711" });
    expect(answer.status).toBe(200);
    const { counts, exit, ok, trace_id, job } = answer.json<Report>();
    expect({ ok, exit, trace_id, job }).toEqual({ ok: true, exit: { code: 3, name: "partial" }, trace_id: "ticket-4711", job: PULL });
    expect(counts.done).toBeGreaterThan(0);
    expect(counts.manual).toBeGreaterThan(0);
    const lines = world.logs().filter(({ trace_id: id }) => id === "ticket-4711");
    for (const msg of ["run_start", "run_end", "http_request"])
      expect(
        lines.filter((line) => line.msg === msg),
        msg,
      ).toHaveLength(1);
    expect(lines.find(({ msg }) => msg === "http_request")).toMatchObject({ level: "info", path: "/admin/run", status: 200 });
    expect(await world.db.query("select job_name, trace_id, actor, exit_code from job_run")).toEqual([
      { job_name: PULL, trace_id: "ticket-4711", actor: "admin@127.0.0.1", exit_code: 3 },
    ]);
    expect((await run(PULL)).json<Report>()).toMatchObject({ ok: true, exit: { code: 0, name: "ok" }, counts: { done: 0 } });
  });

  it.each([
    ["without a job", ""],
    ["with an empty one", "?job="],
    ["with an unknown one", "?job=push"],
    ["with two", `?job=${PULL}&job=${PUSH}`],
  ])("%s: 400, with all there are", async (_name, query) => {
    const answer = await admin.post(`/admin/run${query}`);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.json<object>())).toEqual(["error"]);
    expect(answer.json().error).toMatchObject({
      code: 2,
      name: "usage",
      message: expect.stringMatching(new RegExp(`^job: .*${JOB_NAMES.join(", ")}`)),
    });
  });

  it("takes no other parameter", async () => {
    const answer = await admin.post(`/admin/run?job=${PULL}&dry_run=1&order=7`);
    expect(answer.status).toBe(400);
    expect(answer.json().error.message).toBe("dry_run: unknown; allowed are job; order: unknown; allowed are job");
    expect(await world.db.query("select id from job_run")).toEqual([]);
  });

  it("while somebody else runs the job: 409, with who", async () => {
    const connection = await createConnection(parseServerDsn(world.db.dsn));
    await connection.query("select get_lock(?, 0)", [lockName(world.db.name, PULL)]);
    const answer = await run(PULL);
    await connection.end();
    expect(answer.status).toBe(409);
    expect(answer.json<Report>()).toMatchObject({ ok: false, exit: { code: 11, name: "locked" }, error: { code: 11, name: "locked" } });
  });

  it("many at once: one works, the others are told that it does; the lock decides, also between hosts", async () => {
    await run(PULL);
    world.vendors.changeSettings({ latencyMs: 150 });
    const other = await serve(world);
    const answers = await Promise.all([...Array(20).keys()].map((index) => (index % 2 ? admin : other).post(`/admin/run?job=${PUSH}`)));
    const worked = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status === 409).length + worked.length).toBe(20);
    expect(answers.some(({ status }) => status === 409)).toBe(true);
    const pushed = worked.reduce((sum, answer) => sum + answer.json<Report>().counts.done, 0);
    expect(pushed).toBe((await world.pushStatuses())[1]);
    expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });
    await other.stop();
  });

  it("goes on when the caller hangs up", async () => {
    await run(PULL);
    world.vendors.changeSettings({ latencyMs: 200 });
    const caller = new AbortController();
    const asked = fetch(`${admin.url}admin/run?job=${PUSH}`, {
      method: "POST",
      headers: { ...BEARER, "x-trace-id": "gone" },
      signal: caller.signal,
    });
    await until("it is at work", async () => ((await world.pushStatuses())[9] ?? 0) > 0);
    caller.abort();
    await expect(asked).rejects.toThrow();
    const [end] = await until("it has ended", () => {
      const ends = world.logs().filter(({ msg, trace_id }) => msg === "run_end" && trace_id === "gone");
      return ends.length > 0 && ends;
    });
    expect(end).toMatchObject({ exit_code: 3 });
    expect((await world.pushStatuses())[9]).toBeUndefined();
  });

  it("whatever else ends it: 500, with the run and why", async () => {
    world.vendors.replaceFaults(["order_page:401:1"]);
    const answer = await run(PULL);
    expect(answer.status).toBe(500);
    expect(answer.json<Report>()).toMatchObject({
      ok: false,
      job: PULL,
      exit: { code: 12, name: "credentials" },
      error: { code: 12, name: "credentials" },
    });
  });
});

describe("orders", () => {
  beforeEach(() => world.pulled());

  it("one of them: the row of ipass order-state", async () => {
    const [order] = await world.orders();
    const id = order?.dsco_order_id ?? "";
    const answer = await admin.get(`/admin/order_state/get?dsco_order_id=${id}`);
    expect(answer.json<object>()).toEqual(await shell("order-state", id));
  });

  it("none of that id: 404; no id: 400", async () => {
    const unknown = await admin.get("/admin/order_state/get?dsco_order_id=nobody%27s");
    expect(unknown.status).toBe(404);
    expect(unknown.json().error).toMatchObject({
      code: 2,
      message: "unknown order nobody's",
      next_step: expect.stringMatching(/ipass run pull_dsco_orders --order 'nobody'\\''s'$/), // there to be pasted
    });
    expect((await admin.get("/admin/order_state/get")).status).toBe(400);
  });

  it.each([
    ["", []],
    ["?push_status=0", ["--push-status", "0"]],
    ["?push_status=&ack_status=", []],
    [
      "?push_status=0&ack_status=0&ship_status=0&invoice_status=0&limit=2&offset=1",
      ["--push-status", "0", "--ack-status", "0", "--ship-status", "0", "--invoice-status", "0", "--limit", "2", "--offset", "1"],
    ],
    ["?ship_status=9", ["--ship-status", "9"]],
    ["?offset=1000000000", ["--offset", "1000000000"]],
  ])("list%s: the document of ipass order-state %j", async (query, args) => {
    const answer = await admin.get(`/admin/order_states${query}`);
    expect(answer.status).toBe(200);
    expect(answer.json<object>()).toEqual(await shell("order-state", ...args));
  });

  it("shows no name, street, phone or mail of a buyer", async () => {
    const raw = await world.db.query<{ payload: string }>("select payload from dsco_order_raw limit 1");
    const { shipping } = JSON.parse(raw[0]?.payload ?? "{}") as { shipping: Readonly<Record<string, string>> };
    const { text } = await admin.get("/admin/order_states?limit=200");
    for (const word of ["name", "address1", "phone", "email"]) if (shipping[word]) expect(text).not.toContain(shipping[word]);
  });
});

describe("watermarks", () => {
  const MARK = '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z"}';
  const set = (job: string, body: string | Uint8Array, type = "application/json") =>
    admin.post(`/admin/watermark/set?job=${job}`, { headers: { ...BEARER, "content-type": type }, body });
  const get = (job: string) => admin.get(`/admin/watermark/get?job=${job}`);

  it("unset: 404; set: the JSON, whatever its Content-Type was", async () => {
    expect((await get(PULL)).status).toBe(404);
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"]) {
      await world.db.query("delete from job_watermark");
      expect(await set(PULL, MARK, type)).toMatchObject({ status: 200, text: '{"ok":true}' });
      expect(await get(PULL)).toMatchObject({ status: 200, text: MARK });
    }
  });

  it("who set it, and what was before, is in the history of the shell", async () => {
    await set(ACK, '{"mode":"update_time","since":5}');
    await set(ACK, '{"mode":"update_time","since":6}');
    expect(await shell("watermark", "list", "--history")).toMatchObject({
      items: [
        {
          job: ACK,
          kind: "watermark_set",
          actor: "admin@127.0.0.1",
          before: '{"mode":"update_time","since":5}',
          after: '{"mode":"update_time","since":6}',
        },
        { job: ACK, before: null },
      ],
    });
  });

  it.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["no JSON", "{since"],
    ["JSON and more", `${MARK}}`],
    ["an array", `[${MARK}]`],
    ["a text", JSON.stringify(MARK)],
    ["null", "null"],
    ["a number", "1767225600"],
    ["another job's shape", '{"mode":"update_time","since":1767225600}'],
    ["another mode", '{"mode":"updatedUntil","since":"2026-01-02T03:04:05Z"}'],
    ["a field too many", '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z","until":1}'],
    ["no zone", '{"mode":"updatedSince","since":"2026-01-02T03:04:05"}'],
    ["the future", '{"mode":"updatedSince","since":"2199-01-02T03:04:05Z"}'],
    ["far too many brackets", "[".repeat(500_000)],
    ["no UTF-8", Buffer.from([0xff, 0xfe, 0x00])],
  ])("%s: 400, and the old one is kept", async (_name, body) => {
    await set(PULL, MARK);
    const answer = await set(PULL, body);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toMatchObject({
      code: 2,
      name: "usage",
      message: expect.stringMatching(/^watermark of pull_dsco_orders: /),
      next_step: "the old one was kept",
    });
    expect((await get(PULL)).text).toBe(MARK);
  });

  it.each([
    ["of a job that keeps none", "sync_stock", '{"mode":"update_time","since":5}', 400],
    ["of an unknown job", "push", MARK, 400],
    ["in milliseconds", ACK, '{"mode":"update_time","since":1767225600000}', 400],
    ["negative", ACK, '{"mode":"update_time","since":-1}', 400],
    ["of zero", ACK, '{"mode":"update_time","since":0}', 200],
  ])("one %s", async (_name, job, body, status) => {
    expect((await set(job, body)).status).toBe(status);
  });

  it("one that was broken by hand is shown as its text", async () => {
    await world.db.query("insert into job_watermark (job_name, watermark) values ('ack_to_dsco', '{since')");
    expect((await get(ACK)).text).toBe('"{since"');
  });
});

describe("tasks", () => {
  it("open ones unless another status is asked for, as in the shell", async () => {
    await world.pulled();
    const all = (await admin.get("/admin/manual_tasks")).json<{ items: { id: number }[]; count: number; total: number }>();
    expect(all).toEqual(await shell("manual-tasks"));
    expect(all.total).toBeGreaterThan(1);
    await world.start(["manual-tasks", "resolve", String(all.items[0]?.id), "--reason", "r"]).done;
    expect((await admin.get("/admin/manual_tasks?status=2")).json()).toMatchObject({
      total: 1,
      items: [{ id: all.items[0]?.id, reason: "r" }],
    });
    expect((await admin.get("/admin/manual_tasks?status=&limit=1&offset=1")).json()).toMatchObject({
      total: all.total,
      count: 1,
      items: [{ id: all.items[1]?.id }],
    });
    expect((await admin.get("/admin/manual_tasks?status=4")).status).toBe(400);
  });
});

it.each([
  "/admin/order_states?limit=-1",
  "/admin/order_states?offset=x",
  "/admin/order_states?push_status=7",
  "/admin/manual_tasks?limit=%00",
  "/metrics?x=%zz",
  "/readyz?x",
  "/?limit=1",
])("%s: 400, by name", async (target) => {
  const answer = await admin.get(target);
  expect(answer.status).toBe(400);
  expect(answer.json().error.message).toMatch(/^(limit|offset|push_status|x): /);
});

describe("with the database away", () => {
  it("health is well, the rest says so at once", async () => {
    const lost = await serve(world, { IPASS_DB_DSN: "mysql://ipass:pw-of-the-tests@127.0.0.1:1/ipass" });
    expect((await lost.get("/healthz")).status).toBe(200);
    for (const target of [
      "/readyz",
      "/admin/order_states",
      "/admin/order_state/get?dsco_order_id=1",
      `/admin/watermark/get?job=${PULL}`,
      "/admin/manual_tasks",
      "/metrics",
    ]) {
      const answer = await lost.get(target);
      expect(answer.status, target).toBe(503);
      expect(answer.json().error, target).toMatchObject({ code: 13, name: "database" });
    }
    const answer = await lost.post(`/admin/run?job=${PULL}`);
    expect(answer.status).toBe(500);
    expect(answer.json<Report>()).toMatchObject({ ok: false, exit: { code: 13 }, error: { code: 13, name: "database" } });
    await lost.stop();
  });
});
