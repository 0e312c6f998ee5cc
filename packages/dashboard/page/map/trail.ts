/** Where the followed one has been: from the recording once, then as it is drawn. */
import { admin } from '../store/atlas.ts';

export const limits = {
  /** How far back the line goes. */
  pastMs: 120_000,
  scenes: 60,
  places: 1200,
  /** Between two places of the line. */
  stepMs: 200,
  jumpMs: 3000,
} as const;

export class Trail {
  /** x, y, x, y … oldest first. */
  places: number[] = [];
  #entity = 0;
  #lastMs = 0;

  of(entity: number, atMs: number): void {
    this.#entity = entity;
    this.places = [];
    this.#lastMs = 0;
    if (entity !== 0 && atMs > 0) void this.#recall(entity, atMs);
  }

  push(entity: number, atMs: number, x: number, y: number): void {
    if (entity !== this.#entity || Math.abs(atMs - this.#lastMs) < limits.stepMs) return;
    // A jump in time begins a new line.
    if (this.#lastMs > 0 && Math.abs(atMs - this.#lastMs) > limits.jumpMs) this.of(entity, atMs);
    this.#lastMs = atMs;
    this.places.push(x, y);
    if (this.places.length > limits.places * 2) this.places.splice(0, this.places.length - limits.places * 2);
  }

  async #recall(entity: number, atMs: number): Promise<void> {
    try {
      const scenes = await admin.scenes({ fromMs: atMs - limits.pastMs, toMs: atMs, max: limits.scenes });
      const before: number[] = [];
      for (const scene of scenes) {
        const i = scene.entity.indexOf(entity);
        if (i >= 0) before.push(scene.x[i] as number, scene.y[i] as number);
      }
      if (this.#entity === entity) this.places = [...before, ...this.places];
    } catch {
      // Without a recording the line begins now.
    }
  }
}
