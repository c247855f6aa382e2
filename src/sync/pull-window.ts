/** Before the first watermark everything counts as new: DSCO has no orders from before. */
export const BEGINNING = new Date("1970-01-01T00:00:00Z");
/** DSCO refuses an `until` closer than 5 s to its own clock; twice that leaves room for ours. */
export const UNTIL_LAG_MS = 10_000;

const WIDE_EVERY_MS = 6 * 3600_000;
const WIDE_OVERLAP_MS = 24 * 3600_000;
const SHORTEST_SLICE_MS = 60_000;

export interface Window {
  /** Exclusive. */
  readonly since: Date;
  readonly until: Date;
}

/**
 * What one pass reads: from the watermark, less an overlap for orders that become visible late. The first pass in each six
 * hours reaches back a day, for those that take hours; told by the window itself, so nothing has to be remembered.
 */
export function pullWindow(since: Date, now: Date, overlapSec: number): Window {
  const until = new Date(now.getTime() - UNTIL_LAG_MS);
  const wide = Math.floor(since.getTime() / WIDE_EVERY_MS) !== Math.floor(until.getTime() / WIDE_EVERY_MS);
  const overlapMs = Math.max(overlapSec * 1000, wide ? WIDE_OVERLAP_MS : 0);
  const from = Math.min(since.getTime(), until.getTime()) - overlapMs;
  return { since: new Date(Math.max(from, BEGINNING.getTime())), until };
}

/** The next slice of a window: the whole of it, or the remembered length if a longer scroll has failed before. */
export function nextSlice(window: Window, sliceMs: number | undefined): Window {
  const length = window.until.getTime() - window.since.getTime();
  if (sliceMs === undefined || sliceMs >= length) return window;
  return { since: window.since, until: new Date(window.since.getTime() + sliceMs) };
}

/** Half of a slice that could not be read to its end; undefined when halving has stopped making sense. */
export function halveSlice(slice: Window): number | undefined {
  const half = Math.floor((slice.until.getTime() - slice.since.getTime()) / 2);
  return half < SHORTEST_SLICE_MS ? undefined : half;
}
