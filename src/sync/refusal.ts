import type { Outcome, StageState } from "./outcome.ts";
import { STAGE_STATUS, type Stage } from "./stage.ts";

/**
 * What a vendor's no to a single order means. Neither vendor publishes which of its refusals are for good, so the same words twice
 * count as such: a person is asked. Anything else is tried again within the retry budget.
 */
export function decideRefusal(stage: Stage, before: StageState, reason: string, requestId?: string): Outcome {
  const again = before.status === STAGE_STATUS.failed || before.retryCount > 0;
  if (!again || before.error !== reason) return { to: "failed", charge: true, error: reason, requestId };
  return {
    to: "manual",
    type: "sync_failed",
    cause: reason,
    nextStep: `correct what the reason names, then: ipass order-state requeue <dscoOrderId> --stage ${stage} --reason "…"`,
    detail: { attempts: before.retryCount + 1 },
  };
}
