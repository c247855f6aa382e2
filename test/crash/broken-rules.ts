import type { Answer } from "../../src/sandbox/endpoint.ts";
import { tamper } from "../helpers/whole-run.ts";
import { ACK, PULL, PUSH, SHIP } from "../jobs/way-back-world.ts";
import type { Replacement } from "./crash-build.ts";
import { type CrashWorld, killAt, STOCK } from "./crash-world.ts";
import type { Rule } from "./violation.ts";

/** A rule of ipass, taken out of a build; what then goes wrong; and what the auditor has to say about that. */
export interface BrokenRule {
  readonly name: string;
  readonly breaks: readonly Replacement[];
  /** Leaves behind what ipass has made of it. */
  scenario(crash: CrashWorld): Promise<void>;
  readonly found: { readonly rule: Rule; readonly what: RegExp };
}

/** A pass that nobody kills, in the build under test. */
async function pass(crash: CrashWorld, job: Parameters<CrashWorld["start"]>[0]): Promise<void> {
  await crash.start(job).running.done;
}

/** Dies with its request gone and taken; the next pass finds the grace over. */
async function dieWithRequestGone(crash: CrashWorld, job: typeof PUSH | typeof SHIP, endpoint: string): Promise<void> {
  await killAt(crash, job, `${endpoint}.left@1`);
  await crash.witness.quiet();
  await crash.graceOver();
  await pass(crash, job);
}

async function leftTheWarehouse({ life }: CrashWorld): Promise<void> {
  const [id = ""] = await life.pushed();
  life.people({ action: "review", numbers: [id] });
  await life.ran(ACK);
  life.people({ action: "ship", numbers: [id] });
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    name: "a create whose answer was lost is not looked up",
    breaks: [
      {
        file: "jobs/push-orders-to-lingxing.ts",
        text: "decideFound(found(order)) ?? decideAbsent(order.stage, pass)",
        by: "decideAbsent(order.stage, pass)",
      },
      {
        file: "jobs/push-orders-to-lingxing.ts",
        text: "items.filter(({ order }) => order.stage.sentAt !== undefined)",
        by: "items.filter(() => false)",
      },
    ],
    async scenario(crash) {
      crash.life.order();
      await crash.life.ran(PULL);
      await dieWithRequestGone(crash, PUSH, "lingxing.order_create");
    },
    found: { rule: "repeated", what: /create: the vendor was told 2 times/ },
  },
  {
    name: "a shipment whose answer was lost is not looked up",
    breaks: [
      {
        file: "jobs/dsco-report-settling.ts",
        text: "const verdicts = [...byRequest.verdicts, ...byTime.verdicts, ...byEffect.verdicts];",
        by: 'const verdicts: Verdict[] = orders.map((order) => ({ order, outcome: { to: "resend" } }));',
      },
      { file: "jobs/dsco-report-pass.ts", text: "stage.sentAt !== undefined && !this.#settling.absent.has(id)", by: "id === stage.error" },
    ],
    async scenario(crash) {
      await leftTheWarehouse(crash);
      await dieWithRequestGone(crash, SHIP, "dsco.order_shipment");
    },
    found: { rule: "repeated", what: /2 shipments at DSCO/ },
  },
  {
    name: "the grace is not waited for",
    breaks: [
      {
        file: "sync/push-batch.ts",
        text: "if (stage.nextAttemptAt !== undefined && stage.nextAttemptAt > pass.now) return undefined;",
        by: "",
      },
    ],
    async scenario(crash) {
      await leftTheWarehouse(crash);
      const arrive = crash.witness.delayNext("ship");
      await killAt(crash, SHIP, "dsco.order_shipment.left@1");
      await pass(crash, SHIP);
      arrive();
      await crash.witness.quiet();
    },
    found: { rule: "repeated", what: /2 shipments at DSCO/ },
  },
  {
    name: "the watermark moves before what it stands for is committed",
    breaks: [
      {
        file: "jobs/order-reader.ts",
        text: "const end = await this.#readSlice(slice);",
        by: "await onSlice(slice.until); const end = await this.#readSlice(slice);",
      },
    ],
    async scenario(crash) {
      // Older than any overlap: nothing that reaches back makes up for it.
      crash.world.vendors.changeOrders({ add: [{ updatedAt: Date.now() - 48 * 3600_000 }] });
      await killAt(crash, PULL, "page.uncommitted@1");
      await pass(crash, PULL);
    },
    found: { rule: "lost", what: /DSCO has it, our tables have not/ },
  },
  {
    name: "an order is not set in flight before its request leaves",
    breaks: [
      {
        file: "jobs/stage-ledger.ts",
        text: "const owned = await this.#claims.claim(",
        by: "return [...items]; const owned = await this.#claims.claim(",
      },
      { file: "jobs/stage-ledger.ts", text: 'from === "in-flight" ? this.#ctx.runId : undefined', by: "undefined" },
    ],
    async scenario(crash) {
      crash.life.order();
      await crash.life.ran(PULL);
      await dieWithRequestGone(crash, PUSH, "lingxing.order_create");
    },
    found: { rule: "repeated", what: /create: the vendor was told 2 times/ },
  },
  {
    name: "an outcome is recorded whoever holds the row",
    breaks: [
      {
        file: "store/stage-claims.ts",
        text: "inFlight} AND s.",
        by: "inFlight} OR 0 > s.", // a run id is never below 0: what is left is the status
      },
      // Else the run would stop before it comes to that.
      { file: "jobs/run-job.ts", text: "assertLockHeld: () => lock.assertHeld()", by: "assertLockHeld: async () => undefined" },
    ],
    scenario: robbedOfTheLock,
    found: { rule: "not_ours", what: /push was run \d+'s, and run \d+ recorded it/ },
  },
  {
    name: "what happened is written apart from the state",
    breaks: [{ file: "jobs/stage-ledger.ts", text: "await new EventStore(db).add(", by: "await new EventStore(this.#ctx.db).add(" }],
    async scenario(crash) {
      crash.life.order();
      await crash.life.ran(PULL);
      await killAt(crash, PUSH, "outcome.uncommitted@1");
      await crash.graceOver();
      await pass(crash, PUSH);
    },
    found: { rule: "not_ours", what: /push was recorded 2 times/ },
  },
  {
    name: "DSCO's 202 counts as done",
    breaks: [
      {
        file: "jobs/dsco-report-pass.ts",
        text: "this.#queued.set(requestId, orders);\n    return",
        by: 'await this.#ledger.record("in-flight", orders.map((order) => ({ order, outcome: { to: "done", how: "sent", requestId } })));\n    return',
      },
    ],
    async scenario(crash) {
      const [id = ""] = await crash.life.pushed();
      crash.life.people({ action: "review", numbers: [id] });
      crash.world.vendors.changeSettings({ refuse: { [id]: "not now" } });
      await pass(crash, ACK);
    },
    found: { rule: "untrue", what: /ack is done, and the vendor does not have it/ },
  },
  {
    name: "stock counts as shown whatever the log says",
    breaks: [
      {
        file: "sync/stock-outcome.ts",
        text: 'return outcomeOf(entries) ?? (completed && entries.length === 0 ? { is: "lost" } : { is: "open" });',
        by: 'return { is: "success", requestId: String(completed) };',
      },
    ],
    async scenario(crash) {
      const [row] = crash.world.vendors.state().lingxing.stock;
      crash.world.vendors.changeSettings({ refuse: { [row?.sku ?? ""]: "not now" } });
      await pass(crash, STOCK);
    },
    found: { rule: "untrue", what: /confirmed \d+, DSCO shows undefined/ },
  },
  {
    name: "nobody asks for the lock",
    breaks: [{ file: "store/lock.ts", text: "if (Number(row?.got) === 1) return true;", by: "return true;" }],
    async scenario(crash) {
      crash.life.order();
      await crash.life.ran(PULL);
      const arrive = crash.witness.delayNext("create");
      const first = crash.start(PUSH);
      await crash.witness.waiting();
      await pass(crash, PUSH);
      arrive();
      await first.running.done;
    },
    found: { rule: "run", what: /was reported dead and is not/ },
  },
];

/**
 * A run whose request is under way loses its lock, as in a network that parts; another one takes its order over, and while that one is
 * asking Lingxing what became of it, the answer to the first arrives.
 */
async function robbedOfTheLock(crash: CrashWorld): Promise<void> {
  const { db, vendors } = crash.world;
  crash.life.order();
  await crash.life.ran(PULL);
  const [answered, asked, told] = [gate(), gate(), gate()];
  crash.witness.holdNext("create", async (take) => {
    const answer = await take();
    await answered.opened;
    return answer;
  });
  tamper(vendors, "list", async (request, handle): Promise<Answer> => {
    asked.open();
    await told.opened;
    return handle(request);
  });
  const first = crash.start(PUSH);
  await crash.witness.waiting();
  const [lock] = await db.query<{ holder: string | number }>("select is_used_lock(?) as holder", [`ipass:${db.name}:${PUSH}`]);
  await db.query(`kill connection ${Number(lock?.holder)}`);
  crash.died(first);
  await crash.graceOver();
  const second = crash.start(PUSH);
  await asked.opened;
  answered.open();
  await first.running.done;
  told.open();
  await second.running.done;
}
