import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Endpoint, Limit } from "../../src/http/endpoint.ts";
import { Limiter } from "../../src/http/limiter.ts";

function endpoint(limit: Limit, name = "vendor.read"): Endpoint {
  return { name, method: "GET", path: "/", write: false, timeoutMs: 1_000, limit };
}

/** The most starts in any window of that length. */
function busiest(starts: readonly number[], windowMs: number): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + windowMs).length));
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe("Limiter", () => {
  it("keeps to the rate in every window, not only on the second", async () => {
    const limiter = new Limiter();
    const starts: number[] = [];
    const start = () => limiter.run(endpoint({ perSecond: 10 }), async () => void starts.push(Date.now()));
    const calls = Array.from({ length: 9 }, start);
    await vi.advanceTimersByTimeAsync(990); // a burst on each side of the second is what a fixed window would let through
    calls.push(...Array.from({ length: 30 }, start));
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(calls);
    expect(starts).toHaveLength(39);
    expect(busiest(starts, 1_000)).toBeLessThanOrEqual(10);
    expect(starts.slice(0, 9)).toEqual(Array(9).fill(0)); // and makes nobody wait who need not
  });

  it("keeps to both rates whenever the calls come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4_000), fc.integer({ min: 1, max: 25 })), { minLength: 1, maxLength: 25 }),
        async (bursts) => {
          const limiter = new Limiter();
          const starts: number[] = [];
          const calls: Promise<void>[] = [];
          for (const [pause, count] of bursts) {
            await vi.advanceTimersByTimeAsync(pause);
            for (let n = 0; n < count; n++)
              calls.push(limiter.run(endpoint({ perSecond: 5, perMinute: 40 }), async () => void starts.push(Date.now())));
          }
          await vi.advanceTimersByTimeAsync(30 * 60_000);
          await Promise.all(calls);
          expect(starts).toHaveLength(calls.length);
          expect(busiest(starts, 1_000)).toBeLessThanOrEqual(5);
          expect(busiest(starts, 60_000)).toBeLessThanOrEqual(40);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("does not let calls that woke up late leave in a bunch", async () => {
    const limiter = new Limiter();
    const starts: number[] = [];
    const calls = Array.from({ length: 30 }, () => limiter.run(endpoint({ perSecond: 10 }), async () => void starts.push(Date.now())));
    await vi.advanceTimersByTimeAsync(0);
    vi.setSystemTime(5_000); // the process was busy for five seconds: every timer is overdue
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all(calls);
    expect(busiest(starts, 1_000)).toBeLessThanOrEqual(10);
  });

  it("lets so many be under way at once, and no more", async () => {
    const limiter = new Limiter();
    let underWay = 0;
    let most = 0;
    const calls = Array.from({ length: 12 }, () =>
      limiter.run(endpoint({ inFlight: 3 }), async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 50));
        underWay--;
      }),
    );
    await vi.advanceTimersByTimeAsync(200);
    await Promise.all(calls);
    expect(most).toBe(3);
  });

  it("gives a failed call's place to the next", async () => {
    const limiter = new Limiter();
    const one = endpoint({ inFlight: 1 });
    await expect(limiter.run(one, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(limiter.run(one, async () => "yes")).resolves.toBe("yes");
  });

  it("limits each endpoint by itself", async () => {
    const limiter = new Limiter();
    const starts: string[] = [];
    const calls = ["a", "b", "a"].map((name) => limiter.run(endpoint({ perSecond: 1 }, name), async () => void starts.push(name)));
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toEqual(["a", "b"]);
    await vi.advanceTimersByTimeAsync(2_000);
    await Promise.all(calls);
  });

  it("runs a bucket of one inside the lock shared with other processes", async () => {
    const locks: string[] = [];
    let held = 0;
    const limiter = new Limiter({
      lockScope: "lingxing-1a2b",
      withSharedLock: async (name, fn) => {
        expect(held++).toBe(0);
        locks.push(name);
        return await fn().finally(() => held--);
      },
    });
    const bucket = endpoint({ exclusive: true }, "lingxing.stock");
    await Promise.all([limiter.run(bucket, async () => expect(held).toBe(1)), limiter.run(bucket, async () => expect(held).toBe(1))]);
    await limiter.run(endpoint({}), async () => expect(held).toBe(0));
    expect(locks).toEqual(["lingxing-1a2b:lingxing.stock", "lingxing-1a2b:lingxing.stock"]);
  });

  it.each<[string, Limit]>([
    ["for its rate", { perSecond: 1 }],
    ["for a place", { inFlight: 1 }],
  ])("starts nothing that was waiting %s when the pass ends, and leaves no timer behind", async (_name, limit) => {
    const ending = new AbortController();
    const limiter = new Limiter({ signal: ending.signal });
    const started: number[] = [];
    let finish = (): void => undefined;
    const call = (n: number) =>
      limiter.run(endpoint(limit), () => {
        started.push(n);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
    const first = call(1);
    const second = call(2);
    const outcome = expect(second).rejects.toThrow("deadline");
    await vi.advanceTimersByTimeAsync(10);
    ending.abort(new Error("deadline"));
    finish();
    await first; // what is under way is let finish
    await outcome;
    expect(started).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
    await expect(call(3)).rejects.toThrow("deadline");
  });
});
