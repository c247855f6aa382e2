import stringWidth from "string-width";
import { beforeEach, describe, expect, it } from "vitest";
import { STAGES } from "../../src/sync/stage.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";

const ID = "1200000001";
const TRACE = "1c73a359-0000-4000-8000-000000000001";
const REQUEST = "3f0c5a52-4b54-4c0e-9f11-7b62a3c3d101";
const NOID = `noid:${"4a142d05".repeat(6)}`;

const db = await useTestDatabase();
const cli = useCli({ IPASS_DB_DSN: db.dsn });
beforeEach(() => db.empty());

/** Distances from now stay the same while a test runs; the dates themselves are of no matter. */
function ago(sec: number): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 - sec * 1000);
}

async function explain(id: string = ID): Promise<string[]> {
  const { code, stdout, stderr } = await cli.run(["explain", id]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
  expect(stdout).not.toContain("\u001b");
  return lines;
}

async function explainJson(id: string = ID): Promise<Record<string, unknown>> {
  const { code, stdout } = await cli.run(["explain", id, "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function addEvent(event: string, columns: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await db.query("INSERT INTO order_event SET ?", [{ dsco_order_id: ID, at: ago(600), trace_id: TRACE, event, ...columns }]);
}

async function addTask(columns: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const row = { task_type: "bad_payload", dsco_order_id: ID, stage: "push", payload: '{"cause":"x"}', next_step: "correct it", ...columns };
  await db.query("INSERT INTO manual_task SET ?", [{ fingerprint: `${JSON.stringify(row)}`.slice(0, 64), ...row }]);
}

async function addRun(job: string, columns: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const times = { started_at: ago(30), ended_at: ago(28), exit_code: 0, exit_name: "ok" };
  await db.query("INSERT INTO job_run SET ?", [{ job_name: job, trace_id: TRACE, host: "h1", pid: 4711, ...times, ...columns }]);
}

describe("ipass explain", () => {
  it("tells an order that a person must act on, and the command to paste", async () => {
    await addOrderRow(db, {
      po_number: "PO-77001",
      push_status: 3,
      push_at: ago(600),
      push_hold: "missing_mapping",
      push_error: "no mapping for sku MUG-BLUE",
      acknowledge_by_date: ago(3 * 3600),
      ship_by_date: ago(-26 * 3600 - 60),
    });
    await addTask({
      task_type: "missing_mapping",
      next_step: `add it to the map, then: ipass order-state requeue ${ID} --stage push --reason "…"`,
    });
    const [{ id } = { id: 0 }] = await db.query<{ id: number }>("SELECT id FROM manual_task");
    await addRun("push_orders_to_lingxing", { exit_code: 3, exit_name: "partial" });
    await addEvent("order_new", { detail: '{"dsco_status":"created"}' });
    await addEvent("push_needs_person", {
      stage: "push",
      detail: '{"task_type":"missing_mapping","cause":"no mapping for sku MUG-BLUE","unmapped":["sku MUG-BLUE"]}',
    });

    const lines = await explain();
    expect(lines).toContain(`Order     ${ID}, PO PO-77001, created at DSCO`);
    expect(lines).toContain("Now       The push to Lingxing waits for a person: no mapping for sku MUG-BLUE.");
    expect(lines).toContain("To do     add it to the map, then:");
    expect(lines).toContain(`  ipass order-state requeue ${ID} --stage push --reason "see task ${id}"`);
    expect(lines.join("\n")).toMatch(
      /^Last run {2}push_orders_to_lingxing \S+ \S+, 3\d s ago: ended with 3\n {10}partial; trace 1c73a359$/m,
    );
    expect(lines.join("\n")).toMatch(/^Ack by {4}\S+ \S+, OVER since 3 h$/m);
    expect(lines.join("\n")).toMatch(/^Ship by {3}\S+ \S+, 1 d 2 h left$/m);
    expect(lines.join("\n")).toMatch(/^push {6}PERSON {9}\S+ \S+$/m);
    expect(lines.join("\n")).toMatch(/^ship {6}waiting .*after ack$/m);
    expect(lines.join("\n")).toMatch(new RegExp(`^Tasks {5}${id} missing_mapping at push, open since \\S+ \\S+$`, "m"));
    expect(lines.slice(-6).map((line) => line.replace(/^\d\d:\d\d:\d\d/, "time").replace(/^\d{4}.*/, "day"))).toEqual([
      "Time      trace     event",
      "day",
      "time  1c73a359  order_new          DSCO status created",
      "time  1c73a359  push_needs_person  missing_mapping: no mapping for sku",
      `${" ".repeat(39)}MUG-BLUE`,
      "",
    ]);
    // Ready to paste: it does what it says.
    const command = lines.find((line) => line.startsWith("  ipass "))?.trim() ?? "";
    const { code } = await cli.run(
      command
        .split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/)
        .slice(1)
        .map((word) => word.replaceAll('"', "")),
    );
    expect(code).toBe(0);
    expect(await explainJson()).toMatchObject({
      now: { sentence: expect.stringContaining("is due") },
      tasks: [{ status: 2, reason: `see task ${id}` }],
    });
  });

  it("tells an order in flight, with the vendor's request id whole", async () => {
    const sent = { ack_status: 9, ack_at: ago(90), ack_sent_at: ago(90), ack_request_id: REQUEST, ack_next_attempt_at: ago(-210) };
    await addOrderRow(db, { push_status: 1, push_at: ago(600), lingxing_global_order_no: "103336708973801472", ...sent });
    await addRun("ack_to_dsco", { ended_at: null, exit_code: null, exit_name: null });
    await addEvent("ack_queued", { stage: "ack", request_id: REQUEST });
    await addEvent("invoice_done_elsewhere", { stage: "invoice", actor: "ann@shop", detail: '{"from":0,"to":4,"reason":"by phone"}' });

    const text = (await explain()).join("\n");
    expect(text.replace(/\s+/g, " ")).toContain(`queued there as request ${REQUEST}; the run of ack_to_dsco that began`);
    expect(text).toContain(`\nack       request ${REQUEST}\n`);
    expect(text).toMatch(/^ack {7}in flight {6}\S+ \S+ {2}\S+ \S+ in (3|4) min$/m);
    expect(text).toMatch(/^Last run {2}ack_to_dsco .*: at work since then \(host\n {10}h1, pid 4711\); trace 1c73a359$/m);
    expect(text).toMatch(new RegExp(`^\\S{8} {2}1c73a359 {2}ack_queued {14}request\n {44}${REQUEST}$`, "m"));
    expect(text).toMatch(/ {2}invoice_done_elsewhere {2}waiting → not needed; by phone;\n {44}by ann@shop$/m);
  });

  it("prints the whole record as JSON, times in ISO, the row as order-state has it", async () => {
    const next = ago(-600);
    await addOrderRow(db, {
      push_status: 1,
      ack_status: 2,
      ack_retry_count: 2,
      ack_error: "not now",
      ack_next_attempt_at: next,
      ack_waits_for: "review",
      cancel_requested: 2,
    });
    await db.query("INSERT INTO dsco_order_raw SET ?", [
      { dsco_order_id: ID, payload: '{"shipping":{"name":"Ann Lee","city":"Reno"}}', payload_hash: "0", fetched_at: ago(60) },
    ]);
    await addTask({
      status: 3,
      resolved_by: "root@h1",
      reason: "wrote to ann@example.com",
      payload: '{"cause":"x","email":"ann@example.com"}',
    });
    await addTask({ dsco_order_id: "1200000002" });
    await addRun("ack_to_dsco", { exit_code: 14, exit_name: "vendor", error: "DSCO answers 503" });
    await addRun("ack_to_dsco", { dry_run: 1 });
    await addRun("ack_to_dsco", { kind: "watermark_set" });
    for (let n = 0; n < 300; n++) await addEvent("order_changed", { at: ago(300 - n), detail: '{"dsco_status":"created"}' });
    await addEvent("order_new", { dsco_order_id: "1200000002" });

    const { stdout } = await cli.run(["explain", ID, "--json"]);
    const found = JSON.parse(stdout) as Record<string, unknown> & { events: { at: string }[]; explained_at: string };
    const order = JSON.parse((await cli.run(["order-state", ID, "--json"])).stdout) as unknown;
    expect(found).toMatchObject({
      dsco_order_id: ID,
      order,
      current_stage: "ack",
      cancel_request: "waved_through",
      now: { next_step: expect.stringContaining("each run tries again"), command: `ipass run ack_to_dsco --order ${ID}` },
      stages: {
        push: { status: 1, meaning: "done", after: null },
        ack: {
          status: 2,
          meaning: "failed",
          failures: 2,
          max_failures: 5,
          error: "not now",
          waits_for: "review",
          next_attempt_at: next.toISOString(),
        },
        ship: { after: "ack" },
      },
      deadlines: { acknowledge_by_date: null, ship_by_date: null },
      tasks: [{ status: 3, resolved_by: "root@h1", reason: "wrote to ***" }],
      runs: {
        pull_dsco_orders: { enabled: true, interval_sec: 60, last_run: null },
        ack_to_dsco: { last_run: { trace_id: TRACE, exit: { code: 14, name: "vendor" }, error: "DSCO answers 503", pid: 4711 } },
      },
      fetched_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    });
    expect(Object.keys(found.runs as object)).toHaveLength(1 + STAGES.length);
    expect(found.events).toHaveLength(300);
    expect(found.events.map(({ at }) => at)).toEqual(found.events.map(({ at }) => at).sort());
    expect(found.events[0]).toEqual({
      at: expect.any(String),
      event: "order_changed",
      stage: null,
      request_id: null,
      detail: { dsco_status: "created" },
      trace_id: TRACE,
      actor: null,
    });
    expect(stdout).not.toMatch(/Ann Lee|Reno|ann@example/);
    const screen = (await explain()).join("\n");
    expect(screen.match(/order_changed/g)).toHaveLength(300);
    expect(screen).not.toMatch(/Ann Lee|Reno|ann@example/);
  });

  it("fits 80 columns whatever a vendor says, Chinese and control characters included", async () => {
    const error = `收件人地址无效，请检查后重新提交订单。${"订单商品SKU不存在".repeat(12)}\u001b[31m ${"x".repeat(200)}`;
    await addOrderRow(db, {
      push_status: 2,
      push_retry_count: 3,
      push_error: error,
      push_next_attempt_at: ago(-600),
      po_number: "订".repeat(200),
    });
    await addTask({ next_step: "请".repeat(300) });
    await addEvent("push_failed", { stage: "push", detail: JSON.stringify({ error, retry_count: 3 }), request_id: "r".repeat(100) });
    const text = (await explain()).join("\n");
    expect(text).toContain("Now       The push to Lingxing failed 3 times (at 5 a person is asked): 收件人地\n          址无效");
    expect(text.replace(/\s/g, "")).toContain("r".repeat(100));
  });

  it("says where the text of an order without an id is", async () => {
    await db.query("INSERT INTO dsco_order_raw SET ?", [
      { dsco_order_id: NOID, payload: '{"poNumber":"PO-1","shipping":{"name":"Ann Lee"}}', payload_hash: "0", fetched_at: ago(60) },
    ]);
    await addTask({ dsco_order_id: null, stage: null, payload: JSON.stringify({ cause: "no readable dscoOrderId", raw_kept_as: NOID }) });
    const text = (await explain(NOID)).join("\n");
    expect(text).toContain("its text is kept");
    expect(text).toContain(`\n  SELECT payload FROM dsco_order_raw WHERE dsco_order_id =\n  '${NOID}'\n`.replace("=\n  ", "=\n    "));
    expect(text).not.toContain("Ann Lee");
    expect(await explainJson(NOID)).toMatchObject({ dsco_order_id: NOID, order: null, events: [], tasks: [{ task_type: "bad_payload" }] });
  });

  it.each([
    { id: "1299999999", next_step: "if DSCO has it, pull it: ipass run pull_dsco_orders --order 1299999999" },
    { id: "noid:%", next_step: "if DSCO has it, pull it: ipass run pull_dsco_orders --order noid:%" },
    { id: "PO-77001", next_step: `that number is of order ${ID}: ipass explain ${ID}` },
    { id: "103336708973801472", next_step: `that number is of order ${ID}: ipass explain ${ID}` },
  ])("does not know order $id, and says what to do", async ({ id, next_step }) => {
    await addOrderRow(db, { po_number: "PO-77001", lingxing_global_order_no: "103336708973801472" });
    expect(await cli.run(["explain", id])).toMatchObject({ code: 2, stdout: "", stderr: `ipass: unknown order ${id}\n${next_step}\n` });
    const { code, stdout } = await cli.run(["explain", id, "--json"]);
    expect({ code, error: JSON.parse(stdout) as unknown }).toEqual({
      code: 2,
      error: { error: { code: 2, name: "usage", message: `unknown order ${id}`, next_step } },
    });
  });

  it("tells the job's switches and the retry budget from the settings", async () => {
    await addOrderRow(db, { push_status: 2, push_retry_count: 1, push_error: "x" });
    const { stdout } = await cli.run(["explain", ID], {
      env: { IPASS_MAX_RETRY_PER_ORDER: "7", IPASS_JOB_PUSH_ORDERS_TO_LINGXING_ENABLE: "no" },
    });
    expect(stdout).toContain("failed 1/7");
    expect(stdout).toContain(`\n  ipass run push_orders_to_lingxing --order ${ID} --force\n`);
  });
});
