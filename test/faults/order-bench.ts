import type { RunReport } from "../../src/jobs/run-job.ts";
import type { CallName, SandboxRequest } from "../../src/sandbox/endpoint.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import { STAGE_JOB } from "../../src/sync/explained-state.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import type { Stage } from "../../src/sync/stage.ts";
import { reported, tamper } from "../helpers/whole-run.ts";
import { ACK, PULL, PUSH, SHIP, WayBack } from "../jobs/way-back-world.ts";
import type { Env, World } from "../jobs/world.ts";
import type { Bench } from "./bench.ts";

/** The call that has a stage's effect. */
const EFFECT: Readonly<Record<Stage, CallName>> = { push: "create", ack: "ack", ship: "ship", invoice: "invoice" };
const LOGS: readonly CallName[] = ["order_log", "invoice_log"];
/** With a person: no pass touches what is not its cell's turn yet. */
const PARKED = 3;
const BATCH_SIZE = 2;
/** Four calls: three lost ones in a row end a pass, and one is left to be kept from it. */
const ORDERS = 4 * BATCH_SIZE;
/** Longer than the default grace. */
const GRACE_OVER_SEC = 400;
/** DSCO's pages of orders end ten seconds ago. */
const SHOWN_MS = 60_000;

export interface OrderBenchOptions {
  readonly stage: Stage;
  readonly sandbox?: Partial<SandboxOptions>;
  /** What is special about the orders of a cell, which are due when this is called. */
  readonly readied?: (bench: OrderBench, ids: readonly string[]) => Promise<void>;
}

type Row = Readonly<Record<string, unknown>>;

/** Orders that are due at one stage, four calls of them for each cell. */
export class OrderBench implements Bench {
  readonly world: World;
  readonly job: JobName;
  readonly effect: CallName;
  readonly perCall = BATCH_SIZE;
  readonly env: Env;
  readonly stage: Stage;
  readonly #life: WayBack;
  readonly #options: OrderBenchOptions;
  readonly #taken = new Map<string, number>();
  readonly #before = new Map<string, Row>();
  #parked: string[] = [];
  /** The vendors' clock, in ms from everybody else's. */
  #aheadMs = 0;
  #logsAreSilent = false;
  #isBackdated = false;

  constructor(world: World, options: OrderBenchOptions) {
    this.world = world;
    this.stage = options.stage;
    this.job = STAGE_JOB[options.stage];
    this.effect = EFFECT[options.stage];
    this.env = { [`IPASS_JOB_${this.job.toUpperCase()}_BATCH_SIZE`]: String(BATCH_SIZE) };
    this.#life = new WayBack(world);
    this.#options = options;
  }

  async open(cells: number): Promise<void> {
    const life = this.#life;
    await this.world.db.empty();
    const now = () => new Date(Date.now() + this.#aheadMs);
    await life.open({ orders: cells * ORDERS, auth: "secrets", now, ...this.#options.sandbox });
    await life.ran(PULL);
    if (this.stage !== "push") {
      await life.ran(PUSH);
      life.people({ action: "review" });
    }
    if (this.stage === "ship" || this.stage === "invoice") {
      await life.ran(ACK);
      life.people({ action: "ship" });
    }
    if (this.stage === "invoice") await life.ran(SHIP);
    this.#parked = (await this.world.orders()).map(({ dsco_order_id }) => dsco_order_id);
    await this.#set(this.#parked, { status: PARKED });
    this.#watchVendors();
  }

  #watchVendors(): void {
    tamper(this.world.vendors, this.effect, async (request, handle) => {
      this.#aheadMs = this.#isBackdated ? -SHOWN_MS : 0;
      const answer = await Promise.resolve(handle(request)).finally(() => {
        this.#aheadMs = 0;
      });
      for (const id of this.itemsOf(request)) this.#taken.set(id, (this.#taken.get(id) ?? 0) + 1);
      return answer;
    });
    for (const call of LOGS) {
      tamper(this.world.vendors, call, async (request, handle) => {
        const answer = await handle(request);
        return this.#logsAreSilent ? { ...answer, body: '{"status":"COMPLETED","logs":[]}' } : answer;
      });
    }
  }

  async next(): Promise<readonly string[]> {
    const ids = this.#parked.splice(0, ORDERS);
    const failedBefore = ids.slice(-1);
    await this.#set(ids, { status: 0 });
    // What a vendor's outage must leave alone.
    await this.#set(failedBefore, { status: 2, retry_count: 1, error: "as before", next_attempt_at: new Date("2026-01-02T03:04:05.678Z") });
    await this.#options.readied?.(this, ids);
    this.#before.clear();
    for (const [id, row] of await this.#rows(ids)) this.#before.set(id, row);
    return ids;
  }

  async run(env: Env = {}): Promise<RunReport> {
    return this.#life.run(this.job, {}, { ...this.env, ...env });
  }

  itemsOf(request: SandboxRequest): readonly string[] {
    return this.stage === "push" ? created(request) : reported(request);
  }

  async states(items: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const now = await this.#rows(items);
    return new Map(items.map((id) => [id, this.#stateOf(now.get(id), this.#before.get(id))]));
  }

  #stateOf(now: Row = {}, before: Row = {}): string {
    if (JSON.stringify(now) === JSON.stringify(before)) return "as before";
    if (now.status === 1) return "done";
    return now.status === 9 ? "in flight" : JSON.stringify(now);
  }

  async effects(items: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { dsco, lingxing } = this.world.vendors.state();
    const orders = new Map(dsco.orders.map((order) => [String(order.dscoOrderId), order]));
    const there: Readonly<Record<Stage, (id: string) => number>> = {
      push: (id) => lingxing.orders.filter(({ platformOrderNos }) => platformOrderNos.includes(id)).length,
      ack: (id) => (orders.get(id)?.dscoStatus === "created" ? 0 : 1),
      ship: (id) => (orders.get(id)?.packages as readonly unknown[] | null)?.length ?? 0,
      invoice: (id) => dsco.invoices.filter(({ dscoOrderId }) => dscoOrderId === id).length,
    };
    // What the vendor has counts; where it keeps one of two, what it was told tells.
    return new Map(items.map((id) => [id, there[this.stage](id) === 0 ? 0 : Math.max(there[this.stage](id), this.#taken.get(id) ?? 0)]));
  }

  async charged(items: readonly string[]): Promise<readonly string[]> {
    const now = await this.#rows(items);
    return items.filter((id) => now.get(id)?.retry_count !== this.#before.get(id)?.retry_count);
  }

  async graceOver(items: readonly string[]): Promise<void> {
    await this.#shift(items, ["sent_at", "next_attempt_at"], GRACE_OVER_SEC);
  }

  /** As a process leaves them that is killed before the answer comes: sent, done at the vendor, and nobody knows. */
  async killedAfterEffect(ids: readonly string[], { logsAreSilent = false } = {}): Promise<void> {
    this.#logsAreSilent = false;
    this.#isBackdated = logsAreSilent;
    const report = await this.run();
    if (report.counts.done !== ids.length) throw new Error(`the pass before was to do all: ${JSON.stringify(report)}`);
    if (logsAreSilent) await this.#shift(ids, ["sent_at"], SHOWN_MS / 1000 + 1);
    this.#isBackdated = false;
    this.#logsAreSilent = logsAreSilent;
    const grace = new Date(Date.now() + GRACE_OVER_SEC * 1000);
    await this.#set(ids, { status: 9, request_id: null, next_attempt_at: grace });
  }

  /** Not ready when they were looked at last, and not due: only the feed wakes them. */
  async waitingForFeed(ids: readonly string[]): Promise<void> {
    await this.#set(ids, { status: 0, retry_count: 0, error: null, next_attempt_at: new Date(Date.now() + 3_600_000) });
    await this.world.db.query("delete from job_watermark where job_name = ?", [this.job]);
  }

  /** Pulled an hour ago, and nothing since: what is done now must look at the orders first. */
  async snapshotsAreOld(ids: readonly string[]): Promise<void> {
    await this.world.db.query("update dsco_order_raw set fetched_at = fetched_at - interval 1 hour where dsco_order_id in (?)", [ids]);
    await this.world.db.query("delete from job_watermark where job_name = ?", [PULL]);
  }

  /** Nobody has a token of this vendor. */
  async withoutToken(vendor: "dsco" | "lingxing"): Promise<void> {
    await this.world.db.query("delete from api_token where token_key like ?", [`${vendor}:%`]);
  }

  async #rows(ids: readonly string[]): Promise<Map<string, Row>> {
    const names = ["status", "retry_count", "doubts", "error", "hold", "next_attempt_at"];
    const columns = names.map((name) => `${this.stage}_${name} as ${name}`).join(", ");
    const rows = await this.world.db.query<Row & { id: string }>(
      `select dsco_order_id as id, ${columns} from sync_order_state where dsco_order_id in (?)`,
      [ids],
    );
    return new Map(rows.map(({ id, ...row }) => [id, row]));
  }

  async #set(ids: readonly string[], columns: Row): Promise<void> {
    const names = Object.keys(columns);
    await this.world.db.query(
      `update sync_order_state set ${names.map((name) => `${this.stage}_${name} = ?`).join(", ")} where dsco_order_id in (?)`,
      [...Object.values(columns), ids],
    );
  }

  async #shift(ids: readonly string[], names: readonly string[], sec: number): Promise<void> {
    const set = names.map((name) => `${this.stage}_${name} = ${this.stage}_${name} - interval ${sec} second`).join(", ");
    await this.world.db.query(`update sync_order_state set ${set} where dsco_order_id in (?)`, [ids]);
  }
}

function created({ body }: SandboxRequest): string[] {
  const { orders } = JSON.parse(body.toString("utf8")) as { orders: { platform_order_no: string }[] };
  return orders.map(({ platform_order_no }) => platform_order_no);
}
