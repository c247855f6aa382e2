import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { STAGES } from "../../src/sync/stage.ts";
import { type RunningCli, useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { ACK, INVOICE, PULL, PUSH, SHIP, WayBack } from "../jobs/way-back-world.ts";
import { type Env, World } from "../jobs/world.ts";
import { type Facts, readTables } from "./facts.ts";
import { VendorWitness } from "./vendor-witness.ts";

export const STOCK = "sync_stock";
/** Longer than any grace: an order's, and the ten minutes for which a lost answer about stock is waited for. */
const GRACE_OVER_SEC = 700;

/** Both vendors, a database, and the crash build of ipass: passes that die, and passes that nobody disturbs. */
export class CrashWorld {
  readonly world: World;
  readonly life: WayBack;
  readonly #program: string;
  readonly #killed = new Set<string>();
  #witness: VendorWitness | undefined;

  constructor(world: World, program: string) {
    this.world = world;
    this.life = new WayBack(world);
    this.#program = program;
  }

  /** New vendors, empty tables, no log. */
  async open(options: Partial<SandboxOptions> = {}, env: Env = {}): Promise<void> {
    await this.world.db.empty();
    rmSync(join(this.world.cli.cwd, "logs"), { recursive: true, force: true });
    this.#killed.clear();
    await this.life.open(options, { IPASS_STOCK_MAX_ZERO_PERCENT: "100", ...env });
    this.#witness = new VendorWitness(this.world.vendors);
  }

  get witness(): VendorWitness {
    if (this.#witness === undefined) throw new Error("open the world first");
    return this.#witness;
  }

  /** Starts a pass as cron would, in the crash build; `at` is the point at which it kills itself, such as `outcome.uncommitted@2`. */
  start(job: JobName, { args = [], at, env = {} }: PassOptions = {}): CrashPass {
    const traceId = randomUUID();
    const log = join(this.world.cli.cwd, `${traceId}.points`);
    const running = this.world.cli.start(["run", job, "--json", "--trace-id", traceId, ...args], {
      program: this.#program,
      env: { ...this.world.env, ...env, CRASH_LOG: log, ...(at !== undefined && { CRASH_AT: at }) },
    });
    return { traceId, running, points: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []) };
  }

  /** From now on the auditor knows that this pass may have left something unfinished. */
  died({ traceId }: CrashPass): void {
    this.#killed.add(traceId);
  }

  /** Everything in flight was sent so much earlier: instead of waiting for its grace to end. */
  async graceOver(): Promise<void> {
    for (const stage of STAGES) {
      const set = ["sent_at", "next_attempt_at"].map((name) => `${stage}_${name} = ${stage}_${name} - interval ${GRACE_OVER_SEC} second`);
      await this.world.db.query(`update sync_order_state set ${set.join(", ")} where ${stage}_status = 9`);
    }
    await this.world.db.query(`update stock_level set sent_at = sent_at - interval ${GRACE_OVER_SEC} second where status = 9`);
  }

  /** What waits for a time of its own waits no longer; what was refused was sent so much earlier, and reads have caught up with why. */
  async waitsOver(): Promise<void> {
    for (const stage of STAGES) {
      const sentEarlier = `${stage}_sent_at = ${stage}_sent_at - interval ${GRACE_OVER_SEC} second`;
      await this.world.db.query(
        `update sync_order_state set ${stage}_next_attempt_at = null, ${sentEarlier} where ${stage}_status in (0, 2)`,
      );
    }
  }

  /** One pass of each job as cron starts them, and what people in Lingxing do in between. In this process: nobody kills these. */
  async ordinarySchedule(): Promise<void> {
    await this.#undisturbed(PULL);
    await this.#undisturbed(PUSH);
    this.world.vendors.advance({ action: "review" });
    await this.#undisturbed(ACK);
    this.world.vendors.advance({ action: "ship" });
    await this.#undisturbed(SHIP);
    await this.#undisturbed(INVOICE);
    await this.#undisturbed(STOCK);
  }

  /** It may find refused what a killed pass reported of an order that the retailer had cancelled meanwhile. Nothing else may fail. */
  async #undisturbed(job: JobName): Promise<void> {
    const report = await this.life.run(job);
    const { failed } = report.counts;
    if (failed === 0) return this.life.endedWell(report);
    const orders = await this.world.db.query<{ id: string }>(
      "select dsco_order_id as id from order_event where trace_id = ? and event like '%failed'",
      [report.trace_id],
    );
    const cancelled = new Set(
      this.world.vendors.state().dsco.orders.map((order) => (order.dscoStatus === "cancelled" ? order.dscoOrderId : "")),
    );
    const excused = orders.filter(({ id }) => cancelled.has(id));
    if (report.exit.code !== 3 || excused.length !== failed) this.life.endedWell(report);
  }

  async facts(): Promise<Facts> {
    return {
      vendors: this.world.vendors.state(),
      told: this.witness.told,
      ...(await readTables(this.world.db)),
      logs: this.world.logs(),
      killed: this.#killed,
    };
  }
}

export interface PassOptions {
  readonly args?: readonly string[];
  readonly at?: string;
  readonly env?: Env;
}

export interface CrashPass {
  readonly traceId: string;
  readonly running: RunningCli;
  /** The points it has passed so far. */
  points(): string[];
}

/** A world of its own; several may live in one test file. */
export async function useCrashWorld(program: string): Promise<CrashWorld> {
  const db = await useTestDatabase();
  return new CrashWorld(new World(db, useCli({ IPASS_DB_DSN: db.dsn })), program);
}

/** Runs a pass that is to die at a point, and sees that it did. */
export async function killAt(crash: CrashWorld, job: JobName, at: string, options: PassOptions = {}): Promise<void> {
  const pass = crash.start(job, { ...options, at });
  const { signal, stdout, stderr } = await pass.running.done;
  expect(signal, `${job} dies at ${at}; it printed ${stdout}${stderr}`).toBe("SIGKILL");
  crash.died(pass);
}
