/**
 * Whether a server that is ready still lives, from what can be seen of it: answers to queries, its log, and nothing for too long.
 *
 *   well ── so many queries in a row unanswered · silent for too long · a line that says so ──▶ hung (once)
 */
import type { GameDefinition } from './definition-schema.ts';

export class Pulse {
  readonly #health: GameDefinition['health'];
  #sinceMs: number;
  #heardMs: number;
  #failures = 0;
  #hung: string | undefined;

  constructor({ health }: GameDefinition, nowMs: number) {
    this.#health = health;
    this.#sinceMs = nowMs;
    this.#heardMs = nowMs;
  }

  /** It printed something. */
  printed(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  answered(): void {
    this.#failures = 0;
  }

  unanswered(why: string, nowMs: number): void {
    if (this.#health.failures === 0 || nowMs < this.#sinceMs + this.#health.graceMs) return;
    this.#failures++;
    if (this.#failures >= this.#health.failures) this.#hung ??= `${this.#failures} queries in a row were not answered (${why})`;
  }

  lost(line: string, nowMs: number): void {
    if (nowMs >= this.#sinceMs) this.#hung ??= `it says so: ${line.slice(0, 200)}`;
  }

  /** It was asleep, and is to be judged from now on. */
  woke(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#heardMs = nowMs;
    this.#failures = 0;
    this.#hung = undefined;
  }

  /** Why it hangs; undefined: it is well. */
  hung(nowMs: number): string | undefined {
    const { silenceMs } = this.#health;
    if (silenceMs !== undefined && nowMs >= Math.max(this.#heardMs + silenceMs, this.#sinceMs + this.#health.graceMs))
      this.#hung ??= `it has printed nothing for ${Math.round((nowMs - this.#heardMs) / 1000)} s`;
    return this.#hung;
  }

  /** When silence would be a hang; Infinity: never. */
  get dueMs(): number {
    const { silenceMs, graceMs } = this.#health;
    return silenceMs === undefined ? Number.POSITIVE_INFINITY : Math.max(this.#heardMs + silenceMs, this.#sinceMs + graceMs);
  }
}
