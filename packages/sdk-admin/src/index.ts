/** Typed client of Atlas's HTTP API, for browsers and Node: `connectAdmin({ url, token? })`. */
export { type Admin, type AdminOptions, connectAdmin, each } from './admin.ts';
export type {
  MatchmakingAdmin,
  MatchmakingHandlers,
  MatchQuery,
  Result,
  TicketExplanation,
  TicketPlayer,
  TicketQuery,
  TicketsTaken,
  TicketWishes,
} from './matchmaking.ts';
export { AdminError, type Problem } from './request.ts';
export type * from './shapes.ts';
export {
  type GameServersChange,
  type PlayersChange,
  type Topic,
  topics,
  type Watch,
  type WatchHandlers,
  type WatchOptions,
  type WatchState,
} from './watch.ts';
