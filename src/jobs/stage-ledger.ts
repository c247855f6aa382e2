import { LostRowError } from "../errors.ts";
import { named } from "../store/cancel-rule.ts";
import { inTransaction } from "../store/db.ts";
import { EventStore, type OrderEvent } from "../store/event-store.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { type Claim, StageClaims } from "../store/stage-claims.ts";
import { type NewTask, TaskStore } from "../store/task-store.ts";
import { type Outcome, type StageChange, toStageChange } from "../sync/outcome.ts";
import { waitDelaySec } from "../sync/retry-delay.ts";
import type { Stage } from "../sync/stage.ts";
import type { JobContext } from "./job.ts";

/** One order and what became of it. */
export interface Verdict {
  readonly order: StageOrder;
  readonly outcome: Outcome;
}

/**
 * The only place where an outcome becomes a row: state, event and task in one transaction, each row only while it is ours.
 * Counts and logs after the commit. Under --dry-run nothing is written, only counted and put into the plan.
 */
export class StageLedger {
  readonly #ctx: JobContext;
  readonly #stage: Stage;
  readonly #orders: OrderStore;
  readonly #claims: StageClaims;

  constructor(ctx: JobContext, stage: Stage) {
    this.#ctx = ctx;
    this.#stage = stage;
    this.#orders = new OrderStore(ctx.db);
    this.#claims = new StageClaims(ctx.db);
  }

  /** State before effect: in flight and committed before the request leaves. Returns the orders that became ours. */
  async claim<T extends { readonly order: StageOrder; readonly claim: Claim }>(items: readonly T[]): Promise<T[]> {
    if (this.#ctx.options.dryRun) return [...items];
    await this.#ctx.assertLockHeld();
    const { sentAt, nextAttemptAt } = this.#grace();
    const owned = await this.#claims.claim(
      this.#stage,
      items.map(({ claim }) => claim),
      this.#ctx.runId,
      sentAt,
      nextAttemptAt,
    );
    return items.filter(({ order }) => owned.has(order.id));
  }

  /** Before a further request for orders we hold: the grace must outlast it. */
  async renew(orders: readonly StageOrder[]): Promise<void> {
    await this.#ctx.assertLockHeld();
    const { sentAt, nextAttemptAt } = this.#grace();
    const ids = orders.map(({ id }) => id);
    if (!(await this.#claims.renewClaim(this.#stage, ids, this.#ctx.runId, sentAt, nextAttemptAt)))
      throw new LostRowError(ids, this.#stage);
  }

  #grace(): { sentAt: Date; nextAttemptAt: Date } {
    const sentAt = this.#ctx.now();
    return { sentAt, nextAttemptAt: new Date(sentAt.getTime() + this.#ctx.config.rules.inDoubtGraceSec * 1000) };
  }

  /** The next orders in flight, made ours. */
  async takeOver(after: string, limit: number): Promise<StageOrder[]> {
    const found = await this.#orders.inFlight(this.#stage, { after, limit });
    return this.makeOurs(found);
  }

  /** Of these orders in flight, those that are ours from now on. */
  async makeOurs(found: readonly StageOrder[]): Promise<StageOrder[]> {
    if (found.length === 0 || this.#ctx.options.dryRun) return [...found];
    await this.#ctx.assertLockHeld();
    const owned = await this.#claims.takeOver(this.#stage, found, this.#ctx.runId);
    return found.filter(({ id }) => owned.has(id));
  }

  /** The vendor queued it: its request id is kept before anything else, so that the outcome can be asked for whatever happens to us. */
  async queued(
    orders: readonly StageOrder[],
    requestId: string,
    details: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  ): Promise<void> {
    const ids = orders.map(({ id }) => id);
    if (!(await this.#claims.saveRequestId(this.#stage, ids, this.#ctx.runId, requestId))) throw new LostRowError(ids, this.#stage);
    const event = `${this.#stage}_queued`;
    await new EventStore(this.#ctx.db).add(
      ids.map((id) => ({ dscoOrderId: id, stage: this.#stage, event, requestId, detail: details.get(id) ?? {} })),
      this.#ctx.source,
      this.#ctx.now(),
    );
  }

  /** Not ready yet: looked at again after as long as it has waited so far, within a minute and an hour. No retry is charged. */
  async wait(waiting: readonly { readonly order: StageOrder; readonly waitsFor: string }[]): Promise<void> {
    this.#ctx.tally.settle("waiting", waiting.length);
    if (this.#ctx.options.dryRun || waiting.length === 0) return;
    await this.#ctx.assertLockHeld();
    const now = this.#ctx.now();
    const waits = waiting.map(({ order, waitsFor }) => {
      const waitedSec = (now.getTime() - (order.reachedAt ?? now).getTime()) / 1000;
      return { id: order.id, waitsFor, nextAttemptAt: new Date(now.getTime() + waitDelaySec(waitedSec) * 1000) };
    });
    await this.#orders.wait(this.#stage, waits);
  }

  /** An answer was lost: the orders stay in flight, with the reason. */
  async noteDoubt(orders: readonly StageOrder[], error: string): Promise<void> {
    await this.#claims.noteDoubt(
      this.#stage,
      orders.map(({ id }) => id),
      this.#ctx.runId,
      error,
    );
  }

  /**
   * Records outcomes: of orders this run holds in flight, or of due orders for which nothing was sent.
   * @throws LostRowError when somebody else changed one of them, LockLostError when somebody else may be at it; nothing is recorded then
   */
  async record(from: "in-flight" | "due", verdicts: readonly Verdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    const { now, rules } = { now: this.#ctx.now(), rules: this.#ctx.config.rules };
    const changes = new Map(verdicts.map(({ order, outcome }) => [order.id, toStageChange(this.#stage, order.stage, outcome, rules, now)]));
    if (this.#ctx.options.dryRun) return this.#rehearse(verdicts, changes);
    await this.#ctx.assertLockHeld();
    await inTransaction(this.#ctx.db, async (db) => {
      const matched = await new StageClaims(db).applyChanges(this.#stage, changes, now, from === "in-flight" ? this.#ctx.runId : undefined);
      if (matched !== changes.size) throw new LostRowError([...changes.keys()], this.#stage);
      await new EventStore(db).add(
        [...changes].map(([id, change]) => this.#event(id, change)),
        this.#ctx.source,
        now,
      );
      const tasks = new TaskStore(db);
      const settled = [...changes].filter(
        ([, change]) => change.task === undefined && (change.tally === "done" || change.tally === "skipped"),
      );
      await tasks.closeSolved(
        settled.map(([id]) => id),
        { stage: this.#stage },
      );
      await tasks.raise([...changes].flatMap(([id, change]) => this.#task(id, change)));
    });
    this.#count(verdicts, changes);
    for (const [id, change] of changes) this.#tell(id, change);
  }

  /** A dry run: what would be recorded, told in the plan. */
  #rehearse(verdicts: readonly Verdict[], changes: ReadonlyMap<string, StageChange>): void {
    this.#count(verdicts, changes);
    for (const { order, outcome } of verdicts) {
      if (outcome.to === "manual")
        this.#ctx.plan.push({ do: "manual", dsco_order_id: order.id, stage: this.#stage, task_type: outcome.type, cause: outcome.cause });
      if (outcome.to === "done" && outcome.how === "adopted")
        this.#ctx.plan.push({ do: "adopt", dsco_order_id: order.id, stage: this.#stage, ...changes.get(order.id)?.detail });
    }
  }

  /** Rows that go back to be sent again are counted when they are. */
  #count(verdicts: readonly Verdict[], changes: ReadonlyMap<string, StageChange>): void {
    for (const { order, outcome } of verdicts) {
      const change = changes.get(order.id);
      if (change !== undefined && outcome.to !== "resend") this.#ctx.tally.settle(change.tally);
    }
  }

  #event(id: string, change: StageChange): OrderEvent {
    return {
      dscoOrderId: id,
      stage: this.#stage,
      event: `${this.#stage}_${change.event}`,
      requestId: change.requestId,
      detail: change.detail,
    };
  }

  #task(id: string, { task }: StageChange): NewTask[] {
    if (task === undefined) return [];
    return [
      {
        type: task.type,
        dscoOrderId: id,
        stage: this.#stage,
        cause: task.cause,
        payload: { cause: task.cause, ...task.detail },
        nextStep: named(task.nextStep, id),
      },
    ];
  }

  #tell(id: string, change: StageChange): void {
    const fields = { dsco_order_id: id, ...change.detail };
    const event = `${this.#stage}_${change.event}`;
    if (change.tally === "manual") this.#ctx.log.error(event, fields);
    else if (change.tally === "failed") this.#ctx.log.warn(event, fields);
    else this.#ctx.log.info(event, fields);
  }
}
