/** Where the bots go: along recorded human paths laid over the borders, or far across the whole world. */
import type { Prng } from '@horizon-atlas/base';
import type { Recording, Track } from './recording.ts';
import { world } from './schema.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where a bot wants to be at a moment of its own, in seconds from its start. */
export type Course = (atS: number) => Place;

/** A recorded map of some 4,500 units across covers 1,800 of the world: a person's 250 units a second become 100. */
const SCALE = 0.4;
/** Some maps have cellars; the world is flat. */
const SCALE_Z = 0.15;
/** The middles of the matches: each lies across a border, so that walking about in it is crossing. */
const MIDDLES: readonly Place[] = [
  { x: 1000, y: 0, z: 0 },
  { x: 3000, y: 0, z: 0 },
  { x: 1120, y: 80, z: 0 },
  { x: 2880, y: -80, z: 0 },
  { x: 900, y: -60, z: 0 },
  { x: 3100, y: 60, z: 0 },
];

/**
 * The lives of one player, one after the other and again from the start. Matches differ in place and, by `startS`, in time. Beyond
 * the recorded players there are their doubles, later by minutes.
 */
export function replay(recording: Recording, index: number, startS: number): Course {
  const { tracks, hz } = recording;
  const track = tracks[index % tracks.length] as Track;
  const middle = MIDDLES[track.match % MIDDLES.length] as Place;
  const samples = track.lives.reduce((sum, life) => sum + life.length / 3, 0);
  const shift = startS + 97 * Math.floor(index / tracks.length);
  return (atS) => {
    let i = Math.floor((atS + shift) * hz) % samples;
    for (const life of track.lives) {
      if (i >= life.length / 3) {
        i -= life.length / 3;
        continue;
      }
      const [x = 0, y = 0, z = 0] = life.subarray(3 * i, 3 * i + 3);
      return { x: middle.x + SCALE * x, y: middle.y + SCALE * y, z: middle.z + SCALE_Z * z };
    }
    return middle;
  };
}

/** Flies straight to a place in another part of the world every so often, as a trader does. */
export function wander(prng: Prng): Course {
  const stations: Place[] = [];
  return (atS) => {
    // A minute is what it takes to cross the world at full speed.
    const leg = Math.floor(atS / 40);
    while (stations.length <= leg) stations.push(somewhere(prng, stations.length));
    return stations[leg] as Place;
  };
}

function somewhere(prng: Prng, leg: number): Place {
  // Every other station is the hub's market, where traders meet.
  if (leg % 2 === 1) return { x: prng.between(3700, 4300), y: prng.between(-200, 200), z: 0 };
  return { x: prng.between(world.minX + 50, 2900), y: prng.between(world.minY + 50, world.maxY - 50), z: prng.between(-80, 80) };
}
