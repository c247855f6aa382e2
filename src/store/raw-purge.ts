import { STAGE_STATUS, STAGES, TASK_STATUS } from "../sync/stage.ts";
import { type Db, inTransaction, select, write } from "./db.ts";
import { causeFingerprint } from "./task-store.ts";

/** Texts looked at and deleted together: a transaction of milliseconds, whatever there is to do in all. */
const PAGE = 500;
/** How the pull names texts without an order id. */
const NO_ID = "noid:";

interface Text {
  readonly id: string;
  readonly fetchedAt: Date;
}

/**
 * The raw texts nobody will read again: those of orders that are through, those of no order, and those without an order id whose task is
 * closed, all for longer than `before`. Never one of an order with an open stage or an open task.
 */
export class RawPurge {
  readonly #db: Db;
  readonly #before: Date;

  constructor(db: Db, before: Date) {
    this.#db = db;
    this.#before = before;
  }

  /** The moment so many days ago, by the database's clock: that one stamped the rows. */
  static async daysAgo(db: Db, days: number): Promise<Date> {
    const [row] = await select<{ before: Date }>(db, "SELECT UTC_TIMESTAMP(3) - INTERVAL ? DAY AS `before`", [days]);
    if (row === undefined) throw new Error("the database tells no time");
    return row.before;
  }

  /** How many texts `purge` would delete now. */
  async count(): Promise<number> {
    let found = 0;
    for await (const page of this.#pages()) {
      const { orders, texts } = await this.#purgeable(page);
      found += orders.length + texts.length;
    }
    return found;
  }

  /** Deletes them page by page, each in a transaction of its own: what is deleted stays so when the rest does not happen. */
  async purge(): Promise<number> {
    let deleted = 0;
    for await (const page of this.#pages()) {
      const { orders, texts } = await this.#purgeable(page);
      deleted += await this.#delete(this.#db, texts);
      if (orders.length > 0) deleted += await inTransaction(this.#db, (trx) => this.#purgeOrders(trx, orders));
    }
    return deleted;
  }

  /** The oldest first, out of the index alone: texts are long. */
  async *#pages(): AsyncGenerator<readonly Text[]> {
    for (let after: Text = { id: "", fetchedAt: new Date(0) }; ; ) {
      const page = await select<Text>(
        this.#db,
        `SELECT dsco_order_id AS id, fetched_at AS fetchedAt FROM dsco_order_raw
         WHERE fetched_at >= ? AND fetched_at < ? AND (fetched_at > ? OR dsco_order_id > ?) ORDER BY fetched_at, dsco_order_id LIMIT ${PAGE}`,
        [after.fetchedAt, this.#before, after.fetchedAt, after.id],
      );
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last;
    }
  }

  async #purgeable(page: readonly Text[]): Promise<{ orders: string[]; texts: string[] }> {
    const ids = page.map(({ id }) => id);
    const tracked = await this.#tracked(ids);
    const others = ids.filter((id) => !tracked.has(id));
    const noId = await this.#seenTo(others.filter((id) => id.startsWith(NO_ID)));
    const untracked = await this.#withoutTask(
      this.#db,
      others.filter((id) => !id.startsWith(NO_ID)),
    );
    return { orders: await this.#finished(this.#db, [...tracked]), texts: [...noId, ...untracked] };
  }

  async #tracked(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await select<{ id: string }>(this.#db, "SELECT dsco_order_id AS id FROM sync_order_state WHERE dsco_order_id IN (?)", [
      ids,
    ]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Of these orders, those that are through for long enough and leave nobody a task. */
  async #finished(db: Db, ids: readonly string[], lock: "" | "FOR UPDATE" = ""): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await select<{ id: string }>(
      db,
      `SELECT dsco_order_id AS id FROM sync_order_state WHERE dsco_order_id IN (?) AND updated_at < ? AND ${THROUGH} ${lock}`,
      [ids, this.#before],
    );
    return this.#withoutTask(
      db,
      rows.map(({ id }) => id),
    );
  }

  async #withoutTask(db: Db, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await select<{ id: string }>(
      db,
      `SELECT DISTINCT dsco_order_id AS id FROM manual_task WHERE dsco_order_id IN (?) AND status IN (${OPEN_TASK})`,
      [ids],
    );
    const busy = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => !busy.has(id));
  }

  /** Of these texts without an order id, those whose task was closed long enough ago. */
  async #seenTo(keys: readonly string[]): Promise<string[]> {
    if (keys.length === 0) return [];
    const keyOf = new Map(keys.map((key) => [causeFingerprint({ type: "bad_payload", cause: key }), key]));
    const rows = await select<{ fingerprint: string }>(
      this.#db,
      `SELECT fingerprint FROM manual_task WHERE fingerprint IN (?) AND (status IN (${OPEN_TASK}) OR updated_at >= ?)`,
      [[...keyOf.keys()], this.#before],
    );
    for (const { fingerprint } of rows) keyOf.delete(fingerprint);
    return [...keyOf.values()];
  }

  /** The state is locked before the text, as a pull does: an order it has just reopened is passed over. */
  async #purgeOrders(db: Db, ids: readonly string[]): Promise<number> {
    const finished = await this.#finished(db, ids, "FOR UPDATE");
    const deleted = await this.#delete(db, finished);
    // Ten digits of a hash are enough to find a phone number by trying them all. `updated_at` says when the order moved, and it has not.
    if (finished.length > 0)
      await write(db, "UPDATE sync_order_state SET fingerprint = NULL, updated_at = updated_at WHERE dsco_order_id IN (?)", [finished]);
    return deleted;
  }

  /** A text that came anew meanwhile stays. */
  async #delete(db: Db, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return write(db, "DELETE FROM dsco_order_raw WHERE dsco_order_id IN (?) AND fetched_at < ?", [ids, this.#before]);
  }
}

const THROUGH = STAGES.map((stage) => `${stage}_status IN (${STAGE_STATUS.done}, ${STAGE_STATUS.notNeeded})`).join(" AND ");
const OPEN_TASK = [TASK_STATUS.open, TASK_STATUS.inWork].join(", ");
