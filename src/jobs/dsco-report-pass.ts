import { setTimeout as sleep } from "node:timers/promises";
import type { ChangeLog, LogEntry } from "../dsco/reports.ts";
import { applyCancelRule } from "../store/cancel-rule.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import { RunStore } from "../store/run-store.ts";
import { canAskLog, decideLogged, decideLoggedSince, type Logged, SENT_LEEWAY_MS } from "../sync/log-outcome.ts";
import type { Outcome } from "../sync/outcome.ts";
import { decideAbsent } from "../sync/push-batch.ts";
import { decideRefusal } from "../sync/refusal.ts";
import { STAGE_STATUS } from "../sync/stage.ts";
import { BatchSender, type SendItem, withoutPersonalData } from "./batch-sender.ts";
import { dueOrders, isInFlight, namedOrders, PAGE, type Refresh } from "./due-orders.ts";
import type { JobContext, PlanEntry } from "./job.ts";
import { StageLedger, type Verdict } from "./stage-ledger.ts";

/** DSCO's batches carry hundreds of orders; one after the other keeps to the pace its sheet asks for. */
const BATCHES_AT_ONCE = 1;
/** First look into the log after a batch, then doubling. */
const FIRST_LOOK_MS = 250;
const SLOWEST_LOOK_MS = 30_000;
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

/** An order whose snapshot was lost waits for the next one. */
export function textIsGone(order: StageOrder): { order: StageOrder; waitsFor: string } {
  return { order, waitsFor: `its raw text, which is gone: ipass run pull_dsco_orders --order ${order.id}` };
}

/** What tells one report to DSCO from another. */
export interface Report<Body> {
  readonly stage: "ack" | "ship" | "invoice";
  /** Brings old snapshots up to date before they are acted on. */
  readonly refresh: Refresh;
  /** Before the due orders are read: wakes those that something has happened to. */
  wake?(): Promise<void>;
  decide(orders: readonly StageOrder[]): Promise<readonly Decided<Body>[]>;
  post(bodies: readonly Body[]): Promise<{ readonly requestId: string }>;
  readLog(by: { readonly requestId: string } | { readonly since: Date; readonly until: Date }): Promise<ChangeLog>;
  /** Under which the log names the order. */
  keyOf(order: StageOrder): string;
  readonly about: NonNullable<LogEntry["about"]>;
  /** What DSCO itself shows: the outcome where the report has taken effect, undefined where it has not. */
  effects(orders: readonly StageOrder[]): Promise<(order: StageOrder) => Outcome | undefined>;
  /** What a success records besides the status. */
  done(order: StageOrder): Partial<Extract<Outcome, { to: "done" }>>;
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
  readonly #orders: OrderStore;
  readonly #sender: BatchSender<ReportItem<Body>>;
  /** Found not to have arrived in this pass: need not be looked up once more before they are sent again. */
  readonly #absent = new Set<string>();
  /** Queued in this pass and not settled yet, by request id. */
  readonly #queued = new Map<string, readonly StageOrder[]>();

  constructor(ctx: JobContext, report: Report<Body>) {
    this.#ctx = ctx;
    this.#report = report;
    this.#ledger = new StageLedger(ctx, report.stage);
    this.#orders = new OrderStore(ctx.db);
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
    await this.#settle(named);
    if (!this.#ctx.options.dryRun) await applyCancelRule(this.#ctx.db, this.#ctx.source, this.#ctx.now());
    if (named === undefined && !this.#ctx.options.dryRun) await this.#report.wake?.();
    let failure: unknown;
    try {
      for await (const page of dueOrders(this.#ctx, stage, named, this.#report.refresh)) await this.#work(page);
    } catch (error) {
      failure = error;
    }
    // Whatever ended the sending: what DSCO has queued is asked for, as long as the pass may go on.
    try {
      await this.#confirm();
    } catch (error) {
      failure ??= error;
    }
    this.#ctx.tally.settle("waiting", this.#sender.inDoubt.length + [...this.#queued.values()].flat().length);
    if (failure !== undefined) throw failure;
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
    await this.#ctx.assertLockHeld();
    await this.#ledger.record("due", [...adopted, ...verdicts]);
    await this.#ledger.wait(waiting);
    await this.#sender.send(items);
  }

  /** Whatever left once is looked up before anything is decided about it, requeued or not. */
  async #lookUpSent(page: readonly StageOrder[]): Promise<{ adopted: Verdict[]; rest: StageOrder[] }> {
    const sent = page.filter(({ id, stage }) => stage.sentAt !== undefined && !this.#absent.has(id));
    if (sent.length === 0) return { adopted: [], rest: [...page] };
    const effect = await this.#report.effects(sent);
    // The look may have brought newer snapshots: what they cancel is not due any more, and the others are decided on what is known now.
    const { stage } = this.#report;
    const now = new Map(
      (
        await this.#orders.byIds(
          stage,
          sent.map(({ id }) => id),
        )
      ).map((order) => [order.id, order]),
    );
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
      for (const [requestId, orders] of [...this.#queued]) {
        const { verdicts, open, lost } = await this.#settleByLog(requestId, orders);
        await this.#ledger.record("in-flight", verdicts);
        // Processed, and not a word about these: the next pass looks at the orders themselves, when reads have caught up.
        this.#ctx.tally.settle("waiting", lost.length);
        if (open.length === 0) this.#queued.delete(requestId);
        else this.#queued.set(requestId, open);
      }
    }
  }

  /** Every row in flight is taken over and asked for before anything new is sent. */
  async #settle(named: readonly StageOrder[] | undefined): Promise<void> {
    if (named !== undefined) return this.#settlePage(named.filter(isInFlight));
    for (let after = ""; ; ) {
      const page = await this.#orders.inFlight(this.#report.stage, { after, limit: PAGE });
      await this.#settlePage(page);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.id;
    }
  }

  async #settlePage(page: readonly StageOrder[]): Promise<void> {
    const orders = await this.#ledger.makeOurs(page);
    if (orders.length === 0) return;
    const byRequest = await this.#settleByRequest(orders);
    const byTime = await this.#settleByTime(byRequest.lost);
    const byEffect = await this.#settleByEffect(byTime.lost);
    const verdicts = [...byRequest.verdicts, ...byTime.verdicts, ...byEffect.verdicts];
    const resent = verdicts.filter(({ outcome }) => outcome.to === "resend").length;
    this.#ctx.tally.read(orders.length - resent);
    this.#ctx.tally.settle("waiting", orders.length - verdicts.length);
    await this.#ledger.record("in-flight", verdicts);
  }

  /** By the log of its own request, one call for all orders of that request. */
  async #settleByRequest(orders: readonly StageOrder[]): Promise<Sorted> {
    const now = this.#ctx.now();
    const all: Sorted = { verdicts: [], open: [], lost: [] };
    const requests = new Map<string, StageOrder[]>();
    for (const order of orders) {
      const { requestId, sentAt } = order.stage;
      if (canAskLog(requestId, sentAt, now)) requests.set(requestId, [...(requests.get(requestId) ?? []), order]);
      else all.lost.push(order);
    }
    for (const [requestId, group] of requests) {
      const { verdicts, open, lost } = await this.#settleByLog(requestId, group);
      all.verdicts.push(...verdicts);
      all.open.push(...open);
      all.lost.push(...lost);
    }
    return all;
  }

  async #settleByLog(requestId: string, orders: readonly StageOrder[]): Promise<Sorted> {
    const log = await this.#report.readLog({ requestId });
    return this.#read(orders, (order) => decideLogged(log, this.#report.keyOf(order)), requestId);
  }

  /** The 202 was lost and with it the request id: by the log of the time since the first of them was sent, one call for a batch. */
  async #settleByTime(orders: readonly StageOrder[]): Promise<Sorted> {
    const sent = orders.flatMap(({ stage }) => stage.sentAt?.getTime() ?? []);
    if (sent.length === 0) return { verdicts: [], open: [], lost: [...orders] };
    const log = await this.#report.readLog({ since: new Date(Math.min(...sent) - SENT_LEEWAY_MS), until: this.#ctx.now() });
    const { about } = this.#report;
    const read = this.#read(
      orders,
      (order) => decideLoggedSince(log, this.#report.keyOf(order), about, order.stage.sentAt ?? new Date(0)),
      undefined,
    );
    const { known, lost } = byCompanion(read);
    for (const [requestId, group] of known) {
      // DSCO may be still at work on the rest of a batch, longer than any grace: with its request id found, nobody need guess.
      if (!this.#ctx.options.dryRun) await this.#ledger.queued(group, requestId, new Map());
      const rest = await this.#settleByLog(requestId, group);
      read.verdicts.push(...rest.verdicts);
      read.open.push(...rest.open);
      lost.push(...rest.lost);
    }
    return { ...read, lost };
  }

  /** The log says nothing: by what DSCO shows. An absent effect is waited for until the grace has ended, then the order is sent again. */
  async #settleByEffect(orders: readonly StageOrder[]): Promise<{ verdicts: Verdict[] }> {
    if (orders.length === 0) return { verdicts: [] };
    const lastFruitful = await new RunStore(this.#ctx.db).lastFruitful(this.#ctx.job);
    // Of before the look: what its grace held back then was not waited for, so that its absence says nothing.
    const pass = { now: this.#ctx.now(), lastFruitful, batchSize: this.#ctx.batchSize };
    const effect = await this.#report.effects(orders);
    const verdicts: Verdict[] = [];
    const silent: StageOrder[] = [];
    for (const order of orders) {
      const outcome = effect(order);
      if (outcome === undefined) silent.push(order);
      else verdicts.push({ order, outcome });
    }
    const absent = silent.flatMap((order): Verdict[] => {
      const outcome = decideAbsent(order.stage, pass);
      return outcome === undefined ? [] : [{ order, outcome }];
    });
    return { verdicts: [...verdicts, ...(await this.#settleAbsent(absent))] };
  }

  /** To look has taken its time, and DSCO went on meanwhile: the log has the last word before anything is sent again. */
  async #settleAbsent(absent: readonly Verdict[]): Promise<Verdict[]> {
    if (absent.length === 0) return [];
    const { verdicts, lost } = await this.#settleByTime(absent.map(({ order }) => order));
    const gone = new Set(lost.map(({ id }) => id));
    const agreed = absent.filter(({ order }) => gone.has(order.id));
    for (const { order, outcome } of agreed) if (outcome.to === "resend") this.#absent.add(order.id);
    return [...verdicts, ...agreed];
  }

  #read(orders: readonly StageOrder[], logged: (order: StageOrder) => Logged, ownRequestId: string | undefined): Sorted {
    const sorted: Sorted = { verdicts: [], open: [], lost: [] };
    for (const order of orders) {
      const said = logged(order);
      if (said.is === "open") sorted.open.push(order);
      else if (said.is === "lost") sorted.lost.push(order);
      else sorted.verdicts.push({ order, outcome: this.#toOutcome(order, said, said.requestId ?? ownRequestId) });
    }
    return sorted;
  }

  #toOutcome(order: StageOrder, said: Extract<Logged, { is: "success" | "failure" }>, requestId: string | undefined): Outcome {
    if (said.is === "success") return { to: "done", how: "sent", requestId, ...this.#report.done(order) };
    return decideRefusal(this.#report.stage, order.stage, withoutPersonalData(said.reason, order), requestId);
  }
}

interface Sorted {
  readonly verdicts: Verdict[];
  /** Still being processed. */
  readonly open: StageOrder[];
  /** The log will not tell. */
  readonly lost: StageOrder[];
}

function isOpen({ stage }: StageOrder): boolean {
  return stage.status === STAGE_STATUS.waiting || stage.status === STAGE_STATUS.failed;
}

/** Orders sent together were taken together: where the log names the request of one, it is the request of the others too. */
function byCompanion({ verdicts, lost }: Sorted): { known: Map<string, StageOrder[]>; lost: StageOrder[] } {
  const requests = new Map<number, string>();
  for (const { order, outcome } of verdicts) {
    if ("requestId" in outcome && outcome.requestId !== undefined) requests.set(sendingOf(order), outcome.requestId);
  }
  const known = new Map<string, StageOrder[]>();
  const unknown: StageOrder[] = [];
  for (const order of lost) {
    const requestId = requests.get(sendingOf(order));
    if (requestId === undefined || requestId === order.stage.requestId) unknown.push(order);
    else known.set(requestId, [...(known.get(requestId) ?? []), order]);
  }
  return { known, lost: unknown };
}

/** Each batch is claimed at a time of its own. */
function sendingOf({ stage }: StageOrder): number {
  return stage.sentAt?.getTime() ?? 0;
}
