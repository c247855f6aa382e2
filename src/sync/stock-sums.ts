import type { StockRow } from "../lingxing/inventory-reader.ts";

/** Lingxing warehouse → DSCO warehouse, and SKUs that differ between the two. */
export interface StockMaps {
  readonly warehouseMap: ReadonlyMap<string, string>;
  readonly skuMap?: { readonly toDsco: ReadonlyMap<string, string>; readonly toLingxing: ReadonlyMap<string, string> };
}

/** DSCO takes no longer SKU. */
const SKU_CHARS = 90;
/** What an INT column and most programs at the other end hold; beyond any real stock. */
const MOST = 2_147_483_647;

/** Rows that count nowhere, by what is wrong with them. */
export interface Uncounted {
  readonly kind: "unmapped_warehouse" | "unmapped_sku" | "no_sku" | "long_sku" | "unreadable" | "unreadable_row";
  /** The Lingxing warehouse or SKU; the DSCO SKU where a figure is unreadable. */
  readonly what: string;
  readonly rows: number;
}

/** What DSCO should show of one warehouse. */
export interface Figure {
  readonly code: string;
  readonly quantity: number;
}

/** What DSCO should show of a SKU, in every warehouse of the map. */
export interface Wanted {
  readonly figures: readonly Figure[];
  /** Lingxing has a row of it; if not, all figures are 0. */
  readonly listed: boolean;
}

/**
 * One reading of Lingxing's stock, summed per DSCO SKU and warehouse while it comes in. Figures stand in one flat list, since a hundred
 * thousand small objects would cost more memory than everything else in the pass.
 */
export class StockSums {
  /** The DSCO warehouses, each once: several Lingxing warehouses may feed one. */
  readonly codes: readonly string[];
  rows = 0;
  readonly #skuMap: StockMaps["skuMap"];
  readonly #columnOf: ReadonlyMap<string, number>;
  readonly #indexOf = new Map<string, number>();
  readonly #figures: number[] = [];
  readonly #taken: boolean[] = [];
  readonly #unreadable = new Set<string>();
  /** Some row may be of any SKU. */
  #nameless = false;
  readonly #uncounted = new Map<string, Uncounted>();

  constructor({ warehouseMap, skuMap }: StockMaps) {
    this.codes = mappedWarehouses(warehouseMap);
    this.#columnOf = new Map([...warehouseMap].map(([wid, code]) => [plain(wid), this.codes.indexOf(code)]));
    this.#skuMap = skuMap;
  }

  add(row: StockRow): void {
    this.rows += 1;
    if (row.sku === undefined) {
      this.#nameless = true;
      this.#leaveOut("unreadable_row", "");
      return;
    }
    const column = this.#columnOf.get(plain(row.wid));
    if (column === undefined && row.wid !== "") {
      this.#leaveOut("unmapped_warehouse", row.wid);
      return;
    }
    const sku = this.#toDsco(row.sku);
    if (sku === undefined) return;
    if (column === undefined || row.available === undefined) {
      this.#unreadable.add(sku);
      this.#leaveOut("unreadable", sku);
      return;
    }
    const at = this.#rowOf(sku) * this.codes.length + column;
    this.#figures[at] = (this.#figures[at] ?? 0) + row.available;
  }

  /** How many SKUs have a figure. */
  get size(): number {
    return this.#indexOf.size;
  }

  get uncounted(): readonly Uncounted[] {
    return [...this.#uncounted.values()];
  }

  /** A row of it has no figure, or it may be what a nameless row is of: nobody knows what there is, so what DSCO shows is left as it is. */
  isUnreadable(sku: string): boolean {
    return this.#unreadable.has(sku) || (this.#nameless && !this.#indexOf.has(sku));
  }

  /** 0 where Lingxing has nothing, or less than nothing. */
  wanted(sku: string): Wanted {
    const row = this.#indexOf.get(sku);
    const figures = this.codes.map((code, column) => {
      const sum = row === undefined ? 0 : (this.#figures[row * this.codes.length + column] ?? 0);
      return { code, quantity: Math.min(Math.max(sum, 0), MOST) };
    });
    return { figures, listed: row !== undefined };
  }

  /** Notes that this SKU has been dealt with. */
  take(sku: string): void {
    const row = this.#indexOf.get(sku);
    if (row !== undefined) this.#taken[row] = true;
  }

  /** The SKUs nobody has taken. */
  *untaken(): Generator<string> {
    for (const [sku, row] of this.#indexOf) if (this.#taken[row] !== true) yield sku;
  }

  #rowOf(sku: string): number {
    const known = this.#indexOf.get(sku);
    if (known !== undefined) return known;
    const row = this.#indexOf.size;
    this.#indexOf.set(sku, row);
    for (let column = 0; column < this.codes.length; column++) this.#figures.push(0);
    return row;
  }

  /** One to one: a SKU that only its namesake at DSCO shares with the map must not be added to what the map sends there. */
  #toDsco(lingxingSku: string): string | undefined {
    if (lingxingSku === "") return this.#leaveOut("no_sku", "");
    const mapped = this.#skuMap?.toDsco.get(lingxingSku);
    if (mapped === undefined && this.#skuMap?.toLingxing.has(lingxingSku)) return this.#leaveOut("unmapped_sku", lingxingSku);
    const sku = mapped ?? lingxingSku;
    return sku.length > SKU_CHARS ? this.#leaveOut("long_sku", lingxingSku) : sku;
  }

  #leaveOut(kind: Uncounted["kind"], what: string): undefined {
    const key = `${kind}\0${what}`;
    this.#uncounted.set(key, { kind, what, rows: (this.#uncounted.get(key)?.rows ?? 0) + 1 });
  }
}

/** The DSCO warehouses of a map, each once. */
export function mappedWarehouses(warehouseMap: StockMaps["warehouseMap"]): string[] {
  return [...new Set(warehouseMap.values())].sort();
}

/** The map may write 033 where Lingxing writes 33. */
function plain(wid: string): string {
  return wid.replace(/^0+(?=\d)/, "");
}
