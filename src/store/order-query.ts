import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { type Db, select } from "./db.ts";

type PerStage = {
  readonly [K in `${Stage}_status`]: StageStatus;
} & { readonly [K in `${Stage}_${"at" | "sent_at" | "next_attempt_at"}`]: Date | null } & {
  readonly [K in `${Stage}_retry_count`]: number;
} & {
  readonly [K in `${Stage}_error`]: string | null;
};

/** An order as the contract shows it. */
export type OrderStateRow = PerStage & {
  readonly dsco_order_id: string;
  readonly po_number: string | null;
  readonly dsco_status: string;
  readonly platform_order_no: string | null;
  readonly store_id: string | null;
  readonly lingxing_global_order_no: string | null;
  readonly shipped_tracking_no: string | null;
  readonly dsco_invoice_id: string | null;
  /** Of the earliest stage that is not done. */
  readonly retry_count: number;
  readonly last_error: string | null;
  readonly last_attempt_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
};

export type OrderFilter = { readonly [K in Stage]?: StageStatus } & { readonly limit: number; readonly offset: number };

const PER_STAGE = ["status", "at", "sent_at", "retry_count", "error", "next_attempt_at"] as const;
const COLUMNS = [
  "dsco_order_id",
  "po_number",
  "dsco_status",
  "platform_order_no",
  "store_id",
  "lingxing_global_order_no",
  ...PER_STAGE.flatMap((column) => STAGES.map((stage) => `${stage}_${column}`)),
  "shipped_tracking_no",
  "dsco_invoice_id",
  "created_at",
  "updated_at",
];

/** Reads of the order state for people and scripts; jobs have their own. */
export class OrderQuery {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async find(dscoOrderId: string): Promise<OrderStateRow | undefined> {
    const [row] = await select<StoredRow>(this.#db, `SELECT ${COLUMNS.join(", ")} FROM sync_order_state WHERE dsco_order_id = ?`, [
      dscoOrderId,
    ]);
    return row === undefined ? undefined : toRow(row);
  }

  /** Orders that match every filter given, in order of id. */
  async list(filter: OrderFilter): Promise<{ items: OrderStateRow[]; total: number }> {
    const given = STAGES.flatMap((stage) => (filter[stage] === undefined ? [] : [{ column: `${stage}_status`, value: filter[stage] }]));
    const where = given.length === 0 ? "" : `WHERE ${given.map(({ column }) => `${column} = ?`).join(" AND ")}`;
    const values = given.map(({ value }) => value);
    const rows = await select<StoredRow>(
      this.#db,
      `SELECT ${COLUMNS.join(", ")} FROM sync_order_state ${where} ORDER BY dsco_order_id LIMIT ? OFFSET ?`,
      [...values, filter.limit, filter.offset],
    );
    const [count] = await select<{ total: string | number }>(this.#db, `SELECT COUNT(*) AS total FROM sync_order_state ${where}`, values);
    return { items: rows.map(toRow), total: Number(count?.total ?? 0) };
  }
}

type StoredRow = Omit<OrderStateRow, "retry_count" | "last_error" | "last_attempt_at">;

function toRow(row: StoredRow): OrderStateRow {
  const { created_at, updated_at, ...rest } = row;
  const stage =
    STAGES.find((name) => row[`${name}_status`] !== STAGE_STATUS.done && row[`${name}_status`] !== STAGE_STATUS.notNeeded) ?? "invoice";
  const attempts = STAGES.flatMap((name) => row[`${name}_sent_at`] ?? []);
  return {
    ...rest,
    retry_count: row[`${stage}_retry_count`],
    last_error: row[`${stage}_error`],
    last_attempt_at: attempts.length === 0 ? null : new Date(Math.max(...attempts.map((time) => time.getTime()))),
    created_at,
    updated_at,
  };
}
