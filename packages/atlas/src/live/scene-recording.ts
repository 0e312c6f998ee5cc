/**
 * The last minutes as full scenes, a second apart, within a limit of bytes: above it the older half is thinned out, so that one can always go
 * back all the way, only in larger steps.
 */

export const recordingLimits = {
  /** Older scenes are forgotten. */
  keptMs: 10 * 60_000,
  bytes: 64 * 1024 * 1024,
} as const;

interface Recorded {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

export class SceneRecording {
  readonly #bytesMax: number;
  #scenes: Recorded[] = [];
  #bytes = 0;

  constructor(bytesMax: number = recordingLimits.bytes) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest moment that is recorded; 0 before the first. */
  get sinceMs(): number {
    return this.#scenes[0]?.atMs ?? 0;
  }

  add(bytes: Uint8Array, atMs: number): void {
    this.#scenes.push({ atMs, bytes });
    this.#bytes += bytes.length;
    let old = 0;
    while (old < this.#scenes.length && atMs - (this.#scenes[old] as Recorded).atMs > recordingLimits.keptMs) {
      this.#bytes -= (this.#scenes[old] as Recorded).bytes.length;
      old++;
    }
    if (old > 0) this.#scenes = this.#scenes.slice(old);
    while (this.#bytes > this.#bytesMax && this.#scenes.length > 1) this.#thin();
  }

  /** Between two moments, both included, at most `max` of them, evenly thinned; the first and the last stay. */
  between(fromMs: number, toMs: number, max: number): readonly Uint8Array[] {
    const found = this.#scenes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    if (max <= 0) return [];
    if (found.length <= max) return found.map(({ bytes }) => bytes);
    if (max === 1) return [(found.at(-1) as Recorded).bytes];
    return Array.from({ length: max }, (_, i) => {
      return (found[Math.round((i * (found.length - 1)) / (max - 1))] as Recorded).bytes;
    });
  }

  /** Every second one of the older half goes; the very first stays as long as there are others. */
  #thin(): void {
    const half = Math.max(2, Math.ceil(this.#scenes.length / 2));
    this.#scenes = this.#scenes.filter((_, i) => i >= half || i % 2 === 0);
    this.#bytes = this.#scenes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}
