/**
 * Spans of traces as they travel between Atlas's processes, and the recorder that makes them (the Tracer of `ports`).
 *
 * Messages that cause work elsewhere carry W3C's `traceparent`: `00-<trace, 32 hex digits>-<parent span, 16>-01`. Only sampled traces are
 * ever carried, so its presence is the decision to sample, and a process that is not given one does nothing. What ends is handed to
 * the control plane, which alone knows where traces go.
 */
import { f64, type Infer, json, list, optional, str, struct } from './schema.ts';

/** Of a message: absent in all but the few sampled. */
export const traceparent = optional(str(64));

export type SpanValue = string | number | boolean;

export const SpanRecord = struct({
  /** 32 and 16 hex digits. */
  trace: str(64),
  span: str(64),
  /** Empty for the first of a trace. */
  parent: str(64),
  name: str(64),
  /** Milliseconds since 1970, with fractions. */
  startMs: f64,
  endMs: f64,
  fields: list(struct({ name: str(64), value: json<SpanValue>(2048) }), 32),
  /** What went wrong; empty: nothing. */
  code: str(64),
});
export type SpanRecord = Infer<typeof SpanRecord>;

export interface SpanRecorderOptions {
  readonly clock: { now(): number; wall(): number };
  /** Chance for ids and for sampling. */
  readonly u32: () => number;
  /** Which share of the traces that begin here is sampled, 0 to 1. */
  readonly ratio: number;
  readonly ended: (span: SpanRecord) => void;
}

type Fields = Readonly<Record<string, SpanValue>>;

/** A wall clock that jumps by more than this is followed; less is its jitter of a millisecond. */
const JITTER_MS = 5;

export class SpanRecorder {
  readonly #options: SpanRecorderOptions;
  #offsetMs = Number.NaN;

  constructor(options: SpanRecorderOptions) {
    this.#options = options;
  }

  begin(name: string, nowMs: number, fields?: Fields): RecordedSpan | undefined {
    const { ratio, u32 } = this.#options;
    if (ratio <= 0 || (ratio < 1 && u32() >= ratio * 2 ** 32)) return undefined;
    return this.#make(this.#hex(4), '', name, nowMs, fields);
  }

  follow(parent: string | undefined, name: string, nowMs: number, fields?: Fields): RecordedSpan | undefined {
    const known = parent === undefined ? undefined : parseTraceparent(parent);
    return known && this.#make(known.trace, known.span, name, nowMs, fields);
  }

  #make(trace: string, parent: string, name: string, nowMs: number, fields: Fields | undefined): RecordedSpan {
    const startMs = nowMs + this.#offset();
    const record = { trace, span: this.#hex(2), parent, name, startMs, endMs: startMs, fields: [], code: '' };
    const span = new RecordedSpan(record, nowMs, this.#options.ended);
    if (fields) span.set(fields);
    return span;
  }

  #offset(): number {
    const { clock } = this.#options;
    const offset = clock.wall() - clock.now();
    if (!(Math.abs(offset - this.#offsetMs) <= JITTER_MS)) this.#offsetMs = offset;
    return this.#offsetMs;
  }

  /** Ids of zeros only would be no ids. */
  #hex(words: number): string {
    let text = '';
    for (let i = 0; i < words; i++) text += (this.#options.u32() >>> 0).toString(16).padStart(8, '0');
    return /[^0]/.test(text) ? text : this.#hex(words);
  }
}

export class RecordedSpan {
  readonly traceparent: string;
  readonly #record: SpanRecord;
  readonly #startMs: number;
  readonly #fields = new Map<string, SpanValue>();
  readonly #onEnd: (span: SpanRecord) => void;
  #ended = false;

  constructor(record: SpanRecord, startMs: number, onEnd: (span: SpanRecord) => void) {
    this.traceparent = `00-${record.trace}-${record.span}-01`;
    this.#record = record;
    this.#startMs = startMs;
    this.#onEnd = onEnd;
  }

  set(fields: Fields): void {
    for (const [name, value] of Object.entries(fields)) {
      // JSON has no word for the others, and a figure that is none says nothing.
      if (typeof value !== 'number' || Number.isFinite(value)) this.#fields.set(name, value);
    }
  }

  end(nowMs: number, code = ''): void {
    if (this.#ended) return;
    this.#ended = true;
    const record = this.#record;
    const fields = [...this.#fields].slice(0, 32).map(([name, value]) => ({ name, value: brief(value) }));
    this.#onEnd({ ...record, endMs: record.startMs + Math.max(0, nowMs - this.#startMs), fields, code });
  }
}

/** undefined: malformed, of another version, or not sampled. */
export function parseTraceparent(text: string): { readonly trace: string; readonly span: string } | undefined {
  const [, trace, span, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? [];
  if (trace === undefined || span === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(trace) || /^0+$/.test(span) || (Number.parseInt(flags, 16) & 1) === 0) return undefined;
  return { trace, span };
}

function brief(value: SpanValue): SpanValue {
  return typeof value === 'string' && value.length > 200 ? `${value.slice(0, 199)}…` : value;
}
