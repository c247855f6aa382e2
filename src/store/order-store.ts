import type { StageState } from "../sync/outcome.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { clip, type Db, placeholders, select, write } from "./db.ts";

/** One order as a stage's job sees it, with the latest raw text DSCO sent. */
export interface StageOrder {
  readonly id: string;
  readonly poNumber: string | undefined;
  readonly dscoStatus: string;
  readonly cancelRequested: boolean;
  readonly platformOrderNo: string | undefined;
  readonly storeId: string | undefined;
  readonly globalOrderNo: string | undefined;
  /** When it arrived in Lingxing, or was closed as not to be pushed. */
  readonly pushedAt: Date | undefined;
  /** As reported to DSCO, several joined by commas. */
  readonly trackingNo: string | undefined;
  /** When `raw` was read from DSCO. */
  readonly fetchedAt: Date | undefined;
  readonly raw: string;
  readonly stage: StageState;
  readonly runId: string | undefined;
  /** The stage before is behind it. */
  readonly reached: boolean;
  /** When the stage before ended: waiting is counted from there. */
  readonly reachedAt: Date | undefined;
}

/** An order that is not ready: why, and when it is looked at again. */
export interface Wait {
  readonly id: string;
  readonly waitsFor: string;
  readonly nextAttemptAt: Date;
}

export interface Page {
  /** Only ids beyond this one: pages walk in order of id. */
  readonly after: string;
  readonly limit: number;
}

/** The state of each order at each stage. A stage's name in a column name comes from STAGES, never from input. */
export class OrderStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * The next due orders of a stage, in order of id: waiting or failed, their time come, the stage before behind them, not
   * cancelled. Each lane is one range of the stage's index, so a page costs the same among a thousand or a million orders.
   */
  async due(stage: Stage, now: Date, page: Page): Promise<StageOrder[]> {
    const lanes: string[] = [];
    const bindings: unknown[] = [];
    for (const status of [STAGE_STATUS.waiting, STAGE_STATUS.failed]) {
      for (const previous of previousStage(stage) === undefined ? [undefined] : [STAGE_STATUS.done, STAGE_STATUS.notNeeded]) {
        for (const time of [undefined, now]) {
          lanes.push(
            `(SELECT dsco_order_id FROM sync_order_state WHERE ${stage}_status = ?` +
              (previous === undefined ? "" : ` AND ${previousStage(stage)}_status = ?`) +
              (time === undefined ? ` AND ${stage}_next_attempt_at IS NULL` : ` AND ${stage}_next_attempt_at <= ?`) +
              " AND dsco_order_id > ? AND dsco_status <> 'cancelled' ORDER BY dsco_order_id LIMIT ?)",
          );
          bindings.push(
            status,
            ...(previous === undefined ? [] : [previous]),
            ...(time === undefined ? [] : [time]),
            page.after,
            page.limit,
          );
        }
      }
    }
    // The ids first, then the rows by key: left to itself, MySQL reads the whole table in order of id to find them.
    const due = `(SELECT dsco_order_id FROM (${lanes.join(" UNION ALL ")}) lanes ORDER BY dsco_order_id LIMIT ?) due`;
    return this.#orders(stage, `${due} STRAIGHT_JOIN sync_order_state s ON s.dsco_order_id = due.dsco_order_id`, "", [
      ...bindings,
      page.limit,
      page.limit,
    ]);
  }

  /** Orders whose outcome at this stage is not known yet. */
  async inFlight(stage: Stage, page: Page): Promise<StageOrder[]> {
    return this.#orders(stage, "sync_order_state s", `WHERE s.${stage}_status = ${STAGE_STATUS.inFlight} AND s.dsco_order_id > ?`, [
      page.after,
      page.limit,
    ]);
  }

  /** The named orders, whatever their state; unknown ids are left out. */
  async byIds(stage: Stage, ids: readonly string[]): Promise<StageOrder[]> {
    if (ids.length === 0) return [];
    return this.#orders(stage, "sync_order_state s", "WHERE s.dsco_order_id IN (?)", [ids, ids.length]);
  }

  async #orders(stage: Stage, from: string, where: string, bindings: readonly unknown[]): Promise<StageOrder[]> {
    const previous = previousStage(stage);
    const rows = await select<OrderRow>(
      this.#db,
      `SELECT s.dsco_order_id AS id, s.po_number, s.dsco_status, s.cancel_requested, s.platform_order_no, s.store_id, s.lingxing_global_order_no, s.push_at, s.shipped_tracking_no,
         s.${stage}_status AS status, s.${stage}_retry_count AS retry_count, s.${stage}_doubts AS doubts, s.${stage}_sent_at AS sent_at,
         s.${stage}_next_attempt_at AS next_attempt_at, s.${stage}_error AS error, s.${stage}_request_id AS request_id, s.${stage}_run_id AS run_id,
         ${previous === undefined ? "1 AS previous_status, s.created_at AS reached_at" : `s.${previous}_status AS previous_status, s.${previous}_at AS reached_at`}, r.payload, r.fetched_at
       FROM ${from} LEFT JOIN dsco_order_raw r ON r.dsco_order_id = s.dsco_order_id ${where} ORDER BY s.dsco_order_id LIMIT ?`,
      bindings,
    );
    return rows.map(toStageOrder);
  }

  /** Which of these numbers of a store already belong to an order of ours; number → order id. */
  async ownersOf(numbers: readonly { readonly storeId: string; readonly platformOrderNo: string }[]): Promise<Map<string, string>> {
    if (numbers.length === 0) return new Map();
    const rows = await select<{ id: string; store_id: string; platform_order_no: string }>(
      this.#db,
      `SELECT dsco_order_id AS id, store_id, platform_order_no FROM sync_order_state WHERE (store_id, platform_order_no) IN (${placeholders(numbers.length, 2)})`,
      numbers.flatMap(({ storeId, platformOrderNo }) => [storeId, platformOrderNo]),
    );
    return new Map(rows.map((row) => [numberKey(row.store_id, row.platform_order_no), row.id]));
  }

  /** Not ready: looked at again later, no retry charged. Rows that somebody claimed or moved meanwhile stay as they are. */
  async wait(stage: Stage, waits: readonly Wait[]): Promise<void> {
    if (waits.length === 0) return;
    await write(
      this.#db,
      `UPDATE sync_order_state s JOIN (${constants(["id", "waits_for", "next_attempt_at"], waits.length)}) c ON c.id = s.dsco_order_id
       SET s.${stage}_waits_for = c.waits_for, s.${stage}_next_attempt_at = c.next_attempt_at
       WHERE s.${stage}_status IN (${STAGE_STATUS.waiting}, ${STAGE_STATUS.failed})`,
      waits.flatMap(({ id, waitsFor, nextAttemptAt }) => [id, clip(waitsFor, 255), nextAttemptAt]),
    );
  }

  /** Since when the orders have waited that are not due yet, the oldest of them; undefined when none waits. */
  async waitingSince(stage: Stage, now: Date): Promise<Date | undefined> {
    const previous = previousStage(stage);
    const [row] = await select<{ since: Date | null }>(
      this.#db,
      `SELECT MIN(${previous === undefined ? "created_at" : `${previous}_at`}) AS since FROM sync_order_state
       WHERE ${stage}_status = ${STAGE_STATUS.waiting} AND ${stage}_next_attempt_at > ?${previous === undefined ? "" : ` AND ${previous}_status IN (${STAGE_STATUS.done}, ${STAGE_STATUS.notNeeded})`}`,
      [now],
    );
    return row?.since ?? undefined;
  }

  /** The stores in which orders wait that are not due yet. */
  async waitingStores(stage: Stage, now: Date): Promise<string[]> {
    const rows = await select<{ store_id: string }>(
      this.#db,
      `SELECT DISTINCT store_id FROM sync_order_state WHERE ${stage}_status = ${STAGE_STATUS.waiting} AND ${stage}_next_attempt_at > ? AND store_id IS NOT NULL`,
      [now],
    );
    return rows.map(({ store_id }) => store_id);
  }

  /** Makes waiting orders with these numbers due; returns how many were. */
  async wake(stage: Stage, numbers: readonly { readonly storeId: string; readonly platformOrderNo: string }[]): Promise<number> {
    if (numbers.length === 0) return 0;
    return write(
      this.#db,
      `UPDATE sync_order_state SET ${stage}_next_attempt_at = NULL WHERE (store_id, platform_order_no) IN (${placeholders(numbers.length, 2)})
         AND ${stage}_status = ${STAGE_STATUS.waiting} AND ${stage}_next_attempt_at IS NOT NULL`,
      numbers.flatMap(({ storeId, platformOrderNo }) => [storeId, platformOrderNo]),
    );
  }
}

const BEHIND: ReadonlySet<number> = new Set([STAGE_STATUS.done, STAGE_STATUS.notNeeded]);

export function numberKey(storeId: string, platformOrderNo: string): string {
  return `${storeId}\0${platformOrderNo}`;
}

export function previousStage(stage: Stage): Stage | undefined {
  return STAGES[STAGES.indexOf(stage) - 1];
}

/** A derived table of bound values: the one form of a multi-row update that MySQL, MariaDB and TiDB share. */
export function constants(columns: readonly string[], rows: number): string {
  const first = `SELECT ${columns.map((column) => `? AS ${column}`).join(", ")}`;
  const other = `SELECT ${columns.map(() => "?").join(", ")}`;
  return [first, ...Array<string>(rows - 1).fill(other)].join(" UNION ALL ");
}

interface OrderRow {
  readonly id: string;
  readonly po_number: string | null;
  readonly dsco_status: string;
  readonly cancel_requested: number;
  readonly platform_order_no: string | null;
  readonly store_id: string | null;
  readonly lingxing_global_order_no: string | null;
  readonly push_at: Date | null;
  readonly shipped_tracking_no: string | null;
  readonly status: number;
  readonly retry_count: number;
  readonly doubts: number;
  readonly sent_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly error: string | null;
  readonly request_id: string | null;
  readonly run_id: string | null;
  readonly previous_status: string | number;
  readonly reached_at: Date | null;
  readonly payload: string | null;
  readonly fetched_at: Date | null;
}

function toStageOrder(row: OrderRow): StageOrder {
  return {
    id: row.id,
    poNumber: row.po_number ?? undefined,
    dscoStatus: row.dsco_status,
    cancelRequested: row.cancel_requested === 1,
    platformOrderNo: row.platform_order_no ?? undefined,
    storeId: row.store_id ?? undefined,
    globalOrderNo: row.lingxing_global_order_no ?? undefined,
    pushedAt: row.push_at ?? undefined,
    trackingNo: row.shipped_tracking_no ?? undefined,
    fetchedAt: row.fetched_at ?? undefined,
    raw: row.payload ?? "",
    stage: {
      status: row.status as StageStatus,
      retryCount: row.retry_count,
      doubts: row.doubts,
      sentAt: row.sent_at ?? undefined,
      nextAttemptAt: row.next_attempt_at ?? undefined,
      error: row.error ?? undefined,
      requestId: row.request_id ?? undefined,
    },
    runId: row.run_id === null ? undefined : String(row.run_id),
    reached: BEHIND.has(Number(row.previous_status)),
    reachedAt: row.reached_at ?? undefined,
  };
}
