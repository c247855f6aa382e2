/** The order list takes at most 30 days between its bounds (POST /pb/mp/order/v2/list; one place says 31, the notes say 30). */
const LONGEST_SEC = 30 * 86_400;
/**
 * How far each window reaches back over the one before. One second would do for the bounds, which are both exclusive; five minutes
 * also cover clocks that differ and changes that become visible late. What even that misses is read by number within the hour, since
 * the feed only wakes orders.
 */
export const FEED_OVERLAP_SEC = 300;

/** Unix seconds. */
export interface FeedWindow {
  /** Exclusive, as the vendor reads `start_time`. */
  readonly sinceSec: number;
  /** Exclusive, as the vendor reads `end_time`; of the last window, the second after now. */
  readonly untilSec: number;
  /** The watermark once the window has been read to its end: the last second that was read, never in the future. */
  readonly watermarkSec: number;
}

/**
 * The windows that bring the update_time feed from a watermark up to now, oldest first; the watermark may move with
 * each one that was read to its end. A watermark of 0 means the last 30 days; one in the future is read from now.
 */
export function feedWindows(sinceSec: number, now: Date): FeedWindow[] {
  const endSec = Math.floor(now.getTime() / 1000) + 1; // exclusive, and what changes in this very second belongs to it
  if (sinceSec === 0) return [windowOf(endSec - LONGEST_SEC, endSec)];
  const windows: FeedWindow[] = [];
  for (let reached = Math.min(sinceSec, endSec); ; ) {
    const from = Math.max(reached - FEED_OVERLAP_SEC, 0);
    reached = Math.min(from + LONGEST_SEC, endSec);
    windows.push(windowOf(from, reached));
    if (reached === endSec) return windows;
  }
}

function windowOf(sinceSec: number, untilSec: number): FeedWindow {
  return { sinceSec, untilSec, watermarkSec: untilSec - 1 };
}
