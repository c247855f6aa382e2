import type { Tallied } from "./outcome.ts";

export interface Counts {
  readonly read: number;
  readonly done: number;
  readonly waiting: number;
  readonly failed: number;
  readonly manual: number;
  readonly skipped: number;
}

/** What a run did. Reading and settling are counted apart, so that an item that fell between the two shows. */
export class Tally {
  #read = 0;
  readonly #settled: Record<Tallied, number> = { done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 };

  read(items: number): void {
    this.#read += items;
  }

  settle(outcome: Tallied, items = 1): void {
    this.#settled[outcome] += items;
  }

  /** Items read whose outcome was not counted; anything but 0 at the end of an orderly run is a bug. */
  get unsettled(): number {
    return this.#read - Object.values(this.#settled).reduce((sum, items) => sum + items, 0);
  }

  counts(): Counts {
    return { read: this.#read, ...this.#settled };
  }
}
