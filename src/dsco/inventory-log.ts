import * as z from "zod";
import { parseLossless } from "../http/lossless-json.ts";
import { messagesText } from "./messages.ts";
import { WireLogEntry } from "./schemas.ts";

/** What became of one item that was sent. */
export interface StockLogEntry {
  readonly sku: string;
  readonly status: "pending" | "success" | "failure";
  readonly processedAt: Date;
  readonly requestId: string | undefined;
  /** The quantities that were sent, by warehouse code, where the entry repeats them: they tell one sending from another. */
  readonly quantities: ReadonlyMap<string, number> | undefined;
  /** The vendor's reason, redacted, one line; empty unless it failed. */
  readonly reason: string;
}

const REASON_CHARS = 300;

const Sku = z.union([z.string(), z.number()]).transform((sku) => String(sku).trim());
const Item = z.object({
  sku: Sku,
  warehouses: z
    .array(z.object({ code: Sku, quantity: z.number().int() }))
    .optional()
    .catch(undefined),
});

/** An entry of GET /inventory/log; undefined for one that does not say what became of what. */
export function readStockEntry(text: string, redact: (text: string) => string): StockLogEntry | undefined {
  const entry = WireLogEntry.safeParse(parsed(text));
  const item = Item.safeParse(entry.data?.payload);
  if (!entry.success || !item.success) return undefined;
  const { dateProcessed, status, requestId, results } = entry.data;
  const { sku, warehouses } = item.data;
  return {
    sku,
    status,
    processedAt: dateProcessed,
    requestId,
    quantities: warehouses && new Map(warehouses.map(({ code, quantity }) => [code, quantity])),
    reason: status === "failure" ? reasonOf(results, redact) : "",
  };
}

function parsed(text: string): unknown {
  try {
    return parseLossless(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // nested beyond all measure
    throw error;
  }
}

function reasonOf(results: unknown, redact: (text: string) => string): string {
  const line = redact(messagesText(results)).replace(/\s+/g, " ").trim();
  return line.length > REASON_CHARS ? `${line.slice(0, REASON_CHARS)}…` : line || "refused without a reason";
}
