/** How many game servers a fleet should have, and why. */
export { type Amount, type ScalingPolicy, type ScalingTerms, scalingDefaults } from './core/policy.ts';
export type { Decision } from './core/scaler.ts';
export {
  type Autoscaler,
  type AutoscalerDeps,
  autoscalerLimits,
  makeAutoscaler,
  type ScalingView,
} from './service.ts';
export { downAfterMsSchema, downKeepSchema, policySchema, policyTypes } from './terms-schema.ts';
