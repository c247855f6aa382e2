import type { Endpoint } from "./endpoint.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/**
 * The vendors' limits. DSCO: so many requests in any second and in any minute, per call. Lingxing: so many requests in
 * flight per appId and path; the place is free again when the answer has left. A refused request does not count.
 */
export class Limits {
  readonly #now: () => Date;
  readonly #recent = new Map<Endpoint, number[]>();
  readonly #inFlight = new Map<Endpoint, number>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Takes a place and returns how to give it back; undefined when the vendor would refuse. */
  enter(endpoint: Endpoint): (() => void) | undefined {
    const { limit } = endpoint;
    if (limit.inFlight !== undefined) return this.#enterBucket(endpoint, limit.inFlight);
    if (limit.perSecond === undefined && limit.perMinute === undefined) return () => undefined;
    return this.#countInTime(endpoint) ? () => undefined : undefined;
  }

  #enterBucket(endpoint: Endpoint, capacity: number): (() => void) | undefined {
    const taken = this.#inFlight.get(endpoint) ?? 0;
    if (taken >= capacity) return undefined;
    this.#inFlight.set(endpoint, taken + 1);
    return () => this.#inFlight.set(endpoint, (this.#inFlight.get(endpoint) ?? 1) - 1);
  }

  #countInTime(endpoint: Endpoint): boolean {
    const now = this.#now().getTime();
    const recent = (this.#recent.get(endpoint) ?? []).filter((at) => at > now - MINUTE_MS);
    this.#recent.set(endpoint, recent);
    const lastSecond = recent.filter((at) => at > now - SECOND_MS).length;
    const { perSecond = Number.POSITIVE_INFINITY, perMinute = Number.POSITIVE_INFINITY } = endpoint.limit;
    if (lastSecond >= perSecond || recent.length >= perMinute) return false;
    recent.push(now);
    return true;
  }
}
