import { expect } from "vitest";
import { auditOrders } from "./audit-orders.ts";
import { auditRuns } from "./audit-runs.ts";
import { auditStock } from "./audit-stock.ts";
import type { Facts } from "./facts.ts";
import type { Violation } from "./violation.ts";

/**
 * Judges what is true at both vendors against what ipass has written down, after a time of crashes and one ordinary schedule of passes:
 * every order exactly once in each system, every stage true, nothing in flight, nothing lost, DSCO's stock as Lingxing's, every run told of.
 * For orders that nothing but crashes stood in the way of: all of them have to be through. Whoever runs ipass on several hosts puts all
 * their log lines together.
 */
export function audit(facts: Facts): Violation[] {
  return [...auditOrders(facts), ...auditStock(facts), ...auditRuns(facts)];
}

/** Fails with every violation there is. */
export function expectNoViolation(facts: Facts, note: string): void {
  const found = audit(facts).map(({ rule, about, what }) => `${rule} ${about}: ${what}`);
  expect(found, note).toEqual([]);
}
