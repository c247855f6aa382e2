import { describe, expect, it } from "vitest";
import { CHINESE_PAGE } from "../../../src/admin/page/chinese.ts";
import { ENGLISH_PAGE } from "../../../src/admin/page/english.ts";
import { type Frame, framed } from "../../../src/admin/page/frame.ts";
import type { Place } from "../../../src/admin/page/links.ts";
import type { Content } from "../../../src/admin/page/markup.ts";
import type { Notice } from "../../../src/admin/page/notice.ts";
import { orderList } from "../../../src/admin/page/order-list.ts";
import { orderView } from "../../../src/admin/page/order-view.ts";
import { overview } from "../../../src/admin/page/overview.ts";
import { runList } from "../../../src/admin/page/run-list.ts";
import { severalOrders, unknownOrder } from "../../../src/admin/page/search-view.ts";
import { type SignInCase, signInView } from "../../../src/admin/page/sign-in.ts";
import { taskList } from "../../../src/admin/page/task-list.ts";
import { troubleView } from "../../../src/admin/page/trouble-view.ts";
import type { OrderRecord } from "../../../src/store/explain-query.ts";
import { toExplanation } from "../../../src/store/explanation.ts";
import type { OrderStateRow } from "../../../src/store/order-query.ts";
import type { Run } from "../../../src/store/run-query.ts";
import type { Status } from "../../../src/store/status.ts";
import type { StepWords } from "../../../src/store/step-words.ts";
import type { Task } from "../../../src/store/task-store.ts";
import type { ExplainedStage } from "../../../src/sync/explained-state.ts";
import { JOB_NAMES } from "../../../src/sync/job-name.ts";
import { STAGES, type Stage, type StageStatus } from "../../../src/sync/stage.ts";

const NOW = new Date("2026-01-05T10:00:00Z");
const before = (sec: number) => new Date(NOW.getTime() - sec * 1000);
/** Whatever others write may stand anywhere. */
const EVIL = `"><script>alert('1')</script>&amp;`;
const WORDS = { zh: CHINESE_PAGE, en: ENGLISH_PAGE };
type Language = keyof typeof WORDS;

function aFrame(language: Language, place: Place = {}, overrides: Partial<Frame> = {}): Frame {
  return {
    words: WORDS[language],
    now: NOW,
    nonce: "a-nonce",
    csrf: "a-csrf-text",
    actor: "admin@10.0.0.5",
    place,
    notice: undefined,
    otherLanguages: [{ code: "en", lang: "en", name: "English" }],
    ...overrides,
  };
}

function perStage<T>(make: (stage: Stage) => T): Record<Stage, T> {
  return { push: make("push"), ack: make("ack"), ship: make("ship"), invoice: make("invoice") };
}

function aRow(statuses: readonly [StageStatus, StageStatus, StageStatus, StageStatus], text: string): OrderStateRow {
  const columns = STAGES.map((stage, index) => ({
    [`${stage}_status`]: statuses[index],
    [`${stage}_at`]: before(600),
    [`${stage}_sent_at`]: before(700),
    [`${stage}_next_attempt_at`]: before(-60),
    [`${stage}_retry_count`]: 2,
    [`${stage}_error`]: text,
  }));
  const numbers = {
    platform_order_no: text,
    store_id: text,
    lingxing_global_order_no: text,
    shipped_tracking_no: text,
    dsco_invoice_id: text,
  };
  return {
    ...(Object.assign({}, ...columns) as OrderStateRow),
    dsco_order_id: text,
    po_number: text,
    dsco_status: text,
    ...numbers,
    retry_count: 2,
    last_error: text,
    last_attempt_at: before(700),
    created_at: before(86_400),
    updated_at: before(60),
  };
}

function aTask(text: string, overrides: Partial<Task> = {}): Task {
  return {
    id: 17,
    task_type: "sync_failed",
    dsco_order_id: text,
    stage: "push",
    status: 0,
    payload: { cause: text },
    occurrences: 3,
    next_step: text,
    created_at: before(3600),
    updated_at: before(60),
    resolved_by: text,
    reason: text,
    ...overrides,
  };
}

function aRun(text: string, overrides: Partial<Run> = {}): Run {
  return {
    id: "1",
    job: "ack_to_dsco",
    trace_id: text,
    host: text,
    pid: 1,
    actor: text,
    reason: text,
    dry_run: true,
    started_at: before(60),
    ended_at: before(58),
    duration_ms: 2000,
    exit: { code: 14, name: "vendor" },
    error: text,
    counts: { read: 3, done: 1, waiting: 0, failed: 1, manual: 1, skipped: 0 },
    watermark_before: null,
    watermark_after: null,
    vendor_calls: { dsco: { calls: 9, throttled: 1 }, lingxing: { calls: 1, throttled: 0 } },
    ...overrides,
  };
}

function aRecord(statuses: readonly [StageStatus, StageStatus, StageStatus, StageStatus], text: string): OrderRecord {
  const stage = (name: Stage): ExplainedStage => ({
    status: statuses[STAGES.indexOf(name)] ?? 0,
    since: before(600),
    sentAt: before(700),
    retryCount: 2,
    requestId: text,
    error: text,
    hold: text,
    waitsFor: text,
    nextAttemptAt: before(-60),
  });
  const detail = { from: 0, to: 3, task_type: text, cause: text, reason: text, [text]: text };
  return {
    now: NOW,
    row: aRow(statuses, text),
    state: {
      id: text,
      dscoStatus: text,
      cancelRequest: "open",
      cancelApplied: false,
      trackingNo: text,
      invoiceId: text,
      stages: perStage(stage),
    },
    acknowledgeBy: before(100),
    shipBy: before(-9_000),
    fetchedAt: before(30),
    tasks: [aTask(text), aTask(text, { id: 18, status: 2 })],
    events: [
      { at: before(50), event: text, stage: "push", request_id: text, detail, trace_id: text, actor: text },
      {
        at: before(40),
        event: "push_failed",
        stage: "push",
        request_id: null,
        detail: { error: text, retry_count: 1 },
        trace_id: text,
        actor: null,
      },
      {
        at: before(30),
        event: "invoice_queued",
        stage: "invoice",
        request_id: text,
        detail: { total_cents: 1999, [text]: [text] },
        trace_id: text,
        actor: null,
      },
    ],
    runs: new Map(JOB_NAMES.map((job) => [job, aRun(text, { job })])),
  };
}

function explained(statuses: readonly [StageStatus, StageStatus, StageStatus, StageStatus], language: Language, text = EVIL) {
  const jobs = Object.fromEntries(JOB_NAMES.map((job) => [job, { enabled: true, intervalSec: 60 }])) as Parameters<
    typeof toExplanation
  >[1]["jobs"];
  return toExplanation(aRecord(statuses, text), { maxRetryPerOrder: 5, jobs, redact: (value) => value, words: WORDS[language].explain });
}

function aStatus(text: string, overrides: Partial<Status> = {}): Status {
  const backlog = (stage: Stage) => ({
    ...({ job: "ack_to_dsco", orders: 1234, waiting: 1, failed: 2, manual: 3, in_flight: 4, due: 5 } as const),
    oldest_due_at: before(4000),
    oldest_due_sec: stage === "push" ? 4000 : null,
  });
  return {
    at: NOW,
    orders: { total: 1_000_000, open: 1234 },
    stages: perStage(backlog),
    jobs: Object.fromEntries(
      JOB_NAMES.map((job, index) => [
        job,
        {
          enabled: index !== 1,
          interval_sec: 60,
          last_run: index === 2 ? null : aRun(text, { job, exit: index === 3 ? null : { code: 0, name: "ok" } }),
          last_success_at: index === 2 ? null : before(60),
          next_due_at: index === 2 ? null : before(-30),
          overdue: index === 2,
          watermark: null,
          watermark_lag_sec: index === 0 ? null : 90,
        },
      ]),
    ) as Status["jobs"],
    tasks: { open: 3, by_type: { sync_failed: 2, stock_guard: 1 } },
    deadlines: { over: 1, near: 99, orders: [{ dsco_order_id: text, stage: "ship", status: 0, by: before(60), left_sec: -60 }] },
    ...overrides,
  };
}

const NOTICES: readonly Notice[] = [
  { of: "requeued", count: 2 },
  { of: "resolved", count: 0 },
  { of: "ran", job: "ack_to_dsco", exit: { code: 14, name: "vendor" }, done: 3, trace: EVIL, said: EVIL, nextStep: EVIL },
  { of: "ran", job: "ack_to_dsco", exit: { code: 11, name: "locked" }, done: 0, trace: "t", said: EVIL },
  { of: "runWaits", job: "ack_to_dsco", trace: EVIL },
  { of: "refused", said: EVIL, nextStep: EVIL },
  { of: "off", job: "ack_to_dsco" },
  { of: "noSelection" },
  { of: "noReason" },
];

interface View {
  readonly name: string;
  readonly place: Place;
  readonly main: (frame: Frame, language: Language) => Content;
}

const VIEWS: readonly View[] = [
  { name: "overview", place: { refresh: 1 }, main: (frame) => overview(aStatus(EVIL), frame) },
  {
    name: "orders to requeue",
    place: { view: "orders", stage: "push", status: 3, all: 1 },
    main: (frame) => orderList({ items: [aRow([3, 0, 0, 0], EVIL)], total: 99 }, frame),
  },
  {
    name: "orders",
    place: { view: "orders", offset: 50 },
    main: (frame) => orderList({ items: [aRow([1, 9, 0, 0], EVIL)], total: 51 }, frame),
  },
  { name: "no orders", place: { view: "orders", stage: "ship" }, main: (frame) => orderList({ items: [], total: 0 }, frame) },
  {
    name: "an order that a person must act on",
    place: { order: EVIL },
    main: (frame, language) => orderView(explained([3, 0, 3, 0], language), frame),
  },
  { name: "an order in flight", place: { order: EVIL }, main: (frame, language) => orderView(explained([1, 9, 0, 0], language), frame) },
  { name: "an order that failed", place: { order: EVIL }, main: (frame, language) => orderView(explained([1, 1, 2, 0], language), frame) },
  { name: "an order that waits", place: { order: EVIL }, main: (frame, language) => orderView(explained([1, 1, 0, 0], language), frame) },
  {
    name: "an order that is through",
    place: { order: EVIL },
    main: (frame, language) => orderView(explained([1, 1, 1, 4], language), frame),
  },
  {
    name: "tasks",
    place: { view: "tasks" },
    main: (frame) => taskList({ items: [aTask(EVIL), aTask(EVIL, { dsco_order_id: null })], total: 2 }, frame),
  },
  {
    name: "closed tasks",
    place: { view: "tasks", task_status: 2, type: "sync_failed" },
    main: (frame) => taskList({ items: [aTask(EVIL, { status: 2 })], total: 1 }, frame),
  },
  {
    name: "runs",
    place: { view: "runs", job: "ack_to_dsco", offset: 50 },
    main: (frame) => runList({ items: [aRun(EVIL), aRun(EVIL, { exit: null })], more: true }, frame),
  },
  { name: "nothing found", place: { q: EVIL }, main: (frame) => unknownOrder(EVIL, frame) },
  { name: "several found", place: { q: EVIL }, main: (frame) => severalOrders(EVIL, [EVIL, "2"], frame) },
];

const LANGUAGES: readonly Language[] = ["zh", "en"];
const pages = LANGUAGES.flatMap((language) => VIEWS.map((view) => ({ ...view, language })));

async function shown({ place, main, language }: (typeof pages)[number]): Promise<string> {
  const frame = aFrame(language, place);
  return String(await framed("a title", main(frame, language), frame));
}

/** Every start of an element that has one of these names. */
function tags(page: string, name: string): string[] {
  return page.match(new RegExp(`<${name}\\b[^>]*>`, "g")) ?? [];
}

function expectHarmless(page: string): void {
  expect(page).not.toContain("<script");
  expect(page).not.toContain("alert('1')");
  expect(page).not.toMatch(/<[^>]*\son\w+=/); // no handler in an attribute
  expect(page).not.toMatch(/<[^>]*\sstyle=/); // the content security policy takes none
  expect(tags(page, "style")).toEqual(['<style nonce="a-nonce">']);
  expect(page).not.toMatch(/undefined|\[object|NaN|Invalid Date/);
  // Nothing is loaded from elsewhere, nothing leads elsewhere.
  for (const [, target = ""] of page.matchAll(/\s(?:href|src|action)="([^"]*)"/g)) expect(target).toMatch(/^(\/(?!\/)|#|data:image\/svg)/);
}

describe.each(pages)("$name, $language", (view) => {
  it("lets nothing that others wrote become markup", async () => expectHarmless(await shown(view)));

  it("is well formed: what opens is closed, ids are there once, labels lead somewhere", async () => {
    const page = await shown(view);
    for (const name of ["section", "table", "form", "details", "ul", "ol", "div", "td", "th", "tr", "li", "p", "a", "span", "main"])
      expect(tags(page, name).length, name).toBe((page.match(new RegExp(`</${name}>`, "g")) ?? []).length);
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
    expect(page).toContain(`<html lang="${WORDS[view.language].lang}">`);
  });

  it("has only forms that can be sent, and that say what they do", async () => {
    const page = await shown(view);
    for (const [form] of page.matchAll(/<form method="post"[\s\S]*?<\/form>/g)) {
      expect(form).toContain('<input type="hidden" name="csrf" value="a-csrf-text">');
      if (form.includes('action="/logout"')) continue;
      expect(form).toMatch(/<input name="reason" required/);
      expect(form).toMatch(/<code>ipass (run|order-state requeue|manual-tasks resolve) /);
      expect(form).toContain("admin@10.0.0.5");
      expect(form).toMatch(/name="back" value="\/(\?[\w%+=&.;~*-]*)?"/);
    }
  });
});

describe.each(LANGUAGES)("outside, %s", (language) => {
  it.each<SignInCase>(["first", "wrong", "over", "no_token"])("the door: %s", async (why) => {
    const page = String(await signInView(why, aFrame(language)));
    expectHarmless(page);
    expect(page.includes('action="/login"')).toBe(why !== "no_token");
    expect(page.includes('role="alert"')).toBe(why === "wrong" || why === "over");
  });

  it.each(["database", "request", "internal"] as const)("trouble of the %s", async (of) => {
    const page = String(await troubleView({ of, said: EVIL, nextStep: EVIL, traceId: EVIL }, aFrame(language)));
    expectHarmless(page);
    expect(page).toContain("&quot;&gt;&lt;script&gt;");
  });

  it.each(NOTICES)("a notice: $of", async (notice) => {
    const frame = aFrame(language, {}, { notice });
    const page = String(await framed("t", "", frame));
    expectHarmless(page);
    expect(page).toMatch(/<div class="notice (good|warn|alarm)" role="(status|alert)">/);
  });
});

describe("the overview", () => {
  const read = async (status: Status, language: Language = "en") => String(await overview(status, aFrame(language)));
  const well = (): Status => {
    const { jobs, stages, ...rest } = aStatus("1");
    const calm = { manual: 0, failed: 0, due: 0, oldest_due_at: null, oldest_due_sec: null };
    return {
      ...rest,
      jobs: Object.fromEntries(JOB_NAMES.map((job) => [job, { ...jobs.sync_stock, overdue: false, enabled: true }])) as Status["jobs"],
      stages: perStage((stage) => ({ ...stages[stage], ...calm })),
      tasks: { open: 0, by_type: {} },
      deadlines: { over: 0, near: 3, orders: [] },
    };
  };

  it("says that all is well, with deadlines that are merely near", async () => {
    const page = await read(well());
    expect(page).toContain('class="verdict good"');
    expect(page).toContain("Everything moves");
    expect(page).toContain("3 deadlines within 24 h");
  });

  it.each([
    {
      name: "a job that is overdue",
      change: () => ({ jobs: { ...well().jobs, ack_to_dsco: { ...well().jobs.ack_to_dsco, overdue: true } } }),
      says: "1 job overdue",
      level: "alarm",
    },
    {
      name: "a missed deadline",
      change: () => ({ deadlines: { over: 2, near: 0, orders: [] } }),
      says: "2 deadlines missed",
      level: "alarm",
    },
    { name: "a task", change: () => ({ tasks: { open: 1, by_type: { bad_payload: 1 } } }), says: "1 open task", level: "warn" },
    {
      name: "a stage that falls behind",
      change: () => ({ stages: { ...well().stages, ship: { ...well().stages.ship, due: 4, oldest_due_sec: 7200 } } }),
      says: "“Ship” is 2 h behind",
      level: "alarm",
    },
  ])("points at $name", async ({ change, says, level }) => {
    const page = await read({ ...well(), ...change() });
    expect(page).toContain(`class="verdict ${level}"`);
    expect(page).toContain(says);
  });

  it("counts with separators, and links each number to its orders", async () => {
    const page = await read(aStatus("1"));
    expect(page).toContain("1,234 of 1,000,000 orders under way");
    expect(page).toContain('href="/?view=orders&amp;stage=ship&amp;status=3"');
    expect(page).toContain('href="/?view=tasks&amp;type=stock_guard&amp;task_status=0"');
  });

  it("offers no run of a job that is switched off", async () => {
    expect(await read(aStatus("1"))).not.toMatch(/name="job" value="push_orders_to_lingxing"/);
  });

  it("says in the reader's language what to type where no order and no task leads on", async () => {
    const ack = { ...well().jobs.ack_to_dsco, overdue: true, last_run: null, last_success_at: null };
    const silent = { ...well(), jobs: { ...well().jobs, ack_to_dsco: ack, ship_to_dsco: ack } };
    const english = await read(silent);
    expect(english).toContain("ack_to_dsco has never run. The same with ship_to_dsco. See that cron starts them:");
    expect(english).toContain("<code>ipass crontab</code>");
    expect(await read(silent, "zh")).toContain("定时任务“接单确认”从未运行过。“发货回传”也一样。请确认 cron 会启动它们：");
    expect(await read(well())).not.toContain('id="to-do"');
  });

  it("says every step in both languages", () => {
    const said = (steps: StepWords) => [
      steps.notThrough("sync_stock", 60_000),
      steps.notThrough("sync_stock", undefined),
      steps.notStarted("A.", ["ack_to_dsco", "ship_to_dsco"]),
      steps.notStarted("A.", []),
      steps.trouble("A.", ["ack_to_dsco"], "b:"),
      steps.behind({ stage: "ship", job: "ship_to_dsco", due: 1234, ms: 7_200_000 }),
      steps.held(2),
    ];
    expect(said(CHINESE_PAGE.steps)).toEqual([
      "“库存同步”上次成功是 60 秒前。",
      "“库存同步”从未成功过。",
      "A.“接单确认”、“发货回传”也一样。请确认 cron 会启动它们：",
      "A.请确认 cron 会启动它：",
      "A.“接单确认”也一样。b:",
      "“发货回传”有 1,234 单到期，最早的已等 2 小时，虽然定时任务“发货回传”在运行；看它每一轮的结果：",
      "至少 2 单停在“待人工处理”，但任务已关闭；请重新处理，或关闭阶段：",
    ]);
    expect(said(ENGLISH_PAGE.steps).join(" ")).toMatch(/^[\x20-\x7e]+$/);
  });

  it("tells a newcomer where to begin", async () => {
    const never = Object.fromEntries(JOB_NAMES.map((job) => [job, { ...aStatus("1").jobs.ack_to_dsco }])) as Status["jobs"];
    expect(await read(aStatus("1", { orders: { total: 0, open: 0 }, jobs: never }), "zh")).toContain("这里还没有数据");
    const fresh = {
      ...aStatus("1").jobs.pull_dsco_orders,
      last_run: null,
      last_success_at: null,
      watermark: null,
      watermark_lag_sec: null,
      enabled: true,
    };
    const page = await read(aStatus("1", { orders: { total: 0, open: 0 }, jobs: { ...never, pull_dsco_orders: fresh } }), "zh");
    expect(page).toContain("先设好从什么时候起的订单归 ipass 管");
    expect(page).toContain("ipass watermark set pull_dsco_orders");
  });
});

describe("an order", () => {
  const read = async (statuses: readonly [StageStatus, StageStatus, StageStatus, StageStatus], language: Language = "en") =>
    String(await orderView(explained(statuses, language, "1200000001"), aFrame(language, { order: "1200000001" })));

  it("offers what may be done: requeue where it failed or is held, a look where it waits", async () => {
    const held = await read([3, 0, 2, 0]);
    expect(held.match(/name="stage" value="\w+"/g)).toEqual(['name="stage" value="push"', 'name="stage" value="ship"']);
    expect(held).not.toContain('name="job" value="push_orders_to_lingxing"');
    const waiting = await read([1, 0, 0, 0]);
    expect(waiting).not.toContain("/ui/requeue");
    expect(waiting).toContain('name="job" value="ack_to_dsco"');
    const through = await read([1, 1, 1, 1]);
    expect(through).not.toContain('name="job" value="invoice_to_dsco"');
  });

  it("tells its history newest first, each event with its name in both languages and in the log", async () => {
    const page = await read([1, 1, 0, 0], "zh");
    expect(page.indexOf("invoice_queued")).toBeLessThan(page.indexOf("push_failed"));
    expect(page).toContain("发票：已在对方排队");
    expect(page).toContain("第 1 次失败：");
    expect(page).toContain("合计 19.99");
  });

  it("shows deadlines beside the stage they are for", async () => {
    const page = await read([1, 0, 0, 0]);
    expect(page).toContain("over by 100 s");
    expect(page).toContain("2 h 30 min left");
  });
});
