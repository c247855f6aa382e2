import { ACTIVE_WAREHOUSES } from "../../src/sandbox/options.ts";
import type { Facts } from "./facts.ts";
import type { Violation } from "./violation.ts";

const CODES = new Map<number, string>(ACTIVE_WAREHOUSES.map(({ wid, code }) => [wid, code]));
const IN_FLIGHT = 9;

/** DSCO shows what Lingxing can sell, in every warehouse, and our rows say that it has confirmed it. */
export function* auditStock({ vendors, levels }: Facts): Generator<Violation> {
  const rows = new Map(levels.map((row) => [`${row.dsco_sku} ${row.warehouse_code}`, row]));
  for (const [sku, wanted] of sumUp(vendors.lingxing.stock)) {
    const shown = shownBy(vendors.dsco.inventory[sku]);
    for (const [code, quantity] of wanted) {
      const about = `${sku} ${code}`;
      const at = shown.get(code);
      if (at !== quantity) yield { rule: "wrong", about, what: `Lingxing has ${quantity}, DSCO shows ${at}` };
      const row = rows.get(about);
      if (row?.status === IN_FLIGHT) yield { rule: "in_flight", about, what: "its figure is in flight" };
      else if (row?.status !== 1) yield { rule: "unfinished", about, what: `its figure stands at ${row?.status}` };
      else if (row.confirmed_quantity !== at)
        yield { rule: "untrue", about, what: `confirmed ${row.confirmed_quantity}, DSCO shows ${at}` };
    }
  }
}

/** By SKU and warehouse code, never below 0; a warehouse in which a SKU does not lie has none of it. */
function sumUp(stock: Facts["vendors"]["lingxing"]["stock"]): Map<string, Map<string, number>> {
  const sums = new Map<string, Map<string, number>>();
  for (const { wid, sku, valid } of stock) {
    const code = CODES.get(wid);
    if (code === undefined) continue;
    const sum = sums.get(sku) ?? new Map([...CODES.values()].map((each) => [each, 0]));
    sums.set(sku, sum.set(code, (sum.get(code) ?? 0) + valid));
  }
  for (const sum of sums.values()) for (const [code, quantity] of sum) sum.set(code, Math.max(0, quantity));
  return sums;
}

function shownBy(item: unknown): Map<string, number> {
  const { warehouses = [] } = (item ?? {}) as { warehouses?: { code: string; quantity: number }[] };
  return new Map(warehouses.map(({ code, quantity }) => [code, quantity]));
}
