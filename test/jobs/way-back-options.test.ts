import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { ACK, aLine, INVOICE, PULL, SHIP, useWayBack } from "./way-back-world.ts";

const life = await useWayBack();

const JOBS = [
  { job: ACK, stage: "ack", call: "ack" },
  { job: SHIP, stage: "ship", call: "ship" },
  { job: INVOICE, stage: "invoice", call: "invoice" },
] as const;
type JobCase = (typeof JOBS)[number];

/** So many orders, each due at this job and ready to be reported. */
async function readyFor(job: JobCase["job"], orders: number): Promise<string[]> {
  const ids = await life.pushed(...Array.from({ length: orders }, () => ({})));
  life.people({ action: "review", numbers: ids });
  if (job === ACK) return ids;
  await life.ran(ACK);
  life.people({ action: "ship", numbers: ids });
  if (job === SHIP) return ids;
  await life.ran(SHIP);
  return ids;
}

/** Everything but the record of runs. */
const everything = async (): Promise<unknown> =>
  Promise.all(
    ["sync_order_state", "dsco_order_raw", "manual_task", "order_event", "job_watermark"].map((table) =>
      life.world.db.query(`select * from ${table} order by 1, 2`),
    ),
  );
const statuses = async (stage: string): Promise<unknown[]> =>
  (await life.world.db.query(`select ${stage}_status as status from sync_order_state order by dsco_order_id`)).map(({ status }) => status);

describe.each(JOBS)("$job", ({ job, stage, call }) => {
  it("--dry-run tells what it would send, and neither sends nor keeps anything", async () => {
    await life.open();
    const ids = await readyFor(job, 2);
    const before = await everything();
    const writes = life.requests[call];
    const report = await life.ran(job, { dryRun: true });
    expect(report).toMatchObject({ dry_run: true, counts: { read: 2, done: 2 } });
    const detail = {
      ack: {},
      ship: { tracking_numbers: expect.stringMatching(/^1ZSANDBOX\d+$/) },
      invoice: { invoice_id: expect.stringMatching(/^INV-\d+$/), total_cents: 2998, lines: 1 },
    }[stage];
    expect(report.plan).toEqual(ids.map((id) => ({ do: "send", dsco_order_id: id, stage, ...detail })));
    expect(life.requests[call]).toBe(writes);
    expect(await everything()).toEqual(before);
    expect(await life.world.db.query("select job_name, dry_run, items_done from job_run order by id desc limit 1")).toEqual([
      { job_name: job, dry_run: 1, items_done: 2 },
    ]);
  });

  it("--dry-run plans what was sent, never arrived and would go again", async () => {
    await life.open();
    const [id] = await readyFor(job, 1);
    await life.world.db.query(
      `update sync_order_state set ${stage}_status = 9, ${stage}_sent_at = utc_timestamp(3) - interval 1 hour,
         ${stage}_next_attempt_at = utc_timestamp(3) - interval 1 minute, ${stage}_run_id = 1`,
    );
    const rehearsal = await life.ran(job, { dryRun: true });
    expect(rehearsal.plan).toMatchObject([{ do: "send", dsco_order_id: id }]);
    expect(await statuses(stage)).toEqual([9]);
    expect((await life.ran(job)).counts).toEqual(rehearsal.counts);
    expect(await statuses(stage)).toEqual([1]);
  });

  it("--limit does so many, and the next pass the rest", async () => {
    await life.open();
    await readyFor(job, 3);
    expect(await life.ran(job, { limit: 2 })).toMatchObject({ counts: { read: 2, done: 2 } });
    expect(await statuses(stage)).toEqual([1, 1, 0]);
    expect(await life.ran(job)).toMatchObject({ counts: { read: 1, done: 1 } });
  });

  it("--limit does not count what is settled first", async () => {
    await life.open();
    const [first = ""] = await readyFor(job, 3);
    life.world.vendors.changeSettings({ settleMs: 3_600_000 });
    expect(await life.run(job, { orders: [first], maxDurationSec: 1 })).toMatchObject({
      exit: { code: 15 },
      counts: { read: 1, waiting: 1 },
    });
    life.world.vendors.changeSettings({ settleMs: 0 });
    expect(await life.ran(job, { limit: 1 })).toMatchObject({ counts: { read: 2, done: 2 } });
    expect(await statuses(stage)).toEqual([1, 1, 0]);
  });

  it("--order does that one, due or not; one that is not so far is skipped, an unknown one is refused with 2", async () => {
    await life.open();
    const [, chosen = ""] = await readyFor(job, 2);
    const early = life.order();
    await life.ran(PULL);
    await life.world.db.query(`update sync_order_state set ${stage}_next_attempt_at = utc_timestamp(3) + interval 1 hour`);
    expect(await life.ran(job, { orders: [chosen, early] })).toMatchObject({ counts: { read: 2, done: 1, skipped: 1 } });
    expect(await statuses(stage)).toEqual([0, 1, 0]);
    const writes = life.requests[call];
    expect(await life.run(job, { orders: [chosen, "4711"] })).toMatchObject({ exit: { code: 2, name: "usage" }, counts: { read: 0 } });
    expect(life.requests[call]).toBe(writes);
  });

  it.each([
    { name: "12 when DSCO does not let us in", env: { IPASS_DSCO_TOKEN: "nobody-knows-it" }, exit: { code: 12, name: "credentials" } },
    { name: "14 when nobody answers", env: undefined, exit: { code: 14, name: "vendor" } },
  ])("ends with $name, and no order is charged", async ({ env, exit }) => {
    await life.open();
    await readyFor(job, 2);
    const before = await statuses(stage);
    const report = await life.run(job, {}, env ?? { IPASS_DSCO_BASE_URL: await closedAddress() });
    expect(report).toMatchObject({ exit, counts: { read: 2, waiting: 2 }, error: { next_step: expect.any(String) } });
    expect(await statuses(stage)).toEqual(before);
    expect(
      await life.world.db.query(`select ${stage}_retry_count as retries, ${stage}_next_attempt_at as at from sync_order_state`),
    ).toEqual([
      { retries: 0, at: null },
      { retries: 0, at: null },
    ]);
    expect(await life.world.tasks()).toEqual([]);
    await life.later(60); // a pass right behind waits until DSCO's pages can show what was sent
    expect(await life.ran(job)).toMatchObject({ counts: { done: 2 } });
  });
});

describe("a dry run", () => {
  it("also tells what a person would be asked and what is done already, and is silent about what waits", async () => {
    await life.open();
    const [waiting = "", several = "", byHand = "", bad = ""] = await readyFor(ACK, 4);
    await life.ran(ACK);
    life.people({ action: "ship", numbers: [several], trackingNumbers: ["1ZA", "1ZB"] });
    life.people({ action: "ship", numbers: [byHand], trackingNumbers: ["1ZHAND"] });
    life.people({ action: "shipByPlatform", numbers: [bad] });
    life.patch(byHand, { packages: [{ trackingNumber: "1ZHAND", items: [aLine()] }], dscoStatus: "shipped" });
    await life.ran(PULL);
    const before = await everything();
    const report = await life.run(SHIP, { dryRun: true });
    expect(report).toMatchObject({ exit: { code: 3 }, counts: { read: 4, done: 1, waiting: 1, manual: 2 } });
    const plan = new Map(report.plan?.map((entry) => [entry.dsco_order_id, entry]));
    expect(plan.get(waiting)).toBeUndefined();
    expect(plan.get(several)).toMatchObject({ do: "manual", task_type: "multi_shipment", cause: expect.stringContaining("1ZA, 1ZB") });
    expect(plan.get(byHand)).toMatchObject({ do: "adopt", stage: "ship" });
    expect(plan.get(bad)).toMatchObject({ do: "manual", task_type: "shipped_by_platform" });
    expect(await everything()).toEqual(before);
    expect((await life.run(SHIP)).counts).toEqual(report.counts);
  });

  it("asks what became of what is in flight, and leaves it there", async () => {
    await life.open();
    await readyFor(ACK, 2);
    life.world.vendors.changeSettings({ settleMs: 3_600_000 });
    await life.run(ACK, { maxDurationSec: 1 });
    life.world.vendors.changeSettings({ settleMs: 0 });
    const before = await everything();
    expect(await life.ran(ACK, { dryRun: true })).toMatchObject({ counts: { read: 2, done: 2 }, plan: [] });
    expect(await everything()).toEqual(before);
    expect(await life.ran(ACK)).toMatchObject({ counts: { read: 2, done: 2 } });
  });
});

it("the same from a shell: flags, exit code, figures, and silence where nothing was done", async () => {
  await life.open();
  const [first = "", second = ""] = await readyFor(ACK, 2);
  const plan = await life.shell("run", ACK, "--dry-run", "--order", first, "--order", second);
  expect(plan).toMatchObject({ code: 0, stderr: "" });
  for (const id of [first, second]) expect(plan.stdout).toContain(id);
  const limited = await life.world.pass(ACK, ["--limit", "1"]);
  expect(limited).toMatchObject({ code: 0, report: { job: ACK, counts: { read: 1, done: 1 } } });
  await life.ran(ACK);
  expect(await life.shell("run", ACK)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(await life.shell("run", ACK, "--order", "4711")).toMatchObject({ code: 2 });
});

/** Where nobody listens. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
