import { shellWord } from "../sync/shell-word.ts";
import { releaseHold } from "./cancel-rule.ts";
import { type Db, select, write } from "./db.ts";
import { type NewTask, TaskStore } from "./task-store.ts";

/** An order at DSCO that is no longer what was pushed. */
export interface ChangedOrder {
  readonly id: string;
  readonly fields: readonly string[];
  /** What is in the parcel may be wrong. */
  readonly holdsShipment: boolean;
}

const TYPES = ["changed_after_push"] as const;

/** Of these orders, those whose last change a person has seen to; while one is open, none is. */
export async function changesSeenTo(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await select<{ id: string }>(
    db,
    `SELECT dsco_order_id AS id FROM manual_task WHERE dsco_order_id IN (?) AND task_type = 'changed_after_push'
     GROUP BY dsco_order_id HAVING MIN(status) >= 2 AND SUM(resolved_by <> 'ipass') > 0`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** From now on this is what counts as standing in Lingxing. */
export async function countChangesFrom(db: Db, fingerprints: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, fingerprint] of fingerprints) {
    await write(db, "UPDATE sync_order_state SET fingerprint = ? WHERE dsco_order_id = ?", [fingerprint, id]);
  }
}

/**
 * Asks a person to correct in Lingxing what differs there, in one task an order, and holds the shipment for as long as lines do. What
 * is the same again goes on by itself.
 */
export async function applyChangeRule(db: Db, found: readonly ChangedOrder[], same: readonly string[], now: Date): Promise<void> {
  const shipped = await shippedAmong(
    db,
    found.filter(({ holdsShipment }) => holdsShipment).map(({ id }) => id),
  );
  const changed = found.map((order) => ({ ...order, holdsShipment: order.holdsShipment && !shipped.has(order.id) }));
  const tasks = new TaskStore(db);
  const held = changed.filter(({ holdsShipment }) => holdsShipment).map(({ id }) => id);
  const free = changed.filter(({ holdsShipment }) => !holdsShipment).map(({ id }) => id);
  await tasks.closeSolved(same, { types: TYPES });
  await tasks.closeSolved(free, { types: TYPES, stage: "ship" });
  await tasks.closeSolved(held, { types: TYPES, stage: "push" }); // the task about the lines names the other fields, too
  await tasks.raise(changed.map(toTask));
  await releaseHold(db, "ship", [...same, ...free], TYPES[0], now);
  if (held.length === 0) return;
  await write(
    db,
    // A hold that may go away by itself would take this one with it.
    `UPDATE sync_order_state SET ship_status = 3, ship_at = ?, ship_hold = 'changed_after_push', ship_error = 'lines changed at DSCO after the push'
     WHERE dsco_order_id IN (?) AND (ship_status IN (0, 2) OR (ship_status = 3 AND ship_hold IN ('cancelled_after_push', 'cancel_requested')))`,
    [now, held],
  );
}

/** A shipment that is reported, or that a person has closed, cannot be held any more. */
async function shippedAmong(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await select<{ id: string }>(
    db,
    "SELECT dsco_order_id AS id FROM sync_order_state WHERE dsco_order_id IN (?) AND ship_status IN (1, 4)",
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function toTask({ id, fields, holdsShipment }: ChangedOrder): NewTask {
  return {
    type: "changed_after_push",
    dscoOrderId: id,
    stage: holdsShipment ? "ship" : "push",
    cause: "changed at DSCO after the push",
    payload: { cause: "changed at DSCO after the push", fields },
    nextStep: holdsShipment
      ? `correct the order in Lingxing, then: ipass order-state requeue ${shellWord(id)} --stage ship --reason "…"`
      : `correct ${fields.join(", ")} in Lingxing, then: ipass manual-tasks resolve <id> --reason "…"`,
  };
}
