import { setTimeout as sleep } from "node:timers/promises";
import { SyncError } from "../errors.ts";
import { applyCancelRule } from "../store/cancel-rule.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGE_STATUS } from "../sync/stage.ts";
import { BatchSender, type SendItem } from "./batch-sender.ts";
import { DscoReportSettling, type Traceable } from "./dsco-report-settling.ts";
import { dueOrders, namedOrders, PAGE, type Refresh } from "./due-orders.ts";
import type { JobContext, PlanEntry } from "./job.ts";
import { StageLedger, type Verdict } from "./stage-ledger.ts";

/** DSCO's batches carry hundreds of orders; one after the other keeps to the pace its sheet asks for. */
const BATCHES_AT_ONCE = 1;
/** First look into the log after a batch, then doubling. */
const FIRST_LOOK_MS = 250;
const SLOWEST_LOOK_MS = 30_000;
/** Orders that DSCO has queued are held with their texts: with more than that, they are asked for before the next page is read. */
const HELD_AT_MOST = PAGE;
/** What a pass spends on waiting for DSCO to settle; the next pass goes on asking. */
const SETTLING_BUDGET_MS = 60_000;

/** An order ready to be reported. */
export interface ReportItem<Body> extends SendItem {
  readonly body: Body;
  /** What the order's history is to tell about this report. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What a stage's job found out about one due order. */
export type Decided<Body> = ReportItem<Body> | Verdict | { readonly order: StageOrder; readonly waitsFor: string };

/** An order whose snapshot is gone, or that of one it shares a parcel with, waits for the next one. */
export function textIsGone(order: StageOrder, needed = order): { order: StageOrder; waitsFor: string } {
  const whose = needed === order ? "its raw text" : `the raw text of order ${needed.id}, which shares an outbound order with it`;
  return { order, waitsFor: `${whose}: purged or lost; ipass run pull_dsco_orders --order ${shellWord(needed.id)} brings it back` };
}

/** What tells one report to DSCO from another. */
export interface Report<Body> extends Traceable {
  /** Brings old snapshots up to date before they are acted on. */
  readonly refresh: Refresh;
  /** Before the due orders are read: wakes those that something has happened to. */
  wake?(): Promise<void>;
  decide(orders: readonly StageOrder[]): Promise<readonly Decided<Body>[]>;
  post(bodies: readonly Body[]): Promise<{ readonly requestId: string }>;
  plan(item: ReportItem<Body>): Omit<PlanEntry, "do" | "dsco_order_id">;
}

/**
 * One pass of ack, ship or invoice: settle what is in flight by reading, decide what is due, send it in batches, and ask the change log
 * until every order is settled or the pass has waited long enough. A 202 only says that DSCO has queued it.
 */
export class DscoReportPass<Body> {
  readonly #ctx: JobContext;
  readonly #report: Report<Body>;
  readonly #ledger: StageLedger;
  readonly #settling: DscoReportSettling;
  readonly #sender: BatchSender<ReportItem<Body>>;
  /** Queued in this pass and not settled yet, by request id. */
  readonly #queued = new Map<string, readonly StageOrder[]>();

  constructor(ctx: JobContext, report: Report<Body>) {
    this.#ctx = ctx;
    this.#report = report;
    this.#ledger = new StageLedger(ctx, report.stage);
    this.#settling = new DscoReportSettling(ctx, report, this.#ledger);
    this.#sender = new BatchSender(ctx, this.#ledger, {
      stage: report.stage,
      atOnce: BATCHES_AT_ONCE,
      post: (items) => this.#post(items),
      plan: (item) => report.plan(item),
    });
  }

  async run(): Promise<void> {
    const { stage } = this.#report;
    const named = await namedOrders(this.#ctx, stage);
    const never = await this.#settling.settle(named);
    if (!this.#ctx.options.dryRun) await applyCancelRule(this.#ctx.db, this.#ctx.source, this.#ctx.now());
    if (named === undefined && !this.#ctx.options.dryRun) await this.#report.wake?.();
    let failure: unknown;
    try {
      if (this.#ctx.options.dryRun) await this.#rehearse(never);
      for await (const page of dueOrders(this.#ctx, stage, named, this.#report.refresh)) {
        await this.#work(page);
        if (this.#unsettled().length > HELD_AT_MOST) await this.#look("until one is open");
      }
    } catch (error) {
      failure = error;
    }
    // Whatever a vendor did to end the sending: what DSCO has queued is asked for. Without the lock or the database nothing goes on.
    if (failure === undefined || failure instanceof SyncError) {
      try {
        await this.#confirm();
      } catch (error) {
        failure ??= error;
      }
    }
    this.#ctx.tally.settle("waiting", this.#sender.inDoubt.length + this.#unsettled().length);
    if (failure !== undefined) throw failure;
  }

  /** A dry run leaves in flight what a real one would have put back among the due. */
  async #rehearse(orders: readonly StageOrder[]): Promise<void> {
    if (orders.length === 0) return;
    this.#ctx.tally.read(orders.length);
    await this.#ctx.buyers.during(orders, () => this.#work(orders));
  }

  async #work(page: readonly StageOrder[]): Promise<void> {
    const { adopted, rest } = await this.#lookUpSent(page);
    const items: ReportItem<Body>[] = [];
    const verdicts: Verdict[] = [];
    const waiting: { order: StageOrder; waitsFor: string }[] = [];
    for (const decided of await this.#report.decide(rest)) {
      if ("outcome" in decided) verdicts.push(decided);
      else if ("waitsFor" in decided) waiting.push(decided);
      else items.push(decided);
    }
    await this.#ledger.record("due", [...adopted, ...verdicts]);
    await this.#ledger.wait(waiting);
    await this.#sender.send(items);
  }

  /** Whatever left once is looked up before anything is decided about it, requeued or not. */
  async #lookUpSent(page: readonly StageOrder[]): Promise<{ adopted: Verdict[]; rest: StageOrder[] }> {
    const sent = page.filter(({ id, stage }) => stage.sentAt !== undefined && !this.#settling.absent.has(id));
    if (sent.length === 0) return { adopted: [], rest: [...page] };
    const effect = await this.#report.effects(sent);
    // The look may have brought newer snapshots: what they cancel is not due any more, and the others are decided on what is known now.
    const ids = sent.map(({ id }) => id);
    const now = new Map((await new OrderStore(this.#ctx.db).byIds(this.#report.stage, ids)).map((order) => [order.id, order]));
    const orders = page.map((order) => now.get(order.id) ?? order);
    const due = orders.filter(isOpen);
    this.#ctx.tally.settle("skipped", orders.length - due.length);
    const outcomes = new Map(sent.map((order) => [order.id, effect(order)]));
    const adopted = due.flatMap((order) => {
      const outcome = outcomes.get(order.id);
      return outcome === undefined ? [] : [{ order, outcome }];
    });
    return { adopted, rest: due.filter(({ id }) => outcomes.get(id) === undefined) };
  }

  async #post(items: readonly ReportItem<Body>[]): Promise<number> {
    const orders = items.map(({ order }) => order);
    const { requestId } = await this.#report.post(items.map(({ body }) => body));
    await this.#ledger.queued(orders, requestId, new Map(items.map(({ order, detail }) => [order.id, detail ?? {}])));
    this.#queued.set(requestId, orders);
    return items.length;
  }

  /** Asks the logs of this pass's requests, with growing pauses. */
  async #confirm(): Promise<void> {
    const until = performance.now() + SETTLING_BUDGET_MS;
    for (let pauseMs = FIRST_LOOK_MS; this.#queued.size > 0 && !this.#ctx.stopped(); pauseMs = Math.min(pauseMs * 2, SLOWEST_LOOK_MS)) {
      if (performance.now() + pauseMs > until) return;
      await sleep(pauseMs, undefined, { signal: this.#ctx.signal });
      await this.#look("all");
    }
  }

  /** Asks the log of each request once, oldest first. */
  async #look(how: "all" | "until one is open"): Promise<void> {
    for (const [requestId, orders] of [...this.#queued]) {
      const { verdicts, open, lost } = await this.#ctx.buyers.during(orders, () => this.#settling.byLog(requestId, orders));
      await this.#ledger.record("in-flight", verdicts);
      // Processed, and not a word about these: the next pass looks at the orders themselves, when reads have caught up.
      this.#ctx.tally.settle("waiting", lost.length);
      if (open.length === 0) this.#queued.delete(requestId);
      else this.#queued.set(requestId, open);
      if (open.length > 0 && how === "until one is open") return;
    }
  }

  #unsettled(): StageOrder[] {
    return [...this.#queued.values()].flat();
  }
}

function isOpen({ stage }: StageOrder): boolean {
  return stage.status === STAGE_STATUS.waiting || stage.status === STAGE_STATUS.failed;
}
