/** The HTTP API: status, metrics, health. Only this package knows HTTP. */

export type { OidcPolicy } from './access/oidc-login.ts';
export type { GrpcCaller, GrpcEntrance, GrpcTold, OpenGrpc } from './grpc-door.ts';
export { type Control, type ControlDeps, type ControlPolicy, limits, makeControl } from './http-api.ts';
export { type MetricEntry, type MetricName, metricsCatalogue } from './metrics-catalogue.ts';
export {
  type MetricsLabels,
  type MetricsSample,
  type MetricsSource,
  metricsHelp,
  metricsType,
  renderMetrics,
} from './metrics-text.ts';
export { Refused } from './problems.ts';
export type { Key, NewKey, PlayTicket, PlayWishes, Scope, Session } from './resources/access.ts';
export type { GameBackup, GameConsole } from './resources/consoles.ts';
export type { Edge, EdgeWay, PublicWay } from './resources/edges.ts';
export type { Allocation, Fleet, GameServer, ModeDeployment } from './resources/fleets.ts';
export type { Game } from './resources/games.ts';
export type {
  ActionResult,
  AuditEntry,
  Event,
  Handoff,
  History,
  LogLine,
} from './resources/happenings.ts';
export type { FleetChange, Rollout, Scaling } from './resources/rollouts.ts';
export type { Gateway, Player, Region, Server } from './resources/world.ts';
export type {
  ActionSource,
  AllocationAnswered,
  AllocationAsk,
  AllocationGiven,
  AuditNote,
  AuditPageAsk,
  AuditSource,
  ConsoleSource,
  EdgeMove,
  EdgeSource,
  EventSource,
  FleetSource,
  GameSource,
  LogSource,
  ModeWishes,
  Outcome,
  PageFile,
  PlaySource,
  Refusal,
  SceneSource,
  Sources,
  VersionSource,
  WorldSource,
} from './sources.ts';
export type { GatewayStatus, HandoffStatus, RegionStatus, ServerStatus, Status, Warning } from './status.ts';
