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
export type { GatewayStatus, HandoffStatus, RegionStatus, ServerStatus, Status } from './status.ts';
