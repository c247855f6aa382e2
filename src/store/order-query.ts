import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { type Db, inTransaction, select } from "./db.ts";
import { OrderCounts, type StatusCount, standsAt } from "./order-counts.ts";
import { MARK_EVERY, OrderMarks } from "./order-marks.ts";

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
      const combinations = isFiltered ? await counts.byStatuses() : undefined;
      const matching = combinations?.filter((count) => matches(count, filter));
      const total = matching === undefined ? await counts.total() : matching.reduce((sum, { orders }) => sum + orders, 0);
      const size = Math.max(0, Math.min(limit, total - offset));
      if (size === 0) return { items: [], total };
      const others = combinations?.filter((count) => !matches(count, filter)) ?? [];
      const ids = idsOf(matching, await wayTo(db, { offset, size, total, others }), size);
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

/** How to get to a page: from an id, the beginning or the end, and past how many. */
interface Way {
  readonly order: "ASC" | "DESC";
  readonly from: string;
  readonly skip: number;
}

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly total: number;
  /** Combinations that are not looked for. */
  readonly others: readonly StatusCount[];
}

/** Whatever is skipped is read: of a page well behind the middle less from the end, of one far from both ends less from a mark. */
async function wayTo(db: Db, { offset, size, total, others }: Place): Promise<Way> {
  const fromEnd = total - offset - size;
  const isBehindMiddle = fromEnd * BACKWARDS_COSTS < offset;
  const way: Way = isBehindMiddle ? { order: "DESC", from: "", skip: fromEnd } : { order: "ASC", from: "", skip: offset };
  // To know what comes before a mark takes counting what is not looked for, once for each guess.
  if (way.skip <= MARK_EVERY || others.reduce((sum, { orders }) => sum + orders, 0) > way.skip / 2) return way;
  const start = await (await OrderMarks.read(db))?.startBefore(offset, total, others);
  if (start === undefined || offset - start.before >= way.skip) return way;
  return { order: "ASC", from: start.id, skip: offset - start.before };
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
  { order, from, skip }: Way,
  size: number,
): { sql: string; bindings: (number | string)[] } {
  const page = `ORDER BY dsco_order_id ${order} LIMIT ? OFFSET ?`;
  const lanes = matching?.map((count) => STAGES.map((stage) => count[stage])) ?? [[]];
  const isOf = matching === undefined ? [] : STAGES.map((stage) => `${stage}_status = ?`);
  const where = [...isOf, ...(from === "" ? [] : ["dsco_order_id >= ?"])].join(" AND ");
  const bounds = from === "" ? [] : [from];
  // Left to itself, MariaDB goes to the first of these statuses, and reads from there to the id.
  const index = from === "" ? "" : ` FORCE INDEX (${matching === undefined ? "PRIMARY" : "by_statuses"})`;
  const ids = `SELECT dsco_order_id FROM sync_order_state${index}${where === "" ? "" : ` WHERE ${where}`}`;
  if (lanes.length === 1) return { sql: `${ids} ${page}`, bindings: [...lanes.flat(), ...bounds, size, skip] };
  const firstOf = `(${ids} ORDER BY dsco_order_id ${order} LIMIT ?)`;
  return {
    sql: `SELECT dsco_order_id FROM (${lanes.map(() => firstOf).join(" UNION ALL ")}) ids ${page}`,
    bindings: [...lanes.flatMap((statuses) => [...statuses, ...bounds, size + skip]), size, skip],
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
