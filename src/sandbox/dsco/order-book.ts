import { idText, type JsonObject, objectsIn, readJson, writeJson } from "../json.ts";
import { isoTime } from "../orders.ts";

/** One state of an order, as readers see it from `visibleMs` on. Kept as text: a hundred thousand orders fit, and a page is a join. */
export interface OrderVersion {
  readonly text: string;
  readonly status: string;
  readonly test: boolean;
  readonly consumerOrderNumber: string | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly visibleMs: number;
  readonly packages: number;
}

export interface StoredOrder {
  /** Oldest first; the last one is the truth, which writes are judged by. */
  readonly versions: OrderVersion[];
  statusBeforeCancel?: string;
}

/** DSCO's orders, found by their numbers. */
export class OrderBook {
  readonly orders: StoredOrder[] = [];
  readonly #byId = new Map<string, StoredOrder>();
  readonly #byPo = new Map<string, StoredOrder[]>();
  readonly #bySupplierNumber = new Map<string, StoredOrder[]>();

  add(order: JsonObject, visibleMs: number): StoredOrder {
    const stored: StoredOrder = { versions: [toVersion(order, visibleMs)] };
    this.orders.push(stored);
    if (order.dscoOrderId !== undefined) this.#byId.set(idText(order.dscoOrderId), stored);
    if (order.poNumber !== undefined) listUnder(this.#byPo, String(order.poNumber), stored);
    if (typeof order.supplierOrderNumber === "string") listUnder(this.#bySupplierNumber, order.supplierOrderNumber, stored);
    return stored;
  }

  findById(id: string): StoredOrder | undefined {
    return this.#byId.get(id);
  }

  findAll(key: "dscoOrderId" | "poNumber" | "supplierOrderNumber", value: string): readonly StoredOrder[] {
    if (key === "poNumber") return this.#byPo.get(value) ?? [];
    if (key === "supplierOrderNumber") return this.#bySupplierNumber.get(value) ?? [];
    const found = this.#byId.get(value);
    return found === undefined ? [] : [found];
  }

  /** The order a write means: by dscoOrderId, poNumber or supplierOrderNumber, the first that is given. */
  findReferred(reference: JsonObject): StoredOrder | undefined {
    for (const key of ["dscoOrderId", "poNumber", "supplierOrderNumber"] as const) {
      const value = reference[key];
      if (value !== undefined && value !== null) return this.findAll(key, idText(value))[0];
    }
    return undefined;
  }

  /** What is true of the order now, as a copy of its own. */
  latest(stored: StoredOrder): JsonObject {
    return readJson(latestVersion(stored).text) as JsonObject;
  }

  /** Adds a state. `dscoLastUpdate` becomes `atMs`; readers see it from `visibleMs` on, but not before the state it follows. */
  change(stored: StoredOrder, order: JsonObject, atMs: number, visibleMs: number): void {
    const before = this.latest(stored).supplierOrderNumber;
    if (typeof order.supplierOrderNumber === "string" && order.supplierOrderNumber !== before) {
      listUnder(this.#bySupplierNumber, order.supplierOrderNumber, stored);
    }
    const notBefore = Math.max(visibleMs, latestVersion(stored).visibleMs);
    stored.versions.push(toVersion({ ...order, dscoLastUpdate: isoTime(atMs) }, notBefore));
  }
}

export function latestVersion(stored: StoredOrder): OrderVersion {
  const latest = stored.versions.at(-1);
  if (latest === undefined) throw new Error("an order without a state");
  return latest;
}

/** What a reader sees: the newest state that has become visible. Older ones are forgotten. */
export function visibleVersion(stored: StoredOrder, nowMs: number): OrderVersion | undefined {
  const { versions } = stored;
  for (let index = versions.length - 1; index >= 0; index -= 1) {
    const version = versions[index];
    if (version === undefined || version.visibleMs > nowMs) continue;
    if (index > 0) versions.splice(0, index);
    return version;
  }
  return undefined;
}

function toVersion(order: JsonObject, visibleMs: number): OrderVersion {
  const updatedMs = Date.parse(String(order.dscoLastUpdate));
  return {
    text: writeJson(order),
    status: String(order.dscoStatus),
    test: order.testFlag === true,
    consumerOrderNumber: typeof order.consumerOrderNumber === "string" ? order.consumerOrderNumber : undefined,
    createdMs: Date.parse(String(order.dscoCreateDate ?? order.dscoLastUpdate)),
    updatedMs,
    visibleMs,
    packages: objectsIn(order.packages).length,
  };
}

function listUnder(index: Map<string, StoredOrder[]>, key: string, stored: StoredOrder): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [stored]);
  else if (!list.includes(stored)) list.push(stored);
}
