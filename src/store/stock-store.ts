import { LostRowError } from "../errors.ts";
import { refusalsOf, STOCK_STATUS, type StockCell, type StockLevel, type StockStatus } from "../sync/stock.ts";
import type { Figure } from "../sync/stock-sums.ts";
import { chunks, clip, type Db, inTransaction, placeholders, select, write } from "./db.ts";

/** Rows read or written in one statement. */
const ROWS = 5_000;
const ROWS_WRITTEN = 2_000;
const ERROR_LENGTH = 1_000;

/** What is about to be sent of a SKU, and how the SKU stood before. */
export interface StockItem {
  readonly level: StockLevel;
  readonly figures: readonly Figure[];
}

/** A request to DSCO whose outcome is not known; without an id its answer was lost. */
export interface OpenRequest {
  readonly requestId: string | undefined;
  readonly sentAt: Date;
}

/** What DSCO has of each SKU in each warehouse, and what is on its way there. */
export class StockStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** Every SKU ever sent, in order, page by page. */
  async *levels(): AsyncGenerator<readonly StockLevel[]> {
    for (let after = ""; ; ) {
      const rows = await select<StockLevelRow>(
        this.#db,
        `SELECT ${COLUMNS} FROM stock_level WHERE dsco_sku > ? ORDER BY dsco_sku, warehouse_code LIMIT ?`,
        [after, ROWS],
      );
      const levels = toLevels(rows);
      // A full page may end in the middle of a SKU, which then comes again, as the first one of the next page.
      if (rows.length === ROWS && levels.length > 1) levels.pop();
      yield levels;
      const last = levels.at(-1);
      if (last === undefined || rows.length < ROWS) return;
      after = last.sku;
    }
  }

  /** These SKUs; one that was never sent has no warehouses. */
  async find(skus: readonly string[]): Promise<Map<string, StockLevel>> {
    const levels = new Map(skus.map((sku): [string, StockLevel] => [sku, { sku, cells: [] }]));
    if (skus.length === 0) return levels;
    const rows = await select<StockLevelRow>(
      this.#db,
      `SELECT ${COLUMNS} FROM stock_level WHERE dsco_sku IN (?) ORDER BY dsco_sku, warehouse_code`,
      [skus],
    );
    for (const level of toLevels(rows)) levels.set(level.sku, level);
    return levels;
  }

  /** What is in flight becomes this run's: whoever sent it can record nothing more. */
  async takeOver(runId: string): Promise<number> {
    return write(this.#db, `UPDATE stock_level SET run_id = ? WHERE status = ${STOCK_STATUS.inFlight}`, [runId]);
  }

  async openRequests(): Promise<OpenRequest[]> {
    const rows = await select<{ request_id: string | null; sent_at: Date }>(
      this.#db,
      `SELECT request_id, MIN(sent_at) AS sent_at FROM stock_level WHERE status = ${STOCK_STATUS.inFlight} GROUP BY request_id ORDER BY sent_at`,
    );
    return rows.map(({ request_id, sent_at }) => ({ requestId: request_id ?? undefined, sentAt: sent_at }));
  }

  /** The SKUs this run holds in flight under a request id, or under none. */
  async inFlight(runId: string, requestId: string | undefined): Promise<StockLevel[]> {
    const rows = await select<StockLevelRow>(
      this.#db,
      `SELECT ${COLUMNS} FROM stock_level WHERE status = ${STOCK_STATUS.inFlight} AND request_id <=> ? AND run_id = ? ORDER BY dsco_sku, warehouse_code`,
      [requestId ?? null, runId],
    );
    return toLevels(rows);
  }

  /**
   * State before effect: in flight, with what is sent, before the request leaves.
   * @throws LostRowError when a later run has been at one of them: an older figure must not overwrite a newer one
   */
  async claim(items: readonly StockItem[], run: { readonly id: string; readonly startedAt: Date }, at: Date): Promise<void> {
    const skus = items.map(({ level }) => level.sku);
    await inTransaction(this.#db, async (trx) => {
      const taken = await select<{ dsco_sku: string }>(
        trx,
        `SELECT dsco_sku FROM stock_level WHERE dsco_sku IN (?) AND (status = ${STOCK_STATUS.inFlight} OR (run_id <> ? AND sent_at >= ?)) FOR UPDATE`,
        [skus, run.id, run.startedAt],
      );
      if (taken.length > 0) throw new LostRowError(unique(taken), "stock");
      for (const rows of inRows(items)) {
        await write(
          trx,
          `INSERT INTO stock_level (dsco_sku, warehouse_code, status, sent_quantity, sent_at, run_id, retry_count) VALUES ${placeholders(rows.length, 7)}
           ON DUPLICATE KEY UPDATE status = VALUES(status), sent_quantity = VALUES(sent_quantity), sent_at = VALUES(sent_at), run_id = VALUES(run_id),
             request_id = NULL, retry_count = VALUES(retry_count)`,
          rows.flatMap(({ sku, code, quantity, refusals }) => [sku, code, STOCK_STATUS.inFlight, quantity, at, run.id, refusals]),
        );
      }
    });
  }

  /** Before a further request with the same figures. @throws LostRowError */
  async renew(items: readonly StockItem[], runId: string, at: Date): Promise<void> {
    await this.#updateOurs(items.map(sent), runId, "sent_at = ?", [at]);
  }

  /** DSCO has queued it. @throws LostRowError */
  async keepRequestId(items: readonly StockItem[], runId: string, requestId: string): Promise<void> {
    await this.#updateOurs(items.map(sent), runId, "request_id = ?", [requestId]);
  }

  /** The log of the time has told under which request they were sent. @throws LostRowError */
  async adoptRequestId(levels: readonly StockLevel[], runId: string, requestId: string): Promise<void> {
    await this.#updateOurs(levels.map(inFlightOf), runId, "request_id = ?", [requestId]);
  }

  /** Why the answer is out. @throws LostRowError */
  async noteDoubt(items: readonly StockItem[], runId: string, error: string): Promise<void> {
    await this.#updateOurs(items.map(sent), runId, "error = ?", [clip(error, ERROR_LENGTH)]);
  }

  /** DSCO has taken the figures. @throws LostRowError */
  async confirm(levels: readonly StockLevel[], runId: string, codes: readonly string[], at: Date): Promise<void> {
    await this.#updateOurs(
      levels.map(inFlightOf),
      runId,
      `status = ${STOCK_STATUS.confirmed}, confirmed_quantity = sent_quantity, confirmed_at = ?, doubted = 0, retry_count = 0, error = NULL, next_attempt_at = NULL`,
      [at],
    );
    await this.#forgetRemoved(levels, codes);
  }

  /**
   * DSCO has refused the figures of these SKUs, each with its count of refusals so far and for the same reason.
   * @throws LostRowError
   */
  async refuse(
    levels: readonly StockLevel[],
    runId: string,
    refusal: { readonly error: string; readonly retryCount: number; readonly nextAttemptAt: Date; readonly removedNextAttemptAt: Date },
    codes: readonly string[],
  ): Promise<void> {
    await this.#updateOurs(
      levels.map(inFlightOf),
      runId,
      `status = ${STOCK_STATUS.refused}, error = ?, retry_count = ?, next_attempt_at = IF(warehouse_code IN (?), ?, ?)`,
      [clip(refusal.error, ERROR_LENGTH), refusal.retryCount, codes, refusal.nextAttemptAt, refusal.removedNextAttemptAt],
    );
    await this.#forgetRemoved(levels, codes);
  }

  /** A warehouse that the map names no more needs no row once DSCO shows 0 there, nor if DSCO never took it (a misspelt code). */
  async #forgetRemoved(levels: readonly StockLevel[], codes: readonly string[]): Promise<void> {
    await write(
      this.#db,
      `DELETE FROM stock_level WHERE dsco_sku IN (?) AND warehouse_code NOT IN (?)
       AND ((status = ${STOCK_STATUS.confirmed} AND confirmed_quantity = 0) OR (${NEVER_TAKEN}))`,
      [levels.map(({ sku }) => sku), codes],
    );
  }

  /** Nobody will say what became of these: DSCO may have either figure. @throws LostRowError */
  async giveUp(levels: readonly StockLevel[], runId: string): Promise<void> {
    await this.#updateOurs(levels.map(inFlightOf), runId, `status = ${STOCK_STATUS.unknown}, doubted = 1`, []);
  }

  /** Of these SKUs, what DSCO never took. */
  async forget(skus: readonly string[]): Promise<void> {
    for (const some of chunks(skus, ROWS_WRITTEN)) {
      await write(this.#db, `DELETE FROM stock_level WHERE dsco_sku IN (?) AND ${NEVER_TAKEN}`, [some]);
    }
  }

  /** It provably never left: everything as before the claim. */
  async putBack(items: readonly StockItem[], runId: string): Promise<void> {
    const skus = items.map(({ level }) => level.sku);
    await inTransaction(this.#db, async (trx) => {
      await write(trx, `DELETE FROM stock_level WHERE dsco_sku IN (?) AND status = ${STOCK_STATUS.inFlight} AND run_id = ?`, [skus, runId]);
      const before = items.flatMap(({ level, figures }) => {
        const codes = new Set(figures.map(({ code }) => code));
        return level.cells.filter(({ code }) => codes.has(code)).map((cell) => ({ ...cell, sku: level.sku }));
      });
      for (const rows of chunks(before, ROWS_WRITTEN)) {
        await write(
          trx,
          `INSERT INTO stock_level (${COLUMNS}) VALUES ${placeholders(rows.length, 13)}`,
          rows.flatMap((cell) => [
            cell.sku,
            cell.code,
            cell.status,
            cell.confirmed ?? null,
            cell.confirmedAt ?? null,
            cell.sent,
            cell.sentAt,
            cell.runId,
            cell.requestId ?? null,
            cell.doubted ? 1 : 0,
            cell.retryCount,
            cell.error ?? null,
            cell.nextAttemptAt ?? null,
          ]),
        );
      }
    });
  }

  async #updateOurs(sent: readonly Sent[], runId: string, set: string, bindings: readonly unknown[]): Promise<void> {
    if (sent.length === 0) return;
    const skus = sent.map(({ sku }) => sku);
    const expected = sent.reduce((sum, { warehouses }) => sum + warehouses, 0);
    const updated = await write(
      this.#db,
      `UPDATE stock_level SET ${set} WHERE dsco_sku IN (?) AND status = ${STOCK_STATUS.inFlight} AND run_id = ?`,
      [...bindings, skus, runId],
    );
    if (updated !== expected) throw new LostRowError(skus, "stock");
  }
}

/** A SKU in flight, and in how many warehouses: what an update of it must meet. */
interface Sent {
  readonly sku: string;
  readonly warehouses: number;
}

function sent({ level, figures }: StockItem): Sent {
  return { sku: level.sku, warehouses: figures.length };
}

function inFlightOf({ sku, cells }: StockLevel): Sent {
  return { sku, warehouses: cells.filter(({ status }) => status === STOCK_STATUS.inFlight).length };
}

function inRows(items: readonly StockItem[]): { sku: string; code: string; quantity: number; refusals: number }[][] {
  const rows = items.flatMap(({ level, figures }) => {
    const refusals = refusalsOf(level);
    return figures.map(({ code, quantity }) => ({ sku: level.sku, code, quantity, refusals }));
  });
  return chunks(rows, ROWS_WRITTEN);
}

function unique(rows: readonly { dsco_sku: string }[]): string[] {
  return [...new Set(rows.map(({ dsco_sku }) => dsco_sku))];
}

const NEVER_TAKEN = `status = ${STOCK_STATUS.refused} AND confirmed_quantity IS NULL AND doubted = 0`;

const COLUMNS =
  "dsco_sku, warehouse_code, status, confirmed_quantity, confirmed_at, sent_quantity, sent_at, run_id, request_id, doubted, retry_count, error, next_attempt_at";

interface StockLevelRow {
  readonly dsco_sku: string;
  readonly warehouse_code: string;
  readonly status: StockStatus;
  readonly confirmed_quantity: number | null;
  readonly confirmed_at: Date | null;
  readonly sent_quantity: number;
  readonly sent_at: Date;
  readonly run_id: string | number;
  readonly request_id: string | null;
  readonly doubted: number;
  readonly retry_count: number;
  readonly error: string | null;
  readonly next_attempt_at: Date | null;
}

/** Rows in the order of their SKUs. */
function toLevels(rows: readonly StockLevelRow[]): StockLevel[] {
  const levels: { sku: string; cells: StockCell[] }[] = [];
  for (const row of rows) {
    const last = levels.at(-1);
    if (last?.sku === row.dsco_sku) last.cells.push(toCell(row));
    else levels.push({ sku: row.dsco_sku, cells: [toCell(row)] });
  }
  return levels;
}

function toCell(row: StockLevelRow): StockCell {
  return {
    code: row.warehouse_code,
    status: row.status,
    confirmed: row.confirmed_quantity ?? undefined,
    confirmedAt: row.confirmed_at ?? undefined,
    sent: row.sent_quantity,
    sentAt: row.sent_at,
    runId: String(row.run_id),
    requestId: row.request_id ?? undefined,
    doubted: row.doubted === 1,
    retryCount: row.retry_count,
    error: row.error ?? undefined,
    nextAttemptAt: row.next_attempt_at ?? undefined,
  };
}
