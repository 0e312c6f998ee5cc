/** Where everybody is between two views: a little in the past, so that there is nearly always a view on either side of the moment shown. */
import type { Entity } from '@horizon-atlas/sdk-client';

/** How far in the past. Views come about each 33 ms, and some come late. */
const DELAY_MS = 90;
/** Without a newer view a ship goes on as it flew for so long; then it waits, as in a region whose server has just died. */
const GLIDE_MS = 250;
const SAMPLES_MAX = 12;

export interface Ship {
  readonly id: number;
  readonly name: string;
  readonly trader: boolean;
  readonly x: number;
  readonly y: number;
  /** Radians; where it flies, or flew last. */
  readonly heading: number;
  /** Units a second. */
  readonly speed: number;
}

interface Sample {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

interface Track {
  samples: Sample[];
  heading: number;
}

type Seen = Entity<{ readonly name: string; readonly role: string }>;

export class Motion {
  readonly #tracks = new Map<number, Track>();

  view(entities: readonly { entity: number; x: number; y: number; vx: number; vy: number }[], nowMs: number): void {
    for (const { entity, x, y, vx, vy } of entities) {
      const track = this.#tracks.get(entity) ?? { samples: [], heading: 0 };
      track.samples.push({ atMs: nowMs, x, y, vx, vy });
      if (track.samples.length > SAMPLES_MAX) track.samples.shift();
      this.#tracks.set(entity, track);
    }
  }

  leave(id: number): void {
    this.#tracks.delete(id);
  }

  at(nowMs: number, entities: ReadonlyMap<number, Seen>): Ship[] {
    const ships: Ship[] = [];
    for (const [id, { state }] of entities) {
      const track = this.#tracks.get(id);
      if (!track) continue;
      const { x, y, vx, vy } = between(track.samples, nowMs - DELAY_MS);
      const speed = Math.hypot(vx, vy);
      if (speed > 1) track.heading = turned(track.heading, Math.atan2(vy, vx));
      ships.push({ id, x, y, speed, heading: track.heading, name: state?.name ?? '', trader: state?.role === 'trader' });
    }
    return ships;
  }
}

function between(samples: readonly Sample[], atMs: number): Sample {
  const next = samples.findIndex((sample) => sample.atMs > atMs);
  const last = samples.at(-1) as Sample;
  if (next === 0) return samples[0] as Sample;
  if (next < 0) {
    const s = Math.min(atMs - last.atMs, GLIDE_MS) / 1000;
    return { ...last, x: last.x + last.vx * s, y: last.y + last.vy * s };
  }
  const [a, b] = [samples[next - 1] as Sample, samples[next] as Sample];
  const part = (atMs - a.atMs) / (b.atMs - a.atMs);
  const mix = (from: number, to: number) => from + (to - from) * part;
  return { atMs, x: mix(a.x, b.x), y: mix(a.y, b.y), vx: mix(a.vx, b.vx), vy: mix(a.vy, b.vy) };
}

/** Some of the way from one direction to another, the short way round. */
function turned(from: number, to: number): number {
  const by = Math.atan2(Math.sin(to - from), Math.cos(to - from));
  return from + by * 0.2;
}
