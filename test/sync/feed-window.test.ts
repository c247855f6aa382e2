import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FEED_OVERLAP_SEC, feedWindows } from "../../src/sync/feed-window.ts";

const NOW = new Date("2026-01-05T08:00:00.400Z");
const NOW_SEC = NOW.getTime() / 1000 - 0.4;
const DAY = 86_400;

describe("feedWindows", () => {
  it("reaches back five minutes over the watermark, and includes the second that is running", () => {
    expect(feedWindows(NOW_SEC - 60, NOW)).toEqual([{ sinceSec: NOW_SEC - 360, untilSec: NOW_SEC + 1, watermarkSec: NOW_SEC }]);
  });

  it("reads the last 30 days for 0", () => {
    expect(feedWindows(0, NOW)).toEqual([{ sinceSec: NOW_SEC + 1 - 30 * DAY, untilSec: NOW_SEC + 1, watermarkSec: NOW_SEC }]);
  });

  it("reads from now for a watermark in the future", () => {
    expect(feedWindows(NOW_SEC + DAY, NOW)).toEqual([
      { sinceSec: NOW_SEC + 1 - FEED_OVERLAP_SEC, untilSec: NOW_SEC + 1, watermarkSec: NOW_SEC },
    ]);
  });

  it.each([
    { days: 1, slices: 1 },
    { days: 29, slices: 1 },
    { days: 30, slices: 2 },
    { days: 90, slices: 4 },
  ])("takes $slices for a watermark of $days days", ({ days, slices }) => {
    expect(feedWindows(NOW_SEC - days * DAY, NOW)).toHaveLength(slices);
  });

  it("leaves no second out, oldest first, none longer than 30 days, no watermark in the future", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * DAY }), (age) => {
        const watermark = NOW_SEC - age;
        const windows = feedWindows(watermark, NOW);
        let seenUpTo = watermark;
        for (const { sinceSec, untilSec, watermarkSec } of windows) {
          expect(sinceSec).toBeLessThanOrEqual(seenUpTo - FEED_OVERLAP_SEC + 1);
          expect(untilSec - sinceSec).toBeLessThanOrEqual(30 * DAY);
          expect(untilSec).toBeGreaterThan(seenUpTo);
          expect(watermarkSec).toBe(untilSec - 1);
          seenUpTo = watermarkSec;
        }
        expect(seenUpTo).toBe(NOW_SEC);
      }),
    );
  });
});
