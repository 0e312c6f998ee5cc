/** What every service shares: clock, entropy, start and stop order, leases, back-off, the probe. */

export { type BackoffPolicy, backoff, backoffPolicy } from './core/backoff.ts';
export { ChangeFeed, type ChangeFeedLimits, changeFeedLimits } from './core/change-feed.ts';
export { IdSource, seededEntropy } from './core/entropy.ts';
export { LeaseEngine, type LeaseOut, type LeasePolicy, type LeaseSighting, leasePolicy } from './core/lease.ts';
export { type Driver, drive, type Timed } from './driver.ts';
export { type Lease, type LeaseWishes, makeLease } from './lease.ts';
export { Lifecycle, type Part, type PartFailure } from './lifecycle.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export {
  type MemoryProbe,
  type MemoryProbeOptions,
  memoryProbe,
  noProbe,
  type ProbeEvent,
  type ProbeLimits,
  type ProbeSample,
  probeLimits,
} from './memory-probe.ts';
export { giveBackStartupMemory } from './startup-memory.ts';
export { systemClock } from './system-clock.ts';
export { systemEntropy } from './system-entropy.ts';
export { Turn, type TurnSettings } from './turn.ts';
