import { RefusedByGuardError, UsageError } from "../errors.ts";
import { decideOperator, type OperatorAction } from "../sync/operator.ts";
import { STAGE_STATUS, type Stage, type StageStatus, TASK_STATUS } from "../sync/stage.ts";
import { chunks, type Db, inTransaction, select, write } from "./db.ts";
import { type EventSource, EventStore } from "./event-store.ts";

/** Who asks, and why: both are kept. */
export interface Request extends EventSource {
  readonly actor: string;
  readonly reason: string;
}

export interface ActOptions {
  /** Only say what would happen. */
  readonly dryRun?: boolean;
}

export interface ActedOn {
  readonly dsco_order_id: string;
  readonly stage: Stage;
  readonly from: StageStatus;
  readonly to: StageStatus;
}

/** What a person's action comes to at one stage, before anything is changed. */
export interface StagePlan {
  readonly stage: Stage;
  readonly acting: readonly Acting[];
  /** What forbids it, by order; nothing may be changed then. */
  readonly refused: ReadonlyMap<string, string>;
  readonly unknown: readonly string[];
}

interface Acting {
  readonly id: string;
  readonly hold: string | null;
  readonly from: StageStatus;
  readonly to: StageStatus;
}

/** A person may act on any number of orders or tasks: so many in one statement. */
export const IDS_AT_ONCE = 500;

/**
 * Requeues or closes a stage of several orders: all of them or, when one forbids it, none. What a person decides also settles the
 * tasks about that stage.
 * @throws UsageError for an unknown id, RefusedByGuardError for a stage that is done, closed or in flight
 */
export async function actOnStage(
  db: Db,
  action: OperatorAction,
  ids: readonly string[],
  stage: Stage,
  request: Request,
  now: Date,
  { dryRun = false }: ActOptions = {},
): Promise<ActedOn[]> {
  return inTransaction(db, async (trx) => {
    const plan = await planStage(trx, action, ids, stage);
    if (plan.unknown.length > 0) throw new UsageError(`unknown order ${plan.unknown.join(", ")}`, "ipass order-state lists the known ones");
    if (plan.refused.size > 0)
      throw new RefusedByGuardError(
        `cannot ${action === "done" ? "close" : "requeue"} ${stage}: ${[...plan.refused].map(([id, why]) => `${id} ${why}`).join("; ")}`,
        "nothing was changed; leave these ids out",
      );
    if (!dryRun) await applyPlan(trx, action, plan, request, now);
    return plan.acting.map(({ id, from, to }) => ({ dsco_order_id: id, stage, from, to }));
  });
}

/** To be called in the transaction that applies it: the orders stay as they were found until that ends. */
export async function planStage(trx: Db, action: OperatorAction, ids: readonly string[], stage: Stage): Promise<StagePlan> {
  const rows: { id: string; status: StageStatus; hold: string | null }[] = [];
  for (const some of chunks([...new Set(ids)].sort(), IDS_AT_ONCE)) {
    const found = await select<(typeof rows)[number]>(
      trx,
      `SELECT dsco_order_id AS id, ${stage}_status AS status, ${stage}_hold AS hold FROM sync_order_state WHERE dsco_order_id IN (?) ORDER BY dsco_order_id FOR UPDATE`,
      [some],
    );
    rows.push(...found);
  }
  const known = new Set(rows.map(({ id }) => id));
  const decided = rows.map((row) => ({ ...row, decision: decideOperator(action, row.status) }));
  return {
    stage,
    acting: decided.flatMap(({ id, status, hold, decision }) =>
      decision.do === "set" ? [{ id, hold, from: status, to: decision.status }] : [],
    ),
    refused: new Map(
      decided.flatMap(({ id, status, decision }) => (decision.do === "refuse" ? [[id, `is at ${status}, ${decision.why}`] as const] : [])),
    ),
    unknown: ids.filter((id) => !known.has(id)),
  };
}

export async function applyPlan(trx: Db, action: OperatorAction, { stage, acting }: StagePlan, request: Request, now: Date): Promise<void> {
  for (const some of chunks(acting, IDS_AT_ONCE)) {
    const ids = some.map(({ id }) => id);
    await setStatus(trx, action, stage, ids, now);
    const waved = some.filter(({ hold }) => action === "requeue" && hold === "cancel_requested").map(({ id }) => id);
    await waveCancelRequestThrough(trx, waved, request, now);
    await resolveTasks(trx, ids, stage, request);
    await new EventStore(trx).add(
      some.map(({ id, from, to }) => ({
        dscoOrderId: id,
        stage,
        event: action === "done" ? `${stage}_done_elsewhere` : `${stage}_requeued`,
        detail: { from, to, reason: request.reason },
      })),
      request,
      now,
    );
  }
}

async function setStatus(db: Db, action: OperatorAction, stage: Stage, ids: readonly string[], now: Date): Promise<void> {
  const status = action === "done" ? STAGE_STATUS.notNeeded : STAGE_STATUS.waiting;
  await write(
    db,
    // A cancelled order that is requeued meets the cancel rule again, instead of waiting unseen for ever.
    `UPDATE sync_order_state SET ${stage}_status = ?, ${stage}_at = ?, ${stage}_retry_count = 0, ${stage}_doubts = 0, ${stage}_error = NULL, ${stage}_hold = NULL,
       ${stage}_next_attempt_at = NULL, cancel_applied = IF(? = 0 AND dsco_status = 'cancelled', 0, cancel_applied) WHERE dsco_order_id IN (?)`,
    [status, now, status, ids],
  );
}

/** The person lets the order go on although the retailer asks to cancel it: remembered, so that it is not held again. */
async function waveCancelRequestThrough(db: Db, ids: readonly string[], { actor, reason }: Request, now: Date): Promise<void> {
  if (ids.length === 0) return;
  await write(db, "UPDATE sync_order_state SET cancel_requested = 2 WHERE dsco_order_id IN (?) AND cancel_requested = 1", [ids]);
  for (const stage of ["push", "ship"]) {
    await write(
      db,
      `UPDATE sync_order_state SET ${stage}_status = 0, ${stage}_at = ?, ${stage}_hold = NULL, ${stage}_error = NULL, ${stage}_next_attempt_at = NULL
       WHERE dsco_order_id IN (?) AND ${stage}_status = 3 AND ${stage}_hold = 'cancel_requested'`,
      [now, ids],
    );
  }
  // The task stands at the first stage that was held, which need not be the one that is requeued.
  await write(
    db,
    `UPDATE manual_task SET status = ${TASK_STATUS.resolved}, resolved_by = ?, reason = ? WHERE dsco_order_id IN (?) AND task_type = 'cancel_requested' AND status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork})`,
    [actor, reason, ids],
  );
}

async function resolveTasks(db: Db, ids: readonly string[], stage: Stage, { actor, reason }: Request): Promise<void> {
  await write(
    db,
    `UPDATE manual_task SET status = ${TASK_STATUS.resolved}, resolved_by = ?, reason = ? WHERE dsco_order_id IN (?) AND stage = ? AND status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork})`,
    [actor, reason, ids, stage],
  );
}
