/** A span of Atlas as OpenTelemetry's processors and exporters read it. Only loaded with OpenTelemetry. */

import type { SpanRecord } from '@horizon-atlas/protocol';
import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { version } from './version.ts';

const instrumentationScope = { name: 'horizon-atlas', version };

export function readableSpan(span: SpanRecord, resource: Resource): ReadableSpan {
  const context = (spanId: string) => ({ traceId: span.trace, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => context(span.span),
    ...(span.parent === '' ? {} : { parentSpanContext: context(span.parent) }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    status: span.code === '' ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: span.code },
    attributes: attributesOf(span),
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** `frozenMs` becomes `atlas.frozen_ms`. A game server in another language may send what is no attribute: then its text. */
function attributesOf({ fields }: SpanRecord): Attributes {
  return Object.fromEntries(
    fields.map(({ name, value }) => [
      `atlas.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
