import { type CancelRequest, type ExplainedStage, type ExplainedState, STAGE_JOB } from "../sync/explained-state.ts";
import type { JobName } from "../sync/job-name.ts";
import { STAGES, type Stage } from "../sync/stage.ts";
import { type Db, inTransaction, select } from "./db.ts";
import { OrderQuery, type OrderStateRow } from "./order-query.ts";
import { type RecordedRun, RunQuery } from "./run-query.ts";
import { type Task, TaskStore } from "./task-store.ts";

/** An order's record in full, as of one moment. */
export interface OrderRecord {
  /** The database's clock, by which due times are set. */
  readonly now: Date;
  readonly row: OrderStateRow;
  readonly state: ExplainedState;
  readonly acknowledgeBy: Date | undefined;
  readonly shipBy: Date | undefined;
  /** When its snapshot was last compared with DSCO. */
  readonly fetchedAt: Date | undefined;
  readonly tasks: readonly Task[];
  readonly events: readonly RecordedEvent[];
  readonly runs: ReadonlyMap<JobName, RecordedRun>;
}

/** A text without a readable order id, kept under a key of its own. */
export interface TextRecord {
  readonly now: Date;
  readonly fetchedAt: Date;
  readonly tasks: readonly Task[];
}

/** `trace_id` finds the lines of that run in the log. */
export interface RecordedEvent {
  readonly at: Date;
  readonly event: string;
  readonly stage: Stage | null;
  readonly request_id: string | null;
  readonly detail: unknown;
  readonly trace_id: string;
  readonly actor: string | null;
}

const CANCEL_REQUESTS: readonly CancelRequest[] = ["none", "open", "waved_through"];
const PER_STAGE = ["request_id", "waits_for", "hold"] as const;
/** The jobs an order passes through. */
export const ORDER_JOBS: readonly JobName[] = ["pull_dsco_orders", ...STAGES.map((stage) => STAGE_JOB[stage])];
/** How the pull names texts without an order id. */
const TEXT_KEY = /^noid:[0-9a-f]{1,64}$/;

/** Everything that is recorded of one order, for people: never its raw text, which is personal. */
export class ExplainQuery {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** All of it from one snapshot of the database: a run that goes on meanwhile must not make it contradict itself. */
  async find(dscoOrderId: string): Promise<OrderRecord | undefined> {
    return inTransaction(this.#db, async (db) => {
      const row = await new OrderQuery(db).find(dscoOrderId);
      if (row === undefined) return undefined;
      const [more] = await select<MoreColumns>(
        db,
        `SELECT UTC_TIMESTAMP(3) AS now, s.cancel_requested, s.cancel_applied, s.acknowledge_by_date, s.ship_by_date, r.fetched_at,
           ${STAGES.flatMap((stage) => PER_STAGE.map((column) => `s.${stage}_${column}`)).join(", ")}
         FROM sync_order_state s LEFT JOIN dsco_order_raw r ON r.dsco_order_id = s.dsco_order_id WHERE s.dsco_order_id = ?`,
        [dscoOrderId],
      );
      if (more === undefined) return undefined;
      return {
        now: more.now,
        row,
        state: toState(row, more),
        acknowledgeBy: more.acknowledge_by_date ?? undefined,
        shipBy: more.ship_by_date ?? undefined,
        fetchedAt: more.fetched_at ?? undefined,
        tasks: await tasksWhere(db, "dsco_order_id = ?", dscoOrderId),
        events: await eventsOf(db, dscoOrderId),
        runs: await new RunQuery(db).lastOfEach(ORDER_JOBS),
      };
    });
  }

  /** What is recorded of a text that was kept because it has no order id; undefined for a key that is none or unknown. */
  async findText(key: string): Promise<TextRecord | undefined> {
    if (!TEXT_KEY.test(key)) return undefined;
    const [row] = await select<{ now: Date; fetched_at: Date }>(
      this.#db,
      "SELECT UTC_TIMESTAMP(3) AS now, fetched_at FROM dsco_order_raw WHERE dsco_order_id = ?",
      [key],
    );
    if (row === undefined) return undefined;
    const tasks = await tasksWhere(this.#db, "dsco_order_id IS NULL AND INSTR(payload, ?) > 0", key);
    return { now: row.now, fetchedAt: row.fetched_at, tasks };
  }

  /** Ids of orders that go by this number elsewhere: with the retailer or in Lingxing. */
  async idsByOtherNumber(number: string): Promise<string[]> {
    // A lane for each index: of three conditions joined by OR, the server may read the whole table.
    const lanes = ["po_number", "platform_order_no", "lingxing_global_order_no"].map(
      (column) => `(SELECT dsco_order_id AS id FROM sync_order_state WHERE ${column} = ? ORDER BY dsco_order_id LIMIT 3)`,
    );
    const rows = await select<{ id: string }>(this.#db, `${lanes.join(" UNION ")} ORDER BY id LIMIT 3`, [number, number, number]);
    return rows.map(({ id }) => id);
  }
}

type MoreColumns = {
  readonly now: Date;
  readonly cancel_requested: number;
  readonly cancel_applied: number;
  readonly acknowledge_by_date: Date | null;
  readonly ship_by_date: Date | null;
  readonly fetched_at: Date | null;
} & Readonly<Record<`${Stage}_${(typeof PER_STAGE)[number]}`, string | null>>;

function toState(row: OrderStateRow, more: MoreColumns): ExplainedState {
  const stage = (name: Stage): ExplainedStage => ({
    status: row[`${name}_status`],
    since: row[`${name}_at`] ?? undefined,
    sentAt: row[`${name}_sent_at`] ?? undefined,
    retryCount: row[`${name}_retry_count`],
    requestId: more[`${name}_request_id`] ?? undefined,
    error: row[`${name}_error`] ?? undefined,
    hold: more[`${name}_hold`] ?? undefined,
    waitsFor: more[`${name}_waits_for`] ?? undefined,
    nextAttemptAt: row[`${name}_next_attempt_at`] ?? undefined,
  });
  return {
    id: row.dsco_order_id,
    dscoStatus: row.dsco_status,
    cancelRequest: CANCEL_REQUESTS[more.cancel_requested] ?? "none",
    cancelApplied: more.cancel_applied === 1,
    trackingNo: row.shipped_tracking_no ?? undefined,
    invoiceId: row.dsco_invoice_id ?? undefined,
    stages: { push: stage("push"), ack: stage("ack"), ship: stage("ship"), invoice: stage("invoice") },
  };
}

async function tasksWhere(db: Db, condition: string, value: string): Promise<Task[]> {
  const ids = await select<{ id: string | number }>(db, `SELECT id FROM manual_task WHERE ${condition} ORDER BY id`, [value]);
  const store = new TaskStore(db);
  const tasks: Task[] = [];
  for (const { id } of ids) {
    const task = await store.find(Number(id));
    if (task !== undefined) tasks.push(task);
  }
  return tasks;
}

async function eventsOf(db: Db, dscoOrderId: string): Promise<RecordedEvent[]> {
  const rows = await select<RecordedEvent & { readonly detail: string | null }>(
    db,
    "SELECT at, event, stage, request_id, detail, trace_id, actor FROM order_event WHERE dsco_order_id = ? ORDER BY id",
    [dscoOrderId],
  );
  return rows.map((row) => ({ ...row, detail: row.detail === null ? null : (JSON.parse(row.detail) as unknown) }));
}
