/** For game servers: a region server in some forty lines. See README.md. */
export type { ActAnswer } from './core/act.ts';
export { ServerEngine, type ServerOptions } from './core/engine.ts';
export type { Entity } from './core/entities.ts';
export type { Move, TransferOutcome } from './core/ledger-calls.ts';
export type { GameHooks, LinkId, PlayerInfo, ServerOut, Vec3 } from './core/out.ts';
export { defaultServerPolicy, type ServerPolicy } from './core/policy.ts';
export type { RegionWorld } from './core/region-world.ts';
export type { Admission } from './match/join-token.ts';
export {
  type ConnectOptions,
  connect,
  type MatchHost,
  MatchServer,
  portVariable,
  type ReadyOutcome,
} from './match/match-server.ts';
export type { Session } from './match/session.ts';
export {
  defineRegion,
  type Game,
  type GameEntity,
  type GameShadow,
  type RegionGame,
  type Spawn,
  type TypedGame,
  type World,
} from './region-game.ts';
export { type RegionServer, type ServeOptions, serveRegion } from './serve.ts';
