import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelaySec, waitDelaySec } from "../../src/sync/retry-delay.ts";

describe("retryDelaySec", () => {
  it.each([
    [0, 60],
    [1, 60],
    [2, 120],
    [3, 240],
    [4, 480],
    [5, 960],
    [6, 1920],
    [7, 3600],
    [8, 3600],
    [5000, 3600],
  ])("after %i failures it is %i s", (failures, sec) => {
    expect(retryDelaySec(failures)).toBe(sec);
  });

  it("never shrinks", () => {
    fc.assert(fc.property(fc.nat(10_000), (failures) => retryDelaySec(failures + 1) >= retryDelaySec(failures)));
  });
});

describe("waitDelaySec", () => {
  it.each([
    [0, 60],
    [-5, 60], // a clock that went back
    [59, 60],
    [60, 60],
    [90.4, 90],
    [3599, 3599],
    [3601, 3600],
    [1e9, 3600],
  ])("having waited %f s, the next look is in %i s", (waited, sec) => {
    expect(waitDelaySec(waited)).toBe(sec);
  });

  it("doubles what an order has waited, up to an hour", () => {
    let waited = 0;
    const looks = [];
    for (let look = 0; look < 9; look++) {
      looks.push(waitDelaySec(waited));
      waited += waitDelaySec(waited);
    }
    expect(looks).toEqual([60, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });
});
