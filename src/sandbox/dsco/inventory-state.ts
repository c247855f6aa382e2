import type { CatalogItem } from "../catalog.ts";

export interface InventoryItem {
  readonly sku: string;
  readonly dscoItemId: string;
  readonly partnerSku: string;
  readonly upc: string;
  status: string;
  quantityAvailable: number;
  readonly warehouses: Map<string, number>;
  /** How often it was updated; tells needless repeats. */
  updates: number;
  /** Undefined until the first update. */
  updatedMs: number | undefined;
}

/** What DSCO knows to be in stock: an entry for every catalog item, empty at first. */
export class Inventory {
  readonly items = new Map<string, InventoryItem>();

  constructor(catalog: readonly CatalogItem[]) {
    for (const { sku, dscoItemId, partnerSku, upc } of catalog) {
      this.items.set(sku, {
        sku,
        dscoItemId,
        partnerSku,
        upc,
        status: "out-of-stock",
        quantityAvailable: 0,
        warehouses: new Map(),
        updates: 0,
        updatedMs: undefined,
      });
    }
  }
}
