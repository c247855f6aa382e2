import { type CancelCase, type CancelEffect, decideCancel } from "../sync/cancel.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../sync/stage.ts";
import { assignments, type Db, inTransaction, select, write } from "./db.ts";
import { type EventSource, EventStore } from "./event-store.ts";
import { TaskStore } from "./task-store.ts";

const PAGE = 500;

interface Candidate extends CancelCase {
  readonly id: string;
}

/**
 * Brings the stages in line with what the retailers cancelled, asked to cancel or brought back. Run at the end of each page of
 * a pull and at the start of each later job; with nothing to do it is one indexed query. Returns how many orders it touched.
 */
export async function applyCancelRule(db: Db, source: EventSource, now: Date): Promise<number> {
  let touched = 0;
  for (let after = ""; ; ) {
    const candidates = await findCandidates(db, after);
    if (candidates.length > 0) touched += await inTransaction(db, (trx) => applyTo(trx, candidates, source, now));
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < PAGE) return touched;
    after = last.id;
  }
}

async function applyTo(db: Db, candidates: readonly Candidate[], source: EventSource, now: Date): Promise<number> {
  const groups = new Map<string, { effect: CancelEffect; orders: Candidate[] }>();
  for (const order of candidates) {
    const effect = decideCancel(order);
    if (effect === undefined) continue;
    const key = JSON.stringify([effect, order.dscoStatus === "cancelled", order.stages]);
    const group = groups.get(key) ?? { effect, orders: [] };
    group.orders.push(order);
    groups.set(key, group);
  }
  let touched = 0;
  for (const { effect, orders } of groups.values()) touched += await applyEffect(db, effect, orders, source, now);
  return touched;
}

/** One statement for all orders in the same situation, and only while they still are. */
async function applyEffect(db: Db, effect: CancelEffect, orders: readonly Candidate[], source: EventSource, now: Date): Promise<number> {
  const [sample] = orders;
  if (sample === undefined) return 0;
  const ids = orders.map(({ id }) => id);
  const set: Record<string, unknown> = { cancel_applied: effect.applied ? 1 : 0 };
  for (const [stage, { status, hold, error }] of Object.entries(effect.stages)) {
    Object.assign(set, {
      [`${stage}_status`]: status,
      [`${stage}_at`]: now,
      [`${stage}_hold`]: hold ?? null,
      [`${stage}_error`]: error ?? null,
      [`${stage}_next_attempt_at`]: null,
      // What comes back begins anew: a budget that was used up before would be overdrawn by the next failure.
      ...(status === STAGE_STATUS.waiting && { [`${stage}_retry_count`]: 0 }),
    });
  }
  const still = {
    ...Object.fromEntries(STAGES.map((stage) => [`${stage}_status`, sample.stages[stage].status])),
    cancel_applied: sample.applied ? 1 : 0,
    ...(effect.event === "cancel_requested" && { cancel_requested: 1 }),
  };
  const found = await db("sync_order_state")
    .whereIn("dsco_order_id", ids)
    .where(still)
    .where("dsco_status", effect.applied ? "=" : "<>", "cancelled")
    .forUpdate()
    .select<{ dsco_order_id: string }[]>("dsco_order_id");
  const changed = found.map(({ dsco_order_id }) => dsco_order_id);
  if (changed.length === 0) return 0;
  const { sql, values } = assignments(set);
  await write(db, `UPDATE sync_order_state SET ${sql} WHERE dsco_order_id IN (?)`, [...values, changed]);

  const tasks = new TaskStore(db);
  await tasks.closeSolved(changed, effect.closes === "all" ? {} : { types: effect.closes });
  const { task } = effect;
  if (task !== undefined)
    await tasks.raise(
      changed.map((id) => ({
        type: task.type,
        dscoOrderId: id,
        stage: task.stage,
        cause: task.cause,
        payload: { cause: task.cause },
        nextStep: named(task.nextStep, id),
      })),
    );
  await new EventStore(db).add(
    changed.map((id) => ({ dscoOrderId: id, stage: undefined, event: effect.event, detail: { stages: Object.keys(effect.stages) } })),
    source,
    now,
  );
  return changed.length;
}

/** Puts the order's id into a command that an operator is to type. */
export function named(nextStep: string, id: string): string {
  return nextStep.replaceAll("<dscoOrderId>", () => shellWord(id));
}

/** The retailer no longer asks to cancel: what that held goes on. For ids whose snapshot has just said so. */
export async function releaseCancelRequest(db: Db, ids: readonly string[], source: EventSource, now: Date): Promise<void> {
  if (ids.length === 0) return;
  for (const stage of ["push", "ship"] as const) await releaseHold(db, stage, ids, "cancel_requested", now);
  await new TaskStore(db).closeSolved(ids, { types: ["cancel_requested"] });
  await new EventStore(db).add(
    ids.map((id) => ({ dscoOrderId: id, stage: undefined, event: "cancel_request_withdrawn" })),
    source,
    now,
  );
}

/** Lets a stage go on that waits for a person for this cause; returns how many rows did. */
export async function releaseHold(db: Db, stage: Stage, ids: readonly string[], hold: string, now: Date): Promise<number> {
  if (ids.length === 0) return 0;
  return write(
    db,
    `UPDATE sync_order_state SET ${stage}_status = 0, ${stage}_at = ?, ${stage}_hold = NULL, ${stage}_error = NULL, ${stage}_retry_count = 0, ${stage}_next_attempt_at = NULL
     WHERE dsco_order_id IN (?) AND ${stage}_status = 3 AND ${stage}_hold = ?`,
    [now, ids, hold],
  );
}

type Row = {
  readonly id: string;
  readonly dsco_status: string;
  readonly cancel_requested: number;
  readonly cancel_applied: number;
} & Readonly<Record<`${Stage}_status`, number> & Record<`${Stage}_hold`, string | null>>;

async function findCandidates(db: Db, after: string): Promise<Candidate[]> {
  const columns = `dsco_order_id AS id, dsco_status, cancel_requested, cancel_applied, ${STAGES.map((stage) => `${stage}_status, ${stage}_hold`).join(", ")}`;
  const lane = (condition: string) =>
    `(SELECT ${columns} FROM sync_order_state WHERE ${condition} AND dsco_order_id > ? ORDER BY dsco_order_id LIMIT ${PAGE})`;
  const lanes = [
    lane("cancel_applied = 0 AND dsco_status = 'cancelled'"),
    lane("cancel_applied = 1 AND (dsco_status < 'cancelled' OR dsco_status > 'cancelled')"),
    lane("cancel_requested = 1 AND dsco_status <> 'cancelled' AND (push_status IN (0, 2) OR ship_status IN (0, 2))"),
  ];
  const rows = await select<Row>(db, `${lanes.join(" UNION ")} ORDER BY id LIMIT ${PAGE}`, [after, after, after]);
  return rows.map((row) => ({
    id: row.id,
    dscoStatus: row.dsco_status,
    cancelRequested: row.cancel_requested === 1,
    applied: row.cancel_applied === 1,
    stages: {
      push: { status: row.push_status as StageStatus, hold: row.push_hold ?? undefined },
      ack: { status: row.ack_status as StageStatus, hold: row.ack_hold ?? undefined },
      ship: { status: row.ship_status as StageStatus, hold: row.ship_hold ?? undefined },
      invoice: { status: row.invoice_status as StageStatus, hold: row.invoice_hold ?? undefined },
    },
  }));
}
