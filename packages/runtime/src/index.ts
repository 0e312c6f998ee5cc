/** What every service shares: clock, entropy, start and stop order, leases, back-off, the probe. */

export { ChangeFeed, type ChangeFeedLimits, changeFeedLimits } from './core/change-feed.ts';
export { IdSource, seededEntropy } from './core/entropy.ts';
export { systemClock } from './system-clock.ts';
export { systemEntropy } from './system-entropy.ts';
