/** The few interfaces between Atlas and its host. Each method's contract is prose; `port-contracts` checks it. */
export type { Bus } from './bus.ts';
export type { Cancel, Clock } from './clock.ts';
export type { Entropy } from './entropy.ts';
export { linkLimits, storeLimits } from './limits.ts';
export type { Link, LinkAddress, LinkCloseReason, LinkListener, Links } from './links.ts';
export type { Labels, Probe } from './probe.ts';
export type { Queries, QueryAnswer, QueryTarget } from './queries.ts';
export {
  type ConsoleAnswer,
  type HeldLimit,
  type LimitedResource,
  type Runner,
  type RunnerReport,
  type ServerLimits,
  type ServerProcess,
  type ServerSpec,
  type ServerUsage,
  type ServerVitals,
  type StopSignal,
  type StopStep,
  stopSignals,
} from './runner.ts';
export type { Store, StoreChange, StoreCondition, StoreOp, StoreRecord, StoreResult, WatchEvent } from './store.ts';
export { overStoreLimits } from './store-check.ts';
export { noTracer, type Span, type SpanFields, type SpanValue, type Tracer } from './tracer.ts';
