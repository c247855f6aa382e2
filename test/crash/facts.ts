import type { CallName } from "../../src/sandbox/endpoint.ts";
import type { SandboxState } from "../../src/sandbox/state.ts";
import type { Stage } from "../../src/sync/stage.ts";
import type { TestDatabase } from "../helpers/mysql.ts";
import type { LogLine } from "../jobs/world.ts";

export type StageColumns = Readonly<Record<`${Stage}_status` | `${Stage}_retry_count`, number>> &
  Readonly<Record<`${Stage}_run_id`, string | number | null>>;

export type OrderRow = StageColumns & {
  readonly dsco_order_id: string;
  readonly platform_order_no: string | null;
  readonly lingxing_global_order_no: string | null;
  readonly shipped_tracking_no: string | null;
  readonly dsco_invoice_id: string | null;
};

export interface SnapshotRow {
  readonly dsco_order_id: string;
  readonly dsco_last_update: Date | null;
}

export interface EventRow {
  readonly dsco_order_id: string;
  readonly stage: Stage | null;
  readonly event: string;
  readonly job_run_id: string | number | null;
}

export interface RunRow {
  readonly id: string | number;
  readonly job_name: string;
  readonly trace_id: string;
  readonly ended_at: Date | null;
  readonly exit_code: number | null;
  readonly exit_name: string | null;
  readonly items_read: number;
  readonly items_done: number;
  readonly items_waiting: number;
  readonly items_failed: number;
  readonly items_manual: number;
  readonly items_skipped: number;
}

export interface LevelRow {
  readonly dsco_sku: string;
  readonly warehouse_code: string;
  readonly status: number;
  readonly confirmed_quantity: number | null;
}

export interface TaskRow {
  readonly task_type: string;
  readonly dsco_order_id: string | null;
  readonly status: number;
}

export interface WatermarkRow {
  readonly job_name: string;
  readonly watermark: string;
}

/** How often a vendor has taken a request about something: by call, then by order id, platform order number or SKU. */
export type Told = Readonly<Partial<Record<CallName, ReadonlyMap<string, number>>>>;

/** All the auditor judges by. */
export interface Facts {
  readonly vendors: SandboxState;
  readonly told: Told;
  readonly orders: readonly OrderRow[];
  readonly snapshots: readonly SnapshotRow[];
  readonly events: readonly EventRow[];
  readonly runs: readonly RunRow[];
  readonly levels: readonly LevelRow[];
  readonly tasks: readonly TaskRow[];
  readonly watermarks: readonly WatermarkRow[];
  /** Every line that was logged, of all hosts. */
  readonly logs: readonly LogLine[];
  /** The trace ids of the processes that were killed, or robbed of their lock: they alone may have left something unfinished. */
  readonly killed: ReadonlySet<string>;
}

/** What the tables hold at this moment. */
export async function readTables(db: Pick<TestDatabase, "query">): Promise<Omit<Facts, "vendors" | "told" | "logs" | "killed">> {
  const [orders, snapshots, events, runs, levels, tasks, watermarks] = await Promise.all([
    db.query<OrderRow>("select * from sync_order_state"),
    db.query<SnapshotRow>("select dsco_order_id, dsco_last_update from dsco_order_raw"),
    db.query<EventRow>("select dsco_order_id, stage, event, job_run_id from order_event order by id"),
    db.query<RunRow>("select * from job_run where kind = 'pass' order by id"),
    db.query<LevelRow>("select dsco_sku, warehouse_code, status, confirmed_quantity from stock_level"),
    db.query<TaskRow>("select task_type, dsco_order_id, status from manual_task"),
    db.query<WatermarkRow>("select job_name, watermark from job_watermark"),
  ]);
  return { orders, snapshots, events, runs, levels, tasks, watermarks };
}
