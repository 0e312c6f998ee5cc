/**
 * Spans of the sampled few: how a player came in (or back in), which begins here, and how a session changed servers, which the
 * coordinator began. The spans lie with their session; without one every call here is a look at `undefined`.
 */
import type { Tracer } from '@horizon-atlas/ports';
import type { Client, Session } from './session.ts';

export class Traces {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** A client has shown who it is. `helloMs`: when it said hello; before that it only shook hands. */
  entered(session: Session, client: Client, helloMs: number, nowMs: number): void {
    const { welcome, id, format } = session;
    const kind = welcome === 'resume' ? 'session.resume' : 'session.join';
    const span = this.#tracer.begin(kind, client.openedMs, { session: id, format });
    if (!span) return;
    this.#tracer.follow(span.traceparent, 'session.handshake', client.openedMs)?.end(helloMs);
    this.#tracer.follow(span.traceparent, 'session.token', helloMs)?.end(nowMs);
    session.joinSpan?.end(nowMs);
    session.joinSpan = span;
  }

  welcomed(session: Session, nowMs: number): void {
    const { joinSpan, region, epoch } = session;
    if (joinSpan === undefined) return;
    joinSpan.set({ region, epoch });
    joinSpan.end(nowMs);
    session.joinSpan = undefined;
  }

  /** The coordinator says that the session has a new owner. */
  moved(session: Session, traceparent: string | undefined, nowMs: number): void {
    this.#endMove(session, nowMs, session.moveSpan && 'replaced');
    const { id, region, epoch } = session;
    session.moveSpan = this.#tracer.follow(traceparent, 'handoff.switch', nowMs, { session: id, region, epoch });
  }

  /** The new owner has taken it. What the player saw of it is known a few frames later, if anybody looks. */
  attached(session: Session, replayed: number, nowMs: number): void {
    session.moveSpan?.set({ replayed });
    if (session.cutFrames === 0) this.#endMove(session, nowMs);
  }

  seen(session: Session, gapMs: number, nowMs: number): void {
    session.moveSpan?.set({ gapMs });
    this.#endMove(session, nowMs);
  }

  /** The session is over for this gateway. */
  ended(session: Session, code: string, nowMs: number): void {
    session.joinSpan?.end(nowMs, code);
    session.joinSpan = undefined;
    this.#endMove(session, nowMs, code);
  }

  /** What `attach` carries: it belongs to the way in, or to the move. */
  static cause({ joinSpan, moveSpan }: Session): string | undefined {
    return (joinSpan ?? moveSpan)?.traceparent;
  }

  #endMove(session: Session, nowMs: number, code = ''): void {
    session.moveSpan?.end(nowMs, code);
    session.moveSpan = undefined;
  }
}
