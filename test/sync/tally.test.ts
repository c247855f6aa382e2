import fc from "fast-check";
import { expect, it } from "vitest";
import type { Tallied } from "../../src/sync/outcome.ts";
import { Tally } from "../../src/sync/tally.ts";

it("counts what was read and what became of it", () => {
  const tally = new Tally();
  tally.read(7);
  tally.settle("done", 2);
  for (const outcome of ["waiting", "failed", "manual", "skipped"] as const) tally.settle(outcome);
  expect(tally.counts()).toEqual({ read: 7, done: 2, waiting: 1, failed: 1, manual: 1, skipped: 1 });
  expect(tally.unsettled).toBe(1);
});

it("shows an item that was settled twice as a negative rest", () => {
  const tally = new Tally();
  tally.read(1);
  tally.settle("done");
  tally.settle("skipped");
  expect(tally.unsettled).toBe(-1);
});

it("starts at nothing, and hands out counts that later counting does not change", () => {
  const tally = new Tally();
  const before = tally.counts();
  tally.read(3);
  tally.settle("failed", 3);
  expect(before).toEqual({ read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 });
});

it("read = done + waiting + failed + manual + skipped, once everything is settled", () => {
  const outcome = fc.constantFrom<Tallied>("done", "waiting", "failed", "manual", "skipped");
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, fc.nat(50))), (items) => {
      const tally = new Tally();
      for (const [to, count] of items) {
        tally.read(count);
        tally.settle(to, count);
      }
      const { read, done, waiting, failed, manual, skipped } = tally.counts();
      return tally.unsettled === 0 && read === done + waiting + failed + manual + skipped;
    }),
  );
});
