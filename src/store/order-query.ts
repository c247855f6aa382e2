import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { type Db, inTransaction, select } from "./db.ts";
import { OrderCounts, type StatusCount, standsAt } from "./order-counts.ts";

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

export type OrderFilter = { readonly [K in Stage]?: StageStatus } & {
  /** Only orders for which it is this stage's turn: those before it are behind them, and it is not. */
  readonly standsAt?: Stage;
  readonly limit: number;
  readonly offset: number;
};

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

/** InnoDB reads an index backwards so many times as slowly as forwards, measured on MariaDB 10.11. */
const BACKWARDS_COSTS = 1.2;

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

  /** Orders that match every filter given, in order of id, and how many there are in all. */
  async list({ limit, offset, ...filter }: OrderFilter): Promise<{ items: OrderStateRow[]; total: number }> {
    return inTransaction(this.#db, async (db) => {
      const counts = new OrderCounts(db);
      const isFiltered = filter.standsAt !== undefined || STAGES.some((stage) => filter[stage] !== undefined);
      const matching = isFiltered ? (await counts.byStatuses()).filter((count) => matches(count, filter)) : undefined;
      const total = matching === undefined ? await counts.total() : matching.reduce((sum, { orders }) => sum + orders, 0);
      const size = Math.max(0, Math.min(limit, total - offset));
      if (size === 0) return { items: [], total };
      // Whatever is skipped is read: well behind the middle, less of it from the end.
      const fromEnd = total - offset - size;
      const [order, skip] = fromEnd * BACKWARDS_COSTS < offset ? (["DESC", fromEnd] as const) : (["ASC", offset] as const);
      const ids = idsOf(matching, order, size, skip);
      const rows = await select<StoredRow>(
        db,
        `SELECT ${COLUMNS.map((column) => `s.${column}`).join(", ")}
         FROM (${ids.sql}) page STRAIGHT_JOIN sync_order_state s ON s.dsco_order_id = page.dsco_order_id ORDER BY s.dsco_order_id`,
        ids.bindings,
      );
      return { items: rows.map(toRow), total };
    });
  }
}

function matches(count: StatusCount, filter: Omit<OrderFilter, "limit" | "offset">): boolean {
  const isItsTurn = filter.standsAt === undefined || standsAt(count) === filter.standsAt;
  return isItsTurn && STAGES.every((stage) => filter[stage] === undefined || count[stage] === filter[stage]);
}

/**
 * The ids of a page: of each combination, which the index by_statuses holds in order, or without combinations of the whole table. What
 * comes from one place alone is skipped as the index is read; from several it has to be put together first, at four times the cost.
 */
function idsOf(
  matching: readonly StatusCount[] | undefined,
  order: "ASC" | "DESC",
  size: number,
  skip: number,
): { sql: string; bindings: number[] } {
  const page = `ORDER BY dsco_order_id ${order} LIMIT ? OFFSET ?`;
  const lanes = matching?.map((count) => STAGES.map((stage) => count[stage])) ?? [[]];
  const where = matching === undefined ? "" : ` WHERE ${STAGES.map((stage) => `${stage}_status = ?`).join(" AND ")}`;
  const from = `SELECT dsco_order_id FROM sync_order_state${where}`;
  if (lanes.length === 1) return { sql: `${from} ${page}`, bindings: [...lanes.flat(), size, skip] };
  const firstOf = `(${from} ORDER BY dsco_order_id ${order} LIMIT ?)`;
  return {
    sql: `SELECT dsco_order_id FROM (${lanes.map(() => firstOf).join(" UNION ALL ")}) ids ${page}`,
    bindings: [...lanes.flatMap((statuses) => [...statuses, size + skip]), size, skip],
  };
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
