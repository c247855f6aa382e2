import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "vitest";
import { parseServerDsn, withDatabase } from "../../scripts/server-dsn.mjs";
import type { Answer, CallName, SandboxRequest } from "../../src/sandbox/endpoint.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { STAGE_JOB } from "../../src/sync/explained-state.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { ACK, PULL, PUSH, SHIP, type WayBack } from "../jobs/way-back-world.ts";
import { type Env, sleep, type World } from "../jobs/world.ts";

/** The stages that report to DSCO; each is also the name of its call in the sandbox's faults and figures. */
export const REPORT_STAGES = ["ack", "ship", "invoice"] as const;
export type ReportStage = (typeof REPORT_STAGES)[number];

/** Many orders brought as far as one stage that reports to DSCO, and what DSCO is told there. */
export class ReportRun {
  readonly stage: ReportStage;
  readonly job: JobName;
  readonly world: World;
  readonly ids: readonly string[];
  /** How far the vendors' clock is ahead of everybody else's, in ms: what happens while it is behind lies in the past afterwards. */
  readonly clock: { aheadMs: number };
  /** How often DSCO accepted a report of an order, whatever became of its answer. */
  readonly accepted = new Map<string, number>();

  /** Orders that are due at `stage`; the batch size counts for this stage alone. */
  static async prepare(
    life: WayBack,
    stage: ReportStage,
    { orders, batchSize }: { orders: number; batchSize: number },
    env: Env = {},
  ): Promise<ReportRun> {
    const clock = { aheadMs: 0 };
    const settings = { [`IPASS_JOB_${STAGE_JOB[stage].toUpperCase()}_BATCH_SIZE`]: String(batchSize), ...env };
    await life.world.db.empty();
    await life.open({ orders, limits: false, now: () => new Date(Date.now() + clock.aheadMs) }, settings);
    await life.ran(PULL);
    await life.ran(PUSH);
    life.people({ action: "review" });
    if (stage !== "ack") {
      await life.ran(ACK);
      life.people({ action: "ship" });
    }
    if (stage === "invoice") await life.ran(SHIP);
    life.world.vendors.resetStats();
    const rows = await life.world.orders();
    return new ReportRun(
      life.world,
      stage,
      clock,
      rows.map((row) => row.dsco_order_id),
    );
  }

  private constructor(world: World, stage: ReportStage, clock: { aheadMs: number }, ids: readonly string[]) {
    this.world = world;
    this.stage = stage;
    this.job = STAGE_JOB[stage];
    this.clock = clock;
    this.ids = ids;
    tamper(world.vendors, stage, async (request, handle) => {
      const answer = await handle(request);
      for (const id of reported(request)) this.accepted.set(id, (this.accepted.get(id) ?? 0) + 1);
      return answer;
    });
  }

  /** How many orders stand at each status of the stage. */
  async statuses(): Promise<Record<number, number>> {
    const rows = await this.world.db.query<{ status: number; orders: string }>(
      `select ${this.stage}_status as status, count(*) as orders from sync_order_state group by ${this.stage}_status`,
    );
    return Object.fromEntries(rows.map(({ status, orders }) => [status, Number(orders)]));
  }

  /** Time goes by, for ipass's rows and for DSCO: instead of sleeping. What was under way to DSCO has arrived by then, and is done. */
  async later(sec: number): Promise<void> {
    await sleep(2 * this.world.vendors.settings.latencyMs);
    this.settleAll();
    const set = ["sent_at", "next_attempt_at"].map((name) => `${this.stage}_${name} = ${this.stage}_${name} - interval ${sec} second`);
    await this.world.db.query(`update sync_order_state set ${set.join(", ")}`);
  }

  /** From now on DSCO takes reports as if they had come so much earlier, and their effects are as old. */
  backdate(ms: number): void {
    tamper(this.world.vendors, this.stage, async (request, handle) => {
      this.clock.aheadMs -= ms;
      try {
        return await handle(request);
      } finally {
        this.clock.aheadMs += ms;
      }
    });
  }

  /** DSCO has done all it had queued. */
  settleAll(): void {
    const { settleMs } = this.world.vendors.settings;
    this.world.vendors.changeSettings({ settleMs: 0 });
    this.world.vendors.summary();
    this.world.vendors.changeSettings({ settleMs });
  }

  /** Every order is done, here and at DSCO, and DSCO was told once. */
  async expectEachOnce(note: string, told: Readonly<Record<string, number>> = {}): Promise<void> {
    const orders = this.ids.length;
    expect(await this.statuses(), note).toEqual({ 1: orders });
    const often = Object.fromEntries(this.ids.map((id) => [id, this.accepted.get(id) ?? 0]));
    expect(often, `${note}; told how often`).toEqual({ ...Object.fromEntries(this.ids.map((id) => [id, 1])), ...told });
    this.settleAll();
    const { dsco } = this.world.vendors.summary();
    if (this.stage === "ack") expect(dsco.byStatus, note).toEqual({ shipment_pending: orders });
    if (this.stage === "ship") {
      expect(dsco, note).toMatchObject({
        byStatus: { shipped: orders },
        ordersWithPackages: orders,
        packages: orders,
        maxPackagesOfAnOrder: 1,
      });
    }
    if (this.stage === "invoice") {
      expect(dsco, note).toMatchObject({ invoices: orders, invoicedOrders: orders, maxInvoicesOfAnOrder: 1, invoicesBeforeShipment: 0 });
    }
  }
}

/** Puts something between a call and what the sandbox does with it. */
export function tamper(
  sandbox: Sandbox,
  call: CallName,
  change: (request: SandboxRequest, handle: (request: SandboxRequest) => Answer | Promise<Answer>) => Answer | Promise<Answer>,
): void {
  for (const endpoint of sandbox.vendors.flatMap(({ endpoints }) => endpoints).filter((one) => one.call === call)) {
    const { handle } = endpoint;
    Object.assign(endpoint, { handle: (request: SandboxRequest) => change(request, handle) });
  }
}

interface ReportedObject {
  readonly id?: unknown;
  readonly dscoOrderId?: unknown;
}

/** The orders a report is about. */
export function reported({ body }: SandboxRequest): string[] {
  const batch = JSON.parse(body.toString("utf8")) as ReportedObject | ReportedObject[];
  return [batch].flat().map(({ id, dscoOrderId }) => String(dscoOrderId ?? id));
}

/** Between ipass and the database: counts what is asked, undisturbed by whoever else uses the server. */
export class StatementCounter {
  statements = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      const database = connect(port, host);
      for (const socket of [client, database]) this.#sockets.add(socket.on("error", () => socket.destroy()));
      const count = this.#counter();
      client.on("data", count).pipe(database);
      database.pipe(client);
    });
  }

  /** `dsn` leads to the same database, by way of the counter. */
  static async start(dsn: string): Promise<{ counter: StatementCounter; dsn: string }> {
    const { host, port, user, password, database } = parseServerDsn(dsn);
    const counter = new StatementCounter(host, port);
    counter.#server.listen(0, "127.0.0.1");
    await once(counter.#server, "listening");
    const own = (counter.#server.address() as AddressInfo).port;
    const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    return { counter, dsn: withDatabase(`mysql://${credentials}@127.0.0.1:${own}/`, database) };
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** MySQL's protocol: three bytes of length, one of sequence, which a new command begins at 0; then the command's number. */
  #counter(): (chunk: Buffer) => void {
    const COMMANDS = [0x03, 0x17]; // query, execute
    let rest: Buffer = Buffer.alloc(0);
    return (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 5) {
        const length = rest.readUIntLE(0, 3);
        if (rest.length < 4 + length) return;
        if (rest[3] === 0 && COMMANDS.includes(rest[4] ?? 0)) this.statements += 1;
        rest = rest.subarray(4 + length);
      }
    };
  }
}
