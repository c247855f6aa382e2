import { RefusedByGuardError, UsageError } from "../errors.ts";
import { STAGE_STATUS, type Stage, type StageStatus, TASK_STATUS, type TaskStatus, type TaskType } from "../sync/stage.ts";
import { chunks, type Db, inTransaction, select, write } from "./db.ts";
import { type ActOptions, applyPlan, IDS_AT_ONCE, planStage, type Request, type StagePlan } from "./operator-actions.ts";

export interface ClosedTask {
  readonly task_id: number;
  readonly task_type: TaskType;
  readonly dsco_order_id: string | null;
  readonly from: TaskStatus;
  readonly to: TaskStatus;
}

/** Closes tasks as resolved or ignored. Touches no stage. @throws UsageError for an unknown id */
export async function closeTasks(
  db: Db,
  ids: readonly number[],
  to: "resolved" | "ignored",
  request: Request,
  { dryRun = false }: ActOptions = {},
): Promise<ClosedTask[]> {
  return inTransaction(db, async (trx) => {
    const tasks = await tasksByIds(trx, ids);
    if (!dryRun) await close(trx, tasks, TASK_STATUS[to], request);
    return tasks.map(({ id, task_type, dsco_order_id, status }) => ({
      task_id: id,
      task_type,
      dsco_order_id,
      from: status,
      to: TASK_STATUS[to],
    }));
  });
}

/** What requeuing a task did to the stage it is about; from 0 to 0 where that waits already. */
export interface RequeuedTask {
  readonly task_id: number;
  readonly task_type: TaskType;
  readonly dsco_order_id: string;
  readonly stage: Stage;
  readonly from: StageStatus;
  readonly to: StageStatus;
}

/**
 * Requeues the stage that each task is about, as `actOnStage` does: all of them or, when one forbids it, none. With its stage the task is
 * settled, also where the stage waits already.
 * @param which some tasks, or all open ones of a type
 * @throws UsageError for an unknown id, RefusedByGuardError naming each task that is about no stage, or whose stage forbids it
 */
export async function requeueTasks(
  db: Db,
  which: { readonly ids: readonly number[] } | { readonly type: TaskType },
  request: Request,
  now: Date,
  { dryRun = false }: ActOptions = {},
): Promise<RequeuedTask[]> {
  return inTransaction(db, async (trx) => {
    const tasks = "ids" in which ? await tasksByIds(trx, which.ids) : await openTasks(trx, which.type);
    const plans = new Map<Stage, StagePlan>();
    for (const [stage, ids] of ordersByStage(tasks)) plans.set(stage, await planStage(trx, "requeue", ids, stage));
    const refused = tasks.flatMap((task) => whyNot(task, plans) ?? []);
    if (refused.length > 0)
      throw new RefusedByGuardError(
        `cannot requeue ${refused.join("; ")}`,
        "nothing was changed; requeue the others by their ids, resolve or ignore these",
      );
    if (!dryRun) {
      for (const plan of plans.values()) await applyPlan(trx, "requeue", plan, request, now);
      await close(trx, tasks.filter(isOpen), TASK_STATUS.resolved, request);
    }
    return requeued(tasks, plans);
  });
}

interface TaskRow {
  readonly id: number;
  readonly task_type: TaskType;
  readonly dsco_order_id: string | null;
  readonly stage: Stage | null;
  readonly status: TaskStatus;
}

const COLUMNS = "id, task_type, dsco_order_id, stage, status";

async function tasksByIds(db: Db, ids: readonly number[]): Promise<TaskRow[]> {
  const found: TaskRow[] = [];
  for (const some of chunks([...new Set(ids)], IDS_AT_ONCE))
    found.push(...(await select<TaskRow>(db, `SELECT ${COLUMNS} FROM manual_task WHERE id IN (?)`, [some])));
  const tasks = new Map(found.map((task) => [Number(task.id), { ...task, id: Number(task.id) }]));
  const unknown = ids.filter((id) => !tasks.has(id));
  if (unknown.length > 0) throw new UsageError(`unknown task ${unknown.join(", ")}`, "ipass manual-tasks lists the known ones");
  return [...tasks.values()].sort((a, b) => a.id - b.id);
}

async function openTasks(db: Db, type: TaskType): Promise<TaskRow[]> {
  const rows = await select<TaskRow>(
    db,
    `SELECT ${COLUMNS} FROM manual_task WHERE status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork}) AND task_type = ? ORDER BY id`,
    [type],
  );
  return rows.map((task) => ({ ...task, id: Number(task.id) }));
}

function isOpen({ status }: TaskRow): boolean {
  return status === TASK_STATUS.open || status === TASK_STATUS.inWork;
}

function ordersByStage(tasks: readonly TaskRow[]): Map<Stage, string[]> {
  const orders = new Map<Stage, string[]>();
  for (const { stage, dsco_order_id: id } of tasks) {
    if (stage === null || id === null) continue;
    const ids = orders.get(stage);
    if (ids === undefined) orders.set(stage, [id]);
    else ids.push(id);
  }
  return orders;
}

/** Why a task cannot be requeued. */
function whyNot({ id, dsco_order_id, stage }: TaskRow, plans: ReadonlyMap<Stage, StagePlan>): string | undefined {
  if (dsco_order_id === null) return `task ${id}: it is about no order`;
  const plan = stage === null ? undefined : plans.get(stage);
  if (plan === undefined) return `task ${id}: it is about no stage of order ${dsco_order_id}`;
  if (plan.unknown.includes(dsco_order_id)) return `task ${id}: order ${dsco_order_id} is unknown`;
  const why = plan.refused.get(dsco_order_id);
  return why === undefined ? undefined : `task ${id}: ${stage} of ${dsco_order_id} ${why}`;
}

function requeued(tasks: readonly TaskRow[], plans: ReadonlyMap<Stage, StagePlan>): RequeuedTask[] {
  const changes = new Map([...plans].flatMap(([stage, { acting }]) => acting.map((change) => [`${stage} ${change.id}`, change] as const)));
  return tasks.flatMap(({ id, task_type, dsco_order_id, stage }) => {
    if (dsco_order_id === null || stage === null) return []; // refused before
    const { from, to } = changes.get(`${stage} ${dsco_order_id}`) ?? { from: STAGE_STATUS.waiting, to: STAGE_STATUS.waiting };
    return [{ task_id: id, task_type, dsco_order_id, stage, from, to }];
  });
}

async function close(db: Db, tasks: readonly TaskRow[], status: TaskStatus, { actor, reason }: Request): Promise<void> {
  for (const some of chunks(tasks, IDS_AT_ONCE))
    await write(db, "UPDATE manual_task SET status = ?, resolved_by = ?, reason = ? WHERE id IN (?)", [
      status,
      actor,
      reason,
      some.map(({ id }) => id),
    ]);
}
