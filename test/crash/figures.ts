import { appendFileSync } from "node:fs";
import type { FileFigures } from "../../scripts/crash-figures.mjs";
import { auditOrders } from "./audit-orders.ts";
import type { Facts } from "./facts.ts";

/** Counts what one test file does; `npm run test:crash` adds the files up. */
export class Figures {
  #trials = 0;
  #crashes = 0;
  #orders = 0;
  #duplicates = 0;
  #losses = 0;
  readonly #points = new Set<string>();

  trial(): void {
    this.#trials += 1;
  }

  crashed(point?: string): void {
    this.#crashes += 1;
    if (point !== undefined) this.#points.add(point);
  }

  audited(facts: Facts): void {
    this.#orders += facts.vendors.dsco.orders.length;
    const rules = [...auditOrders(facts)].map(({ rule }) => rule);
    this.#duplicates += rules.filter((rule) => rule === "repeated").length;
    this.#losses += rules.filter((rule) => rule === "lost").length;
  }

  /** Adds a line to the file that CRASH_FIGURES names, if it names one. */
  report(): void {
    const { CRASH_FIGURES } = process.env;
    if (CRASH_FIGURES === undefined) return;
    const figures: FileFigures = {
      trials: this.#trials,
      crashes: this.#crashes,
      points: [...this.#points],
      orders: this.#orders,
      duplicates: this.#duplicates,
      losses: this.#losses,
    };
    appendFileSync(CRASH_FIGURES, `${JSON.stringify(figures)}\n`);
  }
}
