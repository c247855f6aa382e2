import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchesOf, decideAbsent } from "../../src/sync/push-batch.ts";
import { aStageState } from "../helpers/builders.ts";

const orders = (count: number, doubts = 0, storeId = "A") => Array.from({ length: count }, () => ({ storeId, doubts }));
const sizes = (batches: readonly (readonly unknown[])[]) => batches.map((batch) => batch.length);

describe("batchesOf", () => {
  it.each([
    { name: "nothing", items: [], size: 50, expected: [] },
    { name: "one batch", items: orders(50), size: 50, expected: [50] },
    { name: "one more", items: orders(51), size: 50, expected: [50, 1] },
    { name: "half after one doubt", items: orders(50, 1), size: 50, expected: [25, 25] },
    { name: "a quarter after two", items: orders(50, 2), size: 50, expected: [12, 12, 12, 12, 2] },
    { name: "alone in the end", items: orders(3, 6), size: 50, expected: [1, 1, 1] },
    { name: "alone after a thousand doubts", items: orders(2, 2000), size: 50, expected: [1, 1] },
    { name: "stores apart", items: [...orders(2, 0, "A"), ...orders(2, 0, "B")], size: 50, expected: [2, 2] },
    { name: "the doubted apart from the others", items: [...orders(3), ...orders(3, 1)], size: 50, expected: [3, 3] },
    { name: "a batch size of one", items: orders(2), size: 1, expected: [1, 1] },
  ])("$name", ({ items, size, expected }) => {
    expect(sizes(batchesOf(items, size))).toEqual(expected);
  });

  it("sends each order once, with its own store only, in no larger company than its doubts allow, and keeps the order", () => {
    const item = fc.record({ storeId: fc.constantFrom("A", "B", "C"), doubts: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 200 }), fc.integer({ min: 1, max: 100 }), (given, size) => {
        const items = given.map((entry, index) => ({ ...entry, index }));
        const batches = batchesOf(items, size);
        expect(
          batches
            .flat()
            .map(({ index }) => index)
            .sort((a, b) => a - b),
        ).toEqual(items.map(({ index }) => index));
        for (const batch of batches) {
          expect(new Set(batch.map(({ storeId }) => storeId)).size).toBe(1);
          for (const { doubts } of batch) expect(batch.length).toBeLessThanOrEqual(Math.max(1, size / 2 ** doubts));
          expect(batch.map(({ index }) => index)).toEqual(batch.map(({ index }) => index).sort((a, b) => a - b));
        }
      }),
    );
  });
});

describe("decideAbsent", () => {
  const now = new Date("2026-01-05T08:00:00Z");
  const before = new Date("2026-01-05T07:59:59.999Z");
  const after = new Date("2026-01-05T08:00:00.001Z");
  const sentAt = new Date("2026-01-05T07:50:00Z");
  const earlier = new Date("2026-01-05T07:49:59Z");
  const later = new Date("2026-01-05T07:55:00Z");

  it.each([
    { name: "waits within the grace", stage: { nextAttemptAt: after }, lastFruitful: later, expected: undefined },
    {
      name: "waits within the grace, even alone and charged before",
      stage: { nextAttemptAt: after, doubts: 9 },
      lastFruitful: later,
      expected: undefined,
    },
    {
      name: "sends again when the grace ends",
      stage: { nextAttemptAt: now },
      lastFruitful: undefined,
      expected: { to: "resend" },
    },
    { name: "sends again without a due time", stage: {}, lastFruitful: undefined, expected: { to: "resend" } },
    {
      name: "nobody got through since: an outage",
      stage: { nextAttemptAt: before },
      lastFruitful: earlier,
      expected: { to: "resend" },
    },
    {
      name: "others got through since, but it was in company",
      stage: { nextAttemptAt: before },
      lastFruitful: later,
      expected: { to: "resend" },
    },
    {
      name: "got through in the same moment: not since",
      stage: { nextAttemptAt: before },
      lastFruitful: sentAt,
      expected: { to: "resend" },
    },
    {
      name: "its answer lost in the company of two: next time it is alone",
      stage: { nextAttemptAt: before, doubts: 5 },
      lastFruitful: later,
      expected: { to: "resend" },
    },
    {
      name: "alone while others got through: charged",
      stage: { nextAttemptAt: before, doubts: 6, error: "time-out after 60 s" },
      lastFruitful: later,
      expected: { to: "failed", charge: true, error: "sent alone, and never arrived: time-out after 60 s" },
    },
    {
      name: "alone, with no reason noted",
      stage: { nextAttemptAt: before, doubts: 7 },
      lastFruitful: later,
      expected: { to: "failed", charge: true, error: "sent alone, and never arrived: no answer" },
    },
    {
      name: "alone, but nobody got through: not charged",
      stage: { nextAttemptAt: before, doubts: 6 },
      lastFruitful: earlier,
      expected: { to: "resend" },
    },
    { name: "never sent", stage: { sentAt: undefined, doubts: 6 }, lastFruitful: later, expected: { to: "resend" } },
  ])("$name", ({ stage, lastFruitful, expected }) => {
    expect(decideAbsent(aStageState({ status: 9, sentAt, ...stage }), { now, lastFruitful, batchSize: 50 })).toEqual(expected);
  });

  it("halves the company until the culprit is alone, and charges it then", () => {
    let stage = aStageState({ status: 9, sentAt, nextAttemptAt: before });
    const company = [];
    for (;;) {
      company.push(sizes(batchesOf(Array(50).fill({ storeId: "A", doubts: stage.doubts }), 50))[0]);
      stage = { ...stage, doubts: stage.doubts + 1 }; // its answer is lost
      const outcome = decideAbsent(stage, { now, lastFruitful: later, batchSize: 50 });
      if (outcome?.to === "failed") break;
    }
    expect(company).toEqual([50, 25, 12, 6, 3, 1]);
  });
});
