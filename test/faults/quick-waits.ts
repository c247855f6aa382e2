import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import type { Endpoint } from "../../src/http/endpoint.ts";

/** Long enough for whatever is under way beside a wait to get its turn. */
const LONGEST_MS = 2;

/**
 * Cuts short the waits of this process (pauses between tries, looks into a log, the pace of these endpoints), so that a matrix of faults
 * takes a minute and not an hour. What pauses were asked for is kept, to be compared with what the vendor asked for.
 */
export function useQuickWaits(endpoints: readonly Endpoint[]): { take(): number[] } {
  const real = timers.setTimeout;
  let asked: number[] = [];
  const limits = new Map(endpoints.map((endpoint) => [endpoint, endpoint.limit]));
  beforeAll(() => {
    for (const [endpoint, { perSecond: _second, perMinute: _minute, ...limit }] of limits) Object.assign(endpoint, { limit });
    const quick: typeof real = (ms = 0, value, options) => {
      asked.push(ms);
      return real(Math.min(ms, LONGEST_MS), value, options);
    };
    timers.setTimeout = quick;
    syncBuiltinESMExports();
  });
  afterAll(() => {
    for (const [endpoint, limit] of limits) Object.assign(endpoint, { limit });
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  return {
    /** What was asked for since the last call, in ms. */
    take() {
      const taken = asked;
      asked = [];
      return taken;
    },
  };
}
