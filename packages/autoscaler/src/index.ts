/** How many game servers a fleet should have, and why. */
export * from './configuration.ts';
export type { Decision } from './core/scaler.ts';
export {
  type Autoscaler,
  type AutoscalerDeps,
  autoscalerLimits,
  makeAutoscaler,
  type ScalingView,
} from './service.ts';
