import { createHash } from "node:crypto";
import { ScrollExpiredError, ScrollLostError } from "../dsco/client.ts";
import { parseDscoOrder } from "../dsco/order.ts";
import { OutageError } from "../errors.ts";
import { applyCancelRule, releaseCancelRequest, releaseHold } from "../store/cancel-rule.ts";
import { type Db, inTransaction } from "../store/db.ts";
import { EventStore, type OrderEvent } from "../store/event-store.ts";
import { isKeepable, SnapshotStore } from "../store/snapshot-store.ts";
import { type NewTask, TaskStore } from "../store/task-store.ts";
import { decidePull, type PullDecision, type PulledOrder } from "../sync/pull.ts";
import { halveSlice, nextSlice, type Window } from "../sync/pull-window.ts";
import { pushFingerprint } from "../sync/push-fingerprint.ts";
import { STAGES } from "../sync/stage.ts";
import type { Tally } from "../sync/tally.ts";
import { countFromWhatWasSeenTo, noteChanges } from "./changed-after-push.ts";
import type { JobContext } from "./job.ts";

/** A scroll whose page was lost starts over; a vendor that loses four in a row is down. */
const SLICE_TRIES = 4;

type ReaderContext = JobContext<"pull">;

/** Reads DSCO's orders into our tables: the pull's own work, and what the push does when its snapshots are too old. */
export class OrderReader {
  readonly #ctx: ReaderContext;
  readonly #tally: Tally;
  readonly #limit: number;
  #read = 0;

  constructor(ctx: ReaderContext, tally: Tally, limit = Number.POSITIVE_INFINITY) {
    this.#ctx = ctx;
    this.#tally = tally;
    this.#limit = limit;
  }

  /**
   * Reads a window slice by slice; after each complete slice `onSlice` is told how far everything is committed. Returns whether
   * the end was reached, and the length of slice to begin with next time, in ms (undefined: a whole window at once).
   * @throws OutageError when DSCO keeps losing pages
   */
  async readWindow(
    window: Window,
    sliceMs: number | undefined,
    onSlice: (until: Date) => Promise<void>,
  ): Promise<{ complete: boolean; sliceMs: number | undefined }> {
    let length = sliceMs;
    for (let since = window.since; since < window.until; ) {
      const slice = nextSlice({ since, until: window.until }, length);
      const end = await this.#readSlice(slice);
      if (end === "complete") {
        await onSlice(slice.until);
        since = slice.until;
        if (length !== undefined) length *= 2;
        continue;
      }
      const half = halveSlice(slice);
      if (end === "limit" || half === undefined) {
        if (end === "expired")
          throw new OutageError(
            "vendor",
            "DSCO drops its scroll even on a one-minute window of orders",
            "look whether DSCO is slow or the database is; then run again",
          );
        return { complete: false, sliceMs: length };
      }
      this.#ctx.log.warn("pull_slice_halved", { reason: end, slice_sec: Math.round(half / 1000) });
      length = half;
      if (end === "stopped") return { complete: false, sliceMs: length };
    }
    const whole = window.until.getTime() - window.since.getTime();
    return { complete: true, sliceMs: length !== undefined && length < whole ? length : undefined };
  }

  async #readSlice(slice: Window): Promise<"complete" | "expired" | "stopped" | "limit"> {
    const dsco = await this.#ctx.dsco();
    const ordersPerPage = this.#ctx.job === "pull_dsco_orders" ? this.#ctx.batchSize : undefined; // elsewhere the size is that of a write
    const options = { ...this.#ctx.config.pull, ordersPerPage };
    for (let tried = 1; ; tried++) {
      try {
        for await (const page of dsco.ordersUpdatedSince(slice.since, slice.until, options)) {
          const room = this.#limit - this.#read;
          this.#read += page.length;
          await this.savePage(page.slice(0, room));
          if (page.length >= room) return "limit";
          if (this.#ctx.stopped()) return "stopped";
        }
        return "complete";
      } catch (error) {
        if (this.#ctx.signal.aborted && error === this.#ctx.signal.reason) return "stopped";
        if (error instanceof ScrollExpiredError) return "expired";
        if (!(error instanceof ScrollLostError)) throw error;
        if (tried >= SLICE_TRIES)
          throw new OutageError(
            "vendor",
            `DSCO lost a page of orders ${tried} times in a row`,
            "nothing to do: the next pass reads from the same watermark",
            { cause: error },
          );
        this.#ctx.log.warn("pull_scroll_restarted", { tried, err: error });
      }
    }
  }

  /** Commits one page of raw order texts in one transaction: snapshots, state rows, tasks, and the cancel rule. */
  async savePage(texts: readonly string[]): Promise<void> {
    if (texts.length === 0) return;
    this.#tally.read(texts.length);
    const { orders, unreadable, repeated } = readTexts(texts);
    if (this.#ctx.options.dryRun) return this.#rehearse(orders, unreadable, repeated);
    await this.#ctx.assertLockHeld();
    const saved = await inTransaction(this.#ctx.db, (db) => this.#save(db, orders, unreadable));
    this.#tally.settle("skipped", repeated);
    this.#count(saved);
  }

  async #save(db: Db, orders: readonly PulledOrder[], unreadable: readonly Unreadable[]): Promise<Saved> {
    const now = this.#ctx.now();
    const snapshots = new SnapshotStore(db);
    const known = await countFromWhatWasSeenTo(db, orders, await snapshots.known(orders.map(({ id }) => id)));
    const decided = orders.map((order) => ({ order, decision: decidePull(order, known.get(order.id), this.#ctx.config.pull) }));
    const kept = decided.filter(({ decision }) => decision.do !== "skip").map(({ order }) => order);
    const unknownTexts = await this.#newTexts(snapshots, unreadable);

    await snapshots.saveOrders(kept);
    await snapshots.saveTexts(
      [...kept.map((order) => ({ key: order.id, ...order })), ...unknownTexts.map((text) => ({ ...text, lastUpdate: undefined }))],
      now,
    );
    await new TaskStore(db).raise(unknownTexts.map(noIdTask));
    await new EventStore(db).add(
      decided.flatMap(({ order, decision }) => pullEvents(order, decision)),
      this.#ctx.source,
      now,
    );
    const withdrawn = decided
      .filter(({ decision }) => decision.do === "update" && decision.cancelRequestWithdrawn)
      .map(({ order }) => order.id);
    await releaseCancelRequest(db, withdrawn, this.#ctx.source, now);
    for (const stage of STAGES) {
      const corrected = decided
        .filter(({ decision }) => decision.do === "update" && decision.retry.includes(stage))
        .map(({ order }) => order.id);
      await releaseHold(db, stage, corrected, "bad_payload", now);
    }
    await noteChanges(db, decided, now);
    if (kept.length > 0) await applyCancelRule(db, this.#ctx.source, now);
    return {
      decisions: decided.map(({ decision }) => decision),
      newTexts: unknownTexts.length,
      knownTexts: unreadable.length - unknownTexts.length,
    };
  }

  async #newTexts(snapshots: SnapshotStore, unreadable: readonly Unreadable[]): Promise<Unreadable[]> {
    const seen = await snapshots.knownTexts(unreadable.map(({ key }) => key));
    return unreadable.filter(({ key }) => !seen.has(key));
  }

  async #rehearse(orders: readonly PulledOrder[], unreadable: readonly Unreadable[], repeated: number): Promise<void> {
    const snapshots = new SnapshotStore(this.#ctx.db);
    const known = await snapshots.known(orders.map(({ id }) => id));
    const newTexts = await this.#newTexts(snapshots, unreadable);
    for (const { key, cause } of newTexts) this.#ctx.plan.push({ do: "manual", dsco_order_id: key, task_type: "bad_payload", cause });
    this.#tally.settle("skipped", repeated);
    this.#count({
      decisions: orders.map((order) => decidePull(order, known.get(order.id), this.#ctx.config.pull)),
      newTexts: newTexts.length,
      knownTexts: unreadable.length - newTexts.length,
    });
  }

  #count({ decisions, newTexts, knownTexts }: Saved): void {
    const fresh = decisions.filter((decision) => decision.do !== "skip").length;
    this.#tally.settle("done", fresh);
    this.#tally.settle("skipped", decisions.length - fresh + knownTexts);
    this.#tally.settle("manual", newTexts);
  }
}

interface Saved {
  readonly decisions: readonly PullDecision[];
  readonly newTexts: number;
  readonly knownTexts: number;
}

/** A text without an order id, or one too long to keep, under a key made from its content. */
interface Unreadable {
  readonly key: string;
  /** Of one too long to keep, the beginning. */
  readonly raw: string;
  readonly hash: string;
  readonly cause: string;
  readonly characters: number;
}

const BEGINNING_CHARS = 4_000;

/** Order by order, so that a malformed one becomes a task and not the end of its page. */
function readTexts(texts: readonly string[]): { orders: PulledOrder[]; unreadable: Unreadable[]; repeated: number } {
  const orders = new Map<string, PulledOrder>();
  const unreadable = new Map<string, Unreadable>();
  for (const raw of texts) {
    const hash = createHash("sha256").update(raw).digest("hex");
    const keepable = isKeepable(raw);
    const order = keepable ? parseDscoOrder(raw) : undefined;
    if (order?.id === undefined) {
      const key = `noid:${hash.slice(0, 48)}`;
      const cause = keepable ? "no readable dscoOrderId" : "longer than the database takes";
      unreadable.set(key, { key, raw: keepable ? raw : raw.slice(0, BEGINNING_CHARS), hash, cause, characters: raw.length });
      continue;
    }
    const pulled: PulledOrder = {
      id: order.id,
      raw,
      hash,
      status: order.dscoStatus ?? order.lifecycle ?? "",
      poNumber: order.poNumber,
      lastUpdate: order.lastUpdate,
      cancelRequested: order.cancelRequested,
      testFlag: order.testFlag,
      acknowledgeBy: order.acknowledgeByDate,
      shipBy: order.shipByDate,
      fingerprint: pushFingerprint(order),
    };
    const earlier = orders.get(pulled.id);
    // While a scroll is read an order may move and come twice.
    if (earlier === undefined || (pulled.lastUpdate?.getTime() ?? 0) >= (earlier.lastUpdate?.getTime() ?? 0)) orders.set(pulled.id, pulled);
  }
  return { orders: [...orders.values()], unreadable: [...unreadable.values()], repeated: texts.length - orders.size - unreadable.size };
}

function pullEvents(order: PulledOrder, decision: PullDecision): OrderEvent[] {
  if (decision.do === "skip") return [];
  const changed = decision.do === "update" && decision.changedAfterPush.length > 0 ? { changed_after_push: decision.changedAfterPush } : {};
  return [
    {
      dscoOrderId: order.id,
      stage: undefined,
      event: decision.do === "add" ? "order_new" : "order_changed",
      detail: { dsco_status: order.status, ...changed },
    },
  ];
}

function noIdTask({ key, cause, characters }: Unreadable): NewTask {
  return {
    type: "bad_payload",
    dscoOrderId: undefined,
    stage: undefined,
    cause: key,
    payload: { cause, raw_kept_as: key, characters },
    nextStep: `ask DSCO support for the order; its text is kept: ipass explain ${key}`,
  };
}
