/** Typed client of Atlas's HTTP API, for browsers and Node: `connectAdmin({ url, token? })`. */
export { type Admin, type AdminOptions, connectAdmin, each } from './admin.ts';
export { AdminError, type Problem } from './request.ts';
export type {
  ActionResult,
  AuditEntry,
  AuditQuery,
  Event,
  EventQuery,
  Gateway,
  Handoff,
  HandoffQuery,
  History,
  Key,
  LogLine,
  NewKey,
  Page,
  PageQuery,
  Player,
  PlayerQuery,
  PlayTicket,
  Region,
  Scope,
  Server,
  Session,
  Status,
} from './shapes.ts';
export {
  type PlayersChange,
  type Topic,
  topics,
  type Watch,
  type WatchHandlers,
  type WatchOptions,
  type WatchState,
} from './watch.ts';
