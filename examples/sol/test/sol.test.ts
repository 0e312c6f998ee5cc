import { readFileSync } from 'node:fs';
import { Prng } from '@horizon-atlas/base';
import { describe, expect, test } from 'vitest';
import { type Course, replay, wander } from '../courses.ts';
import { type Counted, ExactlyOnce } from '../exactly-once.ts';
import { packRecording, unpackRecording } from '../recording.ts';
import { world } from '../schema.ts';

const file = readFileSync(new URL('../data/movement.bin.gz', import.meta.url));
const recording = unpackRecording(file);

describe('the recording', () => {
  test('is small, and is what it says', () => {
    expect(file.length).toBeLessThanOrEqual(400_000);
    expect(recording.hz).toBe(4);
    expect(recording.tracks).toHaveLength(60);
    const samples = recording.tracks.flatMap(({ lives }) => lives).reduce((sum, life) => sum + life.length / 3, 0);
    expect(samples / recording.hz / 60).toBeGreaterThan(300);
    expect(unpackRecording(packRecording(recording))).toEqual(recording);
  });

  test('is of people: they stop, and they run no faster than people in that game do', () => {
    const speeds: number[] = [];
    for (const { lives } of recording.tracks) {
      for (const life of lives) {
        for (let i = 3; i < life.length; i += 3)
          speeds.push(recording.hz * Math.hypot(at(life, i) - at(life, i - 3), at(life, i + 1) - at(life, i - 2)));
      }
    }
    expect(speeds.filter((speed) => speed > 350).length / speeds.length).toBeLessThan(0.001);
    expect(speeds.filter((speed) => speed < 10).length / speeds.length).toBeGreaterThan(0.1);
  });
});

describe('courses', () => {
  const pilots = Array.from({ length: 120 }, (_, i) => replay(recording, i, 7));
  const traders = Array.from({ length: 15 }, (_, i) => wander(new Prng(i)));

  test('stay within the world', () => {
    for (const course of [...pilots, ...traders]) {
      for (let s = 0; s < 900; s += 7.3) {
        const { x, y, z } = course(s);
        expect(x >= world.minX && x < world.maxX && y >= world.minY && y < world.maxY && z >= world.minZ && z < world.maxZ).toBe(
          true,
        );
      }
    }
  });

  test('of pilots cross borders as people do, now and then', () => {
    const perMinute = pilots.map((course) => crossings(course, 600) / 10);
    const mean = perMinute.reduce((sum, each) => sum + each, 0) / perMinute.length;
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(10);
  });

  test('of traders reach all three regions', () => {
    for (const course of traders) {
      const regions = new Set(Array.from({ length: 30 }, (_, leg) => regionOf(course(leg * 40).x)));
      expect(regions.size).toBe(3);
    }
  });

  test('differ between doubles of one recorded player', () => {
    const [one, other] = [replay(recording, 0, 0), replay(recording, 60, 0)];
    expect([1, 2, 3].some((s) => one(s).x !== other(s).x)).toBe(true);
  });
});

describe('exactly once', () => {
  const check = (name: string, counted: [n: number, seen: number, ordered: boolean][], faults: object): void =>
    test(name, () => {
      const judge = new ExactlyOnce(7);
      for (const [n, seen, ordered] of counted) judge.counted({ run: 7, n, seen, ordered } satisfies Counted);
      expect(judge.faults).toEqual({ lost: 0, doubled: 0, reordered: 0, ...faults });
    });
  check(
    'is kept by an even count',
    [
      [1, 1, true],
      [2, 2, true],
      [3, 3, true],
    ],
    {},
  );
  check(
    'is kept by a server that died and does again what was rolled back',
    [
      [1, 1, true],
      [2, 2, true],
      [2, 2, true],
      [3, 3, true],
    ],
    {},
  );
  check(
    'is broken by a command that is missing',
    [
      [1, 1, true],
      [3, 2, false],
      [4, 3, true],
    ],
    { lost: 1 },
  );
  check(
    'is broken by a command that counts twice',
    [
      [1, 1, true],
      [1, 2, false],
      [2, 3, true],
    ],
    { doubled: 1 },
  );
  check(
    'is broken by two that changed places',
    [
      [2, 1, false],
      [1, 2, false],
      [3, 3, false],
    ],
    { lost: 1, doubled: 1, reordered: 1 },
  );

  test('begins anew with a new session, and keeps what it found', () => {
    const judge = new ExactlyOnce(7);
    judge.counted({ run: 7, n: 2, seen: 1, ordered: false });
    judge.restart(8);
    judge.counted({ run: 7, n: 9, seen: 1, ordered: false });
    judge.counted({ run: 8, n: 1, seen: 1, ordered: true });
    expect(judge.faults).toEqual({ lost: 1, doubled: 0, reordered: 0 });
    const sent: number[] = [];
    judge.send(({ n }) => sent.push(n) > 0);
    judge.send(() => false);
    judge.send(({ n }) => sent.push(n) > 0);
    expect(sent).toEqual([1, 2]);
  });
});

function at(life: Float32Array, i: number): number {
  return life[i] ?? Number.NaN;
}

function regionOf(x: number): number {
  return x < 1000 ? 0 : x < 3000 ? 1 : 2;
}

function crossings(course: Course, seconds: number): number {
  let count = 0;
  for (let s = 0.25; s < seconds; s += 0.25) if (regionOf(course(s).x) !== regionOf(course(s - 0.25).x)) count++;
  return count;
}
