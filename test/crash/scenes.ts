import { seedCatalog } from "../../src/sandbox/catalog.ts";
import { jsonAnswer, Refusal } from "../../src/sandbox/endpoint.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { ACK, INVOICE, PULL, PUSH, SHIP } from "../jobs/way-back-world.ts";
import type { Env } from "../jobs/world.ts";
import { type CrashWorld, type PassOptions, STOCK } from "./crash-world.ts";
import type { Effect } from "./vendor-witness.ts";

export type SceneName = "usual" | "named" | "stale" | "refused" | "turned away";

/** Brings about what a pass is to find when it starts, each time for new orders; returns how it is to be started. */
export type Scene = (crash: CrashWorld) => Promise<PassOptions>;

const SEED = 7;
export const SKUS = 6;
/** What every scene's sandbox is opened with. */
export const SANDBOX = { orders: 0, skus: SKUS, seed: SEED, auth: "secrets" } as const;
const CATALOG = seedCatalog(SKUS, SEED).map(({ sku }) => sku);

/** Small batches, so that a pass makes several and a kill may fall between them. */
const batches = (job: JobName, size: number): Env => ({ [`IPASS_JOB_${job.toUpperCase()}_BATCH_SIZE`]: String(size) });

/** A run that died before, and vendors that have to be asked for new tokens. */
async function leaveTraces({ world }: CrashWorld, job: JobName): Promise<void> {
  await world.db.query(
    "insert into job_run (job_name, trace_id, host, pid, started_at) values (?, 'long-dead', 'here', 1, utc_timestamp(3))",
    [job],
  );
  await world.db.query("delete from api_token");
}

/** The vendor breaks off some answers of this pass, and tells nothing of what it was sent. */
async function passThatLearnsNothing(crash: CrashWorld, job: JobName, faults: readonly string[], limit?: number): Promise<void> {
  crash.world.vendors.replaceFaults(faults);
  await crash.life.run(job, limit === undefined ? {} : { limit }, batches(job, 2));
  crash.world.vendors.replaceFaults([]);
}

function newOrders({ life }: CrashWorld, count: number): string[] {
  return Array.from({ length: count }, () => life.order());
}

/** Three pages of orders, changed so long ago that no overlap would make up for a watermark that has passed them. */
const pull: Scene = async (crash) => {
  const now = Date.now();
  const add = Array.from({ length: 25 }, (_, index) => ({ updatedAt: now - 48 * 3600_000 + index }));
  crash.world.vendors.changeOrders({ add });
  await leaveTraces(crash, PULL);
  await crash.world.db.query("delete from order_count");
  return { env: batches(PULL, 10) };
};

/** Creates whose answer was lost, with and without effect, one order of each cancelled since; new orders; and one answer to be lost. */
const push: Scene = async (crash) => {
  const { life, world } = crash;
  const [first = "", , third = ""] = newOrders(crash, 8);
  await life.ran(PULL);
  await passThatLearnsNothing(crash, PUSH, ["create:reset-after:#1", "create:reset-before:#2", "list:401:1"], 4);
  life.retailer({ cancel: [first, third] });
  await life.ran(PULL);
  await leaveTraces(crash, PUSH);
  await crash.graceOver();
  world.vendors.replaceFaults(["create:reset-after:#2"]);
  return { env: batches(PUSH, 2) };
};

/** Orders named by hand whose snapshots are old. */
const pushNamed: Scene = async (crash) => {
  const ids = newOrders(crash, 2);
  await crash.life.ran(PULL);
  await crash.life.later(2_000);
  return { args: ids.flatMap((id) => ["--order", id]) };
};

/** Due orders whose snapshots are old, and changed at DSCO since. */
const stale =
  (due: (crash: CrashWorld) => Promise<readonly string[]>): Scene =>
  async (crash) => {
    const ids = await due(crash);
    await crash.life.later(2_000);
    for (const id of ids) crash.life.patch(id, { giftMessage: "for you" });
    return {};
  };

/** A batch whose answer was lost, one that DSCO has queued, orders that Lingxing has news of, one that has to wait; and one answer to be lost. */
const ack: Scene = async (crash) => {
  const { life, world } = crash;
  const ids = newOrders(crash, 9);
  await life.ran(PULL);
  await life.ran(PUSH);
  life.people({ action: "review", numbers: ids.slice(0, 4) });
  await passThatLearnsNothing(crash, ACK, ["ack:reset-after:#1", "order_log:401:1"]);
  life.people({ action: "review", numbers: ids.slice(4, 8) });
  await dueNow(crash, "ack", ids.slice(8));
  await leaveTraces(crash, ACK);
  await crash.graceOver();
  world.vendors.replaceFaults(["ack:reset-after:#2"]);
  return { env: batches(ACK, 2) };
};

const ship: Scene = async (crash) => {
  const { life, world } = crash;
  const ids = newOrders(crash, 9);
  await life.ran(PULL);
  await life.ran(PUSH);
  life.people({ action: "review", numbers: ids });
  await life.ran(ACK);
  life.people({ action: "ship", numbers: ids.slice(0, 4) });
  await passThatLearnsNothing(crash, SHIP, ["ship:reset-after:#1", "order_log:401:1"]);
  life.people({ action: "ship", numbers: ids.slice(4, 8) });
  await dueNow(crash, "ship", ids.slice(8));
  await leaveTraces(crash, SHIP);
  await crash.graceOver();
  world.vendors.replaceFaults(["ship:reset-after:#2"]);
  return { env: batches(SHIP, 2) };
};

const invoice: Scene = async (crash) => {
  await shipped(crash, 8);
  await passThatLearnsNothing(crash, INVOICE, ["invoice:reset-after:#1", "invoice_log:401:1"], 4);
  await leaveTraces(crash, INVOICE);
  await crash.graceOver();
  crash.world.vendors.replaceFaults(["invoice:reset-after:#2"]);
  return { env: batches(INVOICE, 2) };
};

/** One that DSCO does not know, and one whose name is longer than it takes: people are asked about both. */
const ODD_ROWS = ["UNKNOWN-AT-DSCO", "L".repeat(91)].map((sku) => ({ wid: 1001, sku }));

/**
 * Figures of which nobody will ever hear, figures that DSCO has queued, odd rows that are gone; all figures changed; and one answer to be lost.
 */
const stock: Scene = async (crash) => {
  const { life, world } = crash;
  world.vendors.advance({ action: "stock", rows: ODD_ROWS.map((row) => ({ ...row, valid: 5 })) });
  await life.run(STOCK);
  changeStock(crash);
  world.vendors.replaceFaults(["inventory:reset-before:#1", "inventory_log:401:1"]);
  await life.run(STOCK, {}, batches(STOCK, 3));
  world.vendors.advance({ action: "stock", rows: ODD_ROWS.map((row) => ({ ...row, remove: true })) });
  changeStock(crash);
  await leaveTraces(crash, STOCK);
  await crash.graceOver();
  world.vendors.replaceFaults(["inventory:reset-after:#2"]);
  return { env: batches(STOCK, 3) };
};

/** DSCO refuses a batch as a whole. */
const refused =
  (call: Effect, due: (crash: CrashWorld) => Promise<unknown>): Scene =>
  async (crash) => {
    await due(crash);
    crash.witness.holdNext(call, () => {
      throw new Refusal(jsonAnswer(400, '{"status":"failure","messages":[{"code":"badRequest","description":"one of these"}]}'));
    });
    return {};
  };

async function pulled(crash: CrashWorld): Promise<string[]> {
  const ids = newOrders(crash, 2);
  await crash.life.ran(PULL);
  return ids;
}

async function reviewed(crash: CrashWorld, count: number): Promise<string[]> {
  const ids = newOrders(crash, count);
  await crash.life.ran(PULL);
  await crash.life.ran(PUSH);
  crash.life.people({ action: "review", numbers: ids });
  return ids;
}

async function leftTheWarehouse(crash: CrashWorld, count: number): Promise<string[]> {
  const ids = await reviewed(crash, count);
  await crash.life.ran(ACK);
  crash.life.people({ action: "ship" });
  return ids;
}

async function shipped(crash: CrashWorld, count: number): Promise<void> {
  await leftTheWarehouse(crash, count);
  await crash.life.ran(SHIP);
}

/** DSCO does not let us in: what was claimed provably never left. */
const stockTurnedAway: Scene = async (crash) => {
  changeStock(crash);
  crash.world.vendors.replaceFaults(["inventory:401:1"]);
  return {};
};

let figure = 0;
/** Every figure becomes one it never was before. */
function changeStock({ world }: CrashWorld): void {
  world.vendors.advance({ action: "stock", rows: CATALOG.map((sku) => ({ wid: 1001, sku, valid: ++figure })) });
}

/** The time has come for orders that wait, though nothing has happened to them. */
async function dueNow({ world }: CrashWorld, stage: "ack" | "ship", ids: readonly string[]): Promise<void> {
  await world.db.query(`update sync_order_state set ${stage}_next_attempt_at = null where dsco_order_id in (?)`, [ids]);
}

export const SCENES: Readonly<Record<JobName, Readonly<Partial<Record<SceneName, Scene>>>>> = {
  [PULL]: { usual: pull },
  [PUSH]: { usual: push, named: pushNamed, stale: stale(pulled) },
  [ACK]: { usual: ack, refused: refused("ack", (crash) => reviewed(crash, 2)) },
  [SHIP]: {
    usual: ship,
    refused: refused("ship", (crash) => leftTheWarehouse(crash, 2)),
    stale: stale((crash) => leftTheWarehouse(crash, 2)),
  },
  [INVOICE]: { usual: invoice, refused: refused("invoice", (crash) => shipped(crash, 2)) },
  [STOCK]: { usual: stock, refused: refused("inventory", async (crash) => changeStock(crash)), "turned away": stockTurnedAway },
};
