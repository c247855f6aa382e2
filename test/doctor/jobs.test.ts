import { describe, expect, it } from "vitest";
import { type JobFacts, judgeInFlight, judgeJob, judgePullWatermark, judgeWatermark } from "../../src/doctor/judge/jobs.ts";
import type { Run } from "../../src/store/run-query.ts";

const NOW = new Date("2026-11-22T12:00:00.000Z");
const ago = (sec: number) => new Date(NOW.getTime() - sec * 1000);
const run = (over: Partial<Run> = {}): Run => ({
  id: "1",
  job: "ack_to_dsco",
  trace_id: "t",
  host: "h",
  pid: 1,
  actor: null,
  reason: null,
  dry_run: false,
  started_at: ago(30),
  ended_at: ago(29),
  duration_ms: 1000,
  exit: { code: 0, name: "ok" },
  error: null,
  counts: { read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 },
  watermark_before: null,
  watermark_after: null,
  vendor_calls: { dsco: { calls: 0, throttled: 0 }, lingxing: { calls: 0, throttled: 0 } },
  ...over,
});

describe("a job", () => {
  const facts = (over: Partial<JobFacts> = {}): JobFacts => ({
    job: "ack_to_dsco",
    enabled: true,
    intervalSec: 60,
    lastRun: run(),
    lastSuccessAt: ago(29),
    anyRan: true,
    ...over,
  });
  const down = run({ exit: { code: 14, name: "vendor" }, error: "dsco.order_page: HTTP 503" });
  it.each([
    { name: "that got through just now", given: facts(), status: "pass", found: "29 s ago", command: undefined },
    {
      name: "that is switched off",
      given: facts({ enabled: false, lastSuccessAt: undefined }),
      status: "pass",
      found: "off",
      command: undefined,
    },
    { name: "three intervals ago", given: facts({ lastSuccessAt: ago(180) }), status: "pass", found: "3 min", command: undefined },
    {
      name: "more than three ago",
      given: facts({ lastSuccessAt: ago(181) }),
      status: "fail",
      found: "3 min",
      command: "ipass run ack_to_dsco",
    },
    {
      name: "at work, long after its last success",
      given: facts({ lastSuccessAt: ago(3600), lastRun: run({ ended_at: null, exit: null }) }),
      status: "pass",
      found: "at work since 30 s",
      command: undefined,
    },
    {
      name: "that fails again and again",
      given: facts({ lastSuccessAt: ago(3600), lastRun: down }),
      status: "fail",
      found: "ended with 14 vendor: dsco.order_page: HTTP 503",
      command: "ipass run ack_to_dsco",
    },
    {
      name: "that never got through",
      given: facts({ lastSuccessAt: undefined, lastRun: down }),
      status: "fail",
      found: "never got through",
      command: "ipass run ack_to_dsco",
    },
    {
      name: "that died",
      given: facts({ lastSuccessAt: ago(3600), lastRun: run({ exit: { code: null, name: "died" } }) }),
      status: "fail",
      found: "ended with died",
      command: "ipass run ack_to_dsco",
    },
    {
      name: "that alone was never started",
      given: facts({ lastRun: undefined, lastSuccessAt: undefined }),
      status: "fail",
      found: "while other jobs were",
      command: "ipass run ack_to_dsco",
    },
    {
      name: "before cron is set up",
      given: facts({ lastRun: undefined, lastSuccessAt: undefined, anyRan: false }),
      status: "warn",
      found: "cron is not set up",
      command: "(crontab -l; ipass crontab) | crontab -",
    },
  ])("$name: $status", ({ given, status, found, command }) => {
    const judged = judgeJob(given, NOW);
    expect(judged).toMatchObject({ id: "job.ack_to_dsco", status });
    expect(judged.found).toContain(found);
    expect(judged.remedy?.command).toBe(command);
  });
});

it("counts what is in flight for too long, and has the job settle it", () => {
  expect(judgeInFlight("push", "push_orders_to_lingxing", { count: 0, since: undefined, oldest: undefined }, NOW)).toMatchObject({
    id: "in_flight.push",
    status: "pass",
  });
  expect(judgeInFlight("push", "push_orders_to_lingxing", { count: 3, since: ago(7200), oldest: "12" }, NOW)).toMatchObject({
    status: "fail",
    found: "3 sent and still without an outcome, the oldest (12) since 2 h",
    remedy: { command: "ipass run push_orders_to_lingxing" },
  });
});

describe("the watermark", () => {
  const SET = '{"mode":"updatedSince","since":"2026-11-22T00:00:00Z"}';
  it.each([
    { name: "set", given: { enabled: true, watermark: SET, standIn: false }, status: "pass" },
    { name: "unset before the first pull", given: { enabled: true, watermark: undefined, standIn: false }, status: "fail" },
    { name: "unset, against a stand-in", given: { enabled: true, watermark: undefined, standIn: true }, status: "warn" },
    { name: "unset, the pull switched off", given: { enabled: false, watermark: undefined, standIn: false }, status: "pass" },
    { name: "broken by hand", given: { enabled: true, watermark: "{}", standIn: false }, status: "fail" },
    {
      name: "in the future",
      given: { enabled: true, watermark: SET.replace("2026", "2027"), standIn: false },
      status: "fail",
    },
  ])("of the pull, $name: $status", ({ given, status }) => {
    expect(judgePullWatermark(given, NOW)).toMatchObject({ id: "watermark.pull_dsco_orders", status });
  });

  it("is set by a line that can be pasted", () => {
    expect(judgePullWatermark({ enabled: true, watermark: undefined, standIn: false }, NOW).remedy?.command).toBe(
      `ipass watermark set pull_dsco_orders '{"mode":"updatedSince","since":"2026-11-22T12:00:00Z"}'`,
    );
  });

  it("of a feed has a shape of its own", () => {
    expect(judgeWatermark("ack_to_dsco", '{"mode":"update_time","since":1700000000}', NOW)).toMatchObject({ status: "pass" });
    expect(judgeWatermark("ack_to_dsco", SET, NOW)).toMatchObject({ id: "watermark.ack_to_dsco", status: "fail" });
  });
});
