import { describe, expect, it } from "vitest";
import { CHINESE_EXPLAIN } from "../../../src/admin/page/explain-chinese.ts";
import { explainNow } from "../../../src/sync/explain.ts";
import type { ExplainedJob, ExplainedStage, ExplainedState, ExplainFacts } from "../../../src/sync/explained-state.ts";
import { STAGE_STATUS, STAGES, type Stage } from "../../../src/sync/stage.ts";

const NOW = new Date("2026-01-05T10:00:00Z");
const inSec = (sec: number) => new Date(NOW.getTime() + sec * 1000);

function aStage(overrides: Partial<ExplainedStage> = {}): ExplainedStage {
  const unset = { since: undefined, sentAt: undefined, requestId: undefined, error: undefined, hold: undefined };
  return { status: 0, retryCount: 0, waitsFor: undefined, nextAttemptAt: undefined, ...unset, ...overrides };
}

function aState(
  stages: Partial<Record<Stage, Partial<ExplainedStage>>> = {},
  overrides: Partial<Omit<ExplainedState, "stages">> = {},
): ExplainedState {
  const { push, ack, ship, invoice } = stages;
  return {
    id: "1200000001",
    dscoStatus: "created",
    cancelRequest: "none",
    cancelApplied: false,
    trackingNo: undefined,
    invoiceId: undefined,
    ...overrides,
    stages: { push: aStage(push), ack: aStage(ack), ship: aStage(ship), invoice: aStage(invoice) },
  };
}

const RAN: ExplainedJob = {
  enabled: true,
  intervalSec: 60,
  lastRun: { startedAt: inSec(-40), endedAt: inSec(-38), exit: "ok", error: undefined },
};

function someFacts(job: Partial<ExplainedJob> = {}, tasks: ExplainFacts["tasks"] = []): ExplainFacts {
  const each = { ...RAN, ...job };
  return { now: NOW, maxRetryPerOrder: 5, jobs: { push: each, ack: each, ship: each, invoice: each }, tasks };
}

const DONE = { status: STAGE_STATUS.done } as const;
const failedWith = (exit: string, error?: string) => ({ lastRun: { startedAt: inSec(-40), endedAt: inSec(-38), exit, error } });

interface Case {
  readonly name: string;
  readonly state: ExplainedState;
  readonly facts?: ExplainFacts;
  readonly sentence: string;
  readonly next_step?: string;
}

describe("an order's life in Chinese", () => {
  it.each<Case>([
    { name: "due", state: aState(), sentence: "推单已到处理时间：下一轮推单（20 秒后）会处理。" },
    {
      name: "due, the run at work",
      state: aState({ push: DONE }),
      facts: someFacts({ lastRun: { startedAt: inSec(-40), endedAt: undefined, exit: undefined, error: undefined } }),
      sentence: "接单确认已到处理时间：09:59:20 UTC 开始的这一轮接单确认或下一轮会处理。",
    },
    {
      name: "not ready",
      state: aState({ push: DONE, ack: { waitsFor: "not in Lingxing's order list yet", nextAttemptAt: inSec(300) } }),
      sentence: "接单确认还不能做：领星订单列表里还查不到；5 分钟后（10:05:00 UTC）再看。",
    },
    {
      name: "put off",
      state: aState({ push: DONE, ack: DONE, ship: DONE, invoice: { nextAttemptAt: inSec(15 * 3600) } }),
      sentence: "发票推迟到 15 小时后（2026-01-06 01:00:00 UTC）再处理。",
    },
    {
      name: "failed, in a vendor's words",
      state: aState({ push: { status: 2, retryCount: 2, error: "Invalid SKU.", nextAttemptAt: inSec(120) } }),
      sentence: "推单失败 2 次（满 5 次转人工）：“Invalid SKU”；2 分钟后（10:02:00 UTC）重试。",
    },
    {
      name: "in flight, queued, and cancelled meanwhile",
      state: aState(
        { push: DONE, ack: { status: 9, sentAt: inSec(-90), requestId: "R-1", nextAttemptAt: inSec(210) } },
        { dscoStatus: "cancelled" },
      ),
      sentence:
        "接单确认在途，09:58:30 UTC 发出，已在对方排队（请求号 R-1）；下一轮接单确认（20 秒后）会向 DSCO 查询结果。确认对方没有收到才会重发，且不早于 4 分钟后（10:03:30 UTC）。期间 DSCO 取消了这张订单，查清之后再处理。",
    },
    {
      name: "in flight, its answer lost",
      state: aState({ push: { status: 9, sentAt: inSec(-90), error: "no answer within 60 s" } }),
      sentence:
        "推单在途，09:58:30 UTC 发出，对方还没有应答（“no answer within 60 s”）；下一轮推单（20 秒后）会向领星查询结果。确认对方没有收到才会重发。",
    },
    {
      name: "held, its command by itself",
      state: aState({ push: { status: 3, hold: "missing_mapping", error: "no mapping for SKU MUG" } }),
      facts: someFacts({}, [
        {
          id: 9,
          type: "missing_mapping",
          stage: "push",
          nextStep: 'add it to the map, then: ipass order-state requeue <dscoOrderId> --stage push --reason "…"',
        },
      ]),
      sentence: "推单待人工处理：没有映射：SKU MUG。",
      next_step: "在映射里补上，然后：",
    },
    {
      name: "held, two ways out, told whole",
      state: aState({
        push: DONE,
        ack: { status: 3, hold: "lingxing_missing", error: "nothing stands in Lingxing under its number, a day after the push" },
      }),
      facts: someFacts({}, [
        {
          id: 9,
          type: "lingxing_missing",
          stage: "ack",
          nextStep:
            'look for it in Lingxing; once it is there: ipass order-state requeue 1200000001 --stage ack --reason "…"; if it was dealt with elsewhere: ipass order-state done 1200000001 --stage ack --reason "…"',
        },
      ]),
      sentence: "接单确认待人工处理：推单一天后，领星里仍没有这个单号。",
      next_step:
        '到领星查找；找到之后：ipass order-state requeue 1200000001 --stage ack --reason "see task 9"；如果已在别处处理：ipass order-state done 1200000001 --stage ack --reason "see task 9"',
    },
    {
      name: "held by a task of a later version, in its own words",
      state: aState({ push: { status: 3, hold: "sync_failed", error: "x" } }),
      facts: someFacts({}, [{ id: 9, type: "sync_failed", stage: "push", nextStep: "do as the moon bids" }]),
      sentence: "推单待人工处理：“x”。",
      next_step: "按原因改正，再重新处理。任务原文：“do as the moon bids”",
    },
    {
      name: "held without a reason",
      state: aState({ push: { status: 3, hold: "cancel_requested" } }),
      sentence: "推单待人工处理：零售商申请取消。",
      next_step: "任务已关闭，但阶段还停着；如果原因已消除，让它重新处理：",
    },
    {
      name: "waiting, a later stage held",
      state: aState({ ship: { status: 3, error: "the retailer asks to cancel this order" } }),
      sentence: "推单已到处理时间：下一轮推单（20 秒后）会处理。发货回传也已在等人工处理：零售商申请取消这张订单。",
    },
    {
      name: "through",
      state: aState({ push: DONE, ack: DONE, ship: DONE, invoice: DONE }, { trackingNo: "1Z", invoiceId: "INV-1" }),
      sentence: "全部完成：已推单，已确认接单，已发货（运单号 1Z），已开票（INV-1）。",
    },
    {
      name: "cancelled before the push",
      state: aState(Object.fromEntries(STAGES.map((stage) => [stage, { status: 4, hold: "cancelled" }])), {
        dscoStatus: "cancelled",
        cancelApplied: true,
      }),
      sentence: "推单之前已在 DSCO 取消，没有要做的事。",
    },
    {
      name: "closed by hand in part",
      state: aState({ push: DONE, ack: DONE, ship: DONE, invoice: { status: 4 } }),
      sentence: "没有要做的事：推单完成，接单确认完成，发货回传完成，发票无需处理。",
    },
    {
      name: "asked to cancel",
      state: aState({}, { cancelRequest: "open" }),
      sentence: "零售商申请取消：任一任务的下一轮会暂停推单和发货回传，等人决定。",
    },
    {
      name: "its job switched off",
      state: aState(),
      facts: someFacts({ enabled: false }),
      sentence: "推单已到处理时间：下一轮推单会处理。定时任务“推单”已停用。",
      next_step: "设 IPASS_JOB_PUSH_ORDERS_TO_LINGXING_ENABLE=true；或者只运行这一次：",
    },
    {
      name: "its job not started",
      state: aState(),
      facts: someFacts({ lastRun: { startedAt: inSec(-7300), endedAt: inSec(-7200), exit: "ok", error: undefined } }),
      sentence: "推单已到处理时间：下一轮推单会处理。“推单”上一轮在 2 小时前，按设置应该每 60 秒运行一次。",
      next_step: "检查 cron 有没有启动它（crontab.example 里有对应的行）；手工运行：",
    },
    {
      name: "its job failing",
      state: aState(),
      facts: someFacts(failedWith("vendor", "Lingxing answers 503")),
      sentence:
        "推单已到处理时间：下一轮推单（20 秒后）会处理。“推单”上一轮（38 秒前）的结果：对方服务不可用或限流（14），“Lingxing answers 503”。",
      next_step: "什么都没有丢，每一轮都会再试；持续不好时联系对方。手工运行：",
    },
    {
      name: "its job killed",
      state: aState(),
      facts: someFacts(failedWith("died")),
      sentence: "推单已到处理时间：下一轮推单（20 秒后）会处理。“推单”上一轮（38 秒前）的结果：异常中止。",
      next_step: "到 info.log 和系统日志里查是什么中止了它；手工运行：",
    },
  ])("$name", ({ state, facts = someFacts(), sentence, next_step }) => {
    expect(explainNow(state, facts, CHINESE_EXPLAIN)).toMatchObject({ sentence, next_step: next_step ?? null });
  });
});
