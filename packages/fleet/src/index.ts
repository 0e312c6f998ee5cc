/** Game servers and gateways: wanted against running, their lives, restarts, re-adoption; and fleets of game servers that are given away as a whole. */
export type { Allocation, AllocationAnswer, AllocationRequest } from './core/allocation/allocator.ts';
export { limits as allocationLimits } from './core/allocation/allocator.ts';
export type { Change, Priority, Selector, Span } from './core/allocation/game-server.ts';
export type { Scheduling } from './core/allocation/shelves.ts';
export { defaultGameServerPolicy, type GameServerPolicy, gameServerLimits, startPolicy } from './core/game-servers/policy.ts';
export type { PortRange, PortWish } from './core/game-servers/port-book.ts';
export { defaultPolicy, type FleetPolicy, fleetLimits } from './core/policy.ts';
export type { Post } from './core/reconcile.ts';
export { defaultRolloutTerms, type RolloutAmount, type RolloutTerms } from './core/rollout/terms.ts';
export { hearMatchServer, type MatchWire, toMatchServer } from './game-servers/match-voice.ts';
export { makeGameServers } from './game-servers/service.ts';
export {
  type FleetProgram,
  type FleetSettings,
  type GameServerLaunch,
  type GameServersDeps,
  type GameServersSettings,
  type GameServerTold,
  type Launched,
  labelNames,
  sessionsCounter,
} from './game-servers/settings.ts';
export type { GameServersService } from './game-servers/surface.ts';
export { joinTokenPolicy, openJoinTokens } from './join-tokens.ts';
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
