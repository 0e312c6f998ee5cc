/** The rules, without sockets and clocks: who draws first once the signal is there wins the round, and who draws before it loses it. */
export const ROUNDS_TO_WIN = 3;
const PAUSE_MS = 1_000;
/** The signal comes when nobody can know. */
const STEADY_MS = { least: 800, most: 2_500 };

/** `pause` is before each round: hands off. */
export type Phase = 'pause' | 'steady' | 'signal' | 'over';

export class Duel {
  readonly names: readonly string[];
  readonly wins = [0, 0];
  phase: Phase = 'pause';
  last = '';
  readonly #random: () => number;
  #phaseEndsMs: number;

  constructor(names: readonly [string, string], nowMs: number, random: () => number = Math.random) {
    this.names = names;
    this.#random = random;
    this.#phaseEndsMs = nowMs + PAUSE_MS;
  }

  get winner(): number | undefined {
    return this.phase === 'over' ? this.wins.indexOf(Math.max(...this.wins)) : undefined;
  }

  /** True: something has changed. */
  step(nowMs: number): boolean {
    if (nowMs < this.#phaseEndsMs || (this.phase !== 'pause' && this.phase !== 'steady')) return false;
    const { least, most } = STEADY_MS;
    this.phase = this.phase === 'pause' ? 'steady' : 'signal';
    this.#phaseEndsMs = nowMs + least + this.#random() * (most - least);
    return true;
  }

  draw(player: number, nowMs: number): void {
    if (this.phase !== 'steady' && this.phase !== 'signal') return;
    const early = this.phase === 'steady';
    this.last = `${this.names[player]} drew ${early ? 'too early' : 'first'}`;
    this.#won(early ? 1 - player : player, nowMs);
  }

  /** Whoever is left has won. */
  leave(player: number): void {
    if (this.phase === 'over') return;
    this.last = `${this.names[player]} is gone`;
    this.wins[1 - player] = ROUNDS_TO_WIN;
    this.phase = 'over';
  }

  #won(player: number, nowMs: number): void {
    const wins = (this.wins[player] ?? 0) + 1;
    this.wins[player] = wins;
    this.phase = wins === ROUNDS_TO_WIN ? 'over' : 'pause';
    this.#phaseEndsMs = nowMs + PAUSE_MS;
  }
}
