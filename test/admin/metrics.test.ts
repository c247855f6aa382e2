import { describe, expect, it } from "vitest";
import { toMetrics } from "../../src/admin/metrics.ts";
import type { MetricsRecord } from "../../src/store/metrics-query.ts";
import type { JobSettings } from "../../src/store/status.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { TASK_TYPES } from "../../src/sync/stage.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const secAgo = (sec: number) => new Date(NOW.getTime() - sec * 1000);
const jobs = Object.fromEntries(JOB_NAMES.map((job) => [job, { enabled: true, intervalSec: 60 }])) as JobSettings;
const NOTHING_DUE = { orders: 0, since: undefined };

const record = (more: Partial<MetricsRecord> = {}, status: Partial<MetricsRecord["status"]> = {}): MetricsRecord => ({
  status: {
    now: NOW,
    counts: [],
    due: { push: NOTHING_DUE, ack: NOTHING_DUE, ship: NOTHING_DUE, invoice: NOTHING_DUE },
    deadlines: { over: 0, near: 0, orders: [] },
    lastRuns: new Map(),
    lastSuccesses: new Map(),
    watermarks: new Map(),
    openTasks: new Map(),
    ...status,
  },
  lastDurationsMs: new Map(),
  recent: [],
  ...more,
});

/** Samples by name and labels, as Prometheus reads them; fails on a line it would not. */
async function samples(given: MetricsRecord): Promise<Map<string, number>> {
  const { text, contentType } = await toMetrics(given, jobs);
  expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  const found = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const help = /^# HELP (ipass_[a-z_]+) \S/.exec(line)?.[1];
    if (help !== undefined) described.add(help);
    if (line.startsWith("#")) continue;
    const [, name = "", labels = "", value = ""] = /^([a-z_]+)(?:\{((?:[a-z_]+="[^"\\]*",?)*)\})? (-?[\d.]+(?:e\+\d+)?)$/.exec(line) ?? [];
    expect(described, line).toContain(name);
    found.set(`${name}{${labels}}`, Number(value));
  }
  return found;
}

describe("/metrics", () => {
  it("tells backlog and age by stage", async () => {
    const found = await samples(
      record(
        {},
        {
          counts: [
            { push: 0, ack: 0, ship: 0, invoice: 0, orders: 7 },
            { push: 1, ack: 2, ship: 0, invoice: 0, orders: 5 },
            { push: 1, ack: 1, ship: 3, invoice: 0, orders: 3 },
            { push: 1, ack: 1, ship: 4, invoice: 9, orders: 2 },
            { push: 1, ack: 1, ship: 1, invoice: 1, orders: 1000 },
          ],
          due: { push: { orders: 6, since: secAgo(90) }, ack: NOTHING_DUE, ship: NOTHING_DUE, invoice: NOTHING_DUE },
        },
      ),
    );
    expect(Object.fromEntries([...found].filter(([name, value]) => name.startsWith("ipass_orders") && value > 0))).toEqual({
      'ipass_orders{stage="push",status="waiting"}': 7,
      'ipass_orders{stage="ack",status="failed"}': 5,
      'ipass_orders{stage="ship",status="manual"}': 3,
      'ipass_orders{stage="invoice",status="in_flight"}': 2,
      'ipass_orders_due{stage="push"}': 6,
    });
    expect(found.get('ipass_oldest_due_age_seconds{stage="push"}')).toBe(90);
    expect(found.get('ipass_oldest_due_age_seconds{stage="ack"}')).toBe(0);
  });

  it("tells last success, duration and lag of a job, and nothing where there is none", async () => {
    const found = await samples(
      record(
        { lastDurationsMs: new Map([["pull_dsco_orders", 1234]]) },
        {
          lastSuccesses: new Map([["pull_dsco_orders", secAgo(60)]]),
          watermarks: new Map([
            ["pull_dsco_orders", `{"mode":"updatedSince","since":"${secAgo(120).toISOString()}"}`],
            ["ack_to_dsco", "{broken"],
          ]),
        },
      ),
    );
    const ofJobs = [...found].filter(([name]) => /^ipass_(job|watermark)_/.test(name));
    expect(Object.fromEntries(ofJobs)).toEqual({
      'ipass_job_last_success_timestamp_seconds{job="pull_dsco_orders"}': NOW.getTime() / 1000 - 60,
      'ipass_job_last_duration_seconds{job="pull_dsco_orders"}': 1.234,
      'ipass_watermark_lag_seconds{job="pull_dsco_orders"}': 120,
    });
  });

  it("tells runs by exit, vendor calls and throttles; dry runs only count as calls", async () => {
    const calls = { dsco: { calls: 10, throttled: 2 }, lingxing: { calls: 1, throttled: 0 } };
    const run = { job: "pull_dsco_orders", dryRun: false, exitCode: 0, exitName: "ok", runs: 50, calls } as const;
    const found = await samples(
      record({
        recent: [
          run,
          { ...run, exitCode: 3, exitName: "partial", runs: 2 },
          { ...run, exitCode: null, exitName: "died", runs: 1 },
          { ...run, dryRun: true, runs: 9 },
        ],
      }),
    );
    const pull = (name: string) => [...found].filter(([key]) => key.startsWith(name) && key.includes('job="pull_dsco_orders"'));
    expect(Object.fromEntries(pull("ipass_runs_last_hour"))).toEqual({
      'ipass_runs_last_hour{job="pull_dsco_orders",exit_code="0",exit="ok"}': 50,
      'ipass_runs_last_hour{job="pull_dsco_orders",exit_code="3",exit="partial"}': 2,
      'ipass_runs_last_hour{job="pull_dsco_orders",exit_code="none",exit="died"}': 1,
    });
    expect(found.get('ipass_vendor_calls_last_hour{vendor="dsco",job="pull_dsco_orders"}')).toBe(40);
    expect(found.get('ipass_vendor_throttles_last_hour{vendor="dsco",job="pull_dsco_orders"}')).toBe(8);
    expect(found.get('ipass_vendor_calls_last_hour{vendor="lingxing",job="pull_dsco_orders"}')).toBe(4);
    // A job that did not run at all is there with 0: an alarm about too few has something to compare.
    expect(found.get('ipass_runs_last_hour{job="ship_to_dsco",exit_code="0",exit="ok"}')).toBe(0);
  });

  it("tells open tasks of every type there is", async () => {
    const found = await samples(record({}, { openTasks: new Map([["bad_payload", 4]]) }));
    const tasks = [...found].filter(([name]) => name.startsWith("ipass_open_tasks"));
    expect(tasks).toHaveLength(TASK_TYPES.length);
    expect(found.get('ipass_open_tasks{type="bad_payload"}')).toBe(4);
  });
});
