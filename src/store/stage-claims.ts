import type { StageChange } from "../sync/outcome.ts";
import { STAGE_STATUS, type Stage } from "../sync/stage.ts";
import { clip, type Db, placeholders, select, write } from "./db.ts";
import { constants, type StageOrder } from "./order-store.ts";

const ERROR_LENGTH = 1000;

/** What is fixed when an order is claimed: number, store and fingerprint by the push, tracking numbers by the shipment. */
export interface Claim {
  readonly id: string;
  readonly platformOrderNo?: string;
  readonly storeId?: string;
  readonly fingerprint?: string;
  readonly trackingNo?: string;
}

/** A request to cancel stops what cannot be taken back. */
const BLOCKED_BY_REQUEST: ReadonlySet<Stage> = new Set(["push", "ship"]);

/** Rows in flight that this run holds; binds the ids and the run id. */
const OURS = (stage: Stage): string => `dsco_order_id IN (?) AND ${stage}_status = ${STAGE_STATUS.inFlight} AND ${stage}_run_id = ?`;

/**
 * Whose a row in flight is, from the claim to the outcome: each write holds only while the row is in the state, and with the run, that the
 * caller believes. A stage's name in a column name comes from STAGES, never from input.
 */
export class StageClaims {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * Sets orders in flight before their request leaves, with what that request fixes; a number and a store once fixed stay. Only
   * orders still waiting or failed and not cancelled meanwhile; the others are simply not among the ids returned.
   */
  async claim(stage: Stage, claims: readonly Claim[], runId: string, sentAt: Date, nextAttemptAt: Date): Promise<Set<string>> {
    if (claims.length === 0) return new Set();
    const matched = await write(
      this.#db,
      // STRAIGHT_JOIN: by key only. Left to itself the server may walk all waiting rows, lock them, and deadlock with the batch beside it.
      `UPDATE (${constants(["id", "number", "store", "fingerprint", "tracking"], claims.length)}) c STRAIGHT_JOIN sync_order_state s ON c.id = s.dsco_order_id
       SET s.${stage}_status = ${STAGE_STATUS.inFlight}, s.${stage}_at = ?, s.${stage}_sent_at = ?, s.${stage}_run_id = ?, s.${stage}_next_attempt_at = ?,
         s.${stage}_request_id = NULL, s.${stage}_hold = NULL, s.${stage}_waits_for = NULL, s.fingerprint = COALESCE(c.fingerprint, s.fingerprint),
         s.platform_order_no = COALESCE(s.platform_order_no, c.number), s.store_id = COALESCE(s.store_id, c.store),
         s.shipped_tracking_no = COALESCE(c.tracking, s.shipped_tracking_no)
       WHERE s.${stage}_status IN (${STAGE_STATUS.waiting}, ${STAGE_STATUS.failed}) AND s.dsco_status <> 'cancelled'${BLOCKED_BY_REQUEST.has(stage) ? " AND s.cancel_requested <> 1" : ""}`,
      [
        ...claims.flatMap(({ id, platformOrderNo, storeId, fingerprint, trackingNo }) => [
          id,
          platformOrderNo ?? null,
          storeId ?? null,
          fingerprint ?? null,
          trackingNo ?? null,
        ]),
        sentAt,
        sentAt,
        runId,
        nextAttemptAt,
      ],
    );
    const ids = claims.map(({ id }) => id);
    if (matched === ids.length) return new Set(ids);
    // The time tells this claim from an earlier one of the same run, whose request has left already.
    const rows = await select<{ id: string }>(
      this.#db,
      `SELECT dsco_order_id AS id FROM sync_order_state WHERE ${OURS(stage)} AND ${stage}_sent_at = ?`,
      [ids, runId, sentAt],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** The vendor's request id, kept before anything else is done with it. False when one of the rows is ours no more. */
  async saveRequestId(stage: Stage, ids: readonly string[], runId: string, requestId: string): Promise<boolean> {
    return (
      (await write(this.#db, `UPDATE sync_order_state SET ${stage}_request_id = ? WHERE ${OURS(stage)}`, [requestId, ids, runId])) ===
      ids.length
    );
  }

  /** Starts the grace anew before a further request for rows we hold. False when one of them is ours no more. */
  async renewClaim(stage: Stage, ids: readonly string[], runId: string, sentAt: Date, nextAttemptAt: Date): Promise<boolean> {
    const matched = await write(
      this.#db,
      `UPDATE sync_order_state SET ${stage}_sent_at = ?, ${stage}_next_attempt_at = ? WHERE ${OURS(stage)}`,
      [sentAt, nextAttemptAt, ids, runId],
    );
    return matched === ids.length;
  }

  /** Makes rows that another run left in flight ours, so that of two runs only one records the outcome. Returns those gained. */
  async takeOver(stage: Stage, orders: readonly StageOrder[], runId: string): Promise<Set<string>> {
    if (orders.length === 0) return new Set();
    const pairs = orders.flatMap((order) => [order.id, order.runId ?? "0"]);
    await write(
      this.#db,
      // Run ids as text: a number compared with text is compared as floating point.
      `UPDATE sync_order_state SET ${stage}_run_id = ? WHERE ${stage}_status = ${STAGE_STATUS.inFlight} AND dsco_order_id IN (?)
         AND (dsco_order_id, COALESCE(CAST(${stage}_run_id AS CHAR), '0')) IN (${placeholders(orders.length, 2)})`,
      [runId, orders.map(({ id }) => id), ...pairs],
    );
    return new Set(
      await this.#owned(
        stage,
        orders.map(({ id }) => id),
        runId,
      ),
    );
  }

  async #owned(stage: Stage, ids: readonly string[], runId: string): Promise<string[]> {
    const rows = await select<{ id: string }>(this.#db, `SELECT dsco_order_id AS id FROM sync_order_state WHERE ${OURS(stage)}`, [
      ids,
      runId,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Notes that an answer was lost, and why; the rows stay in flight. A killed process notes nothing, so it blames nobody. */
  async noteDoubt(stage: Stage, ids: readonly string[], runId: string, error: string): Promise<void> {
    await write(this.#db, `UPDATE sync_order_state SET ${stage}_doubts = ${stage}_doubts + 1, ${stage}_error = ? WHERE ${OURS(stage)}`, [
      clip(error, ERROR_LENGTH),
      ids,
      runId,
    ]);
  }

  /**
   * Writes outcomes, all in one statement. With a run id: only rows in flight and ours; without: only rows nobody has claimed.
   * Returns how many rows matched; fewer than given means somebody else changed one, and the caller must not commit.
   */
  async applyChanges(stage: Stage, changes: ReadonlyMap<string, StageChange>, now: Date, runId: string | undefined): Promise<number> {
    const columns = [
      "id",
      "status",
      "retry_count",
      "doubts",
      "error",
      "hold",
      "next_attempt_at",
      "request_id",
      "global_order_no",
      "invoice_id",
      "tracking",
    ];
    const values = [...changes].flatMap(([id, change]) => [
      id,
      change.status,
      change.retryCount,
      change.doubts,
      change.error === undefined ? null : clip(change.error, ERROR_LENGTH),
      change.hold ?? null,
      change.nextAttemptAt ?? null,
      change.requestId ?? null,
      change.globalOrderNo ?? null,
      change.invoiceId ?? null,
      change.trackingNo ?? null,
    ]);
    const condition =
      runId === undefined
        ? `s.${stage}_status IN (${STAGE_STATUS.waiting}, ${STAGE_STATUS.failed})`
        : `s.${stage}_status = ${STAGE_STATUS.inFlight} AND s.${stage}_run_id = ?`;
    return write(
      this.#db,
      // `_at` first: MySQL assigns from left to right, and it compares with the status as it was.
      `UPDATE sync_order_state s JOIN (${constants(columns, changes.size)}) c ON c.id = s.dsco_order_id
       SET s.${stage}_at = IF(s.${stage}_status <=> c.status, s.${stage}_at, ?), s.${stage}_status = c.status, s.${stage}_retry_count = c.retry_count,
         s.${stage}_doubts = c.doubts, s.${stage}_error = c.error, s.${stage}_hold = c.hold, s.${stage}_next_attempt_at = c.next_attempt_at,
         s.${stage}_request_id = c.request_id, s.${stage}_waits_for = NULL,
         s.lingxing_global_order_no = COALESCE(c.global_order_no, s.lingxing_global_order_no), s.dsco_invoice_id = COALESCE(c.invoice_id, s.dsco_invoice_id),
         s.shipped_tracking_no = COALESCE(c.tracking, s.shipped_tracking_no)
       WHERE ${condition}`,
      [...values, now, ...(runId === undefined ? [] : [runId])],
    );
  }
}
