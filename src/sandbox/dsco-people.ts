import type { DscoSandbox } from "./dsco/dsco.ts";
import { latestVersion, type StoredOrder } from "./dsco/order-book.ts";
import { idText, isObject, type JsonObject } from "./json.ts";
import { aSandboxOrder } from "./orders.ts";
import type { SeededRandom } from "./random.ts";

/** When a change happened and from when readers see it, beside what the settings say. Milliseconds. */
export interface ChangeTimes {
  /** Becomes `dscoLastUpdate`; now when left out. */
  readonly updatedMs?: number | undefined;
  /** A change that becomes visible late keeps its older `dscoLastUpdate`. */
  readonly visibleMs?: number | undefined;
}

/** What retailers do at DSCO while nobody looks: new orders, corrections, cancellations. */
export class DscoPeople {
  readonly #dsco: DscoSandbox;
  readonly #seed: number;
  readonly #random: SeededRandom;

  constructor(dsco: DscoSandbox, seed: number, random: SeededRandom) {
    this.#dsco = dsco;
    this.#seed = seed;
    this.#random = random;
  }

  /** A new, unremarkable order, with these fields put over it (one level deep); returns its dscoOrderId. */
  add(fields: JsonObject = {}, times: ChangeTimes = {}): string {
    const now = this.#dsco.now().getTime();
    const updatedMs = times.updatedMs ?? now;
    const order = aSandboxOrder(this.#dsco.book.orders.length, this.#seed, updatedMs, this.#dsco.catalog, this.#random);
    const added = merged(order, fields);
    this.#dsco.book.add(added, times.visibleMs ?? updatedMs);
    return added.dscoOrderId === undefined ? "" : idText(added.dscoOrderId);
  }

  /** Puts fields over an order; `shipping` is merged, lists are replaced. False when there is no such order. */
  patch(dscoOrderId: string, fields: JsonObject, times: ChangeTimes = {}): boolean {
    const stored = this.#dsco.book.findById(dscoOrderId);
    if (stored === undefined) return false;
    this.#change(stored, merged(this.#dsco.book.latest(stored), fields), times);
    return true;
  }

  /** Returns how many were not cancelled already. */
  cancel(dscoOrderIds: readonly string[], times: ChangeTimes = {}): number {
    const stored = this.#found(dscoOrderIds).filter((order) => latestVersion(order).status !== "cancelled");
    for (const order of stored) {
      order.statusBeforeCancel = latestVersion(order).status;
      this.#change(order, { ...this.#dsco.book.latest(order), dscoStatus: "cancelled" }, times);
    }
    return stored.length;
  }

  /** Back to what they were; an order that came cancelled becomes a new one. */
  uncancel(dscoOrderIds: readonly string[], times: ChangeTimes = {}): number {
    const stored = this.#found(dscoOrderIds).filter((order) => latestVersion(order).status === "cancelled");
    for (const order of stored) {
      this.#change(order, { ...this.#dsco.book.latest(order), dscoStatus: order.statusBeforeCancel ?? "created" }, times);
    }
    return stored.length;
  }

  #found(ids: readonly string[]): StoredOrder[] {
    return ids.flatMap((id) => this.#dsco.book.findById(id) ?? []);
  }

  #change(stored: StoredOrder, order: JsonObject, times: ChangeTimes): void {
    const now = this.#dsco.now().getTime();
    const visibleMs = times.visibleMs ?? now + this.#dsco.settings.readLagMs;
    this.#dsco.book.change(stored, order, times.updatedMs ?? now, visibleMs);
  }
}

function merged(order: JsonObject, fields: JsonObject): JsonObject {
  const shipping = fields.shipping;
  if (!isObject(shipping) || !isObject(order.shipping)) return { ...order, ...fields };
  return { ...order, ...fields, shipping: { ...order.shipping, ...shipping } };
}
