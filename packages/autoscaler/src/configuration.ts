/** What a configuration needs of scaling, without the service: the shape of policies, and what holds when one says nothing. */
export {
  type Amount,
  type BufferPolicy,
  type CapacityPolicy,
  type ChainPolicy,
  type LeafPolicy,
  type Period,
  type ScalingPolicy,
  type ScalingTerms,
  type SchedulePolicy,
  scalingDefaults,
  type UtilizationPolicy,
  type WebhookPolicy,
} from './core/policy.ts';
export { downAfterMsSchema, downKeepSchema, policySchema, policyTypes } from './terms-schema.ts';
