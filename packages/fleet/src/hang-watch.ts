/**
 * Looks at processes that have fallen silent before they are given up on: what the host tells of each, what the machine had to give, and how late Atlas's own clock
 * ticked meanwhile. The verdict is core/hang/hang-verdict.ts's; here are the looks that it needs, and the count of those that were given up on.
 */
import type { Cancel, Clock, Runner, ServerVitals } from '@horizon-atlas/ports';
import { type HangSigns, type HangVerdict, hangPolicy, hangsAtOnce, judgeHang } from './core/hang/hang-verdict.ts';

interface Look {
  readonly atMs: number;
  readonly vitals: ServerVitals | undefined;
  /** Of Atlas's own clock, by then. */
  readonly lateMs: number;
}

interface Suspect {
  readonly first: Look;
  look: Look;
  /** What had come by the time of the look has been read since. */
  read: boolean;
}

export type HangJudgement = { readonly hung: true; readonly why: string } | { readonly hung: false; readonly lookMs: number };

/** How often lateness is measured while somebody is suspected, ms; a tick that is late by less is on time. */
const tickMs = 50;
const onTimeMs = 10;
/** Timers run before sockets are read: this much later they were. */
const readMs = 5;

export class HangWatch {
  readonly #clock: Clock;
  readonly #runner: Pick<Runner, 'vitals'>;
  readonly #suspects = new Map<string, Suspect>();
  /** When one was given up on who was not hung for sure; oldest first. */
  #givenUpMs: number[] = [];
  #lateMs = 0;
  #cancelTick: Cancel | undefined;

  constructor(clock: Clock, runner: Pick<Runner, 'vitals'>) {
    this.#clock = clock;
    this.#runner = runner;
  }

  /** It has fallen silent. Answers why it hangs, if that is certain already. */
  suspect(id: string): string | undefined {
    const look = this.#look(id);
    this.#watch(id, { first: look, look, read: false });
    return look.vitals?.doing === 'stopped' ? 'its process is stopped' : undefined;
  }

  /** It speaks again, or is no more. */
  clear(id: string): void {
    this.#suspects.delete(id);
  }

  close(): void {
    this.#suspects.clear();
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /**
   * It has been silent for longer than it may be.
   * @param servers how many there are in all; Infinity: however many may be given up on at once
   */
  judge(id: string, servers: number): HangJudgement {
    const suspect = this.#suspects.get(id);
    const look = this.#look(id);
    const seen = look.vitals !== undefined;
    const due = suspect !== undefined && look.atMs >= suspect.look.atMs + hangPolicy.lookMs;
    if (seen && !(suspect && due)) {
      const certain = suspect ? undefined : this.suspect(id);
      if (certain !== undefined) return { hung: true, why: certain };
      const sinceMs = suspect?.look.atMs ?? look.atMs;
      return { hung: false, lookMs: Math.max(readMs, sinceMs + hangPolicy.lookMs - look.atMs) };
    }
    if (suspect && seen && !suspect.read) {
      suspect.read = true;
      return { hung: false, lookMs: readMs };
    }
    const first = suspect?.first ?? look;
    // Time that Atlas itself missed is nobody's silence.
    const silentMs = look.atMs - first.atMs - (look.lateMs - first.lateMs);
    const verdict = judgeHang(signsBetween(suspect?.look ?? look, look), silentMs);
    if (verdict.hung && this.#mayGiveUp(verdict, servers)) {
      this.clear(id);
      return { hung: true, why: verdict.why };
    }
    this.#watch(id, { first, look, read: false });
    return { hung: false, lookMs: hangPolicy.lookMs };
  }

  #watch(id: string, suspect: Suspect): void {
    this.#suspects.set(id, suspect);
    this.#cancelTick ??= this.#tickLater();
  }

  #mayGiveUp(verdict: HangVerdict & { readonly hung: true }, servers: number): boolean {
    if (verdict.sure || servers === Number.POSITIVE_INFINITY) return true;
    const nowMs = this.#clock.now();
    this.#givenUpMs = this.#givenUpMs.filter((ms) => ms > nowMs - hangPolicy.windowMs);
    if (this.#givenUpMs.length >= hangsAtOnce(servers)) return false;
    this.#givenUpMs.push(nowMs);
    return true;
  }

  #look(id: string): Look {
    return { atMs: this.#clock.now(), vitals: this.#runner.vitals(id), lateMs: this.#lateMs };
  }

  #tickLater(): Cancel {
    const dueMs = this.#clock.now() + tickMs;
    return this.#clock.at(dueMs, () => {
      const lateMs = this.#clock.now() - dueMs;
      if (lateMs > onTimeMs) this.#lateMs += lateMs;
      this.#cancelTick = this.#suspects.size > 0 ? this.#tickLater() : undefined;
    });
  }
}

function signsBetween(before: Look, now: Look): HangSigns {
  const overMs = now.atMs - before.atMs;
  const lateMs = now.lateMs - before.lateMs;
  const [was, is] = [before.vitals, now.vitals];
  if (!was || !is) {
    return {
      overMs,
      doing: 'unknown',
      ranMs: Number.NaN,
      queuedMs: Number.NaN,
      turns: Number.NaN,
      idleShare: Number.NaN,
      lateMs,
    };
  }
  // A thread that has ended takes its figures with it.
  const since = (what: 'ranMs' | 'queuedMs' | 'turns') => Math.max(0, is[what] - was[what]);
  return {
    overMs,
    doing: is.doing,
    ranMs: since('ranMs'),
    queuedMs: since('queuedMs'),
    turns: since('turns'),
    idleShare: (is.idleMs - was.idleMs) / (is.machineMs - was.machineMs),
    lateMs,
  };
}
