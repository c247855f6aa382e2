import type { Endpoint } from "./endpoint.ts";
import type { FaultKind } from "./faults.ts";

/** What was asked of the sandbox since it started or since the last reset. */
export interface SandboxStats {
  /** All vendor requests, refused ones included; the control API is not counted. */
  readonly total: number;
  /** By short call name. */
  readonly requests: Readonly<Record<string, number>>;
  /** By vendor, method and path. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** Answers 429 and 3001008 that came from the limits, by short call name. Faults are not among them. */
  readonly throttled: Readonly<Record<string, number>>;
  /** Faults that fired, as `<call>:<kind>`. */
  readonly faults: Readonly<Record<string, number>>;
  /** The most requests at one time, by short call name. */
  readonly maxInFlight: Readonly<Record<string, number>>;
}

export class StatsCounter {
  readonly #inFlight = new Map<string, number>();
  #total = 0;
  #requests = new Map<string, number>();
  #endpoints = new Map<string, number>();
  #throttled = new Map<string, number>();
  #faults = new Map<string, number>();
  #maxInFlight = new Map<string, number>();

  /** Counts a request in; the answer is to be counted out with the function returned. */
  begin(endpoint: Endpoint): () => void {
    const { call } = endpoint;
    this.#total += 1;
    count(this.#requests, call);
    count(this.#endpoints, `${endpoint.vendor} ${endpoint.method} ${endpoint.path}`);
    const inFlight = count(this.#inFlight, call);
    this.#maxInFlight.set(call, Math.max(inFlight, this.#maxInFlight.get(call) ?? 0));
    return () => this.#inFlight.set(call, (this.#inFlight.get(call) ?? 1) - 1);
  }

  throttled(endpoint: Endpoint): void {
    count(this.#throttled, endpoint.call);
  }

  fault(endpoint: Endpoint, kind: FaultKind): void {
    count(this.#faults, `${endpoint.call}:${kind}`);
  }

  reset(): void {
    this.#total = 0;
    this.#requests = new Map();
    this.#endpoints = new Map();
    this.#throttled = new Map();
    this.#faults = new Map();
    this.#maxInFlight = new Map();
  }

  read(): SandboxStats {
    return {
      total: this.#total,
      requests: Object.fromEntries(this.#requests),
      endpoints: Object.fromEntries(this.#endpoints),
      throttled: Object.fromEntries(this.#throttled),
      faults: Object.fromEntries(this.#faults),
      maxInFlight: Object.fromEntries(this.#maxInFlight),
    };
  }
}

function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1;
  counts.set(key, next);
  return next;
}
