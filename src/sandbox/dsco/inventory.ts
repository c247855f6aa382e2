import * as z from "zod";
import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import { type JsonObject, objectsIn } from "../json.ts";
import { DSCO_WAREHOUSES } from "../options.ts";
import { isoTime } from "../orders.ts";
import { type DscoContext, refusalFor } from "./context.ts";
import type { InventoryItem } from "./inventory-state.ts";
import { DscoQuery } from "./query.ts";

const ITEM_KEYS = ["dscoItemId", "sku", "partnerSku", "upc", "ean", "mpn", "isbn", "gtin"] as const;
const STATUSES: readonly unknown[] = ["in-stock", "out-of-stock", "discontinued", "hidden"];

/** What the schema demands; the rest of the rules stand in prose and are judged item by item. */
const ItemSchema = z.looseObject({
  sku: z.string().min(1).max(90),
  warehouses: z.array(z.looseObject({ code: z.string().min(1), quantity: z.int().nullish() })),
  quantityAvailable: z.int().nullish(),
  status: z.string().nullish(),
});

/** POST /inventory/singleItem. */
export function updateOne(dsco: DscoContext, request: SandboxRequest): Answer {
  const item = dsco.dialect.parse(ItemSchema, request.body) as JsonObject;
  const reason = dsco.inventoryLog.perform("singleItem", item, (object, atMs) => update(dsco, object, atMs));
  if (reason !== undefined) throw dsco.dialect.refuse(400, "VALIDATION_FAILED", reason);
  return dsco.dialect.created();
}

/** POST /inventory/batch/small; `skipItemsThatDontExist=true` drops unknown items without a word. */
export function updateBatch(dsco: DscoContext, request: SandboxRequest): Answer {
  const skipUnknown = new DscoQuery(request.query, dsco.dialect, ["skipItemsThatDontExist"]).flag("skipItemsThatDontExist") === true;
  const batch = dsco.dialect.parse(z.array(ItemSchema).min(1), request.body);
  const items = skipUnknown ? batch.filter(({ sku }) => dsco.inventory.items.has(sku)) : batch;
  return dsco.inventoryLog.enqueue("updateInventorySmallBatch", items as JsonObject[], (object, atMs) => update(dsco, object, atMs));
}

/** GET /inventory. */
export function getInventory(dsco: DscoContext, request: SandboxRequest): Answer {
  const query = new DscoQuery(request.query, dsco.dialect, [
    "itemKey",
    "value",
    "dscoRetailerId",
    "dscoTradingPartnerId",
    "returnMultiple",
  ]);
  query.required("itemKey");
  const key = query.oneOf("itemKey", ITEM_KEYS) ?? "sku";
  const value = query.required("value");
  if (key === "partnerSku" && query.text("dscoRetailerId") === undefined && query.text("dscoTradingPartnerId") === undefined) {
    throw dsco.dialect.refuse(400, "badRequest", "partnerSku needs dscoRetailerId or dscoTradingPartnerId");
  }
  const found = findItem(dsco, key, value);
  if (query.flag("returnMultiple") === true) return jsonAnswer(200, JSON.stringify(found === undefined ? [] : [toWire(found)]));
  if (found === undefined) throw dsco.dialect.refuse(404, "notFound", `no item with ${key} ${value}`);
  return jsonAnswer(200, JSON.stringify(toWire(found)));
}

function findItem(dsco: DscoContext, key: (typeof ITEM_KEYS)[number], value: string): InventoryItem | undefined {
  if (key === "sku") return dsco.inventory.items.get(value);
  if (key !== "dscoItemId" && key !== "partnerSku" && key !== "upc") return undefined;
  return [...dsco.inventory.items.values()].find((item) => item[key] === value);
}

export function toWire(item: InventoryItem): JsonObject {
  return {
    sku: item.sku,
    dscoItemId: item.dscoItemId,
    upc: item.upc,
    status: item.status,
    quantityAvailable: item.quantityAvailable,
    dscoLastQuantityUpdateDate: item.updatedMs === undefined ? null : isoTime(item.updatedMs),
    warehouses: [...item.warehouses].map(([code, quantity]) => ({ code, quantity })),
  };
}

function update(dsco: DscoContext, object: JsonObject, atMs: number): string | undefined {
  const sku = String(object.sku);
  const refused = refusalFor(dsco.settings, sku);
  if (refused !== undefined) return refused;
  const item = dsco.inventory.items.get(sku);
  if (item === undefined) return `unknown sku ${sku}: a new item needs upc, ean or gtin`;
  const problem = findProblem(object);
  if (problem !== undefined) return problem;
  // What becomes of a warehouse that is left out is nowhere said: here it keeps its figure.
  for (const { code, quantity } of objectsIn(object.warehouses)) item.warehouses.set(String(code), Number(quantity));
  item.quantityAvailable = Number(object.quantityAvailable);
  item.status = String(object.status);
  item.updates += 1;
  item.updatedMs = atMs;
  return undefined;
}

function findProblem(object: JsonObject): string | undefined {
  const warehouses = objectsIn(object.warehouses);
  if (!STATUSES.includes(object.status)) return `status has to be one of ${STATUSES.join(", ")}`;
  if (warehouses.length === 0) return "at least one warehouse is needed";
  const codes = warehouses.map(({ code }) => code);
  if (new Set(codes).size < codes.length) return "a warehouse is given twice";
  const unknown = codes.find((code) => !DSCO_WAREHOUSES.some((warehouse) => warehouse.code === code));
  if (unknown !== undefined) return `unknown warehouse ${String(unknown)}`;
  if (warehouses.some(({ quantity }) => typeof quantity !== "number" || quantity < 0))
    return "each warehouse needs a quantity of 0 or more";
  const sum = warehouses.reduce((total, { quantity }) => total + Number(quantity), 0);
  if (object.quantityAvailable === sum) return undefined;
  return `quantityAvailable ${String(object.quantityAvailable)} is not the sum of the warehouses, ${sum}`;
}
