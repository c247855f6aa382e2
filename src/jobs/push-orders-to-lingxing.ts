import pLimit from "p-limit";
import { type DscoOrder, parseDscoOrder } from "../dsco/order.ts";
import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../errors.ts";
import { parseLossless } from "../http/lossless-json.ts";
import type { CreateResult } from "../lingxing/client.ts";
import type { LingxingOrder, NewLingxingOrder } from "../lingxing/orders.ts";
import { maskPersonalData } from "../personal-data.ts";
import { applyCancelRule } from "../store/cancel-rule.ts";
import { type Claim, numberKey, OrderStore, type StageOrder } from "../store/order-store.ts";
import { RunStore } from "../store/run-store.ts";
import type { Outcome } from "../sync/outcome.ts";
import { decideFound, decidePush, type PushRules, pushFingerprint } from "../sync/push.ts";
import { batchesOf, decideAbsent, type Sendable } from "../sync/push-batch.ts";
import { STAGE_STATUS } from "../sync/stage.ts";
import { Freshness } from "./freshness.ts";
import { itemsLeft, type Job, type JobContext } from "./job.ts";
import { requireOrders } from "./named-orders.ts";
import { StageLedger, type Verdict } from "./stage-ledger.ts";

/** Orders looked at together: one read of due rows, one look-up (200 numbers a call), several creates side by side. */
const PAGE = 500;
/** Lingxing's bucket for create: requests under way at once (POST /pb/mp/order/v2/create). */
const CREATES_AT_ONCE = 10;
/** So many lost answers or server faults in a row, and Lingxing is down. */
const OUTAGE_AFTER = 3;

type Needs = "lingxing" | "lingxingStore" | "push" | "dsco" | "pull";
type PushContext = JobContext<Needs>;

/** Creates orders in Lingxing, each exactly once. */
export const pushOrdersToLingxing: Job<Needs> = {
  name: "push_orders_to_lingxing",
  needs: ["lingxing", "lingxingStore", "push", "dsco", "pull"],
  run: (ctx) => new PushPass(ctx).run(),
};

/** An order ready to be created, and what its claim fixes. */
interface Item extends Sendable {
  readonly order: StageOrder;
  readonly claim: Claim;
  readonly body: NewLingxingOrder;
}

class PushPass {
  readonly #ctx: PushContext;
  readonly #ledger: StageLedger;
  readonly #orders: OrderStore;
  readonly #rules: PushRules;
  readonly #freshness: Freshness;
  #lostInARow = 0;
  #created = 0;
  readonly #inDoubt: StageOrder[] = [];

  constructor(ctx: PushContext) {
    this.#ctx = ctx;
    this.#ledger = new StageLedger(ctx, "push");
    this.#orders = new OrderStore(ctx.db);
    this.#freshness = new Freshness(ctx);
    const { push, lingxingStore } = ctx.config;
    this.#rules = {
      ...push,
      storeId: lingxingStore.storeId,
      storeMap: push.storeMap,
      warehouseMap: push.warehouseMap,
      logisticsMap: push.logisticsMap,
      skuMap: push.skuMap,
    };
  }

  async run(): Promise<void> {
    const named = await requireOrders(this.#ctx, "push");
    await this.#settle(named);
    await this.#applyCancelRule();
    let failure: unknown;
    try {
      if (named === undefined) await this.#sendDue();
      else await this.#sendNamed(named);
    } catch (error) {
      failure = error;
    }
    // A lost answer is not left open when one read can tell, even if lost answers ended the sending.
    if (this.#inDoubt.length > 0 && (failure === undefined || failure instanceof OutageError)) await this.#lookUpAgain(failure);
    if (failure !== undefined) throw failure;
    await this.#applyCancelRule();
  }

  async #applyCancelRule(): Promise<void> {
    if (!this.#ctx.options.dryRun) await applyCancelRule(this.#ctx.db, this.#ctx.source, this.#ctx.now());
  }

  /** Every row in flight is taken over and looked up before anything new is sent. */
  async #settle(named: readonly StageOrder[] | undefined): Promise<void> {
    if (named !== undefined) return this.#settleOrders(await this.#ledger.makeOurs(named.filter(isInFlight)));
    for (let after = ""; ; ) {
      const page = await this.#orders.inFlight("push", { after, limit: PAGE });
      await this.#settleOrders(await this.#ledger.makeOurs(page));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.id;
    }
  }

  async #settleOrders(orders: readonly StageOrder[]): Promise<void> {
    if (orders.length === 0) return;
    const found = await this.#lookUp(orders);
    const lastFruitful = await new RunStore(this.#ctx.db).lastFruitful(this.#ctx.job);
    const verdicts: Verdict[] = [];
    for (const order of orders) {
      const outcome =
        decideFound(found(order)) ?? decideAbsent(order.stage, { now: this.#ctx.now(), lastFruitful, batchSize: this.#ctx.batchSize });
      if (outcome !== undefined) verdicts.push({ order, outcome });
    }
    const waiting = orders.length - verdicts.length;
    this.#ctx.tally.read(waiting + verdicts.filter(({ outcome }) => outcome.to !== "resend").length);
    this.#ctx.tally.settle("waiting", waiting);
    await this.#ledger.record("in-flight", verdicts);
  }

  /** What Lingxing has under these orders' numbers, deleted ones included; one call for 200. */
  async #lookUp(orders: readonly StageOrder[]): Promise<(order: StageOrder) => LingxingOrder[]> {
    const numbered = orders.filter((order) => order.platformOrderNo !== undefined);
    const stores = [...new Set(numbered.map(({ storeId }) => storeId ?? this.#rules.storeId))];
    const found = new Map<string, LingxingOrder[]>();
    if (numbered.length > 0) {
      const lingxing = await this.#ctx.lingxing();
      for (const entry of await lingxing.ordersByNumber(
        stores,
        numbered.map(({ platformOrderNo }) => platformOrderNo ?? ""),
      )) {
        for (const number of entry.platformOrderNos) {
          const key = numberKey(entry.storeId, number);
          found.set(key, [...(found.get(key) ?? []), entry]);
        }
      }
    }
    return (order) => found.get(numberKey(order.storeId ?? this.#rules.storeId, order.platformOrderNo ?? "")) ?? [];
  }

  async #sendDue(): Promise<void> {
    let started = 0;
    for (let after = ""; !this.#ctx.stopped(); ) {
      const limit = Math.min(PAGE, itemsLeft(this.#ctx, started));
      if (limit === 0) return;
      const page = await this.#orders.due("push", this.#ctx.now(), { after, limit });
      const last = page.at(-1);
      if (last === undefined) return;
      if (await this.#freshness.refresh(page)) continue; // some may be cancelled or changed now: ask again
      after = last.id;
      started += page.length;
      await this.#sendPage(page);
      if (page.length < limit) return;
    }
  }

  async #sendNamed(named: readonly StageOrder[]): Promise<void> {
    const settled = named.filter(isInFlight).map(({ id }) => id);
    const ids = named.map(({ id }) => id);
    const before = (await this.#orders.byIds("push", ids)).filter(isDue);
    if (before.length > 0) await this.#freshness.refresh(before);
    const now = await this.#orders.byIds("push", ids);
    const due = now.filter(isDue).slice(0, itemsLeft(this.#ctx, 0));
    const dueIds = new Set(due.map(({ id }) => id));
    const others = ids.filter((id) => !dueIds.has(id) && !settled.includes(id));
    this.#ctx.tally.read(others.length);
    this.#ctx.tally.settle("skipped", others.length);
    await this.#sendPage(due);
  }

  async #sendPage(page: readonly StageOrder[]): Promise<void> {
    // The cancel rule holds these at 3 outside a dry run; a dry run leaves them alone.
    const orders = page.filter((order) => !order.cancelRequested);
    this.#ctx.tally.read(orders.length);
    const items: Item[] = [];
    const verdicts: Verdict[] = [];
    for (const order of orders) {
      const decided = this.#decide(order);
      if ("outcome" in decided) verdicts.push(decided);
      else items.push(decided);
    }
    verdicts.push(...(await this.#takenNumbers(items)), ...(await this.#sentBefore(items)));
    await this.#ledger.record("due", verdicts);
    const settled = new Set(verdicts.map(({ order }) => order.id));
    await this.#sendAll(
      batchesOf(
        items.filter(({ order }) => !settled.has(order.id)),
        this.#ctx.batchSize,
      ),
    );
  }

  #decide(order: StageOrder): Item | Verdict {
    const parsed = tryParse(order.raw);
    if (parsed === undefined) {
      const nextStep = `pull it again: ipass run pull_dsco_orders --order ${order.id}`;
      return { order, outcome: { to: "manual", type: "bad_payload", cause: "the raw text is missing or no JSON object", nextStep } };
    }
    const decision = decidePush(parsed, this.#rules);
    if (decision.do === "outcome") return { order, outcome: decision.outcome };
    // Number and store are fixed at the first claim: a setting changed since must not make a second order of it.
    const platformOrderNo = order.platformOrderNo ?? decision.platformOrderNo;
    const storeId = order.storeId ?? decision.storeId;
    const claim: Claim = { id: order.id, platformOrderNo, storeId, fingerprint: pushFingerprint(parsed) };
    return { order, claim, body: { ...decision.order, platformOrderNo }, storeId, doubts: order.stage.doubts };
  }

  /** A number that belongs to another order of ours, or that two orders of this page want. */
  async #takenNumbers(items: readonly Item[]): Promise<Verdict[]> {
    const fresh = items.filter(({ order }) => order.platformOrderNo === undefined);
    const owners = await this.#orders.ownersOf(fresh.map(({ claim }) => claim));
    const verdicts: Verdict[] = [];
    for (const { order, claim } of fresh) {
      const key = numberKey(claim.storeId, claim.platformOrderNo);
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, order.id);
      else if (owner !== order.id) verdicts.push({ order, outcome: duplicateNumber(claim, owner) });
    }
    return verdicts;
  }

  /** Whatever left once is looked up before it is sent again, requeued or not. */
  async #sentBefore(items: readonly Item[]): Promise<Verdict[]> {
    const sent = items.filter(({ order }) => order.stage.sentAt !== undefined).map(({ order }) => order);
    if (sent.length === 0) return [];
    const found = await this.#lookUp(sent);
    return sent.flatMap((order) => {
      const outcome = decideFound(found(order));
      return outcome === undefined ? [] : [{ order, outcome }];
    });
  }

  /** Side by side, up to the vendor's bucket. What is under way when one fails is finished first. */
  async #sendAll(batches: readonly Item[][]): Promise<void> {
    const limit = pLimit(CREATES_AT_ONCE);
    let failure: unknown;
    const started = batches.map((batch) =>
      limit(async () => {
        if (failure === undefined && !this.#ctx.stopped()) await this.#claimAndSend(batch);
        else this.#leave(batch.length);
      }).catch((error: unknown) => {
        failure ??= error;
      }),
    );
    await Promise.all(started);
    if (failure !== undefined) throw failure;
  }

  #leave(orders: number): void {
    this.#ctx.tally.settle("waiting", orders);
  }

  async #claimAndSend(batch: readonly Item[]): Promise<void> {
    const items = await this.#ledger.claim(batch);
    this.#ctx.tally.settle("skipped", batch.length - items.length); // cancelled or taken by a person meanwhile
    if (items.length > 0) await this.#send(items, items.length);
  }

  async #send(items: readonly Item[], family: number): Promise<void> {
    if (this.#ctx.options.dryRun) return this.#plan(items);
    const orders = items.map(({ order }) => order);
    try {
      const lingxing = await this.#ctx.lingxing();
      const storeId = items[0]?.storeId ?? this.#rules.storeId;
      const result = await lingxing.createOrders({
        platformCode: this.#ctx.config.lingxingStore.platformCode,
        storeId,
        orders: items.map(({ body }) => body),
      });
      this.#lostInARow = 0;
      await this.#recordResult(items, result);
    } catch (error) {
      if (error instanceof InDoubtError) return this.#keepInDoubt(orders, error);
      if (error instanceof RefusedError) return this.#refused(items, family, error);
      if (error instanceof OutageError || error instanceof NotDeliveredError) await this.#putBack(items);
      throw error;
    }
  }

  #plan(items: readonly Item[]): void {
    for (const { order, claim, body } of items) {
      this.#ctx.plan.push({
        do: "send",
        dsco_order_id: order.id,
        platform_order_no: claim.platformOrderNo,
        store_id: claim.storeId,
        lines: body.items.length,
        to: "lingxing.create",
      });
    }
    this.#ctx.tally.settle("done", items.length);
  }

  async #recordResult(items: readonly Item[], { created, refused, requestId }: CreateResult): Promise<void> {
    const globalOrderNos = new Map(created.map((entry) => [entry.platformOrderNo, entry.globalOrderNo]));
    const reasons = new Map(refused.map((entry) => [entry.platformOrderNo, entry.message]));
    const verdicts: Verdict[] = [];
    const unclear: Item[] = [];
    for (const item of items) {
      const globalOrderNo = globalOrderNos.get(item.claim.platformOrderNo);
      if (globalOrderNo === undefined) unclear.push(item);
      else verdicts.push({ order: item.order, outcome: { to: "done", how: "sent", globalOrderNo, requestId } });
    }
    this.#created += verdicts.length;
    await this.#ledger.record("in-flight", verdicts);
    if (unclear.length > 0) await this.#recordUnclear(unclear, reasons, requestId);
  }

  /**
   * A refusal may mean "exists already", in words nobody has promised; so the list is asked, not the message. An order in neither
   * list is in doubt.
   */
  async #recordUnclear(items: readonly Item[], reasons: ReadonlyMap<string, string>, requestId: string | undefined): Promise<void> {
    const found = await this.#lookUp(
      items.map(({ order, claim }) => ({ ...order, platformOrderNo: claim.platformOrderNo, storeId: claim.storeId })),
    );
    const verdicts: Verdict[] = [];
    const unanswered: StageOrder[] = [];
    for (const { order, claim } of items) {
      const known = decideFound(found({ ...order, platformOrderNo: claim.platformOrderNo, storeId: claim.storeId }));
      const reason = reasons.get(claim.platformOrderNo);
      if (known !== undefined) verdicts.push({ order, outcome: known });
      else if (reason === undefined) unanswered.push(order);
      else verdicts.push({ order, outcome: { to: "failed", charge: true, error: this.#reason(reason, order), requestId } });
    }
    await this.#ledger.record("in-flight", verdicts);
    if (unanswered.length > 0)
      await this.#keepInDoubt(unanswered, new InDoubtError("Lingxing's answer names these orders neither as created nor as refused"));
  }

  async #keepInDoubt(orders: readonly StageOrder[], error: InDoubtError): Promise<void> {
    this.#inDoubt.push(...orders);
    this.#lostInARow += 1;
    this.#ctx.log.warn("push_in_doubt", { orders: orders.length, err: error });
    await this.#ledger.noteDoubt(orders, error.message);
    if (this.#lostInARow >= OUTAGE_AFTER) {
      throw new OutageError(
        "vendor",
        `Lingxing lost ${this.#lostInARow} answers in a row: ${error.message}`,
        "nothing to do: the next pass asks what became of them",
        { cause: error },
      );
    }
  }

  /** Refused as a whole: halved until the bad order is alone. Alone among others that went through, it is to blame. */
  async #refused(items: readonly Item[], family: number, error: RefusedError): Promise<void> {
    const [first] = items;
    if (first !== undefined && items.length === 1) {
      const charge = family === 1 || this.#created > 0;
      const outcome: Outcome = { to: "failed", charge, error: this.#reason(error.message, first.order) };
      return this.#ledger.record("in-flight", [{ order: first.order, outcome }]);
    }
    this.#ctx.log.warn("push_batch_refused", { orders: items.length, err: error });
    const middle = Math.ceil(items.length / 2);
    const rest = items.slice(middle);
    try {
      await this.#resend(items.slice(0, middle), family);
    } catch (outage) {
      if (outage instanceof OutageError || outage instanceof NotDeliveredError) await this.#putBack(rest);
      throw outage;
    }
    await this.#resend(rest, family);
  }

  async #resend(items: readonly Item[], family: number): Promise<void> {
    await this.#ledger.renew(items.map(({ order }) => order));
    await this.#send(items, family);
  }

  /** Nothing of it left, and that is the vendor's fault: as before the claim. */
  async #putBack(items: readonly Item[]): Promise<void> {
    await this.#ledger.record(
      "in-flight",
      items.map(({ order }) => ({ order, outcome: { to: "unsent" } })),
    );
  }

  #reason(message: string, order: StageOrder): string {
    return maskPersonalData(message, parseLossless(order.raw));
  }

  /** One read at the end of the pass for everything whose answer was lost in it. */
  async #lookUpAgain(outage: unknown): Promise<void> {
    const ids = this.#inDoubt.splice(0).map(({ id }) => id);
    try {
      for (let from = 0; from < ids.length; from += PAGE) {
        const orders = await this.#orders.byIds("push", ids.slice(from, from + PAGE));
        const ours = orders.filter((order) => isInFlight(order) && order.runId === this.#ctx.runId);
        const found = await this.#lookUp(ours);
        const verdicts: Verdict[] = ours.flatMap((order) => {
          const outcome = decideFound(found(order));
          return outcome === undefined ? [] : [{ order, outcome }];
        });
        await this.#ledger.record("in-flight", verdicts);
        this.#leave(orders.length - verdicts.length);
      }
    } catch (error) {
      if (outage === undefined || !(error instanceof OutageError)) throw error;
      this.#ctx.log.warn("push_look_up_failed", { orders: ids.length, err: error }); // the outage that ended the sending is what counts
    }
  }
}

function isDue({ stage, dscoStatus }: StageOrder): boolean {
  return (stage.status === STAGE_STATUS.waiting || stage.status === STAGE_STATUS.failed) && dscoStatus !== "cancelled";
}

function isInFlight(order: StageOrder): boolean {
  return order.stage.status === STAGE_STATUS.inFlight;
}

/** Undefined when the raw text is gone or no JSON object. */
function tryParse(raw: string): DscoOrder | undefined {
  try {
    return parseDscoOrder(raw);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function duplicateNumber(claim: Claim, owner: string): Outcome {
  return {
    to: "manual",
    type: "duplicate_number",
    cause: `the number ${claim.platformOrderNo} already belongs to order ${owner}`,
    nextStep: 'decide which of the two is wanted; close the other: ipass order-state done <dscoOrderId> --stage push --reason "…"',
    detail: { platform_order_no: claim.platformOrderNo, store_id: claim.storeId, owner },
  };
}
