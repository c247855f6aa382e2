import { STAGE_STATUS, type StageStatus } from "./stage.ts";

/** A retailer's deadline. `left_sec` is negative once it is over, and null where nothing has to happen any more. */
export interface Deadline {
  readonly at: Date;
  readonly state: "ahead" | "over" | "done" | "not_needed";
  readonly left_sec: number | null;
  /** When ipass recorded the stage as done; DSCO may have had it earlier. */
  readonly done_at: Date | null;
}

/** How a stage stands to its deadline; null when DSCO gave none. */
export function toDeadline(
  at: Date | undefined,
  stage: { readonly status: StageStatus; readonly since: Date | undefined },
  now: Date,
): Deadline | null {
  if (at === undefined) return null;
  if (stage.status === STAGE_STATUS.done) return { at, state: "done", left_sec: null, done_at: stage.since ?? null };
  if (stage.status === STAGE_STATUS.notNeeded) return { at, state: "not_needed", left_sec: null, done_at: null };
  const leftSec = Math.round((at.getTime() - now.getTime()) / 1000);
  return { at, state: leftSec < 0 ? "over" : "ahead", left_sec: leftSec, done_at: null };
}
