import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus, TASK_STATUS, type TaskType } from "../sync/stage.ts";
import { type Db, inTransaction, select } from "./db.ts";
import { OrderCounts, type StatusCount } from "./order-counts.ts";
import { type Run, RunQuery } from "./run-query.ts";
import { WatermarkStore } from "./watermark-store.ts";

/** Where everything stands, as of one moment. Its cost follows what is open, not how many orders there have been. */
export interface StatusRecord {
  /** The database's clock, by which due times are set. */
  readonly now: Date;
  readonly counts: readonly StatusCount[];
  readonly due: Readonly<Record<Stage, DueRecord>>;
  readonly deadlines: DeadlineRecord;
  readonly lastRuns: ReadonlyMap<JobName, Run>;
  readonly lastSuccesses: ReadonlyMap<JobName, Date>;
  readonly watermarks: ReadonlyMap<JobName, string>;
  readonly openTasks: ReadonlyMap<TaskType, number>;
}

export interface DueRecord {
  /** Orders whose turn has come at this stage. */
  readonly orders: number;
  /** Since when the oldest of them is due. */
  readonly since: Date | undefined;
}

export interface DeadlineRecord {
  /** Open orders whose deadline is over, and those for which it comes within a day. */
  readonly over: number;
  readonly near: number;
  /** The most pressing first. */
  readonly orders: readonly PressingOrder[];
}

/** An order that has to be acknowledged or shipped soon, or should have been. */
export interface PressingOrder {
  readonly dsco_order_id: string;
  readonly stage: "ack" | "ship";
  readonly status: StageStatus;
  /** `acknowledgeByDate` or `shipByDate`. */
  readonly by: Date;
}

const DEADLINE_COLUMNS = { ack: "acknowledge_by_date", ship: "ship_by_date" } as const;
const NEAR_HOURS = 24;
const PRESSING_SHOWN = 20;
/** Of orders that are due without a due time, so many are asked since when. The oldest come first: DSCO's ids grow. */
const AGES_READ = 1_000;

const BEHIND = [STAGE_STATUS.done, STAGE_STATUS.notNeeded];
const TO_BE_SENT = [STAGE_STATUS.waiting, STAGE_STATUS.failed];
const OPEN = [STAGE_STATUS.waiting, STAGE_STATUS.failed, STAGE_STATUS.manual, STAGE_STATUS.inFlight];

/** What `ipass status`, the page and the metrics show. */
export class StatusQuery {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async read(): Promise<StatusRecord> {
    return inTransaction(this.#db, async (db) => {
      const [clock] = await select<{ now: Date }>(db, "SELECT UTC_TIMESTAMP(3) AS now");
      const now = clock?.now ?? new Date();
      const runs = new RunQuery(db);
      const watermarks = await new WatermarkStore(db).list();
      return {
        now,
        counts: await new OrderCounts(db).byStatuses(),
        due: {
          push: await dueAt(db, "push", now),
          ack: await dueAt(db, "ack", now),
          ship: await dueAt(db, "ship", now),
          invoice: await dueAt(db, "invoice", now),
        },
        deadlines: await pressing(db, now),
        lastRuns: await runs.lastOfEach(JOB_NAMES),
        lastSuccesses: await runs.lastSuccesses(JOB_NAMES),
        watermarks: new Map(watermarks.map(({ job, watermark }) => [job as JobName, watermark])),
        openTasks: await openTasks(db),
      };
    });
  }
}

/** Each lane is one range of the stage's index. */
async function dueAt(db: Db, stage: Stage, now: Date): Promise<DueRecord> {
  const previous = STAGES[STAGES.indexOf(stage) - 1];
  const reachedAt = previous === undefined ? "created_at" : `${previous}_at`;
  const lanes: string[] = [];
  const bindings: unknown[] = [];
  for (const status of TO_BE_SENT) {
    for (const before of previous === undefined ? [undefined] : BEHIND) {
      const lane = `FROM sync_order_state WHERE ${stage}_status = ${status}${before === undefined ? "" : ` AND ${previous}_status = ${before}`} AND ${stage}_next_attempt_at`;
      lanes.push(
        `(SELECT COUNT(*) AS orders, MIN(${stage}_next_attempt_at) AS since ${lane} <= ?)`,
        `(SELECT COUNT(*) AS orders, (SELECT MIN(reached) FROM (SELECT ${reachedAt} AS reached ${lane} IS NULL ORDER BY dsco_order_id LIMIT ${AGES_READ}) oldest) AS since ${lane} IS NULL)`,
      );
      bindings.push(now);
    }
  }
  const rows = await select<{ orders: string | number; since: Date | null }>(db, lanes.join(" UNION ALL "), bindings);
  const ages = rows.flatMap(({ since }) => (since === null ? [] : [since.getTime()]));
  return {
    orders: rows.reduce((sum, { orders }) => sum + Number(orders), 0),
    since: ages.length === 0 ? undefined : new Date(Math.min(...ages)),
  };
}

async function pressing(db: Db, now: Date): Promise<DeadlineRecord> {
  const near = new Date(now.getTime() + NEAR_HOURS * 3600_000);
  const lanes = (["ack", "ship"] as const).flatMap((stage) => OPEN.map((status) => ({ stage, status, column: DEADLINE_COLUMNS[stage] })));
  const range = ({ stage, status, column }: (typeof lanes)[number]) =>
    `FROM sync_order_state WHERE ${stage}_status = ${status} AND ${column} <= ? AND dsco_status <> 'cancelled'`;
  const [counted] = await select<{ open_ones: string | number; over_ones: string | number }>(
    db,
    `SELECT SUM(orders) AS open_ones, SUM(late) AS over_ones FROM (${lanes
      .map((lane) => `SELECT COUNT(*) AS orders, COALESCE(SUM(${lane.column} < ?), 0) AS late ${range(lane)}`)
      .join(" UNION ALL ")}) lanes`,
    lanes.flatMap(() => [now, near]),
  );
  const orders = await select<PressingOrder>(
    db,
    `SELECT dsco_order_id, stage, status, due_by AS \`by\` FROM (${lanes
      .map(
        (lane) =>
          `(SELECT dsco_order_id, '${lane.stage}' AS stage, ${lane.stage}_status AS status, ${lane.column} AS due_by ${range(lane)} ORDER BY ${lane.column} LIMIT ${PRESSING_SHOWN})`,
      )
      .join(" UNION ALL ")}) lanes ORDER BY due_by, dsco_order_id LIMIT ${PRESSING_SHOWN}`,
    lanes.map(() => near),
  );
  const over = Number(counted?.over_ones ?? 0);
  return { over, near: Number(counted?.open_ones ?? 0) - over, orders };
}

async function openTasks(db: Db): Promise<Map<TaskType, number>> {
  const rows = await select<{ type: TaskType; tasks: string | number }>(
    db,
    `SELECT task_type AS type, COUNT(*) AS tasks FROM manual_task WHERE status IN (${TASK_STATUS.open}, ${TASK_STATUS.inWork}) GROUP BY task_type ORDER BY task_type`,
  );
  return new Map(rows.map(({ type, tasks }) => [type, Number(tasks)]));
}
