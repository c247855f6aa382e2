import { EXIT, type ExitName } from "../../exit-codes.ts";
import { inWords, type SpanUnits } from "../../sync/duration.ts";
import { clause } from "../../sync/explain-help.ts";
import type { Again, ExplainWords, Later, NextRun } from "../../sync/explain-words.ts";
import type { JobName } from "../../sync/job-name.ts";
import { STAGES, type Stage, type StageStatus, type TaskType } from "../../sync/stage.ts";
import { recordedInChinese } from "./recorded-chinese.ts";

const UNITS: SpanUnits = { sec: "秒", min: "分钟", hour: "小时", day: "天" };

export function chineseSpan(ms: number): string {
  return inWords(ms, UNITS);
}

export function chineseExit(word: string, code: number): string {
  return `${word}（${code}）`;
}

export const CHINESE_STAGE: Readonly<Record<Stage, string>> = { push: "推单", ack: "接单确认", ship: "发货回传", invoice: "发票" };

export const CHINESE_STATUS: Readonly<Record<StageStatus, string>> = {
  0: "等待",
  1: "完成",
  2: "失败，会重试",
  3: "待人工处理",
  4: "无需处理",
  9: "在途",
};

export const CHINESE_JOB: Readonly<Record<JobName, string>> = {
  pull_dsco_orders: "拉单",
  push_orders_to_lingxing: "推单",
  ack_to_dsco: "接单确认",
  ship_to_dsco: "发货回传",
  invoice_to_dsco: "发票",
  sync_stock: "库存同步",
};

export const CHINESE_TASK_TYPE: Readonly<Record<TaskType, string>> = {
  bad_payload: "字段缺失或无法读取",
  cancel_requested: "零售商申请取消",
  missing_mapping: "映射缺少条目",
  duplicate_number: "平台单号已被占用",
  multi_shipment: "有多个运单号",
  max_retry_exceeded: "失败次数过多",
  sync_failed: "被拒绝或数据矛盾",
  cancelled_after_push: "推单后被取消",
  changed_after_push: "推单后有改动",
  lingxing_cancelled: "领星已取消或删除",
  lingxing_missing: "领星里找不到",
  shipped_by_platform: "平台发货",
  stock_guard: "库存被保护规则拦下",
};

export const CHINESE_TASK_GUIDE: Readonly<Record<TaskType, string>> = {
  bad_payload: "请零售商在 DSCO 更正订单；下次拉单后自动恢复。",
  cancel_requested: "在 DSCO 取消；或者放行：重新处理。",
  missing_mapping: "在 .env 的映射里补上条目，再重新处理。",
  duplicate_number: "决定要哪一单，把另一单关闭（done）。",
  multi_shipment: "在 DSCO 手工回传；或设 IPASS_SHIP_MULTI_PACKAGE=send。然后重新处理。",
  max_retry_exceeded: "按原因改正，再重新处理。",
  sync_failed: "按原因改正，再重新处理。",
  cancelled_after_push: "在领星也取消，再把每个待人工处理的阶段关闭（done）。",
  changed_after_push: "在领星照样改好。商品行有变：重新处理发货回传；其他：解决任务。",
  lingxing_cancelled: "在 DSCO 也取消；或在领星恢复后重新处理。",
  lingxing_missing: "到领星查找，再重新处理或关闭（done）。",
  shipped_by_platform: "在 DSCO 手工回传发货，再关闭发货回传（done）。",
  stock_guard: "查看领星和 ipass stock diff；确认属实后，加 --allow-mass-zero 运行。",
};

export const CHINESE_EXIT: Readonly<Record<ExitName | "died", string>> = {
  ok: "正常",
  internal: "ipass 内部错误",
  usage: "参数错误",
  partial: "部分失败或转人工",
  refused: "被安全检查拒绝",
  configuration: "配置有误",
  locked: "已有一轮在运行",
  credentials: "凭证、签名或 IP 被拒绝",
  database: "数据库不可用",
  vendor: "对方服务不可用或限流",
  deadline: "到达时限，进度已保留",
  findings: "发现问题",
  sigint: "被中断",
  sigterm: "被终止",
  died: "异常中止",
};

const VENDOR: Readonly<Record<Stage, string>> = { push: "领星", ack: "DSCO", ship: "DSCO", invoice: "DSCO" };

const TROUBLE: Readonly<Partial<Record<string, string>>> = {
  internal: "请反馈，并附上 error.log 中带有该 trace_id 的行；也可以手工运行：",
  usage: "按提示改正，然后：",
  refused: "查看是哪条安全检查，然后：",
  configuration: "改正配置，然后：",
  credentials: "检查凭证、时钟和对方的 IP 白名单，然后：",
  database: "先处理数据库，然后：",
  vendor: "什么都没有丢，每一轮都会再试；持续不好时联系对方。手工运行：",
  deadline: "下一轮会接着做；要马上做：",
  died: "到 info.log 和系统日志里查是什么中止了它；手工运行：",
};

/** An order's life in Chinese. What was recorded stands in quotes, as it was recorded. */
export const CHINESE_EXPLAIN: ExplainWords = {
  due: (stage, run) => `${CHINESE_STAGE[stage]}已到处理时间：${nextRun(run)}会处理。`,
  putOff: (stage, until) => `${CHINESE_STAGE[stage]}推迟到${later(until)}再处理。`,
  notReady: (stage, reason, when) => `${CHINESE_STAGE[stage]}还不能做：${quoted(reason)}；${again(when)}再看。`,
  failed(stage, { times, most, error, again: when }) {
    const often = times === 0 ? "" : ` ${times} 次（满 ${most} 次转人工）`;
    return `${CHINESE_STAGE[stage]}失败${often}${error === undefined ? "" : `：${quoted(error)}`}；${again(when)}重试。`;
  },
  inFlight(stage, { since, requestId, error, run, graceEnds, cancelled }) {
    const sent = since === undefined ? "" : `，${since} 发出`;
    const known = requestId === undefined ? "对方还没有应答" : `已在对方排队（请求号 ${requestId}）`;
    const why = error === undefined ? "" : `（${quoted(error)}）`;
    const grace = graceEnds === undefined ? "" : `，且不早于${later(graceEnds)}`;
    const meanwhile = cancelled ? "期间 DSCO 取消了这张订单，查清之后再处理。" : "";
    return `${CHINESE_STAGE[stage]}在途${sent}，${known}${why}；${nextRun(run)}会向${spaced(VENDOR[stage])}查询结果。确认对方没有收到才会重发${grace}。${meanwhile}`;
  },
  needsPerson(stage, { error, hold }) {
    const why = error !== undefined ? quoted(error) : hold !== undefined ? holdWords(hold) : "没有记录原因";
    return `${CHINESE_STAGE[stage]}待人工处理：${why}。`;
  },
  heldAhead: (stage, error) => `${CHINESE_STAGE[stage]}也已在等人工处理${error === undefined ? "" : `：${quoted(error)}`}。`,
  allDone({ trackingNo, invoiceId }) {
    const tracking = trackingNo === undefined ? "" : `（运单号 ${trackingNo}）`;
    return `全部完成：已推单，已确认接单，已发货${tracking}，已开票${invoiceId === undefined ? "" : `（${invoiceId}）`}。`;
  },
  cancelledBeforePush: "推单之前已在 DSCO 取消，没有要做的事。",
  nothingLeft(statuses, cancelled) {
    const stages = STAGES.map((stage) => `${CHINESE_STAGE[stage]}${CHINESE_STATUS[statuses[stage]]}`);
    return `${cancelled ? "已在 DSCO 取消。" : ""}没有要做的事：${stages.join("，")}。`;
  },
  willBeClosed: "已在 DSCO 取消：任一任务的下一轮会关闭还没完成的阶段。",
  willBeTakenUp: "DSCO 已不再取消：任一任务的下一轮会继续处理。",
  willBeHeld: (stages) => `零售商申请取消：任一任务的下一轮会暂停${stages.map((stage) => CHINESE_STAGE[stage]).join("和")}，等人决定。`,
  taskOpen: ({ id, type }) => `人工任务 #${id}（${CHINESE_TASK_TYPE[type]}）还没有处理。`,
  textKept: "DSCO 发来一张读不出 dscoOrderId、或者长得存不下的订单；原文（太长的只存开头）保存在 dsco_order_raw 表里。",

  switchedOff: (job) => `定时任务“${CHINESE_JOB[job]}”已停用。`,
  neverRan: (job) => `定时任务“${CHINESE_JOB[job]}”从未运行过。`,
  notEnded: (job, agoMs) => `“${CHINESE_JOB[job]}”有一轮在 ${chineseSpan(agoMs)}前开始，至今没有结束，可能已经中断。`,
  silent: (job, agoMs, everyMs) => `“${CHINESE_JOB[job]}”上一轮在 ${chineseSpan(agoMs)}前，按设置应该每 ${chineseSpan(everyMs)}运行一次。`,
  endedWith(job, { agoMs, exit, error }) {
    const end =
      exit in EXIT ? chineseExit(CHINESE_EXIT[exit as ExitName], EXIT[exit as ExitName].code) : (CHINESE_EXIT[exit as "died"] ?? exit);
    return `“${CHINESE_JOB[job]}”上一轮（${chineseSpan(agoMs)}前）的结果：${end}${error === undefined ? "" : `，${quoted(error)}`}。`;
  },

  taskStep({ type }, step, whole) {
    const told = recordedInChinese(whole);
    if (told === undefined) return `${CHINESE_TASK_GUIDE[type]}任务原文：“${whole}”`;
    // The command stands by itself where the step leaves it out.
    return whole.startsWith(step) ? told.replace(whole.slice(step.length).trim(), "").trim() : told;
  },
  closedTaskStep: "任务已关闭，但阶段还停着；如果原因已消除，让它重新处理：",
  textStep: "请 DSCO 客服查这张订单。原文含有顾客的姓名和地址，到数据库里看：",
  switchOnStep: (job) => `设 IPASS_JOB_${job.toUpperCase()}_ENABLE=true；或者只运行这一次：`,
  cronStep: "检查 cron 有没有启动它（crontab.example 里有对应的行）；手工运行：",
  troubleStep: (exit) => TROUBLE[exit],

  joined: (sentences) => sentences.join(""),
};

function nextRun({ job, when }: NextRun): string {
  if (when === "unforeseen") return `下一轮${CHINESE_JOB[job]}`;
  if (when === "any_moment") return `下一轮${CHINESE_JOB[job]}（随时开始）`;
  return "inMs" in when
    ? `下一轮${CHINESE_JOB[job]}（${chineseSpan(when.inMs)}后）`
    : `${when.runningSince} 开始的这一轮${CHINESE_JOB[job]}或下一轮`;
}

function again(when: Again): string {
  return "at" in when ? `${chineseSpan(when.at.inMs)}后（${when.at.clock}）` : nextRun(when.by);
}

function later({ inMs, clock }: Later): string {
  return ` ${chineseSpan(inMs)}后（${clock}）`;
}

/** ipass's own words are told in Chinese; a vendor's are quoted. */
function quoted(text: string): string {
  const plain = clause(text);
  return recordedInChinese(plain) ?? `“${plain}”`;
}

/** Latin letters keep a little apart from Chinese ones. */
function spaced(name: string): string {
  return /^[A-Z]+$/.test(name) ? ` ${name} ` : name;
}

function holdWords(hold: string): string {
  if (hold in CHINESE_TASK_TYPE) return CHINESE_TASK_TYPE[hold as TaskType];
  return hold === "cancelled" ? "已在 DSCO 取消" : hold;
}
