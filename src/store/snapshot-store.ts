import type { KnownOrder, PulledOrder } from "../sync/pull.ts";
import { STAGE_STATUS, STAGES, type Stage } from "../sync/stage.ts";
import { clip, type Db, placeholders, select, write } from "./db.ts";

const PO_NUMBER_LENGTH = 255;
const STATUS_LENGTH = 32;
/** Bytes of texts in one statement: with every character escaped it is still far from what a server takes. */
const BYTES_AT_ONCE = 4_000_000;
/** MariaDB takes 16 MiB in one statement unless it is told otherwise, MySQL and TiDB 64; the text is not all of it. */
const MOST_BYTES = 16 * 1024 * 1024 - 64 * 1024;

/** Whether the text can be kept: more than that, and the server ends the connection, and with it the pass. */
export function isKeepable(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return 2 * bytes <= MOST_BYTES || (bytes <= MOST_BYTES && bytes + escapes(text) <= MOST_BYTES);
}

/** Characters before which a statement has a backslash. */
function escapes(text: string): number {
  let found = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are escaped
  for (const _ of text.matchAll(/[\0\b\t\n\r\x1a"'\\]/g)) found += 1;
  return found;
}

export interface KeptText {
  readonly key: string;
  readonly raw: string;
  readonly hash: string;
  readonly lastUpdate: Date | undefined;
}

/** The latest raw text of each order, and what ipass reads out of it at once. */
export class SnapshotStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** What is known of these orders, by id. */
  async known(ids: readonly string[]): Promise<Map<string, KnownOrder>> {
    if (ids.length === 0) return new Map();
    const rows = await select<KnownRow>(
      this.#db,
      `SELECT s.dsco_order_id AS id, r.payload_hash, r.dsco_last_update, s.cancel_requested, s.push_status, s.fingerprint, ${HOLDS}
       FROM sync_order_state s LEFT JOIN dsco_order_raw r ON r.dsco_order_id = s.dsco_order_id WHERE s.dsco_order_id IN (?)`,
      [ids],
    );
    return new Map(
      rows.map((row) => [
        row.id,
        {
          hash: row.payload_hash ?? undefined,
          lastUpdate: row.dsco_last_update ?? undefined,
          cancelRequested: row.cancel_requested !== 0,
          pushed:
            row.push_status === STAGE_STATUS.done || row.push_status === STAGE_STATUS.inFlight ? (row.fingerprint ?? undefined) : undefined,
          badPayload: STAGES.filter((stage) => row[`${stage}_hold`] === "bad_payload"),
        },
      ]),
    );
  }

  /** Which of these texts without an order id are kept already, by their key. */
  async knownTexts(keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const rows = await select<{ id: string }>(this.#db, "SELECT dsco_order_id AS id FROM dsco_order_raw WHERE dsco_order_id IN (?)", [
      keys,
    ]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Keeps raw texts to the letter, under an order id or a key of their own; each must be keepable. */
  async saveTexts(texts: readonly KeptText[], fetchedAt: Date): Promise<void> {
    for (const some of bySize(texts)) {
      await write(
        this.#db,
        `INSERT INTO dsco_order_raw (dsco_order_id, payload, payload_hash, dsco_last_update, fetched_at) VALUES ${placeholders(some.length, 5)}
         ON DUPLICATE KEY UPDATE payload = VALUES(payload), payload_hash = VALUES(payload_hash), dsco_last_update = VALUES(dsco_last_update), fetched_at = VALUES(fetched_at)`,
        some.flatMap((text) => [text.key, text.raw, text.hash, storable(text.lastUpdate), fetchedAt]),
      );
    }
  }

  /** Creates or refreshes the state rows; stages are not touched. A request to cancel that a person has waved through stays waved through. */
  async saveOrders(orders: readonly PulledOrder[]): Promise<void> {
    if (orders.length === 0) return;
    await write(
      this.#db,
      `INSERT INTO sync_order_state (dsco_order_id, po_number, dsco_status, cancel_requested, acknowledge_by_date, ship_by_date) VALUES ${placeholders(orders.length, 6)}
       ON DUPLICATE KEY UPDATE po_number = VALUES(po_number), dsco_status = VALUES(dsco_status), acknowledge_by_date = VALUES(acknowledge_by_date),
         ship_by_date = VALUES(ship_by_date), cancel_requested = IF(VALUES(cancel_requested) = 0, 0, GREATEST(cancel_requested, 1))`,
      orders.flatMap((order) => [
        order.id,
        order.poNumber === undefined ? null : clip(order.poNumber, PO_NUMBER_LENGTH),
        clip(order.status, STATUS_LENGTH),
        order.cancelRequested ? 1 : 0,
        storable(order.acknowledgeBy),
        storable(order.shipBy),
      ]),
    );
  }

  /** These snapshots were compared with DSCO just now; an unchanged one is not written again by itself. */
  async touch(ids: readonly string[], fetchedAt: Date): Promise<void> {
    if (ids.length > 0) await write(this.#db, "UPDATE dsco_order_raw SET fetched_at = ? WHERE dsco_order_id IN (?)", [fetchedAt, ids]);
  }
}

/** As many texts together as fit a statement; one that is too long for company goes alone. */
function bySize(texts: readonly KeptText[]): KeptText[][] {
  const groups: KeptText[][] = [];
  let bytes = 0;
  for (const text of texts) {
    bytes += Buffer.byteLength(text.raw);
    if (groups.length === 0 || bytes > BYTES_AT_ONCE) {
      groups.push([]);
      bytes = Buffer.byteLength(text.raw);
    }
    groups.at(-1)?.push(text);
  }
  return groups;
}

/** DATETIME ends with the year 9999, which some write to say "never": beyond it the whole page would be refused. */
const LAST_STORABLE = new Date("9999-12-31T23:59:59.999Z");

function storable(date: Date | undefined): Date | null {
  return date === undefined || date > LAST_STORABLE ? null : date;
}

const HOLDS = STAGES.map((stage) => `s.${stage}_hold`).join(", ");

type KnownRow = KnownColumns & Readonly<Record<`${Stage}_hold`, string | null>>;

interface KnownColumns {
  readonly id: string;
  readonly payload_hash: string | null;
  readonly dsco_last_update: Date | null;
  readonly cancel_requested: number;
  readonly push_status: number;
  readonly fingerprint: string | null;
}
