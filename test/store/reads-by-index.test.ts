import { beforeAll, describe, expect, it } from "vitest";
import { seedHistory } from "../../scripts/bench/seed.mjs";
import { type Db, select } from "../../src/store/db.ts";
import { ExplainQuery } from "../../src/store/explain-query.ts";
import { MetricsQuery } from "../../src/store/metrics-query.ts";
import { OrderCounts } from "../../src/store/order-counts.ts";
import { OrderQuery } from "../../src/store/order-query.ts";
import { RunQuery } from "../../src/store/run-query.ts";
import { RunStore } from "../../src/store/run-store.ts";
import { StatusQuery } from "../../src/store/status-query.ts";
import { TaskStore } from "../../src/store/task-store.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { poolOf } from "./store-database.ts";

/** Enough for the planner to see that reading all of it is dear. */
const ORDERS = 30_000;
const OPEN_SHARE = 0.02;

const database = await useTestDatabase();
const db = poolOf(database);
let seeded: { firstId: string; lastId: string };

beforeAll(async () => {
  seeded = await seedHistory(database.query, { orders: ORDERS, openShare: OPEN_SHARE });
  await new OrderCounts(db).refresh(new Date());
});

interface PlanRow {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly rows: string | number | null;
}

interface Statement {
  readonly sql: string;
  readonly plan: readonly PlanRow[];
  /** Rows and index entries that the server looked at. */
  readonly looked: number;
}

/** What `read` sends, and how the server goes about it. */
async function statementsOf(read: () => Promise<unknown>): Promise<Statement[]> {
  const asked: { sql: string; bindings: unknown[] }[] = [];
  const listen = ({ sql, bindings }: { sql: string; bindings: unknown[] }) => asked.push({ sql, bindings });
  db.on("query", listen);
  await read().finally(() => db.removeListener("query", listen));
  const statements: Statement[] = [];
  await db.transaction(async (connection) => {
    for (const { sql, bindings } of asked.filter((statement) => /^\s*\(?\s*select/i.test(statement.sql))) {
      const plan = await select<PlanRow>(connection, `EXPLAIN ${sql}`, bindings);
      const before = await rowsLookedAt(connection);
      await select(connection, sql, bindings);
      statements.push({ sql, plan, looked: (await rowsLookedAt(connection)) - before });
    }
  });
  return statements;
}

async function rowsLookedAt(connection: Db): Promise<number> {
  const counters = await select<{ Value: string }>(
    connection,
    "SHOW SESSION STATUS WHERE Variable_name REGEXP '^Handler_read_(first|key|last|next|prev|rnd_next)$'",
  );
  return counters.reduce((sum, { Value }) => sum + Number(Value), 0);
}

/** Tables that stay small are read as they are; `ALL` of a derived table reads what another line of the plan found. */
const GROWING = ["sync_order_state", "dsco_order_raw", "order_event", "manual_task", "job_run", "s", "r"];
/** The open orders a few times over, an hour of runs, and a page of what is asked for: far from all there is. */
const MOST_ROWS = 4 * ORDERS * OPEN_SHARE + 1_500;

describe("a look at the state finds by index", () => {
  it.each([
    { name: "status", read: () => new StatusQuery(db).read() },
    { name: "metrics", read: () => new MetricsQuery(db).read() },
    { name: "explain", read: () => new ExplainQuery(db).find(seeded.lastId) },
    { name: "a search by another number", read: () => new ExplainQuery(db).idsByOtherNumber("PO-3000000100") },
    { name: "explain of a text without an id", read: () => new ExplainQuery(db).findText("noid:00") },
    { name: "order-state of one", read: () => new OrderQuery(db).find(seeded.firstId) },
    { name: "order-state", read: () => new OrderQuery(db).list({ limit: 50, offset: 0 }) },
    { name: "order-state, the last page", read: () => new OrderQuery(db).list({ limit: 50, offset: ORDERS - 50 }) },
    { name: "order-state, far from both ends", read: () => new OrderQuery(db).list({ limit: 50, offset: 10_100 }) },
    { name: "order-state of most, far from both ends", read: () => new OrderQuery(db).list({ invoice: 1, limit: 50, offset: 10_100 }) },
    { name: "order-state, few", read: () => new OrderQuery(db).list({ push: 3, limit: 50, offset: 0 }) },
    { name: "order-state, nearly all", read: () => new OrderQuery(db).list({ invoice: 1, limit: 50, offset: 0 }) },
    { name: "order-state, two filters", read: () => new OrderQuery(db).list({ push: 1, ship: 0, limit: 50, offset: 0 }) },
    { name: "orders whose turn it is", read: () => new OrderQuery(db).list({ standsAt: "ship", ship: 0, limit: 50, offset: 0 }) },
    { name: "manual-tasks", read: () => new TaskStore(db).list({ status: 0, limit: 50, offset: 0 }) },
    { name: "manual-tasks, resolved", read: () => new TaskStore(db).list({ status: 2, limit: 50, offset: 0 }) },
    { name: "manual-tasks of a type", read: () => new TaskStore(db).list({ status: 0, type: "sync_failed", limit: 50, offset: 0 }) },
    { name: "runs", read: () => new RunQuery(db).list({ limit: 50, offset: 0 }) },
    { name: "runs of a job", read: () => new RunQuery(db).list({ job: "ship_to_dsco", limit: 50, offset: 0 }) },
    { name: "the watermarks' history", read: () => new RunStore(db).watermarkHistory(50) },
  ])("$name", async ({ read }) => {
    const statements = await statementsOf(read);
    expect(statements).not.toEqual([]);
    for (const { sql, plan } of statements) {
      const growing = plan.filter(({ table }) => GROWING.includes(table ?? ""));
      expect(
        growing.filter(({ type, key }) => type === "ALL" || key === null),
        `without an index: ${sql}`,
      ).toEqual([]);
    }
    const looked = statements.reduce((sum, statement) => sum + statement.looked, 0);
    expect(looked, "rows looked at").toBeLessThan(MOST_ROWS);
  });
});
