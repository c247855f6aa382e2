import type { ChangeLog, LogEntry } from "../dsco/reports.ts";
import type { StageOrder } from "../store/order-store.ts";
import { RunStore } from "../store/run-store.ts";
import { canAskLog, decideLogged, decideLoggedSince, type Logged, SENT_LEEWAY_MS } from "../sync/log-outcome.ts";
import type { Outcome } from "../sync/outcome.ts";
import { decideAbsent } from "../sync/push-batch.ts";
import { decideRefusal } from "../sync/refusal.ts";
import { withoutPersonalData } from "./batch-sender.ts";
import { inFlightOrders } from "./due-orders.ts";
import type { JobContext } from "./job.ts";
import type { StageLedger, Verdict } from "./stage-ledger.ts";

/** How to find out what became of a report to DSCO. */
export interface Traceable {
  readonly stage: "ack" | "ship" | "invoice";
  readLog(by: { readonly requestId: string } | { readonly since: Date; readonly until: Date }): Promise<ChangeLog>;
  /** Under which the log names the order. */
  keyOf(order: StageOrder): string;
  readonly about: NonNullable<LogEntry["about"]>;
  /** What DSCO itself shows: the outcome where the report has taken effect, undefined where it has not. */
  effects(orders: readonly StageOrder[]): Promise<(order: StageOrder) => Outcome | undefined>;
  /** What a success records besides the status. */
  done(order: StageOrder): Partial<Extract<Outcome, { to: "done" }>>;
}

/** Settles what is in flight at a stage by reading: the log of its request, the log of the time, and what DSCO shows, in this order. */
export class DscoReportSettling {
  readonly #ctx: JobContext;
  readonly #report: Traceable;
  readonly #ledger: StageLedger;
  /** Found not to have arrived, in this pass: need not be looked up once more before they are sent again. */
  readonly absent = new Set<string>();

  constructor(ctx: JobContext, report: Traceable, ledger: StageLedger) {
    this.#ctx = ctx;
    this.#report = report;
    this.#ledger = ledger;
  }

  /** Every row in flight is taken over and asked for before anything new is sent. Returns those that never arrived: they are due now. */
  async settle(named: readonly StageOrder[] | undefined): Promise<StageOrder[]> {
    const never: StageOrder[] = [];
    for await (const page of inFlightOrders(this.#ctx, this.#report.stage, named)) never.push(...(await this.#settlePage(page)));
    return never;
  }

  async #settlePage(page: readonly StageOrder[]): Promise<StageOrder[]> {
    const orders = await this.#ledger.makeOurs(page);
    if (orders.length === 0) return [];
    const byRequest = await this.#byRequest(orders);
    const byTime = await this.#byTime(byRequest.lost);
    const byEffect = await this.#byEffect(byTime.lost);
    const verdicts = [...byRequest.verdicts, ...byTime.verdicts, ...byEffect.verdicts];
    const never = verdicts.filter(({ outcome }) => outcome.to === "resend").map(({ order }) => order);
    this.#ctx.tally.read(orders.length - never.length);
    this.#ctx.tally.settle("waiting", orders.length - verdicts.length);
    await this.#ledger.record("in-flight", verdicts);
    return never;
  }

  /** By the log of its own request, one call for all orders of that request. */
  async #byRequest(orders: readonly StageOrder[]): Promise<Sorted> {
    const now = this.#ctx.now();
    const all: Sorted = { verdicts: [], open: [], lost: [] };
    const requests = new Map<string, StageOrder[]>();
    for (const order of orders) {
      const { requestId, sentAt } = order.stage;
      if (canAskLog(requestId, sentAt, now)) requests.set(requestId, [...(requests.get(requestId) ?? []), order]);
      else all.lost.push(order);
    }
    for (const [requestId, group] of requests) {
      const { verdicts, open, lost } = await this.byLog(requestId, group);
      all.verdicts.push(...verdicts);
      all.open.push(...open);
      all.lost.push(...lost);
    }
    return all;
  }

  /** By the log of one request. */
  async byLog(requestId: string, orders: readonly StageOrder[]): Promise<Sorted> {
    const log = await this.#report.readLog({ requestId });
    return this.#read(orders, (order) => decideLogged(log, this.#report.keyOf(order)), requestId);
  }

  /** The 202 was lost and with it the request id: by the log of the time since the first of them was sent, one call for a batch. */
  async #byTime(orders: readonly StageOrder[]): Promise<Sorted> {
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
      const rest = await this.byLog(requestId, group);
      read.verdicts.push(...rest.verdicts);
      read.open.push(...rest.open);
      lost.push(...rest.lost);
    }
    return { ...read, lost };
  }

  /** The log says nothing: by what DSCO shows. An absent effect is waited for until the grace has ended, then the order is sent again. */
  async #byEffect(orders: readonly StageOrder[]): Promise<{ verdicts: Verdict[] }> {
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
    return { verdicts: [...verdicts, ...(await this.#confirmAbsent(absent))] };
  }

  /** To look has taken its time, and DSCO went on meanwhile: the log has the last word before anything is sent again. */
  async #confirmAbsent(absent: readonly Verdict[]): Promise<Verdict[]> {
    if (absent.length === 0) return [];
    const { verdicts, lost } = await this.#byTime(absent.map(({ order }) => order));
    const gone = new Set(lost.map(({ id }) => id));
    const agreed = absent.filter(({ order }) => gone.has(order.id));
    for (const { order, outcome } of agreed) if (outcome.to === "resend") this.absent.add(order.id);
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
    const reason = withoutPersonalData(said.reason, order);
    // The retailer was faster: nobody can correct that, and the cancel rule takes over what is settled.
    if (order.dscoStatus === "cancelled") return { to: "failed", charge: false, error: reason, requestId };
    return decideRefusal(this.#report.stage, order.stage, reason, requestId);
  }
}

export interface Sorted {
  readonly verdicts: Verdict[];
  /** Still being processed. */
  readonly open: StageOrder[];
  /** The log will not tell. */
  readonly lost: StageOrder[];
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
