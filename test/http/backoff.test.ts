import { describe, expect, it } from "vitest";
import { backoffMs, parseRetryAfter } from "../../src/http/backoff.ts";

describe("backoffMs", () => {
  it.each([
    ["nothing at the bottom of the jitter", { attempt: 1 }, 0, 0],
    ["half a second at the top of the first", { attempt: 1 }, 1, 500],
    ["doubling", { attempt: 3 }, 1, 2_000],
    ["a throttle's 2 s", { attempt: 1, floorMs: 2_000 }, 0, 2_000],
    ["then 4 s", { attempt: 2, floorMs: 2_000 }, 0, 4_000],
    ["then 8 s", { attempt: 3, floorMs: 2_000 }, 0, 8_000],
    ["what Retry-After asks, if more", { attempt: 1, floorMs: 2_000, retryAfterMs: 7_000 }, 0, 7_000],
    ["and never less, jitter on top", { attempt: 2, retryAfterMs: 7_000 }, 0.5, 7_500],
  ])("waits %s", (_name, backoff, drawn, expected) => {
    expect(backoffMs(backoff, () => drawn)).toBe(expected);
  });
});

describe("parseRetryAfter", () => {
  const now = new Date("2025-11-22T08:00:00Z");
  it.each([
    ["seconds", "7", 7_000],
    ["a fraction", "0.5", 500],
    ["a date", "Sat, 22 Nov 2025 08:00:30 GMT", 30_000],
    ["a date gone by", "Sat, 22 Nov 2025 07:00:00 GMT", 0],
    ["an empty header", " ", undefined],
    ["none", null, undefined],
    ["nonsense", "soon", undefined],
    ["a negative number", "-5", undefined],
  ])("reads %s", (_name, header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
