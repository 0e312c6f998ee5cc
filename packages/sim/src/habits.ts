/** What the players of a world do, drawn from its seed like its misfortunes: a world in which nobody ever leaves proves nothing about it. */
import type { Prng } from '@horizon-atlas/base';

export interface Habits {
  readonly players: number;
  /** Between two commands of a player, milliseconds. */
  readonly paceMsMin: number;
  readonly paceMsMax: number;
  /** Mean seconds between two of the kind in the whole world; Infinity: never. */
  readonly leaveS: number;
  readonly takeoverS: number;
  /** How long a player who has left stays away at most, milliseconds. */
  readonly awayMsMax: number;
  /** Chances per command. */
  readonly jump: number;
  readonly lock: number;
  readonly pet: number;
  readonly poke: number;
  /** How a region is put to sleep: see the policy of regions. */
  readonly sleepAfterMs: number;
  readonly warmNeighbours: boolean;
}

export const steady: Habits = {
  players: 4,
  paceMsMin: 200,
  paceMsMax: 900,
  leaveS: Number.POSITIVE_INFINITY,
  takeoverS: Number.POSITIVE_INFINITY,
  awayMsMax: 0,
  jump: 0.03,
  lock: 0,
  pet: 0,
  poke: 0,
  sleepAfterMs: 8_000,
  warmNeighbours: true,
};

export function drawHabits(prng: Prng): Habits {
  const sometimes = (value: number, otherwise: number) => (prng.chance(0.5) ? value : otherwise);
  return {
    players: prng.pick([1, 2, 4, 4, 4, 5]),
    paceMsMin: 200,
    paceMsMax: 900,
    leaveS: sometimes(prng.between(4, 20), Number.POSITIVE_INFINITY),
    takeoverS: sometimes(prng.between(8, 30), Number.POSITIVE_INFINITY),
    awayMsMax: prng.pick([500, 4_000, 15_000]),
    jump: prng.pick([0, 0.03, 0.1]),
    lock: sometimes(0.05, 0),
    pet: sometimes(0.05, 0),
    poke: sometimes(0.1, 0),
    sleepAfterMs: prng.pick([2_000, 8_000]),
    warmNeighbours: prng.chance(0.7),
  };
}
