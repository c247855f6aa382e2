import { parseDscoOrder } from "../dsco/order.ts";
import { OutageError } from "../errors.ts";
import { applyCancelRule } from "../store/cancel-rule.ts";
import { numberKey, OrderStore, type StageOrder } from "../store/order-store.ts";
import { RunStore } from "../store/run-store.ts";
import type { Outcome } from "../sync/outcome.ts";
import { decideFound, decidePush, type PushRules } from "../sync/push.ts";
import { decideAbsent } from "../sync/push-batch.ts";
import { pushFingerprint } from "../sync/push-fingerprint.ts";
import { dueOrders, inFlightOrders, namedOrders } from "./due-orders.ts";
import { Freshness } from "./freshness.ts";
import type { Job, JobContext } from "./job.ts";
import { lookUpInLingxing } from "./lingxing-look-up.ts";
import { type PushItem, PushSender } from "./push-sender.ts";
import { StageLedger, type Verdict } from "./stage-ledger.ts";

type Needs = "lingxing" | "lingxingStore" | "push" | "dsco" | "pull";

/** Creates orders in Lingxing, each exactly once. */
export const pushOrdersToLingxing: Job<Needs> = {
  name: "push_orders_to_lingxing",
  needs: ["lingxing", "lingxingStore", "push", "dsco", "pull"],
  run: (ctx) => new PushPass(ctx).run(),
};

class PushPass {
  readonly #ctx: JobContext<Needs>;
  readonly #ledger: StageLedger;
  readonly #sender: PushSender;
  readonly #orders: OrderStore;
  readonly #rules: PushRules;

  constructor(ctx: JobContext<Needs>) {
    this.#ctx = ctx;
    this.#ledger = new StageLedger(ctx, "push");
    this.#sender = new PushSender(ctx, this.#ledger);
    this.#orders = new OrderStore(ctx.db);
    this.#rules = toRules(ctx.config);
  }

  async run(): Promise<void> {
    const named = await namedOrders(this.#ctx, "push");
    const never = await this.#settle(named);
    await this.#applyCancelRule();
    let failure: unknown;
    try {
      const freshness = new Freshness(this.#ctx);
      if (this.#ctx.options.dryRun) await this.#rehearse(never);
      for await (const page of dueOrders(this.#ctx, "push", named, (orders) => freshness.refresh(orders))) await this.#work(page);
    } catch (error) {
      failure = error;
    }
    if (failure === undefined || failure instanceof OutageError) await this.#sender.lookUpLost(failure);
    if (failure !== undefined) throw failure;
    await this.#applyCancelRule(); // an order may have been cancelled while its create was under way
  }

  async #applyCancelRule(): Promise<void> {
    if (!this.#ctx.options.dryRun) await applyCancelRule(this.#ctx.db, this.#ctx.source, this.#ctx.now());
  }

  /** Every row in flight is taken over and looked up before anything new is sent. Returns those that never arrived: they are due now. */
  async #settle(named: readonly StageOrder[] | undefined): Promise<StageOrder[]> {
    const never: StageOrder[] = [];
    for await (const page of inFlightOrders(this.#ctx, "push", named)) never.push(...(await this.#settlePage(page)));
    return never;
  }

  /** A dry run leaves in flight what a real one would have put back among the due. */
  async #rehearse(orders: readonly StageOrder[]): Promise<void> {
    if (orders.length === 0) return;
    this.#ctx.tally.read(orders.length);
    await this.#ctx.buyers.during(orders, () => this.#work(orders));
  }

  async #settlePage(page: readonly StageOrder[]): Promise<StageOrder[]> {
    const orders = await this.#ledger.makeOurs(page);
    if (orders.length === 0) return [];
    const found = await lookUpInLingxing(this.#ctx, orders);
    const lastFruitful = await new RunStore(this.#ctx.db).lastFruitful(this.#ctx.job);
    const pass = { now: this.#ctx.now(), lastFruitful, batchSize: this.#ctx.batchSize };
    const verdicts: Verdict[] = orders.flatMap((order) => {
      const outcome = decideFound(found(order)) ?? decideAbsent(order.stage, pass);
      return outcome === undefined ? [] : [{ order, outcome }];
    });
    const waiting = orders.length - verdicts.length;
    const never = verdicts.filter(({ outcome }) => outcome.to === "resend").map(({ order }) => order);
    this.#ctx.tally.read(orders.length - never.length);
    this.#ctx.tally.settle("waiting", waiting);
    await this.#ledger.record("in-flight", verdicts);
    return never;
  }

  async #work(page: readonly StageOrder[]): Promise<void> {
    const items: PushItem[] = [];
    const verdicts: Verdict[] = [];
    for (const order of page) {
      const decided = this.#decide(order);
      if ("outcome" in decided) verdicts.push(decided);
      else items.push(decided);
    }
    verdicts.push(...(await this.#takenNumbers(items)), ...(await this.#sentBefore(items)));
    await this.#ledger.record("due", verdicts);
    const settled = new Set(verdicts.map(({ order }) => order.id));
    await this.#sender.send(items.filter(({ order }) => !settled.has(order.id)));
  }

  #decide(order: StageOrder): PushItem | Verdict {
    const parsed = parseDscoOrder(order.raw);
    if (parsed === undefined) {
      const nextStep = "pull it again: ipass run pull_dsco_orders --order <dscoOrderId>";
      return { order, outcome: { to: "manual", type: "bad_payload", cause: "the raw text is missing or no JSON object", nextStep } };
    }
    const decision = decidePush(parsed, this.#rules);
    if (decision.do === "outcome") return { order, outcome: decision.outcome };
    // Number and store are fixed at the first claim: a setting changed since must not make a second order of it.
    const platformOrderNo = order.platformOrderNo ?? decision.platformOrderNo;
    const storeId = order.storeId ?? decision.storeId;
    const claim = { id: order.id, platformOrderNo, storeId, fingerprint: pushFingerprint(parsed) };
    return { order, claim, body: { ...decision.order, platformOrderNo }, storeId, doubts: order.stage.doubts };
  }

  /** A number that belongs to another order of ours, or that two orders of this page want. */
  async #takenNumbers(items: readonly PushItem[]): Promise<Verdict[]> {
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
  async #sentBefore(items: readonly PushItem[]): Promise<Verdict[]> {
    const sent = items.filter(({ order }) => order.stage.sentAt !== undefined);
    if (sent.length === 0) return [];
    const found = await lookUpInLingxing(
      this.#ctx,
      sent.map(({ claim }) => claim),
    );
    return sent.flatMap(({ order, claim }) => {
      const outcome = decideFound(found(claim));
      return outcome === undefined ? [] : [{ order, outcome }];
    });
  }
}

function toRules({ push, lingxingStore }: JobContext<Needs>["config"]): PushRules {
  const { platformOrderNo, priceFields, storeMap, warehouseMap, logisticsMap, skuMap } = push;
  return { platformOrderNo, priceFields, storeId: lingxingStore.storeId, storeMap, warehouseMap, logisticsMap, skuMap };
}

function duplicateNumber(claim: PushItem["claim"], owner: string): Outcome {
  return {
    to: "manual",
    type: "duplicate_number",
    cause: `the number ${claim.platformOrderNo} already belongs to order ${owner}`,
    nextStep: 'decide which of the two is wanted; close the other: ipass order-state done <dscoOrderId> --stage push --reason "…"',
    detail: { platform_order_no: claim.platformOrderNo, store_id: claim.storeId, owner },
  };
}
