/** The coordinator: who owns which region and which group of entities; crossing, joining, recovery, sleep. */
export type { RegionSpec, WorldSpec } from './core/book.ts';
export { Coordinator, type CoordinatorOptions } from './core/coordinator.ts';
export type { CoordinatorOut, CrossingNote, Figures } from './core/desk.ts';
export { mergeRegion } from './core/merge-region.ts';
export { defaultPolicy, type RegionsPolicy, regionsLimits } from './core/policy.ts';
export type { StoreOut } from './core/writes.ts';
export { makeRegions, type Regions, type RegionsNeeds, type RegionsOptions } from './service.ts';
export type { PlayerPlace, RegionsStatus } from './status.ts';
