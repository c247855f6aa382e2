import { describe, expect, it } from "vitest";
import { isJobName, JOB_NAMES } from "../../src/sync/job-name.ts";
import { STAGE_STATUS, STAGES, TASK_STATUS, TASK_TYPES } from "../../src/sync/stage.ts";

// Other people's scripts read these numbers and names from our tables: they never change.
describe("the contract", () => {
  it("numbers the stages' and the tasks' status", () => {
    expect(STAGES).toEqual(["push", "ack", "ship", "invoice"]);
    expect(STAGE_STATUS).toEqual({ waiting: 0, done: 1, failed: 2, manual: 3, notNeeded: 4, inFlight: 9 });
    expect(TASK_STATUS).toEqual({ open: 0, inWork: 1, resolved: 2, ignored: 3 });
  });

  it("names the tasks' types, each fitting its columns", () => {
    expect([...TASK_TYPES].sort()).toEqual(
      "bad_payload cancel_requested cancelled_after_push changed_after_push duplicate_number lingxing_cancelled lingxing_missing max_retry_exceeded missing_mapping multi_shipment shipped_by_platform stock_guard sync_failed".split(
        " ",
      ),
    );
    expect(Math.max(...TASK_TYPES.map((type) => type.length))).toBeLessThanOrEqual(32);
  });

  it("names the jobs", () => {
    expect(JOB_NAMES).toEqual([
      "pull_dsco_orders",
      "push_orders_to_lingxing",
      "ack_to_dsco",
      "ship_to_dsco",
      "invoice_to_dsco",
      "sync_stock",
    ]);
    expect(["sync_stock", "SYNC_STOCK", "", "toString"].map(isJobName)).toEqual([true, false, false, false]);
  });
});
