import { afterEach, describe, expect, it, vi } from "vitest";
import { ACKNOWLEDGE, INVOICE as INVOICE_BATCH, SHIP as SHIP_BATCH } from "../../src/dsco/report-client.ts";
import type { RunOptions } from "../../src/jobs/job.ts";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { REPORT_STAGES, ReportRun, type ReportStage, reported, tamper } from "../helpers/whole-run.ts";
import { dsco } from "../sandbox/vendor-calls.ts";
import { ACK, INVOICE, SHIP, useWayBack } from "./way-back-world.ts";
import { type Env, until } from "./world.ts";

const life = await useWayBack();
const { world } = life;

/** Two batches: whatever befalls the first one, the second goes through. */
const ORDERS = 20;
const BATCH_SIZE = 10;
/** Longer than the default grace. */
const GRACE_OVER_SEC = 400;
const LONG_MS = 3_600_000;
/** Old enough for DSCO's pages of orders, which end ten seconds ago. */
const SHOWN_MS = 30_000;

const ENDPOINT = { ack: ACKNOWLEDGE, ship: SHIP_BATCH, invoice: INVOICE_BATCH };
const LOG = { ack: "order_log", ship: "order_log", invoice: "invoice_log" } as const;
/** The call that shows what DSCO has, when its log does not tell. */
const EFFECT = { ack: "order_page", ship: "order_page", invoice: "invoice_get" } as const;

afterEach(() => {
  vi.restoreAllMocks();
  for (const endpoint of Object.values(ENDPOINT)) Object.assign(endpoint, { timeoutMs: 60_000 });
});

const prepare = (stage: ReportStage): Promise<ReportRun> => ReportRun.prepare(life, stage, { orders: ORDERS, batchSize: BATCH_SIZE });

/** One that waits in vain ends before its test does, so that it cannot disturb the next one. */
const pass = ({ job }: ReportRun, options: RunOptions = {}, env: Env = {}): Promise<RunReport> =>
  life.run(job, { maxDurationSec: 10, ...options }, env);

const requests = (call: string): number => world.vendors.stats().requests[call] ?? 0;

/** The order's row, its columns of this stage without the stage's name. */
async function rowOf({ stage }: ReportRun, id: string): Promise<Record<string, unknown>> {
  const row = await life.row(id);
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (name.startsWith(`${stage}_`) ? [[name.slice(stage.length + 1), value]] : [])),
  );
}

interface Logs {
  readonly logs: readonly { readonly payload: Readonly<Record<string, unknown>> }[];
}

/** DSCO's logs do not say a word about this order, or about any. */
function silence({ stage }: ReportRun, id?: string): void {
  tamper(world.vendors, LOG[stage], async (request, handle) => {
    const answer = await handle(request);
    const page = JSON.parse(answer.body) as Logs;
    const about = (entry: Logs["logs"][number]) => String(entry.payload.dscoOrderId ?? entry.payload.id);
    return { ...answer, body: JSON.stringify({ ...page, logs: page.logs.filter((entry) => id !== undefined && about(entry) !== id) }) };
  });
}

describe.each(REPORT_STAGES)("%s_to_dsco, when an answer is lost", (stage) => {
  it("and the process is killed before it knows: the next pass finds out", async () => {
    const run = await prepare(stage);
    world.vendors.replaceFaults([`${stage}:timeout-after:#1`]);
    const running = world.start(["run", run.job]);
    await until("DSCO has taken the first batch", () => run.accepted.size > 0);
    running.kill("SIGKILL");
    expect((await running.done).signal).toBe("SIGKILL");
    expect(await run.statuses()).toEqual({ 0: 10, 9: 10 });
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS } });
    await run.expectEachOnce("killed");
  });
});

describe.each(REPORT_STAGES)("%s_to_dsco, when DSCO settles slowly", (stage) => {
  it("asks the log over several passes and sends nothing meanwhile", async () => {
    const run = await prepare(stage);
    world.vendors.changeSettings({ settleMs: LONG_MS });
    expect(await pass(run, { maxDurationSec: 1.5 })).toMatchObject({ exit: { code: 15 }, counts: { read: ORDERS, waiting: ORDERS } });
    await life.later(GRACE_OVER_SEC);
    expect(await pass(run, { maxDurationSec: 0.6 })).toMatchObject({ counts: { read: ORDERS, waiting: ORDERS } });
    expect(await run.statuses()).toEqual({ 9: ORDERS });
    // Half of its time is over: DSCO has done half of each batch.
    run.clock.aheadMs = LONG_MS / 2;
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS / 2, waiting: ORDERS / 2 } });
    run.clock.aheadMs = LONG_MS;
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS / 2, done: ORDERS / 2 } });
    await run.expectEachOnce("slow");
  });

  it("and the 202 was lost: what the log names of a batch tells the request of the rest, however long it takes", async () => {
    const run = await prepare(stage);
    world.vendors.replaceFaults([`${stage}:reset-after:#1`, `${stage}:reset-after:#2`]);
    world.vendors.changeSettings({ settleMs: LONG_MS });
    run.backdate(LONG_MS / 2);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { waiting: ORDERS } });
    await life.later(GRACE_OVER_SEC);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { done: ORDERS / 2, waiting: ORDERS / 2 } });
    run.clock.aheadMs = LONG_MS;
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS / 2, done: ORDERS / 2 } });
    await run.expectEachOnce("slow and lost");
  });
});

describe.each(REPORT_STAGES)("%s_to_dsco, when DSCO refuses one order in its log", (stage) => {
  it("says why on its row, does its neighbours, and asks a person when it hears the same again", async () => {
    const run = await prepare(stage);
    const [id = ""] = run.ids;
    const others = ORDERS - 1;
    world.vendors.changeSettings({ refuse: { [id]: "the retailer has closed this order" } });
    expect(await pass(run)).toMatchObject({ exit: { code: 3 }, counts: { read: ORDERS, done: others, failed: 1 } });
    expect(await run.statuses()).toEqual({ 1: others, 2: 1 });
    expect(await rowOf(run, id)).toMatchObject({
      status: 2,
      retry_count: 1,
      error: expect.stringContaining("the retailer has closed this order"),
    });

    expect(await pass(run), "not due yet").toMatchObject({ counts: { read: 0 } });
    await run.later(GRACE_OVER_SEC);
    expect(await pass(run)).toMatchObject({ exit: { code: 3 }, counts: { read: 1, manual: 1 } });
    expect(await rowOf(run, id)).toMatchObject({ status: 3, hold: "sync_failed" });
    const [task, ...more] = await life.tasks(id, 0);
    expect(more).toEqual([]);
    expect(task).toMatchObject({ task_type: "sync_failed", stage, next_step: expect.stringContaining(`requeue ${id} --stage ${stage}`) });
    expect(task?.payload).toContain("the retailer has closed this order");

    world.vendors.changeSettings({ refuse: {} });
    await life.requeue(id, stage);
    await run.later(GRACE_OVER_SEC);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await life.tasks(id, 0)).toEqual([]);
    await run.expectEachOnce("refused", { [id]: 3 });
  });
});

describe.each(REPORT_STAGES)("%s_to_dsco, when the log does not tell", (stage) => {
  it("of an order of a completed request: looks at the order itself, and finds it done", async () => {
    const run = await prepare(stage);
    const [id = ""] = run.ids;
    silence(run, id);
    run.backdate(SHOWN_MS);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS - 1, waiting: 1 } });
    await run.later(GRACE_OVER_SEC);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(requests(EFFECT[stage])).toBeGreaterThan(0);
    await run.expectEachOnce("no entry");
  });

  it("of an order that DSCO dropped: sends it once more, after the grace", async () => {
    const run = await prepare(stage);
    const [id = ""] = run.ids;
    let dropping = true;
    tamper(world.vendors, stage, (request, handle) => {
      const batch = (JSON.parse(request.body.toString("utf8")) as { id?: string; dscoOrderId?: string }[]).filter(
        (one) => !dropping || (one.dscoOrderId ?? one.id) !== id,
      );
      return handle({ ...request, body: Buffer.from(JSON.stringify(batch)) });
    });
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { done: ORDERS - 1, waiting: 1 } });
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, waiting: 1 } });
    dropping = false;
    await run.later(GRACE_OVER_SEC);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    await run.expectEachOnce("dropped");
  });

  it("because the request is older than a day: asks for it by time, not by its id", async () => {
    const run = await prepare(stage);
    world.vendors.changeSettings({ settleMs: LONG_MS });
    await pass(run, { maxDurationSec: 1.5 });
    expect(await run.statuses()).toEqual({ 9: ORDERS });
    await run.later(25 * 3600);
    const byId: string[] = [];
    tamper(world.vendors, LOG[stage], (request, handle) => {
      if (request.query.has("requestId")) byId.push(request.query.toString());
      return handle(request);
    });
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS } });
    expect(byId).toEqual([]);
    await run.expectEachOnce("a day old");
  });

  it("anything at all, weeks later: looks at the orders themselves", async () => {
    const run = await prepare(stage);
    run.backdate(SHOWN_MS);
    world.vendors.changeSettings({ settleMs: LONG_MS });
    await pass(run, { maxDurationSec: 1.5 });
    await run.later(20 * 24 * 3600);
    silence(run);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: ORDERS, done: ORDERS } });
    await run.expectEachOnce("weeks old");
  });
});

describe.each(REPORT_STAGES)("%s_to_dsco, with an order that was sent before and is requeued", (stage) => {
  /** Refused twice: a person's. Returns the batch object that was sent. */
  async function refusedTwice(run: ReportRun, id: string): Promise<unknown> {
    let sent: unknown;
    tamper(world.vendors, stage, (request, handle) => {
      const batch = JSON.parse(request.body.toString("utf8")) as { id?: string; dscoOrderId?: string }[];
      sent = batch.find((one) => (one.dscoOrderId ?? one.id) === id) ?? sent;
      return handle(request);
    });
    world.vendors.changeSettings({ refuse: { [id]: "not now" } });
    await pass(run);
    await run.later(GRACE_OVER_SEC);
    await pass(run);
    expect(await rowOf(run, id)).toMatchObject({ status: 3 });
    world.vendors.changeSettings({ refuse: {} });
    return sent;
  }

  it("looks first, finds what a person did at DSCO meanwhile, and sends nothing", async () => {
    const run = await prepare(stage);
    const [id = ""] = run.ids;
    const sent = await refusedTwice(run, id);
    run.backdate(SHOWN_MS);
    const portal = await dsco(world.vendors, "POST", ENDPOINT[stage].path, { body: [sent] });
    expect(portal.status).toBe(202);
    await life.requeue(id, stage);
    await run.later(GRACE_OVER_SEC);
    const posts = requests(stage);
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(requests(stage)).toBe(posts);
    expect(await life.events(id, `${stage}_adopted`)).toHaveLength(1);
    await run.expectEachOnce("requeued, done elsewhere", { [id]: 3 });
  });

  it("looks first, finds nothing, and sends it", async () => {
    const run = await prepare(stage);
    const [id = ""] = run.ids;
    await refusedTwice(run, id);
    await life.requeue(id, stage);
    await run.later(GRACE_OVER_SEC);
    const calls: string[] = [];
    for (const call of [EFFECT[stage], stage]) {
      tamper(world.vendors, call, (request, handle) => {
        calls.push(call);
        return handle(request);
      });
    }
    expect(await pass(run)).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect([calls[0], calls.at(-1)]).toEqual([EFFECT[stage], stage]);
    await run.expectEachOnce("requeued", { [id]: 3 });
  });
});

it("with a grace shorter than DSCO takes, nobody is told twice all the same: absence counts only once reads have caught up", {
  timeout: 40_000,
}, async () => {
  // Of three orders, one is due at each stage.
  const { ids } = await ReportRun.prepare(life, "ack", { orders: 3, batchSize: 1 }, { IPASS_IN_DOUBT_GRACE_SEC: "1" });
  const [toAck = "", toShip = "", toInvoice = ""] = ids;
  await life.ran(ACK, { orders: [toShip, toInvoice] });
  life.people({ action: "ship", numbers: [toShip, toInvoice] });
  await life.ran(SHIP, { orders: [toInvoice] });
  const accepted: string[] = [];
  for (const stage of REPORT_STAGES) {
    tamper(world.vendors, stage, async (request, handle) => {
      const answer = await handle(request);
      accepted.push(...reported(request).map((id) => `${stage} ${id}`));
      return answer;
    });
  }
  world.vendors.changeSettings({ settleMs: 5_000 });
  world.vendors.replaceFaults(REPORT_STAGES.map((stage) => `${stage}:reset-after:#1`));
  const passes = () => Promise.all([life.ran(ACK, { orders: [toAck] }), life.ran(SHIP), life.ran(INVOICE)]);
  expect((await passes()).map(({ counts }) => counts.waiting)).toEqual([1, 1, 1]);
  await world.db.query(
    "update sync_order_state set ack_next_attempt_at = null, ship_next_attempt_at = null, invoice_next_attempt_at = null",
  );
  expect((await passes()).map(({ counts }) => counts.done)).toEqual([1, 1, 1]);
  expect(accepted.sort()).toEqual([`ack ${toAck}`, `invoice ${toInvoice}`, `ship ${toShip}`]);
});
