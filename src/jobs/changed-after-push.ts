import { parseDscoOrder } from "../dsco/order.ts";
import { applyChangeRule, changesSeenTo, countChangesFrom } from "../store/change-rule.ts";
import type { Db } from "../store/db.ts";
import { OrderStore } from "../store/order-store.ts";
import type { KnownOrder, PullDecision, PulledOrder } from "../sync/pull.ts";
import { CHANGED_LINES, pushFingerprint } from "../sync/push-fingerprint.ts";

/**
 * A person who has closed the task about a change has seen to it in Lingxing, so that the snapshot of then is what stands there now:
 * nothing else that happens to the order at DSCO may bring the old change up again. To be called before the page is saved.
 */
export async function countFromWhatWasSeenTo(
  db: Db,
  orders: readonly PulledOrder[],
  known: ReadonlyMap<string, KnownOrder>,
): Promise<ReadonlyMap<string, KnownOrder>> {
  const updated = orders.filter(({ id, hash }) => known.get(id)?.pushed !== undefined && known.get(id)?.hash !== hash);
  const seenTo = await changesSeenTo(
    db,
    updated.map(({ id }) => id),
  );
  const before = await new OrderStore(db).byIds("push", seenTo);
  const fingerprints = new Map(
    before.flatMap(({ id, raw }) => {
      const order = parseDscoOrder(raw);
      const fingerprint = order && pushFingerprint(order);
      return fingerprint === undefined || fingerprint === known.get(id)?.pushed ? [] : [[id, fingerprint]];
    }),
  );
  await countChangesFrom(db, fingerprints);
  return new Map([...known].map(([id, order]) => [id, { ...order, pushed: fingerprints.get(id) ?? order.pushed }]));
}

/** What stands in Lingxing is no longer what the retailer wants; changed lines also hold the shipment. */
export async function noteChanges(
  db: Db,
  decided: readonly { readonly order: PulledOrder; readonly decision: PullDecision }[],
  now: Date,
): Promise<void> {
  const pushed = decided.flatMap(({ order: { id }, decision }) =>
    decision.do === "update" && decision.wasPushed ? [{ id, fields: decision.changedAfterPush }] : [],
  );
  const changed = pushed.filter(({ fields }) => fields.length > 0);
  const same = pushed.filter(({ fields }) => fields.length === 0);
  await applyChangeRule(
    db,
    changed.map((order) => ({ ...order, holdsShipment: order.fields.includes(CHANGED_LINES) })),
    same.map(({ id }) => id),
    now,
  );
}
