export type SpanValue = string | number | boolean;
export type SpanFields = Readonly<Record<string, SpanValue>>;

/** One timed part of a trace, under way. */
export interface Span {
  /** For messages that cause work elsewhere: W3C's `traceparent`, with this span as the parent. */
  readonly traceparent: string;
  /** Adds to what is known of it, and replaces values of the same name. After the end it does nothing. */
  set(fields: SpanFields): void;
  /** `code`: what went wrong; empty: nothing did. Only the first call counts. */
  end(nowMs: number, code?: string): void;
}

/**
 * Makes spans of the few traces that are sampled. Cheap when nobody looks; never throws; never waits. Times are those of `Clock.now()`.
 * Everybody asks by `?.`: without a trace there is no span, and nothing is done.
 */
export interface Tracer {
  /** Begins a trace; undefined: this one is not sampled. */
  begin(name: string, nowMs: number, fields?: SpanFields): Span | undefined;
  /** Goes on with a trace, of a message or of a span here; undefined without one, and for text that is not a traceparent. */
  follow(traceparent: string | undefined, name: string, nowMs: number, fields?: SpanFields): Span | undefined;
}

/** Samples nothing. */
export const noTracer: Tracer = { begin: () => undefined, follow: () => undefined };
