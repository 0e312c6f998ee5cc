/**
 * Crossings as people see them: each one that got as far as freezing, with every phase that it entered, how it ended, and the gap that its
 * player's gateway measured. An engine: told everything, with the time. Crossings that came to nothing before that are not kept.
 */
import type { Handoff } from '@horizon-atlas/control';
import type { CrossingNote, PlayerPlace } from '@horizon-atlas/regions';

export const handoffLimits = {
  /** Kept; beyond, the oldest is forgotten. */
  handoffs: 5_000,
  /** Crossings that have not frozen yet, of which the phases are remembered; beyond, later ones are listed from the freezing on. */
  pending: 20_000,
  /** A gateway tells of a gap within so long after the switch, ms; what comes later belongs to nothing here. */
  gapMs: 10_000,
} as const;

interface Crossing {
  shown: Handoff;
  session: string;
  frozenAtMs: number;
}

export type Who = (group: number) => Pick<PlayerPlace, 'player' | 'name' | 'session'> | undefined;

export class HandoffLog {
  readonly #who: Who;
  readonly #tell: (handoff: Handoff) => void;
  /** By the coordinator's number: those that go on. */
  readonly #open = new Map<number, Crossing>();
  readonly #pending = new Map<number, { phase: string; atMs: number }[]>();
  /** By id, oldest first. */
  readonly #kept = new Map<string, Crossing>();
  readonly #bySession = new Map<string, Crossing>();

  /** @param tell hears of each one whenever it changes. */
  constructor(who: Who, tell: (handoff: Handoff) => void) {
    this.#who = who;
    this.#tell = tell;
  }

  /** The latest last. */
  list(): Handoff[] {
    return Array.from(this.#kept.values(), ({ shown }) => shown);
  }

  /** @param atMs Unix milliseconds. */
  note(note: CrossingNote, atMs: number): void {
    // To place a group by its record is no crossing.
    if (note.source === note.target) return;
    const crossing = this.#open.get(note.crossing) ?? this.#begin(note, atMs);
    if (!crossing) return;
    if (note.ended) this.#open.delete(note.crossing);
    crossing.shown = this.#next(crossing, note, atMs);
    if (note.phase === 'releasing' && crossing.session !== '') this.#bySession.set(crossing.session, crossing);
    this.#tell(crossing.shown);
  }

  /** A gateway has measured the gap around a switch of this session. */
  gap(session: string, ms: number, atMs: number): void {
    const crossing = this.#bySession.get(session);
    if (!crossing) return;
    this.#bySession.delete(session);
    if (atMs - (crossing.shown.endedAtMs ?? atMs) > handoffLimits.gapMs) return;
    crossing.shown = { ...crossing.shown, gapMs: tenths(ms) };
    this.#tell(crossing.shown);
  }

  /** Another coordinator begins: it counts anew, and what the former one had begun is not heard of again. */
  abandon(atMs: number): void {
    this.#pending.clear();
    for (const crossing of this.#open.values()) {
      if (crossing.shown.outcome !== 'under-way') continue;
      crossing.shown = { ...crossing.shown, outcome: 'failed', why: 'the coordinator began anew', endedAtMs: atMs };
      this.#tell(crossing.shown);
    }
    this.#open.clear();
  }

  /** undefined: not one yet, or never. */
  #begin(note: CrossingNote, atMs: number): Crossing | undefined {
    const before = this.#pending.get(note.crossing) ?? [];
    if (note.ended) {
      this.#pending.delete(note.crossing);
      return undefined;
    }
    if (note.phase === 'predicted' || note.phase === 'preparing' || note.phase === 'syncing') {
      before.push({ phase: note.phase, atMs });
      if (this.#pending.has(note.crossing) || this.#pending.size < handoffLimits.pending)
        this.#pending.set(note.crossing, before);
      return undefined;
    }
    this.#pending.delete(note.crossing);
    const who = this.#who(note.group);
    const shown: Handoff = {
      id: this.#idOf(note),
      group: note.group,
      player: who?.player ?? '',
      name: who?.name ?? '',
      source: note.source,
      target: note.target,
      epoch: note.epoch,
      newEpoch: null,
      phase: note.phase,
      outcome: 'under-way',
      why: '',
      warm: null,
      phases: before,
      frozenMs: null,
      gapMs: null,
      startedAtMs: before[0]?.atMs ?? atMs,
      endedAtMs: null,
    };
    const crossing: Crossing = { shown, session: who?.session ?? '', frozenAtMs: atMs };
    this.#open.set(note.crossing, crossing);
    this.#kept.set(shown.id, crossing);
    if (this.#kept.size > handoffLimits.handoffs) this.#forgetOldest();
    return crossing;
  }

  #next({ shown, frozenAtMs }: Crossing, note: CrossingNote, atMs: number): Handoff {
    const phases = [...shown.phases, { phase: note.phase, atMs }];
    const next: Handoff = {
      ...shown,
      phase: note.phase,
      phases,
      newEpoch: note.newEpoch > 0 ? note.newEpoch : shown.newEpoch,
      warm: note.warm ?? shown.warm,
      why: note.why,
    };
    // Its players play on as soon as the target does; what the source still has to drop is no part of it for them.
    if (note.phase === 'releasing') return { ...next, outcome: 'done', frozenMs: tenths(atMs - frozenAtMs), endedAtMs: atMs };
    if (!note.ended || shown.outcome !== 'under-way') return next;
    if (note.phase === 'rolled-back')
      return { ...next, outcome: 'rolled-back', frozenMs: tenths(atMs - frozenAtMs), endedAtMs: atMs };
    if (note.phase === 'done') return { ...next, outcome: 'done', frozenMs: tenths(atMs - frozenAtMs), endedAtMs: atMs };
    const why = note.why === '' ? (note.phase === 'lapsed' ? 'put off for too long' : 'a recovery took over') : note.why;
    return { ...next, outcome: 'failed', why, endedAtMs: atMs };
  }

  #idOf({ group, epoch }: CrossingNote): string {
    const id = `${group}-${epoch}`;
    if (!this.#kept.has(id)) return id;
    // It was put off for too long, and tries again.
    let n = 2;
    while (this.#kept.has(`${id}.${n}`)) n++;
    return `${id}.${n}`;
  }

  #forgetOldest(): void {
    for (const [id, crossing] of this.#kept) {
      this.#kept.delete(id);
      if (this.#bySession.get(crossing.session) === crossing) this.#bySession.delete(crossing.session);
      return;
    }
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
