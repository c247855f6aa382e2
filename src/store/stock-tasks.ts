import { TASK_STATUS, type TaskType } from "../sync/stage.ts";
import type { StockTask } from "../sync/stock-tasks.ts";
import { type Db, select, write } from "./db.ts";
import { TaskStore } from "./task-store.ts";

const AT_ONCE = 500;

/** Tasks about stock: no order is concerned, so each names in its payload what it is about. */
export class StockTasks {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  /** One task per subject; see TaskStore.raise. */
  async raise(tasks: readonly StockTask[]): Promise<void> {
    const store = new TaskStore(this.#db);
    for (let from = 0; from < tasks.length; from += AT_ONCE) {
      await store.raise(
        tasks.slice(from, from + AT_ONCE).map(({ type, subject, cause, facts, nextStep }) => ({
          type,
          dscoOrderId: undefined,
          stage: undefined,
          cause: `stock:${subject}`,
          payload: { cause, subject, ...facts },
          nextStep,
        })),
      );
    }
  }

  /** Closes the open tasks of a type whose subject fits. */
  async close(type: TaskType, fits: (subject: string) => boolean, by: { readonly who: string; readonly reason: string }): Promise<void> {
    const found = await this.#find(type, [TASK_STATUS.open, TASK_STATUS.inWork]);
    const ids = found.filter(({ subject }) => fits(subject)).map(({ id }) => id);
    if (ids.length === 0) return;
    await write(
      this.#db,
      `UPDATE manual_task SET status = ${TASK_STATUS.resolved}, resolved_by = ?, reason = ? WHERE id IN (?) AND status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork})`,
      [by.who, by.reason, ids],
    );
  }

  /** What a person has chosen not to hear of. */
  async ignored(type: TaskType): Promise<ReadonlySet<string>> {
    return new Set((await this.#find(type, [TASK_STATUS.ignored])).map(({ subject }) => subject));
  }

  async #find(type: TaskType, statuses: readonly number[]): Promise<{ id: string; subject: string }[]> {
    const rows = await select<{ id: string | number; payload: string }>(
      this.#db,
      "SELECT id, payload FROM manual_task WHERE status IN (?) AND task_type = ? AND dsco_order_id IS NULL",
      [statuses, type],
    );
    return rows.flatMap(({ id, payload }) => {
      const { subject } = JSON.parse(payload) as { subject?: unknown };
      return typeof subject === "string" ? [{ id: String(id), subject }] : []; // without one it is about something else
    });
  }
}
