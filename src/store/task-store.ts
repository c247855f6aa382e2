import { createHash } from "node:crypto";
import { type Stage, TASK_STATUS, type TaskStatus, type TaskType } from "../sync/stage.ts";
import { clip, type Db, jsonText, placeholders, select, write } from "./db.ts";

const NEXT_STEP_LENGTH = 1000;

export interface NewTask {
  readonly type: TaskType;
  readonly dscoOrderId: string | undefined;
  readonly stage: Stage | undefined;
  /** Tells one cause from another of the same type, order and stage. */
  readonly cause: string;
  /** Facts only: no names, addresses or other personal data. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly nextStep: string;
}

/** A task as the contract shows it. */
export interface Task {
  readonly id: number;
  readonly task_type: TaskType;
  readonly dsco_order_id: string | null;
  readonly stage: Stage | null;
  readonly status: TaskStatus;
  readonly payload: unknown;
  readonly occurrences: number;
  readonly next_step: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly resolved_by: string | null;
  readonly reason: string | null;
}

export interface TaskFilter {
  readonly status?: TaskStatus;
  readonly type?: TaskType;
  readonly limit: number;
  readonly offset: number;
}

/** The queue for people: one task per cause. */
export class TaskStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** Opens a task per cause; a repeat raises `occurrences`, a resolved cause that recurs opens again, an ignored one stays ignored. */
  async raise(tasks: readonly NewTask[]): Promise<void> {
    if (tasks.length === 0) return;
    await write(
      this.#db,
      `INSERT INTO manual_task (task_type, dsco_order_id, stage, payload, fingerprint, next_step) VALUES ${placeholders(tasks.length, 6)}
       ON DUPLICATE KEY UPDATE occurrences = occurrences + 1, payload = VALUES(payload), next_step = VALUES(next_step),
         resolved_by = IF(status = ${TASK_STATUS.resolved}, NULL, resolved_by), reason = IF(status = ${TASK_STATUS.resolved}, NULL, reason),
         status = IF(status = ${TASK_STATUS.resolved}, ${TASK_STATUS.open}, status)`,
      tasks.flatMap((task) => [
        task.type,
        task.dscoOrderId ?? null,
        task.stage ?? null,
        jsonText(task.payload),
        causeFingerprint(task),
        clip(task.nextStep, NEXT_STEP_LENGTH),
      ]),
    );
  }

  /** Closes the open tasks of these orders whose cause is gone: those of one stage, or of certain types. */
  async closeSolved(
    dscoOrderIds: readonly string[],
    which: { readonly stage?: Stage; readonly types?: readonly TaskType[] },
  ): Promise<number> {
    if (dscoOrderIds.length === 0 || which.types?.length === 0) return 0;
    return write(
      this.#db,
      `UPDATE manual_task SET status = ${TASK_STATUS.resolved}, resolved_by = 'ipass', reason = 'the cause is gone'
       WHERE dsco_order_id IN (?) AND status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork})${which.stage === undefined ? "" : " AND stage = ?"}${which.types === undefined ? "" : " AND task_type IN (?)"}`,
      [dscoOrderIds, ...(which.stage === undefined ? [] : [which.stage]), ...(which.types === undefined ? [] : [which.types])],
    );
  }

  async list(filter: TaskFilter): Promise<{ items: Task[]; total: number }> {
    const conditions = ["1 = 1"];
    const bindings: unknown[] = [];
    if (filter.status !== undefined) {
      conditions.push("status = ?");
      bindings.push(filter.status);
    }
    if (filter.type !== undefined) {
      conditions.push("task_type = ?");
      bindings.push(filter.type);
    }
    const where = conditions.join(" AND ");
    const rows = await select<TaskRow>(
      this.#db,
      `SELECT ${TASK_COLUMNS} FROM manual_task WHERE ${where} ORDER BY id DESC LIMIT ? OFFSET ?`,
      [...bindings, filter.limit, filter.offset],
    );
    const [count] = await select<{ total: string | number }>(
      this.#db,
      `SELECT COUNT(*) AS total FROM manual_task WHERE ${where}`,
      bindings,
    );
    return { items: rows.map(toTask), total: Number(count?.total ?? 0) };
  }

  async find(id: number): Promise<Task | undefined> {
    const [row] = await select<TaskRow>(this.#db, `SELECT ${TASK_COLUMNS} FROM manual_task WHERE id = ?`, [id]);
    return row === undefined ? undefined : toTask(row);
  }
}

/** What makes two tasks one: type, order, stage and cause. */
export function causeFingerprint({
  type,
  dscoOrderId,
  stage,
  cause,
}: Pick<NewTask, "type" | "cause"> & Partial<Pick<NewTask, "dscoOrderId" | "stage">>): string {
  return createHash("sha256")
    .update([type, dscoOrderId ?? "", stage ?? "", cause].join("\0"))
    .digest("hex");
}

const TASK_COLUMNS =
  "id, task_type, dsco_order_id, stage, status, payload, occurrences, next_step, created_at, updated_at, resolved_by, reason";

type TaskRow = Omit<Task, "id" | "payload"> & { readonly id: string | number; readonly payload: string };

function toTask(row: TaskRow): Task {
  return { ...row, id: Number(row.id), payload: JSON.parse(row.payload) as unknown };
}
