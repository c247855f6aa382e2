import { retryDelaySec } from "./retry-delay.ts";
import { STAGE_STATUS, type Stage, type StageStatus, type TaskType } from "./stage.ts";

/** One stage of one order, as a job found it. */
export interface StageState {
  readonly status: StageStatus;
  readonly retryCount: number;
  /** Times its answer was lost since it last got through. */
  readonly doubts: number;
  readonly sentAt: Date | undefined;
  /** Undefined: due now. */
  readonly nextAttemptAt: Date | undefined;
  readonly error: string | undefined;
  readonly requestId: string | undefined;
}

/** What became of one order at one stage. */
export type Outcome =
  | {
      readonly to: "done";
      readonly how: "sent" | "adopted";
      readonly requestId?: string | undefined;
      readonly globalOrderNo?: string;
      readonly invoiceId?: string;
      readonly trackingNo?: string;
      readonly detail?: Readonly<Record<string, unknown>>;
    }
  | { readonly to: "failed"; readonly error: string; readonly charge: boolean; readonly requestId?: string | undefined }
  | {
      readonly to: "manual";
      readonly type: TaskType;
      readonly cause: string;
      readonly nextStep: string;
      readonly detail?: Readonly<Record<string, unknown>>;
    }
  | { readonly to: "notNeeded"; readonly reason: string }
  /** It never arrived and may be sent again now. */
  | { readonly to: "resend" }
  /** It provably never left, and that is the vendor's fault: nothing changes. */
  | { readonly to: "unsent" };

export type Tallied = "done" | "waiting" | "failed" | "manual" | "skipped";

/** The columns an outcome writes, and what is told about it. */
export interface StageChange {
  readonly status: StageStatus;
  readonly retryCount: number;
  readonly doubts: number;
  readonly error: string | undefined;
  readonly hold: TaskType | undefined;
  readonly nextAttemptAt: Date | undefined;
  readonly requestId: string | undefined;
  readonly globalOrderNo: string | undefined;
  readonly invoiceId: string | undefined;
  readonly trackingNo: string | undefined;
  readonly task:
    | { readonly type: TaskType; readonly cause: string; readonly nextStep: string; readonly detail: Readonly<Record<string, unknown>> }
    | undefined;
  readonly tally: Tallied;
  /** The event's name after the stage, such as `done` in `push_done`. */
  readonly event: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface RetryRules {
  readonly maxRetryPerOrder: number;
}

/** The one place where an outcome becomes a status, a retry budget is charged, and a used-up budget becomes a person's task. */
export function toStageChange(stage: Stage, before: StageState, outcome: Outcome, rules: RetryRules, now: Date): StageChange {
  const base = {
    retryCount: before.retryCount,
    doubts: before.doubts,
    error: undefined,
    hold: undefined,
    nextAttemptAt: undefined,
    requestId: before.requestId,
    globalOrderNo: undefined,
    invoiceId: undefined,
    trackingNo: undefined,
    task: undefined,
    detail: {},
  };
  switch (outcome.to) {
    case "done":
      return {
        ...base,
        status: STAGE_STATUS.done,
        doubts: 0,
        requestId: outcome.requestId ?? before.requestId,
        globalOrderNo: outcome.globalOrderNo,
        invoiceId: outcome.invoiceId,
        trackingNo: outcome.trackingNo,
        tally: "done",
        event: outcome.how === "adopted" ? "adopted" : "done",
        detail: { ...(outcome.globalOrderNo === undefined ? {} : { global_order_no: outcome.globalOrderNo }), ...outcome.detail },
      };
    case "notNeeded":
      return { ...base, status: STAGE_STATUS.notNeeded, tally: "skipped", event: "not_needed", detail: { reason: outcome.reason } };
    case "manual":
      return { ...base, ...manual(outcome.type, outcome.cause, outcome.nextStep, outcome.detail ?? {}) };
    case "resend":
      return {
        ...base,
        status: STAGE_STATUS.waiting,
        tally: "waiting",
        event: "never_arrived",
      };
    case "unsent":
      return {
        ...base,
        status: before.status,
        error: before.error,
        nextAttemptAt: before.nextAttemptAt,
        tally: "waiting",
        event: "not_sent",
      };
    case "failed": {
      const retryCount = before.retryCount + (outcome.charge ? 1 : 0);
      const requestId = outcome.requestId ?? before.requestId;
      if (outcome.charge && retryCount >= rules.maxRetryPerOrder) {
        const nextStep = `correct what the reason names, then: ipass order-state requeue <dscoOrderId> --stage ${stage} --reason "…"`;
        return { ...base, ...manual("max_retry_exceeded", outcome.error, nextStep, { attempts: retryCount }), retryCount, requestId };
      }
      const nextAttemptAt = new Date(now.getTime() + retryDelaySec(retryCount) * 1000);
      return {
        ...base,
        status: STAGE_STATUS.failed,
        retryCount,
        requestId,
        error: outcome.error,
        nextAttemptAt,
        tally: "failed",
        event: "failed",
        detail: { error: outcome.error, retry_count: retryCount },
      };
    }
  }
}

function manual(type: TaskType, cause: string, nextStep: string, detail: Readonly<Record<string, unknown>>) {
  return {
    status: STAGE_STATUS.manual,
    error: cause,
    hold: type,
    task: { type, cause, nextStep, detail },
    tally: "manual",
    event: "needs_person",
    detail: { task_type: type, cause, ...detail },
  } as const;
}
