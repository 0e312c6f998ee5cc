/**
 * Handoffs as the map shows them at a moment: a ring around a group while it crosses, then a flash on the border where it did. Where a crossing
 * happened is known only from where its mover was then, so the place is noted when it is first drawn.
 */
import type { Handoff } from '@horizon-atlas/sdk-admin';
import type { Crowd } from './crowd.ts';

export interface Pulse {
  readonly handoff: Handoff;
  readonly x: number;
  readonly y: number;
  /** Since it ended; negative while it is under way. */
  readonly sinceMs: number;
}

export const limits = {
  /** How long an ended one is seen. */
  afterMs: 1600,
  /** Under way for longer than this is a word that was missed, not a crossing. */
  underWayMsMax: 60_000,
  drawn: 200,
  places: 4000,
} as const;

export class Pulses {
  readonly #places = new Map<string, { x: number; y: number }>();

  /** `latestFirst`: by the moment of their start. */
  at(atMs: number, latestFirst: readonly Handoff[], crowd: Crowd): Pulse[] {
    const out: Pulse[] = [];
    for (const handoff of latestFirst) {
      if (out.length >= limits.drawn) break;
      if (handoff.startedAtMs > atMs) continue;
      if (handoff.startedAtMs < atMs - limits.underWayMsMax) break;
      const ended = handoff.endedAtMs !== null && handoff.endedAtMs <= atMs;
      const sinceMs = ended ? atMs - (handoff.endedAtMs as number) : -1;
      if (sinceMs > limits.afterMs) continue;
      const place = ended ? this.#placeOf(handoff, crowd) : placeNow(handoff, crowd);
      if (place) out.push({ handoff, x: place.x, y: place.y, sinceMs });
    }
    return out;
  }

  #placeOf(handoff: Handoff, crowd: Crowd): { x: number; y: number } | undefined {
    const known = this.#places.get(handoff.id);
    if (known) return known;
    const place = placeNow(handoff, crowd);
    if (!place) return undefined;
    this.#places.set(handoff.id, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= limits.places) break;
      this.#places.delete(oldest);
    }
    return place;
  }
}

function placeNow(handoff: Handoff, crowd: Crowd): { x: number; y: number } | undefined {
  const slot = crowd.slotOf(handoff.group);
  return slot < 0 ? undefined : { x: crowd.x[slot] as number, y: crowd.y[slot] as number };
}
