import type { Endpoint } from "../../src/http/endpoint.ts";

/** A time limit by which it is known; no clock will ever reach it. */
const HELD_MS = 2 ** 31 - 7;
const LOOK_EVERY_MS = 2;

/**
 * The time limit of an endpoint's attempts (only of the next one, if told so) runs out at the very moment when as many have met the fault as
 * are under way, so that none is cut off before the vendor has done its part, however slow the machine is. Returns what puts all back.
 */
export function holdLimits(endpoint: Endpoint, { onlyNext, fired }: { readonly onlyNext: boolean; fired(): number }): () => void {
  const { timeoutMs } = endpoint;
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const held = new Map<unknown, () => void>();
  let runOut = 0;

  const setTimeout = (done: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = real.setTimeout(done, ms, ...args);
    if (ms === HELD_MS) held.set(timer, () => done(...args));
    return timer;
  };
  const clearTimeout: typeof real.clearTimeout = (timer) => {
    held.delete(timer);
    real.clearTimeout(timer);
  };
  const look = setInterval(() => {
    if (held.size === 0 || fired() - runOut < held.size) return;
    runOut += held.size;
    for (const [timer, done] of [...held]) {
      clearTimeout(timer as NodeJS.Timeout);
      done();
    }
  }, LOOK_EVERY_MS);

  let attempts = 0;
  Object.defineProperty(endpoint, "timeoutMs", { ...DATA, get: () => (onlyNext && ++attempts > 1 ? timeoutMs : HELD_MS) });
  Object.assign(globalThis, { setTimeout: Object.assign(setTimeout, real.setTimeout), clearTimeout });
  return () => {
    clearInterval(look);
    Object.assign(globalThis, real);
    Object.defineProperty(endpoint, "timeoutMs", { ...DATA, writable: true, value: timeoutMs });
  };
}

const DATA = { configurable: true, enumerable: true };
