import pLimit from "p-limit";
import { parseDscoOrder } from "../dsco/order.ts";
import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../errors.ts";
import type { CreateResult } from "../lingxing/client.ts";
import type { NewLingxingOrder } from "../lingxing/orders.ts";
import { maskPersonalData } from "../personal-data.ts";
import { type Claim, OrderStore, type StageOrder } from "../store/order-store.ts";
import { decideFound } from "../sync/push.ts";
import { batchesOf, type Sendable } from "../sync/push-batch.ts";
import { isInFlight, PAGE } from "./due-orders.ts";
import type { JobContext } from "./job.ts";
import { lookUpInLingxing } from "./lingxing-look-up.ts";
import type { StageLedger, Verdict } from "./stage-ledger.ts";

/** Lingxing's bucket for create: requests under way at once (POST /pb/mp/order/v2/create). */
const CREATES_AT_ONCE = 10;
/** So many lost answers or server faults in a row, and Lingxing is down. */
const OUTAGE_AFTER = 3;

/** An order ready to be created, and what its claim fixes. */
export interface PushItem extends Sendable {
  readonly order: StageOrder;
  readonly claim: Claim;
  readonly body: NewLingxingOrder;
}

/** Sends creates in batches, side by side, and records what became of each order. */
export class PushSender {
  readonly #ctx: JobContext<"lingxingStore">;
  readonly #ledger: StageLedger;
  #lostInARow = 0;
  #created = 0;
  readonly #inDoubt: string[] = [];

  constructor(ctx: JobContext<"lingxingStore">, ledger: StageLedger) {
    this.#ctx = ctx;
    this.#ledger = ledger;
  }

  /** What is under way when one batch fails is finished first; what has not begun by then stays as it is. */
  async send(items: readonly PushItem[]): Promise<void> {
    const limit = pLimit(CREATES_AT_ONCE);
    let failure: unknown;
    const batches = batchesOf(items, this.#ctx.batchSize).map((batch) =>
      limit(async () => {
        if (failure === undefined && !this.#ctx.stopped()) await this.#claimAndSend(batch);
        else this.#ctx.tally.settle("waiting", batch.length);
      }).catch((error: unknown) => {
        failure ??= error;
      }),
    );
    await Promise.all(batches);
    if (failure !== undefined) throw failure;
  }

  async #claimAndSend(batch: readonly PushItem[]): Promise<void> {
    const items = await this.#ledger.claim(batch);
    this.#ctx.tally.settle("skipped", batch.length - items.length); // cancelled, or taken by a person, meanwhile
    if (items.length === 0) return;
    if (this.#ctx.options.dryRun) this.#plan(items);
    else await this.#create(items, items.length);
  }

  #plan(items: readonly PushItem[]): void {
    for (const { order, claim, body } of items) {
      const detail = { platform_order_no: claim.platformOrderNo, store_id: claim.storeId, lines: body.items.length };
      this.#ctx.plan.push({ do: "send", dsco_order_id: order.id, stage: "push", ...detail });
    }
    this.#ctx.tally.settle("done", items.length);
  }

  /** `family`: how many orders the batch had before it was halved. */
  async #create(items: readonly PushItem[], family: number): Promise<void> {
    try {
      const lingxing = await this.#ctx.lingxing();
      const { platformCode, storeId } = this.#ctx.config.lingxingStore;
      const result = await lingxing.createOrders({
        platformCode,
        storeId: items[0]?.storeId ?? storeId,
        orders: items.map(({ body }) => body),
      });
      this.#lostInARow = 0;
      await this.#recordResult(items, result);
    } catch (error) {
      if (error instanceof InDoubtError) return this.#keepInDoubt(items, error);
      if (error instanceof RefusedError) return this.#refused(items, family, error);
      if (neverLeft(error)) await this.#putBack(items);
      throw error;
    }
  }

  async #recordResult(items: readonly PushItem[], { created, refused, requestId }: CreateResult): Promise<void> {
    const globalOrderNos = new Map(created.map((entry) => [entry.platformOrderNo, entry.globalOrderNo]));
    const reasons = new Map(refused.map((entry) => [entry.platformOrderNo, entry.message]));
    const verdicts: Verdict[] = [];
    const unclear: PushItem[] = [];
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
    if (unanswered.length > 0)
      await this.#keepInDoubt(unanswered, new InDoubtError("Lingxing's answer names these orders neither as created nor as refused"));
  }

  async #keepInDoubt(items: readonly PushItem[], error: InDoubtError): Promise<void> {
    this.#inDoubt.push(...items.map(({ order }) => order.id));
    this.#lostInARow += 1;
    this.#ctx.log.warn("push_in_doubt", { orders: items.length, err: error });
    await this.#ledger.noteDoubt(
      items.map(({ order }) => order),
      error.message,
    );
    if (this.#lostInARow < OUTAGE_AFTER) return;
    const message = `Lingxing lost ${this.#lostInARow} answers in a row: ${error.message}`;
    throw new OutageError("vendor", message, "nothing to do: the next pass asks what became of them", { cause: error });
  }

  /** Refused as a whole: halved until the bad order is alone. Alone among others that went through, it is to blame. */
  async #refused(items: readonly PushItem[], family: number, error: RefusedError): Promise<void> {
    const [first] = items;
    if (first !== undefined && items.length === 1) {
      const charge = family === 1 || this.#created > 0;
      return this.#ledger.record("in-flight", [
        { order: first.order, outcome: { to: "failed", charge, error: withoutPersonalData(error.message, first.order) } },
      ]);
    }
    this.#ctx.log.warn("push_batch_refused", { orders: items.length, err: error });
    const middle = Math.ceil(items.length / 2);
    const rest = items.slice(middle);
    try {
      await this.#createAgain(items.slice(0, middle), family);
    } catch (outage) {
      if (neverLeft(outage)) await this.#putBack(rest);
      throw outage;
    }
    await this.#createAgain(rest, family);
  }

  async #createAgain(items: readonly PushItem[], family: number): Promise<void> {
    await this.#ledger.renew(items.map(({ order }) => order));
    await this.#create(items, family);
  }

  /** It provably never left, and that is the vendor's fault: as before the claim. */
  async #putBack(items: readonly PushItem[]): Promise<void> {
    await this.#ledger.record(
      "in-flight",
      items.map(({ order }) => ({ order, outcome: { to: "unsent" } })),
    );
  }

  /**
   * One read at the end of the pass for everything whose answer was lost in it: no order waits for the grace to end when a look
   * can tell at once. `ending` is what ends the pass already, if anything does.
   */
  async lookUpLost(ending: unknown): Promise<void> {
    const ids = this.#inDoubt.splice(0);
    const orders = new OrderStore(this.#ctx.db);
    try {
      for (let from = 0; from < ids.length; from += PAGE) {
        const page = (await orders.byIds("push", ids.slice(from, from + PAGE))).filter(
          (order) => isInFlight(order) && order.runId === this.#ctx.runId,
        );
        const found = await lookUpInLingxing(this.#ctx, page);
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

/** Nothing of the request reached the vendor. */
function neverLeft(error: unknown): boolean {
  return error instanceof OutageError || error instanceof NotDeliveredError;
}

/** A vendor's words about an order may quote its address. */
function withoutPersonalData(message: string, order: StageOrder): string {
  return maskPersonalData(message, parseDscoOrder(order.raw)?.wire);
}
