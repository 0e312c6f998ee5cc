/** Game servers and gateways: wanted against running, their lives, restarts, re-adoption. */
export { defaultPolicy, type FleetPolicy, fleetLimits } from './core/policy.ts';
export type { Post } from './core/reconcile.ts';
export {
  type Fleet,
  type FleetDeps,
  type FleetHello,
  type FleetOptions,
  type FleetRole,
  type FleetServer,
  type FleetStatus,
  makeFleet,
} from './service.ts';
