/** Matchmaking: FlexMatch rule sets read as they are, the engine that forms matches by them, and the service that leads tickets to servers. */

export { defaultWaits } from './configuration.ts';
export type { Admission } from './core/admission.ts';
export { Desk } from './core/desk.ts';
export { type Change, type DeskOut, deskPolicy, type Placement, type QueueSettings, type Rating } from './core/desk-io.ts';
export { type Explanation, explain } from './core/explain.ts';
export type { FormedMatch, FormerPolicy } from './core/former.ts';
export { defaultFormerPolicy } from './core/former.ts';
export type { LobbySettings } from './core/lobby.ts';
export type { MatchFunction, MatchPool, MatchProposal, PoolTicket } from './core/match-function.ts';
export { type Match, type MatchResult, type MatchStage, playersOf, ticketsOf } from './core/match-life.ts';
export type { Party, PartyInput, PartyMember } from './core/party.ts';
export { limits, MatchQueue } from './core/queue.ts';
export type { AttributeValue, Player, RuleSet, Ticket } from './core/rule-set.ts';
export { SlotQueue } from './core/slot-queue.ts';
export {
  type QueuedTicket,
  type TicketEvent,
  type TicketEventName,
  type TicketState,
  type TicketStatus,
  ticketEvents,
  ticketStatuses,
} from './core/ticket-life.ts';
export type { LobbyView } from './lobbies.ts';
export { MatchFunctions } from './match-functions.ts';
export type {
  Answer,
  Eyes,
  Matchmaker,
  MatchmakerDeps,
  MatchmakerQueue,
  MatchmakerSettings,
  RatingView,
  TicketNews,
} from './matchmaker.ts';
export type { PartyAnswer } from './parties.ts';
export { readResult } from './read-result.ts';
export {
  type FunctionFigures,
  type RecordedLine,
  type ReplayFigures,
  readLine,
  recorded,
  replay,
  replayWith,
} from './recording.ts';
export { type ReadRuleSet, type RuleSetComplaint, readRuleSet } from './rule-set-schema.ts';
export { makeMatchmaker } from './service.ts';
export type { MatchView, QueueView, Seat, TicketView, TicketWishes } from './views.ts';
