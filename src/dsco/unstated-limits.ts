import type { Limit } from "../http/endpoint.ts";

// For some calls DSCO states no rate. What follows is ours, taken from the rates it states for its other calls: an ordinary pass never waits
// for it, and whatever goes wrong, no more leaves than DSCO is used to.

/**
 * Batches. No call of DSCO's has a lower rate in a second than an item's stock, 5; in a minute, a batch a half second on average, which is
 * less than half of the lowest stated, 300.
 */
export const UNSTATED_WRITE: Limit = { perSecond: 5, perMinute: 120 };

/** Change logs: as the pages of orders, the only read of many whose rate is stated. */
export const UNSTATED_READ: Limit = { perSecond: 10, perMinute: 500 };
