import { type Connection, createConnection } from "mysql2/promise";
import { parseServerDsn } from "../../scripts/server-dsn.mjs";
import { lockName } from "../../src/store/lock.ts";
import { until } from "../jobs/world.ts";
import { someoneWaits } from "../store/store-database.ts";
import type { Bench } from "./bench.ts";

/** The account ipass uses here: its connections are told from ours by the name, and it may not write where nobody may. */
export const ACCOUNT = "app";

export interface Strike {
  readonly bench: Bench;
  /** Those the call in hand is about. */
  readonly items: readonly string[];
  /** Kills the server and starts it anew. */
  crash(): Promise<void>;
}

export interface DatabaseFault {
  readonly name: string;
  /** Before the pass begins, or when the first call with an effect has had it and its answer is on the way. */
  readonly when: "at the start" | "with an answer on the way";
  /** Why it says nothing about this job. */
  readonly notFor?: Readonly<Record<string, string>>;
  /** Resolves when it is there; what it resolves to makes good what lasts, after the pass. */
  strike(strike: Strike): Promise<() => Promise<void>>;
  readonly exit: 0 | 13;
  /** From then on nothing may be written: somebody else may have the lock. */
  readonly lockLost?: true;
}

/** A thrown-away server is told not to care whether a commit lasts, and an ordinary one waits for a lock as long as a minute. */
export const SERVER_SETTINGS = ["innodb_flush_log_at_trx_commit = 1", "innodb_lock_wait_timeout = 1"];

const NOTHING_LASTS = async () => undefined;
const NO_ROWS_YET = { pull_dsco_orders: "its rows do not exist yet, so that nobody can lock them crosswise" };

export const DATABASE_FAULTS: readonly DatabaseFault[] = [
  {
    name: "the connections of the pool are killed between two statements",
    when: "with an answer on the way",
    notFor: { push_orders_to_lingxing: "its batches are under way side by side, so that there is hardly a moment between two statements" },
    exit: 0,
    async strike({ bench }) {
      const killed = (await ownThreads(bench)).filter(({ command }) => command === "Sleep");
      const lock = await lockOwner(bench);
      for (const { id } of killed) if (id !== lock) await bench.world.db.query(`kill ${id}`);
      await until("they are gone", async () => (await ownThreads(bench)).every(({ id }) => id === lock));
      return NOTHING_LASTS;
    },
  },
  {
    name: "a connection is killed under its statement",
    when: "with an answer on the way",
    exit: 13,
    async strike({ bench }) {
      const rival = await connect(bench);
      await rival.query(`lock tables ${tableOf(bench)} write`);
      return alongside(async () => {
        const stuck = await until("a statement waits for the table", async () =>
          (await ownThreads(bench)).find(({ state }) => /^Waiting for table/.test(state ?? "")),
        );
        await bench.world.db.query(`kill ${stuck.id}`);
        await until("it is gone", async () => (await ownThreads(bench)).every(({ id }) => id !== stuck.id));
        await rival.end();
      });
    },
  },
  {
    name: "the connection that holds the lock is killed",
    when: "with an answer on the way",
    exit: 13,
    lockLost: true,
    async strike({ bench }) {
      const lock = await lockOwner(bench);
      await bench.world.db.query(`kill ${lock}`);
      await until("it is gone", async () => (await ownThreads(bench)).every(({ id }) => id !== lock));
      return NOTHING_LASTS;
    },
  },
  {
    name: "the server crashes and comes back",
    when: "with an answer on the way",
    exit: 13,
    lockLost: true,
    async strike({ crash }) {
      await crash();
      return NOTHING_LASTS;
    },
  },
  {
    name: "the server becomes read-only",
    when: "with an answer on the way",
    exit: 13,
    strike: ({ bench }) => readOnly(bench),
  },
  {
    name: "the server is read-only",
    when: "at the start",
    exit: 13,
    strike: ({ bench }) => readOnly(bench),
  },
  {
    name: "a deadlock, and ours is the one that is undone",
    when: "with an answer on the way",
    notFor: NO_ROWS_YET,
    exit: 0,
    async strike({ bench, items }) {
      const [first = "", ...others] = [...items].sort();
      const rival = await connect(bench);
      await rival.beginTransaction();
      // Of two, the server undoes the one that has changed less.
      await rival.query(
        "insert into job_watermark (job_name, watermark) select seq, '{}' from (select 1000 + row_number() over () as seq from information_schema.columns limit 500) numbers",
      );
      await rival.query(`select * from ${tableOf(bench)} where ${keyOf(bench)} in (?) for update`, [others]);
      const deadlocks = await deadlocksSoFar(bench);
      return alongside(async () => {
        await until("ours waits for a row of theirs", () => someoneWaits(bench.world.db));
        await rival.query(`select * from ${tableOf(bench)} where ${keyOf(bench)} = ? for update`, [first]);
        await rival.rollback();
        await rival.end();
        if ((await deadlocksSoFar(bench)) === deadlocks) throw new Error("there was no deadlock");
      });
    },
  },
  {
    name: "somebody else holds the rows for too long",
    when: "with an answer on the way",
    exit: 13,
    strike: ({ bench, items }) => holdRows(bench, items),
  },
  {
    name: "somebody else holds the rows for too long",
    when: "at the start",
    exit: 13,
    strike: ({ bench, items }) => holdRows(bench, items),
  },
];

async function readOnly({ world }: Bench): Promise<() => Promise<void>> {
  await world.db.query("set global read_only = 1");
  return async () => void (await world.db.query("set global read_only = 0"));
}

/** Until the pass has ended. */
async function holdRows(bench: Bench, items: readonly string[]): Promise<() => Promise<void>> {
  const rival = await connect(bench);
  await rival.beginTransaction();
  if (bench.job === "pull_dsco_orders")
    await rival.query("insert into sync_order_state (dsco_order_id) values ?", [items.map((id) => [id])]);
  else await rival.query(`select * from ${tableOf(bench)} where ${keyOf(bench)} in (?) for update`, [items]);
  return async () => {
    await rival.rollback();
    await rival.end();
  };
}

/** What happens while the pass goes on; looked after when it has ended. */
function alongside(work: () => Promise<void>): () => Promise<void> {
  const working = work();
  working.catch(() => undefined); // until then nobody is there to hear of it
  return () => working;
}

function tableOf({ job }: Bench): string {
  return job === "sync_stock" ? "stock_level" : "sync_order_state";
}

function keyOf({ job }: Bench): string {
  return job === "sync_stock" ? "dsco_sku" : "dsco_order_id";
}

async function connect({ world }: Bench): Promise<Connection> {
  return createConnection(parseServerDsn(world.db.dsn));
}

interface Thread {
  readonly id: number;
  readonly command: string;
  readonly state: string | null;
}

/** ipass's own connections. */
async function ownThreads({ world }: Bench): Promise<Thread[]> {
  const rows = await world.db.query<Thread>("select id, command, state from information_schema.processlist where user = ?", [ACCOUNT]);
  return rows.map((thread) => ({ ...thread, id: Number(thread.id) }));
}

async function lockOwner({ world, job }: Bench): Promise<number> {
  const [row] = await world.db.query<{ owner: string | null }>("select is_used_lock(?) as owner", [lockName(world.db.name, job)]);
  if (row?.owner == null) throw new Error("nobody holds the lock");
  return Number(row.owner);
}

async function deadlocksSoFar({ world }: Bench): Promise<number> {
  const [row] = await world.db.query<{ count: string }>(
    "select count from information_schema.innodb_metrics where name = 'lock_deadlocks'",
  );
  return Number(row?.count);
}
