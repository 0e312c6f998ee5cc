/** The last minutes as Atlas has recorded them, fetched a piece at a time and kept for a while. */
import type { Scene } from '@horizon-atlas/protocol';

export const limits = {
  pieceMs: 20_000,
  /** Of the piece before and after, so that every moment has a scene on either side. */
  overlapMs: 3_000,
  pieces: 8,
  /** The least time between two askings for the same piece. */
  againMs: 1500,
  /** Scenes of one piece, fewer where the world is full: a piece is at most this many places of movers. */
  scenes: 120,
  places: 800_000,
} as const;

export type FetchScenes = (span: { fromMs: number; toMs: number; max: number }) => Promise<readonly Scene[]>;

interface Piece {
  scenes: readonly Scene[];
  loading: boolean;
  /** When it was asked for, by Atlas's clock: what lies after that was not recorded yet. */
  askedMs: number;
  usedAt: number;
}

export class Recording {
  readonly #fetch: FetchScenes;
  readonly #changed: () => void;
  readonly #pieces = new Map<number, Piece>();
  #uses = 0;

  constructor(fetch: FetchScenes, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** The scenes of the piece that holds a moment; undefined while they are fetched. Fetches the one after it ahead of time. */
  around(atMs: number, nowMs: number, movers: number): readonly Scene[] | undefined {
    const index = Math.floor(atMs / limits.pieceMs);
    const piece = this.#ask(index, atMs, nowMs, movers);
    const late = atMs % limits.pieceMs > limits.pieceMs / 2;
    const next = (index + 1) * limits.pieceMs;
    if (late && !piece.loading && next < nowMs) this.#ask(index + 1, next, nowMs, movers);
    return piece.loading && piece.scenes.length === 0 ? undefined : piece.scenes;
  }

  #ask(index: number, atMs: number, nowMs: number, movers: number): Piece {
    let piece = this.#pieces.get(index);
    if (!piece) {
      piece = { scenes: [], loading: false, askedMs: Number.NEGATIVE_INFINITY, usedAt: 0 };
      this.#pieces.set(index, piece);
      this.#evict();
    }
    piece.usedAt = ++this.#uses;
    // A piece that was still being recorded, or could not be had, is asked for again, but not all the time.
    const endMs = (index + 1) * limits.pieceMs + limits.overlapMs;
    const short = piece.askedMs < endMs && piece.askedMs < atMs + limits.overlapMs;
    if (!piece.loading && short && nowMs - piece.askedMs > limits.againMs) void this.#load(index, piece, nowMs, movers);
    return piece;
  }

  async #load(index: number, piece: Piece, nowMs: number, movers: number): Promise<void> {
    const fromMs = index * limits.pieceMs - limits.overlapMs;
    const toMs = (index + 1) * limits.pieceMs + limits.overlapMs;
    const max = Math.min(limits.scenes, Math.max(12, Math.floor(limits.places / Math.max(movers, 1))));
    piece.loading = true;
    piece.askedMs = nowMs;
    try {
      piece.scenes = await this.#fetch({ fromMs, toMs, max });
    } catch {
      // The connection's banner tells of it; here it is a piece without scenes until the next try.
      piece.askedMs = Math.min(nowMs, fromMs);
    }
    piece.loading = false;
    this.#changed();
  }

  #evict(): void {
    while (this.#pieces.size > limits.pieces) {
      const [oldest] = [...this.#pieces].sort((a, b) => a[1].usedAt - b[1].usedAt);
      if (!oldest) return;
      this.#pieces.delete(oldest[0]);
    }
  }
}
