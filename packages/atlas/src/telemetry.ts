/**
 * Where sampled traces go: to an OpenTelemetry collector, over HTTP. Gateways, game servers and the coordinator all hand their spans to
 * the control plane, so that one process knows the collector; OpenTelemetry's packages are loaded there, and only if one is configured.
 */
import type { Clock, Entropy, Probe, Tracer } from '@horizon-atlas/ports';
import { type SpanRecord, SpanRecorder } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';
import { version } from './version.ts';

/** Which process a span is from. */
export interface SpanOrigin {
  readonly role: 'coordinator' | 'gateway' | 'server';
  readonly id: string;
}

export interface TelemetrySettings {
  /** Where spans are posted: the whole URL, with `/v1/traces`. */
  readonly url: string;
  /** Share of joins and of handoffs that are traced, 0 to 1. */
  readonly ratio: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Telemetry {
  readonly tracer: Tracer;
  take(from: SpanOrigin, spans: readonly SpanRecord[]): void;
  /** Sends what is left, but waits no longer than `policy.closeMs`. */
  close(): Promise<void>;
}

export const policy = {
  /** Of traces that begin here, where nothing else is said. */
  ratio: 0.1,
  /** A collector that does not answer is tried again by the exporter; spans beyond the queue are lost. */
  queueSpans: 8192,
  batchSpans: 512,
  delayMs: 1_000,
  timeoutMs: 5_000,
  closeMs: 2_000,
  /** Processes whose description is kept. */
  origins: 4096,
} as const;

type Env = Readonly<Record<string, string | undefined>>;

/** undefined: off. The configuration comes first, then OpenTelemetry's own variables. */
export function telemetrySettings({ telemetry }: Pick<AtlasConfig, 'telemetry'>, env: Env): TelemetrySettings | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  const url = telemetry.otlpUrl ? tracesUrl(telemetry.otlpUrl) : urlOf(env);
  if (url === undefined) return undefined;
  const fromEnv = Number(env.OTEL_TRACES_SAMPLER_ARG ?? Number.NaN);
  const ratio = telemetry.sampleRatio ?? (fromEnv >= 0 && fromEnv <= 1 ? fromEnv : policy.ratio);
  return { url, ratio, headers: telemetry.headers };
}

export async function openTelemetry(
  settings: TelemetrySettings,
  host: { readonly clock: Clock; readonly entropy: Entropy; readonly probe: Probe },
  world: string,
): Promise<Telemetry> {
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }, { resourceFromAttributes, detectResources, envDetector }] =
    await Promise.all([
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
    ]);
  const { readableSpan } = await import('./readable-span.ts');
  const { probe, clock, entropy } = host;
  const { url, headers, ratio } = settings;
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: policy.timeoutMs });
  const counted: typeof exporter.export = (spans, done) =>
    exporter.export(spans, (result) => {
      const ok = result.code === 0;
      probe.count('atlas_spans_total', spans.length, { outcome: ok ? 'sent' : 'failed' });
      if (!ok) probe.event('telemetry_failed', { url, error: result.error?.message ?? 'no answer' });
      done(result);
    });
  const processor = new BatchSpanProcessor({
    exporter: { export: counted, shutdown: () => exporter.shutdown(), forceFlush: () => exporter.forceFlush() },
    maxQueueSize: policy.queueSpans,
    maxExportBatchSize: policy.batchSpans,
    scheduledDelayMillis: policy.delayMs,
    exportTimeoutMillis: policy.timeoutMs,
  });
  const ambient = detectResources({ detectors: [envDetector] });
  const resources = new Map<string, typeof ambient>();
  const resourceOf = ({ role, id }: SpanOrigin) => {
    const key = `${role} ${id}`;
    const known = resources.get(key);
    if (known) return known;
    if (resources.size >= policy.origins) resources.clear();
    const made = ambient.merge(resourceFromAttributes(describe(role, id, world)));
    resources.set(key, made);
    return made;
  };
  const take = (from: SpanOrigin, spans: readonly SpanRecord[]) => {
    for (const span of spans) processor.onEnd(readableSpan(span, resourceOf(from)));
  };
  const own: SpanOrigin = { role: 'coordinator', id: `control-${process.pid}` };
  return {
    tracer: new SpanRecorder({ clock, u32: () => entropy.u32(), ratio, ended: (span) => take(own, [span]) }),
    take,
    async close() {
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.at(clock.now() + policy.closeMs, resolve);
      });
      await Promise.race([processor.shutdown().catch(() => {}), late]);
      cancel();
    },
  };
}

/** By OpenTelemetry's names for such things. */
function describe(role: SpanOrigin['role'], id: string, world: string): Record<string, string> {
  return {
    'service.namespace': 'horizon-atlas',
    'service.name': `atlas-${role}`,
    'service.instance.id': id,
    'service.version': version,
    'atlas.world': world,
  };
}

function urlOf(env: Env): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole, OTEL_EXPORTER_OTLP_ENDPOINT: base } = env;
  return whole ? whole : base ? tracesUrl(base) : undefined;
}

/** A collector's address, as people write it: with or without the path of traces. */
function tracesUrl(base: string): string {
  const trimmed = base.replace(/\/+$/, '');
  return trimmed.endsWith('/v1/traces') ? trimmed : `${trimmed}/v1/traces`;
}
