import pLimit from "p-limit";
import pThrottle from "p-throttle";
import type { Endpoint } from "./endpoint.ts";

/** Runs `fn` while no other process runs one of the same name. */
export type SharedLock = <T>(name: string, fn: () => Promise<T>) => Promise<T>;

export interface LimiterOptions {
  /** Ends all waiting: what has not started by then never does. */
  readonly signal?: AbortSignal | undefined;
  readonly withSharedLock?: SharedLock | undefined;
  /** Before the endpoint's name in the shared lock's name: the vendor counts per account. */
  readonly lockScope?: string | undefined;
}

/** A little longer than the vendor's windows: what we send evenly may arrive bunched up. */
const SECOND_MS = 1_100;
const MINUTE_MS = 61_000;

type Gate = () => Promise<void>;
interface Lane {
  readonly slots: <T>(fn: () => Promise<T>) => Promise<T>;
  readonly gates: readonly Gate[];
}

/** Keeps each endpoint inside its published limits, so that normal work never meets the vendor's throttle. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #lanes = new Map<string, Lane>();

  constructor(options: LimiterOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs `fn` when the endpoint's limits allow it, at once if they do.
   * @throws the signal's reason when it aborts before `fn` has started; `fn` is then never run.
   */
  async run<T>(endpoint: Endpoint, fn: () => Promise<T>): Promise<T> {
    const { signal, withSharedLock, lockScope } = this.#options;
    signal?.throwIfAborted();
    const lane = this.#laneOf(endpoint);
    return await lane.slots(async () => {
      signal?.throwIfAborted();
      // The rate comes after the slot: a call that waited for a slot with its ticket in hand would leave together with others.
      for (const pass of lane.gates) await pass();
      const start = async () => {
        signal?.throwIfAborted();
        return await fn();
      };
      if (!endpoint.limit.exclusive || withSharedLock === undefined) return await start();
      return await withSharedLock(lockScope === undefined ? endpoint.name : `${lockScope}:${endpoint.name}`, start);
    });
  }

  #laneOf(endpoint: Endpoint): Lane {
    let lane = this.#lanes.get(endpoint.name);
    if (lane === undefined) {
      const { perSecond, perMinute, inFlight, exclusive } = endpoint.limit;
      const gates: Gate[] = [];
      if (perMinute !== undefined) gates.push(this.#gate(perMinute, MINUTE_MS));
      if (perSecond !== undefined) gates.push(this.#gate(perSecond, SECOND_MS));
      lane = { slots: pLimit(exclusive ? 1 : (inFlight ?? Number.POSITIVE_INFINITY)), gates };
      this.#lanes.set(endpoint.name, lane);
    }
    return lane;
  }

  /** Strict and weighted: only then does the library look at the clock again when a delayed call wakes up late, in a bunch with others. */
  #gate(limit: number, interval: number): Gate {
    const { signal } = this.#options;
    return pThrottle({ limit, interval, strict: true, weight: () => 1, ...(signal && { signal }) })(async () => undefined);
  }
}
