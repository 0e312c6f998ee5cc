/** Agones' SDK surface, for game servers that were written for Agones. */
export { agonesStateOf, gameServerOf, type HealthTerms, healthTerms } from './core/game-server-shape.ts';
export { agonesLimits, sdkPrefix } from './core/limits.ts';
export { type Agones, type AgonesDeps, type AgonesPolicy, agonesEnv, agonesPolicy, makeAgones } from './service.ts';
