const FIRST_SEC = 60;
const LONGEST_SEC = 3600;

/** When a stage is tried again after its `retryCount`-th failure: a minute, doubling to an hour. Seconds. */
export function retryDelaySec(retryCount: number): number {
  const doublings = Math.min(Math.max(retryCount - 1, 0), 10);
  return Math.min(FIRST_SEC * 2 ** doublings, LONGEST_SEC);
}

/**
 * When an order that is not ready yet is looked at again. Waiting as long again as it has waited so far doubles the gaps
 * without a counter to keep; bounded to a minute and an hour. Seconds.
 */
export function waitDelaySec(waitedSec: number): number {
  return Math.min(Math.max(Math.round(waitedSec), FIRST_SEC), LONGEST_SEC);
}
