import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { type Db, inTransaction, select, write } from "./db.ts";
import { takeMarks } from "./order-marks.ts";

/** How many orders stand at one combination of the four statuses. */
export type StatusCount = Readonly<Record<Stage, StageStatus>> & { readonly orders: number };

/** The stage that orders of this combination stand at: the first that is neither done nor unneeded. Undefined: they are through. */
export function standsAt(count: StatusCount): Stage | undefined {
  return STAGES.find((stage) => count[stage] !== STAGE_STATUS.done && count[stage] !== STAGE_STATUS.notNeeded);
}

/** Transactions that add orders are over long before this: what was created earlier is there to be counted. */
const COMMITTED_AFTER_MS = 3600_000;
/** How old the remembered number may become: rows that somebody deleted by hand are counted out again by then. */
const RECOUNT_AFTER_MS = 6 * 3600_000;

const { done } = STAGE_STATUS;
const THROUGH = { push: done, ack: done, ship: done, invoice: done } as const;

/**
 * Exact numbers of orders without reading them all. Counting a million index entries takes a tenth of a second, and nearly all of
 * them are orders that are through: those are what is left of the total when every other combination, found by index range, has
 * been counted. The total is a number remembered by the pull plus what has been created since.
 */
export class OrderCounts {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async total(): Promise<number> {
    const [row] = await select<{ orders: string | number }>(
      this.#db,
      `SELECT COALESCE((SELECT orders FROM order_count WHERE id = 1), 0)
         + (SELECT COUNT(*) FROM sync_order_state WHERE created_at > COALESCE((SELECT counted_until FROM order_count WHERE id = 1), '1970-01-01')) AS orders`,
    );
    return Number(row?.orders ?? 0);
  }

  /** Every combination there is, as of one moment; orders that are through come last. */
  async byStatuses(): Promise<StatusCount[]> {
    return inTransaction(this.#db, async (db) => {
      const counts = await countOthers(db);
      const through = (await new OrderCounts(db).total()) - counts.reduce((sum, { orders }) => sum + orders, 0);
      return through > 0 ? [...counts, { ...THROUGH, orders: through }] : counts;
    });
  }

  /** Renews the remembered total, and the marks, when they are old. Called by the pull, at its end: one row read, and a full count four times a day. */
  async refresh(now: Date): Promise<void> {
    const fresh = await select(this.#db, "SELECT 1 FROM order_count WHERE id = 1 AND counted_at > ?", [
      new Date(now.getTime() - RECOUNT_AFTER_MS),
    ]);
    if (fresh.length > 0) return;
    const until = new Date(now.getTime() - COMMITTED_AFTER_MS);
    const { orders, marks } = await takeMarks(this.#db, until);
    await write(
      this.#db,
      `INSERT INTO order_count (id, counted_until, orders, marks, counted_at) VALUES (1, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE counted_until = VALUES(counted_until), orders = VALUES(orders), marks = VALUES(marks), counted_at = VALUES(counted_at)`,
      [until, orders, JSON.stringify(marks), now],
    );
  }
}

/** All that differs from "through" first at one stage is one range of the index by_statuses on each side of done. */
async function countOthers(db: Db): Promise<StatusCount[]> {
  const columns = STAGES.map((stage) => `${stage}_status`);
  const lanes = columns.flatMap((column, at) => {
    const before = columns.slice(0, at).map((earlier) => `${earlier} = ${done} AND `);
    return ["<", ">"].map(
      (side) =>
        `SELECT ${columns.join(", ")}, COUNT(*) AS orders FROM sync_order_state WHERE ${before.join("")}${column} ${side} ${done} GROUP BY ${columns.join(", ")}`,
    );
  });
  const rows = await select<CountRow>(db, lanes.map((lane) => `(${lane})`).join(" UNION ALL "));
  return rows.map(toCount);
}

type CountRow = Readonly<Record<`${Stage}_status`, StageStatus>> & { readonly orders: string | number };

function toCount(row: CountRow): StatusCount {
  return {
    push: row.push_status,
    ack: row.ack_status,
    ship: row.ship_status,
    invoice: row.invoice_status,
    orders: Number(row.orders),
  };
}
