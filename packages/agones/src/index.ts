/** Agones' SDK surface, for game servers that were written for Agones; and its allocator service. */
export { type Allocate, type AllocationCaller, type AllocationTold, openAllocator } from './allocator.ts';
export { agonesStateOf, gameServerOf, type HealthTerms, healthTerms } from './core/game-server-shape.ts';
export { agonesLimits, sdkPrefix } from './core/limits.ts';
export { type Agones, type AgonesDeps, type AgonesPolicy, agonesEnv, agonesPolicy, makeAgones } from './service.ts';
