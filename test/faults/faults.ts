import type { FaultKind } from "../../src/sandbox/faults.ts";

/** What a fault leaves ipass to believe about its request; the rule knows faults only by this. */
export type FaultClass =
  | "undelivered" // no connection came about
  | "throttled" // turned away at the door, for a while
  | "throttled for long" // asked to wait for longer than a pass lasts
  | "lost before" // no usable answer, and no effect
  | "lost after" // no usable answer, and the effect is there
  | "token refused"
  | "signature refused";

export interface Fault {
  /** A refused connection is none of the sandbox's faults: the request is led to a port where nobody listens. */
  readonly kind: FaultKind | "refused";
  readonly class: FaultClass;
  /** DSCO signs nothing, and its throttle is 429. */
  readonly lingxingOnly?: true;
  /** Of its class the one that stands for the others, once and always, where the short form must do. */
  readonly first?: true;
  /** Something comes back, and what an endpoint makes of that is its own affair: none stands for another. */
  readonly shape?: true;
  /** The pause before the second try is at least so long, in ms. */
  readonly pauseMs?: number;
}

/** Longest pause that a 429 of the sandbox may bring about: its three seconds, and the jitter of a first try. */
export const LONGEST_PAUSE_MS = 3_500;

export const FAULTS: readonly Fault[] = [
  { kind: "refused", class: "undelivered", first: true },
  { kind: "429", class: "throttled", first: true, pauseMs: 1_000 }, // no Retry-After: our own floor
  { kind: "429-seconds", class: "throttled", pauseMs: 3_000 },
  { kind: "429-date", class: "throttled", pauseMs: 1_000 }, // a date has no milliseconds: up to a second of the three is lost
  { kind: "3001008", class: "throttled", lingxingOnly: true, pauseMs: 2_000 },
  { kind: "429-huge", class: "throttled for long", first: true },
  { kind: "reset-before", class: "lost before", first: true },
  { kind: "timeout-before", class: "lost before" },
  { kind: "500-before", class: "lost before" },
  { kind: "503-before", class: "lost before" },
  { kind: "reset-after", class: "lost after", first: true },
  { kind: "timeout-after", class: "lost after" },
  { kind: "500-after", class: "lost after" },
  { kind: "html", class: "lost after", shape: true },
  { kind: "truncated", class: "lost after", shape: true },
  { kind: "other-shape", class: "lost after", shape: true },
  { kind: "401", class: "token refused", first: true },
  { kind: "token-churn", class: "token refused" },
  { kind: "refuse-signature", class: "signature refused", first: true, lingxingOnly: true },
  { kind: "signature-expired", class: "signature refused", lingxingOnly: true },
];
