/**
 * This server's part in the traces of sampled handoffs, which the coordinator began: at the source how long it copied the group and how
 * long its copy lay frozen, at the target how long a copy was kept warm, and the taking over. Nothing is decided by any of it.
 */
import type { Span, SpanFields, Tracer } from '@horizon-atlas/ports';

type Part = 'copy' | 'frozen' | 'warm';

export class HandoffTraces {
  readonly #tracer: Tracer;
  /** By part, group, and what tells two of the same group apart. */
  readonly #open = new Map<string, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Messages are repeated until answered: the first one counts. */
  begin(part: Part, group: number, which: string, traceparent: string | undefined, nowMs: number, fields: SpanFields): void {
    const key = `${part} ${group} ${which}`;
    if (traceparent === undefined || this.#open.has(key)) return;
    const span = this.#tracer.follow(traceparent, `handoff.${part}`, nowMs, { group, ...fields });
    if (span) this.#open.set(key, span);
  }

  /** What a message of this part carries on. */
  traceparent(part: Part, group: number, which: string): string | undefined {
    return this.#open.size === 0 ? undefined : this.#open.get(`${part} ${group} ${which}`)?.traceparent;
  }

  /** Without `which`: all of that part of the group. */
  end(part: Part, group: number, which: string | undefined, nowMs: number, fields: SpanFields): void {
    if (this.#open.size === 0) return;
    const prefix = `${part} ${group} ${which ?? ''}`;
    for (const [key, span] of [...this.#open]) {
      if (which === undefined ? !key.startsWith(prefix) : key !== prefix) continue;
      this.#open.delete(key);
      span.set(fields);
      span.end(nowMs);
    }
  }

  /** The group is gone from here, or is not to come: whatever was under way is over. */
  over(group: number, nowMs: number, outcome: string): void {
    for (const part of ['copy', 'frozen', 'warm'] as const) this.end(part, group, undefined, nowMs, { outcome });
  }

  /** The target takes over: begun and ended here and now, by a clock that runs on within a tick. */
  install(group: number, traceparent: string | undefined, fields: SpanFields, clock: () => number, run: () => boolean): void {
    const span = this.#tracer.follow(traceparent, 'handoff.install', clock(), { group, ...fields });
    const installed = run();
    span?.set({ installed });
    span?.end(clock());
  }
}
