/** What the control plane is told of this gateway's sessions, for people to see: only what has changed, and only so much at a time. */
import type { GatewayToControl, SessionReport } from '@horizon-atlas/protocol';
import type { Session } from './session.ts';

/** Of each kind in one message; the rest comes with the next. */
const PER_MESSAGE = 2_048;

export type SessionsMessage = Extract<GatewayToControl, { kind: 'sessions' }>;

export class SessionReports {
  readonly #changed = new Set<Session>();
  readonly #forgotten = new Set<string>();
  readonly #pings = new Map<Session, number>();
  /** After a hello, until all that there was has been told. */
  #listing = new Set<Session>();

  /** A control plane that knows nothing wants to hear of all of them. */
  list(sessions: Iterable<Session>): void {
    this.#listing = new Set(sessions);
    this.#changed.clear();
    this.#forgotten.clear();
  }

  changed(session: Session): void {
    this.#changed.add(session);
  }

  forgotten(session: Session): void {
    this.#listing.delete(session);
    this.#changed.delete(session);
    this.#pings.delete(session);
    this.#forgotten.add(session.id);
  }

  measured(session: Session, ms: number): void {
    this.#pings.set(session, ms);
  }

  /** undefined: nothing has changed. */
  take(nowMs: number): SessionsMessage | undefined {
    const listing = this.#listing.size > 0;
    const from = listing ? this.#listing : this.#changed;
    const changed: SessionReport[] = [];
    for (const session of from) {
      if (changed.length >= PER_MESSAGE) break;
      from.delete(session);
      // Newer than its place in the list.
      if (listing) this.#changed.delete(session);
      changed.push(reportOf(session, nowMs));
    }
    const forgotten: string[] = [];
    for (const id of this.#forgotten) {
      if (forgotten.length >= PER_MESSAGE) break;
      this.#forgotten.delete(id);
      forgotten.push(id);
    }
    const pings: SessionsMessage['pings'] = [];
    for (const [session, ms] of this.#pings) {
      if (pings.length >= PER_MESSAGE) break;
      this.#pings.delete(session);
      pings.push({ session: session.id, ms });
    }
    if (changed.length + forgotten.length + pings.length === 0) return undefined;
    return { kind: 'sessions', listing, changed, forgotten, pings };
  }
}

function reportOf({ id, player, name, client, format, welcome, begunMs }: Session, nowMs: number): SessionReport {
  const online = client === undefined ? 'away' : 'online';
  return {
    session: id,
    player,
    name,
    address: client?.address.name ?? '',
    format,
    state: welcome === 'done' ? online : 'joining',
    ageMs: Math.max(0, Math.floor(nowMs - begunMs)),
  };
}
