/** The way of an order, in order: each stage starts when the one before it is done or not needed. */
export const STAGES = ["push", "ack", "ship", "invoice"] as const;
export type Stage = (typeof STAGES)[number];

/** What a stage's number means, who moves it on, and whether a person must act. */
export const STAGE_STATUS = {
  waiting: 0, // the job, once the stage before is done and next_attempt_at has come
  done: 1,
  failed: 2, // the job, after next_attempt_at; counted against IPASS_MAX_RETRY_PER_ORDER
  manual: 3, // a person: the manual task says what to do
  notNeeded: 4, // cancelled before it, or done outside ipass
  inFlight: 9, // the next pass, by asking the vendor; never by sending again
} as const;
export type StageStatus = (typeof STAGE_STATUS)[keyof typeof STAGE_STATUS];

export const TASK_STATUS = { open: 0, inWork: 1, resolved: 2, ignored: 3 } as const;
export type TaskStatus = (typeof TASK_STATUS)[keyof typeof TASK_STATUS];

export const TASK_TYPES = [
  "bad_payload",
  "cancel_requested",
  "missing_mapping",
  "duplicate_number",
  "multi_shipment",
  "max_retry_exceeded",
  "sync_failed",
  "cancelled_after_push",
  "changed_after_push",
  "lingxing_cancelled",
  "lingxing_missing",
  "shipped_by_platform",
  "stock_guard",
] as const;
export type TaskType = (typeof TASK_TYPES)[number];
