import { ACTIVE_WAREHOUSES } from "./options.ts";
import { seededRandom } from "./random.ts";

/** An item both vendors know. Prices in cents. */
export interface CatalogItem {
  readonly sku: string;
  readonly partnerSku: string;
  readonly dscoItemId: string;
  readonly upc: string;
  readonly title: string;
  readonly costCents: number;
  readonly priceCents: number;
}

/** One row of Lingxing's stock: warehouse, product, seller and FNSKU together are its key. */
export interface StockRow {
  readonly wid: number;
  readonly productId: number;
  readonly sku: string;
  readonly sellerId: string;
  readonly fnsku: string;
  valid: number;
  bad: number;
  qc: number;
  lock: number;
}

const THINGS = ["MUG", "BOWL", "LEASH", "BED", "BRUSH", "TOY", "CRATE", "COLLAR"] as const;

export function seedCatalog(count: number, seed: number): CatalogItem[] {
  const random = seededRandom(seed ^ 0x5ca1e);
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(5, "0");
    const priceCents = random.between(499, 8999);
    return {
      sku: `${random.pick(THINGS)}-${number}`,
      partnerSku: `CH-${number}`,
      dscoItemId: String(900_001 + index),
      upc: `0${String(12_340_000_000 + index)}`,
      title: `Sample item ${number}`,
      costCents: Math.round(priceCents * 0.6),
      priceCents,
    };
  });
}

/** A row for every item and warehouse; every fifth item has a second row under another seller, which a reader has to sum. */
export function seedStock(catalog: readonly CatalogItem[], seed: number): StockRow[] {
  const random = seededRandom(seed ^ 0x570c4);
  return catalog.flatMap((item, index) =>
    ACTIVE_WAREHOUSES.flatMap(({ wid }) => {
      const row = (sellerId: string, fnsku: string): StockRow => ({
        wid,
        productId: 10_001 + index,
        sku: item.sku,
        sellerId,
        fnsku,
        valid: random.next() < 0.1 ? 0 : random.between(1, 200),
        bad: random.between(0, 2),
        qc: 0,
        lock: random.between(0, 3),
      });
      return index % 5 === 4 ? [row("0", ""), row("104", `X00${item.dscoItemId}`)] : [row("0", "")];
    }),
  );
}
