/** What a vendor may ask us to wait inside a pass; asked for more, the pass ends and the next one tries again. */
export const MAX_WAIT_MS = 120_000;

const FIRST_WINDOW_MS = 500;

export interface Backoff {
  /** Number of the try that just failed, from 1. */
  readonly attempt: number;
  /** Shortest wait after the first try, doubling: for a throttle that is known to need it. */
  readonly floorMs?: number | undefined;
  /** What Retry-After asked for. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Milliseconds to wait before the next try. Full jitter over a doubling window, so that runners that failed together do not come back
 * together; a floor or Retry-After is kept to and only ever lengthened.
 */
export function backoffMs({ attempt, floorMs, retryAfterMs }: Backoff, random: () => number): number {
  const doubling = 2 ** (attempt - 1);
  const window = FIRST_WINDOW_MS * doubling;
  const least = Math.max((floorMs ?? 0) * doubling, retryAfterMs ?? 0);
  return Math.round(least + random() * window);
}

/** Retry-After in milliseconds from now: a number of seconds or an HTTP date; undefined when absent or unreadable. */
export function parseRetryAfter(value: string | null | undefined, now: Date): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
