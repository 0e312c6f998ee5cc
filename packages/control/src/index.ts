/** The HTTP API: status, metrics, health. Only this package knows HTTP. */
export { type Control, type ControlDeps, type ControlPolicy, limits, makeControl } from './http-api.ts';
export {
  type MetricsLabels,
  type MetricsSample,
  type MetricsSource,
  metricsHelp,
  metricsType,
  renderMetrics,
} from './metrics-text.ts';
export type { Key, NewKey, PlayTicket, Scope, Session } from './resources/access.ts';
export type {
  ActionResult,
  ActionResult,
  AuditEntry,
  AuditEntry,
  Event,
  Event,
  Handoff,
  Handoff,
  History,
  History,
  LogLine,
  LogLine,
} from './resources/happenings.ts';
export type { Gateway, Gateway, Player, Player, Region, Region, Server, Server } from './resources/world.ts';
export type {
  ActionSource,
  ActionSource,
  EventSource,
  EventSource,
  LogSource,
  LogSource,
  Outcome,
  Outcome,
  Refusal,
  Refusal,
  SceneSource,
  SceneSource,
  Sources,
  WorldSource,
  WorldSource,
} from './sources.ts';
export type { GatewayStatus, HandoffStatus, RegionStatus, ServerStatus, Status } from './status.ts';
