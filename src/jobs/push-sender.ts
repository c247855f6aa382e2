import { InDoubtError, OutageError } from "../errors.ts";
import type { CreateResult } from "../lingxing/client.ts";
import type { NewLingxingOrder } from "../lingxing/orders.ts";
import { OrderStore } from "../store/order-store.ts";
import type { Claim } from "../store/stage-claims.ts";
import { decideFound } from "../sync/push.ts";
import { BatchSender, type SendItem, withoutPersonalData } from "./batch-sender.ts";
import { isInFlight, PAGE } from "./due-orders.ts";
import type { JobContext } from "./job.ts";
import { lookUpInLingxing } from "./lingxing-look-up.ts";
import type { StageLedger, Verdict } from "./stage-ledger.ts";

/** Lingxing's bucket for create: requests under way at once (POST /pb/mp/order/v2/create). */
const CREATES_AT_ONCE = 10;

/** An order ready to be created. */
export interface PushItem extends SendItem {
  readonly claim: Required<Pick<Claim, "id" | "platformOrderNo" | "storeId" | "fingerprint">>;
  readonly body: NewLingxingOrder;
}

/** Creates orders in Lingxing and records what became of each. */
export class PushSender {
  readonly #ctx: JobContext<"lingxingStore">;
  readonly #ledger: StageLedger;
  readonly #batches: BatchSender<PushItem>;

  constructor(ctx: JobContext<"lingxingStore">, ledger: StageLedger) {
    this.#ctx = ctx;
    this.#ledger = ledger;
    this.#batches = new BatchSender(ctx, ledger, {
      stage: "push",
      atOnce: CREATES_AT_ONCE,
      post: (items) => this.#create(items),
      plan: ({ claim, body }) => ({ platform_order_no: claim.platformOrderNo, store_id: claim.storeId, lines: body.items.length }),
    });
  }

  async send(items: readonly PushItem[]): Promise<void> {
    await this.#batches.send(items);
  }

  async #create(items: readonly PushItem[]): Promise<number> {
    const lingxing = await this.#ctx.lingxing();
    const { platformCode, storeId } = this.#ctx.config.lingxingStore;
    const result = await lingxing.createOrders({
      platformCode,
      storeId: items[0]?.storeId ?? storeId,
      orders: items.map(({ body }) => body),
    });
    return this.#recordResult(items, result);
  }

  async #recordResult(items: readonly PushItem[], { created, refused, requestId }: CreateResult): Promise<number> {
    const globalOrderNos = new Map(created.map((entry) => [entry.platformOrderNo, entry.globalOrderNo]));
    const reasons = new Map(refused.map((entry) => [entry.platformOrderNo, entry.message]));
    const verdicts: Verdict[] = [];
    const unclear: PushItem[] = [];
    for (const item of items) {
      const globalOrderNo = globalOrderNos.get(item.claim.platformOrderNo);
      if (globalOrderNo === undefined) unclear.push(item);
      else verdicts.push({ order: item.order, outcome: { to: "done", how: "sent", globalOrderNo, requestId } });
    }
    await this.#ledger.record("in-flight", verdicts);
    if (unclear.length > 0) await this.#recordUnclear(unclear, reasons, requestId);
    return verdicts.length;
  }

  /**
   * A refusal may mean "exists already", in words nobody has promised: the list is asked, not the message. An order in neither
   * list is in doubt.
   */
  async #recordUnclear(items: readonly PushItem[], reasons: ReadonlyMap<string, string>, requestId: string | undefined): Promise<void> {
    const found = await lookUpInLingxing(
      this.#ctx,
      items.map(({ claim }) => claim),
    );
    const verdicts: Verdict[] = [];
    const unanswered: PushItem[] = [];
    for (const item of items) {
      const { order, claim } = item;
      const known = decideFound(found(claim));
      const reason = reasons.get(claim.platformOrderNo);
      if (known !== undefined) verdicts.push({ order, outcome: known });
      else if (reason === undefined) unanswered.push(item);
      else verdicts.push({ order, outcome: { to: "failed", charge: true, error: withoutPersonalData(reason, order), requestId } });
    }
    await this.#ledger.record("in-flight", verdicts);
    if (unanswered.length > 0) {
      await this.#batches.keepInDoubt(
        unanswered,
        new InDoubtError("Lingxing's answer names these orders neither as created nor as refused"),
      );
    }
  }

  /**
   * One read at the end of the pass for everything whose answer was lost in it: no order waits for the grace to end when a look
   * can tell at once. `ending` is what ends the pass already, if anything does.
   */
  async lookUpLost(ending: unknown): Promise<void> {
    const ids = this.#batches.inDoubt.splice(0);
    const orders = new OrderStore(this.#ctx.db);
    try {
      for (let from = 0; from < ids.length; from += PAGE) {
        const page = (await orders.byIds("push", ids.slice(from, from + PAGE))).filter(
          (order) => isInFlight(order) && order.runId === this.#ctx.runId,
        );
        const found = await this.#ctx.buyers.during(page, () => lookUpInLingxing(this.#ctx, page));
        const verdicts: Verdict[] = page.flatMap((order) => {
          const outcome = decideFound(found(order));
          return outcome === undefined ? [] : [{ order, outcome }];
        });
        await this.#ledger.record("in-flight", verdicts);
        this.#ctx.tally.settle("waiting", page.length - verdicts.length);
      }
    } catch (error) {
      if (ending === undefined || !(error instanceof OutageError)) throw error;
      this.#ctx.log.warn("push_look_up_failed", { orders: ids.length, err: error }); // the next pass asks; what ended this one counts
    }
  }
}
