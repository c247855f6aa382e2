import { describe, expect, it } from "vitest";
import type { Run } from "../../src/store/run-query.ts";
import type { JobState, NearDeadline, StageBacklog, Status } from "../../src/store/status.ts";
import { toVerdict } from "../../src/store/verdict.ts";
import { STAGE_JOB } from "../../src/sync/explained-state.ts";
import { JOB_NAMES, type JobName } from "../../src/sync/job-name.ts";
import { STAGES, type Stage } from "../../src/sync/stage.ts";

const AT = new Date("2026-01-05T02:00:00Z");
const before = (sec: number) => new Date(AT.getTime() - sec * 1000);

function run(job: JobName, exit: Run["exit"], endedSec: number, error: string | null = null): Run {
  const counts = { read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 };
  const vendor_calls = { dsco: { calls: 0, throttled: 0 }, lingxing: { calls: 0, throttled: 0 } };
  const ended_at = exit === null ? null : before(endedSec);
  return {
    ...{
      id: "1",
      job,
      trace_id: "t",
      host: "h",
      pid: 1,
      actor: null,
      reason: null,
      dry_run: false,
      started_at: before(endedSec + 1),
      ended_at,
      exit,
      error,
    },
    ...{ duration_ms: 1000, counts, watermark_before: null, watermark_after: null, vendor_calls },
  };
}

const well = (job: JobName): JobState => ({
  enabled: true,
  interval_sec: 60,
  last_run: run(job, { code: 0, name: "ok" }, 10),
  last_success_at: before(10),
  next_due_at: null,
  overdue: false,
  watermark: {},
  watermark_lag_sec: 10,
});

const overdue = (job: JobName, last_run: Run | null, more: Partial<JobState> = {}): JobState => ({
  ...well(job),
  last_run,
  last_success_at: null,
  overdue: true,
  ...more,
});

const idle = (stage: Stage): StageBacklog => ({
  ...{
    job: STAGE_JOB[stage],
    orders: 0,
    waiting: 0,
    failed: 0,
    manual: 0,
    in_flight: 0,
    due: 0,
    oldest_due_at: null,
    oldest_due_sec: null,
  },
});

interface Case {
  readonly jobs?: Partial<Record<JobName, JobState>>;
  readonly stages?: Partial<Record<Stage, Partial<StageBacklog>>>;
  readonly tasks?: number;
  readonly over?: readonly NearDeadline[];
}

function status({ jobs = {}, stages = {}, tasks = 0, over = [] }: Case): Status {
  return {
    at: AT,
    orders: { total: 100, open: 10 },
    stages: Object.fromEntries(STAGES.map((stage) => [stage, { ...idle(stage), ...stages[stage] }])) as Status["stages"],
    jobs: Object.fromEntries(JOB_NAMES.map((job) => [job, jobs[job] ?? well(job)])) as Status["jobs"],
    tasks: { open: tasks, by_type: {} },
    deadlines: { over: over.length, near: 3, orders: over },
  };
}

const all = (state: (job: JobName) => JobState) =>
  Object.fromEntries(JOB_NAMES.map((job) => [job, state(job)])) as Record<JobName, JobState>;
const NEVER = all((job) => overdue(job, null, { watermark: null, watermark_lag_sec: null }));
const late: NearDeadline = { dsco_order_id: "12;34", stage: "ship", status: 3, by: before(7200), left_sec: -7200 };

describe("the headline", () => {
  it.each([
    { name: "all is well", is: {}, level: "good", headline: "Running; nothing is stuck." },
    {
      name: "people have something to do",
      is: { tasks: 7 },
      level: "warn",
      headline: "Running; 7 open tasks.",
    },
    {
      name: "a deadline is over",
      is: { tasks: 1, over: [late] },
      level: "alarm",
      headline: "Running; 1 order past a deadline; 1 open task.",
    },
    {
      name: "orders are held although nobody is asked any more",
      is: { tasks: 1, stages: { push: { manual: 2 }, ship: { manual: 1 } } },
      level: "warn",
      headline: "Running; 1 open task; 2 orders held without a task.",
    },
    {
      name: "a stage does not keep up",
      is: { stages: { ack: { due: 40, oldest_due_sec: 7200 } } },
      level: "alarm",
      headline: "Running; ack is 2 h behind (40 orders).",
    },
    {
      name: "a stage is busy for a moment",
      is: { stages: { ack: { due: 40, oldest_due_sec: 800 } } },
      level: "good",
      headline: "Running; nothing is stuck.",
    },
    {
      name: "one job fails",
      is: { jobs: { ship_to_dsco: overdue("ship_to_dsco", run("ship_to_dsco", { code: 14, name: "vendor" }, 30)) } },
      level: "alarm",
      headline: "NOT ALL RUNNING: 1 of 6 jobs overdue; nothing is stuck.",
    },
    {
      name: "nothing was ever started",
      is: { jobs: NEVER },
      level: "alarm",
      headline: "NOT RUNNING: no job has ever run; nothing is stuck.",
    },
    {
      name: "every job fails",
      is: { jobs: all((job) => overdue(job, run(job, { code: 12, name: "credentials" }, 30))) },
      level: "alarm",
      headline: "NOT RUNNING: no job gets through; nothing is stuck.",
    },
    {
      name: "somebody switched it off",
      is: { jobs: all((job) => ({ ...well(job), enabled: false })) },
      level: "good",
      headline: "SWITCHED OFF: no job is enabled; nothing is stuck.",
    },
  ] satisfies (Case | object)[])("when $name", ({ is, level, headline }) => {
    expect(toVerdict(status(is))).toMatchObject({ level, headline });
  });
});

describe("what to type", () => {
  const steps = (is: Case) => toVerdict(status(is)).steps;

  it("is nothing while nobody is needed", () => {
    expect(steps({ stages: { push: { waiting: 3, failed: 2, in_flight: 1 } } })).toEqual([]);
  });

  it("on a new installation sets the starting point first, and shows the crontab once for all jobs", () => {
    expect(steps({ jobs: NEVER })).toEqual([
      {
        about: expect.stringContaining("all open history"),
        command: `ipass watermark set pull_dsco_orders '{"mode":"updatedSince","since":"${AT.toISOString()}"}'`,
      },
      { about: expect.stringMatching(/^pull_dsco_orders has never run\. The same with push.*, sync_stock\./), command: "ipass crontab" },
    ]);
  });

  it("about jobs that fail alike is told once, with the words of the first", () => {
    const failed = (job: JobName) => overdue(job, run(job, { code: 12, name: "credentials" }, 120, "ip not allowed"));
    expect(steps({ jobs: { ack_to_dsco: failed("ack_to_dsco"), ship_to_dsco: failed("ship_to_dsco") } })).toEqual([
      {
        about:
          "The last run of ack_to_dsco, 2 min ago, ended with 12 credentials: ip not allowed. The same with ship_to_dsco. Correct the credentials, the clock or the vendor's IP whitelist, then:",
        command: "ipass run ack_to_dsco",
      },
    ]);
  });

  it("about a job that ends well but too seldom says since when it has not got through", () => {
    const job = "sync_stock";
    const seldom = overdue(job, run(job, { code: 0, name: "ok" }, 200), { last_success_at: before(200) });
    expect(steps({ jobs: { [job]: seldom } })).toEqual([
      { about: "sync_stock last got through 3 min ago. By hand:", command: "ipass run sync_stock" },
    ]);
  });

  it("about a job that is switched off is told only while orders are due at it", () => {
    const jobs = { ship_to_dsco: { ...well("ship_to_dsco"), enabled: false } };
    expect(steps({ jobs })).toEqual([]);
    expect(steps({ jobs, stages: { ship: { due: 4, oldest_due_sec: 9999 } } })).toEqual([
      {
        about: expect.stringMatching(/^ship_to_dsco is switched off\. Set IPASS_JOB_SHIP_TO_DSCO_ENABLE=true/),
        command: "ipass run ship_to_dsco --force",
      },
    ]);
  });

  it("goes from the most pressing to what can wait, each as a command that a shell takes as it is", () => {
    const is: Case = {
      jobs: { push_orders_to_lingxing: overdue("push_orders_to_lingxing", run("push_orders_to_lingxing", null, 9000)) },
      over: [late],
      stages: { invoice: { due: 1, oldest_due_sec: 86_400 }, ship: { manual: 5 } },
      tasks: 2,
    };
    expect(steps(is).map(({ command }) => command)).toEqual([
      "ipass run push_orders_to_lingxing",
      "ipass explain '12;34'",
      "ipass runs --job invoice_to_dsco",
      "ipass manual-tasks",
      "ipass order-state --ship-status 3",
    ]);
  });
});
