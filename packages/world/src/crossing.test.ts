import { Prng } from '@horizon-atlas/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crossings, type Track } from './crossing.ts';
import { CROSSING_POLICY } from './crossing-policy.ts';
import { type Place, RegionMap } from './region-map.ts';

/** Four regions around the origin: sw se nw ne, of 1000 units each way. */
const QUARTERS = quarters(1000);
/** Ten times a second, as a small server reports. */
const STEP_MS = 100;

function quarters(size: number): Place[] {
  const make = (region: string, minX: number, minY: number): Place => {
    return { region, name: region, minX, maxX: minX + size, minY, maxY: minY + size, minZ: -100, maxZ: 100 };
  };
  return [make('sw', -size, -size), make('se', 0, -size), make('nw', -size, 0), make('ne', 0, 0)];
}

/** A group under watch, and a log of what was told of it. `handsOff`: what has crossed is handed off at once. */
class Walk {
  readonly log: string[] = [];
  readonly map: RegionMap;
  readonly crossings: Crossings<string>;
  readonly track: Track<string>;
  nowMs = 10_000;
  handsOff = true;
  #at: readonly [number, number, number];

  constructor(at: readonly [number, number, number?], places = QUARTERS) {
    this.map = new RegionMap(places, 1);
    this.#at = [at[0], at[1], at[2] ?? 0];
    this.crossings = new Crossings(this.map, {
      approach: (_, target, etaMs) => this.log.push(`approach ${target} ${Math.ceil(etaMs / 1000)}`),
      retreat: (_, target) => this.log.push(`retreat ${target}`),
      crossed: (subject, target, teleport) => {
        expect(subject).toBe('ship');
        this.log.push(`${teleport ? 'teleported' : 'crossed'} ${target}`);
        if (this.handsOff) this.crossings.moved(this.track, target, this.nowMs);
      },
    });
    this.track = this.crossings.track('ship', this.map.regionAt(...this.#at)?.id ?? '', ...this.#at, this.nowMs);
  }

  /** In one step, whatever the distance. */
  to(x: number, y: number, z = 0, stepMs = STEP_MS): this {
    this.nowMs += stepMs;
    this.#at = [x, y, z];
    expect(this.crossings.update(this.track, x, y, z, this.nowMs)).toBe(true);
    this.crossings.tick(this.nowMs);
    return this;
  }

  /** In a straight line. @param speed in units a second. */
  walk(x: number, y: number, speed: number): this {
    const [fromX, fromY, z] = this.#at;
    const steps = Math.max(1, Math.ceil(((Math.hypot(x - fromX, y - fromY) / speed) * 1000) / STEP_MS));
    for (let i = 1; i <= steps; i++) this.to(fromX + ((x - fromX) * i) / steps, fromY + ((y - fromY) * i) / steps, z);
    return this;
  }

  /** Without a word from the game: only the server's tick goes on. */
  stand(ms: number): this {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += STEP_MS;
      this.crossings.tick(this.nowMs);
    }
    return this;
  }

  /** What happened, a line for each run of equal things. */
  get story(): string[] {
    const lines = this.log.map((line) => line.replace(/ \d+$/, ''));
    return lines.filter((line, i) => line !== lines[i - 1]);
  }

  get crossed(): string[] {
    return this.log.filter((line) => line.startsWith('crossed') || line.startsWith('teleported'));
  }
}

describe('a walker', () => {
  it('in the middle of a region is not worth a word', () => {
    const walk = new Walk([-500, -500]).walk(-490, -500, 5).walk(-500, -490, 5);
    expect(walk.log).toEqual([]);
    expect(walk.crossings.busy).toBe(0);
  });

  it('is announced a lead ahead, four times a second, and crosses a band beyond the border', () => {
    const walk = new Walk([-100, -500]).walk(-40, -500, 10);
    expect(walk.log[0]).toBe('approach se 5');
    expect(walk.log).toHaveLength(4);
    walk.walk(24, -500, 10);
    expect(walk.crossed).toEqual([]);
    walk.walk(30, -500, 10);
    expect(walk.story).toEqual(['approach se', 'crossed se']);
    expect(walk.track.region).toBe('se');
  });

  it('who turns away is told of as well, once', () => {
    const walk = new Walk([-100, -500]).walk(-20, -500, 10).walk(-200, -500, 10);
    expect(walk.story).toEqual(['approach se', 'retreat se']);
    expect(walk.crossings.busy).toBe(0);
  });

  it('who stops before the border turns away in time, also if the game falls silent', () => {
    expect(new Walk([-100, -500]).walk(-20, -500, 10).stand(3000).story).toEqual(['approach se', 'retreat se']);
  });

  it('who stops in the band stays announced and stays where it is', () => {
    const walk = new Walk([-100, -500]).walk(10, -500, 10).stand(10_000);
    expect(walk.story).toEqual(['approach se']);
    expect(walk.track.region).toBe('sw');
  });

  it('who stops just beyond the band has crossed after a dwell, also if the game falls silent', () => {
    const walk = new Walk([-100, -500]).walk(26, -500, 10).stand(100);
    expect(walk.crossed).toEqual([]);
    expect(walk.stand(300).story).toEqual(['approach se', 'crossed se']);
  });

  it('crosses to where the path leaves the overlap: over a corner that is the region on the diagonal', () => {
    const walk = new Walk([-50, -45]).walk(50, 55, 20);
    expect(walk.crossed).toEqual(['crossed ne']);
    expect(walk.log[0]).toBe('approach ne 4');
    expect(walk.story).toContain('approach nw');
    expect(walk.story).not.toContain('approach se');
  });

  it('along the edge of the world is heading for nowhere', () => {
    const walk = new Walk([-500, -999]).walk(-400, -1001, 10).walk(-300, -1020, 10);
    expect(walk.log).toEqual([]);
  });

  it('who slides along the edge of the world is announced where the edge leads', () => {
    const walk = new Walk([-60, -990]).walk(-30, -999, 20);
    expect(walk.story).toEqual(['approach se']);
  });

  it('up and down is a way, too', () => {
    const floors = (['low', 'high'] as const).map((region, i) => ({
      ...{ region, name: region, minX: 0, maxX: 100, minY: 0, maxY: 100 },
      ...{ minZ: i * 100, maxZ: i * 100 + 100 },
    }));
    const walk = new Walk([50, 50, 80], floors);
    for (let z = 80; z < 115; z++) walk.to(50, 50, z);
    expect(walk.story).toEqual(['approach high', 'crossed high']);
  });

  it('crosses a gap between regions only on its other side', () => {
    const apart = QUARTERS.filter((each) => each.region === 'sw' || each.region === 'se').map((each) =>
      each.region === 'se' ? { ...each, minX: 200 } : each,
    );
    const walk = new Walk([-100, -500], apart).walk(190, -500, 100).stand(5000);
    expect(walk.crossed).toEqual([]);
    expect(walk.walk(210, -500, 100).crossed).toEqual(['crossed se']);
  });

  it('is in nobody’s way with a position that is no number', () => {
    const walk = new Walk([-20, -500]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(walk.crossings.update(walk.track, bad, 0, 0, walk.nowMs)).toBe(false);
      expect(walk.crossings.update(walk.track, 0, bad, 0, walk.nowMs)).toBe(false);
      expect(walk.crossings.update(walk.track, 0, 0, bad, walk.nowMs)).toBe(false);
    }
    expect([walk.track.x, walk.track.y, walk.track.z]).toEqual([-20, -500, 0]);
    expect(walk.log).toEqual([]);
  });

  it('who is forgotten is not told of again', () => {
    const walk = new Walk([-100, -500]).walk(-20, -500, 10);
    walk.crossings.forget(walk.track);
    walk.log.length = 0;
    expect(walk.stand(5000).log).toEqual([]);
  });
});

describe('what is told may be lost, so', () => {
  it('a crossing is told again and again until somebody else is the owner', () => {
    const walk = new Walk([-100, -500]);
    walk.handsOff = false;
    walk.walk(100, -500, 20).stand(1000);
    expect(walk.crossed.length).toBeGreaterThan(4);
    walk.crossings.moved(walk.track, 'se', walk.nowMs);
    walk.log.length = 0;
    expect(walk.stand(1000).log).toEqual([]);
  });

  it('who comes back before the handoff has turned away', () => {
    const walk = new Walk([-100, -500]);
    walk.handsOff = false;
    walk.walk(40, -500, 20).walk(-400, -500, 50);
    expect(walk.story.slice(0, 2)).toEqual(['approach se', 'crossed se']);
    expect(walk.story.at(-1)).toBe('retreat se');
    expect(walk.crossings.busy).toBe(0);
  });

  it('that turning back is told at once, because a freeze may be on its way', () => {
    const walk = new Walk([-100, -500]);
    walk.handsOff = false;
    walk.walk(40, -500, 20).to(-5, -500);
    expect(walk.log.at(-1)).toBe('retreat se');
  });

  it('who wobbles between two others before the handoff has crossed to just one', () => {
    const walk = new Walk([-60, -40]);
    walk.handsOff = false;
    walk.walk(60, -1, 40);
    for (let i = 0; i < 30; i++) walk.to(60, i % 2 ? 1 : -1);
    expect(new Set(walk.crossed)).toEqual(new Set(['crossed se']));
  });

  it('who goes on into a third region before the handoff has crossed to that one', () => {
    const walk = new Walk([-60, -60]);
    walk.handsOff = false;
    walk.walk(60, -60, 40).walk(60, 60, 40);
    expect(walk.crossed.at(-1)).toBe('crossed ne');
    expect(walk.story).toContain('retreat se');
  });
});

describe('a teleport', () => {
  it('crosses at once, however far or near it lands, unannounced', () => {
    const walk = new Walk([-500, -500]).to(0.5, 0.5);
    expect(walk.crossed).toEqual(['teleported ne']);
    walk.to(-700, 900).to(800, -10);
    expect(walk.crossed).toEqual(['teleported ne', 'teleported nw', 'teleported se']);
  });

  it('within a region is none of our business, and is no velocity', () => {
    const walk = new Walk([-900, -500]).to(-100, -500).to(-100, -500);
    expect(walk.log).toEqual([]);
    expect(walk.track.vx).toBe(0);
  });

  it('is more than two reports of one moment that differ a little', () => {
    const walk = new Walk([-0.5, -500]).to(0.5, -500, 0, 1).to(-0.5, -500, 0, 0).to(1, -500, 0, 0);
    expect(walk.crossed).toEqual([]);
  });

  it('always crosses, wherever from and to', () => {
    const place = fc.tuple(fc.double({ min: -999, max: 999, noNaN: true }), fc.double({ min: -999, max: 999, noNaN: true }));
    fc.assert(
      fc.property(place, fc.array(place, { minLength: 1, maxLength: 20 }), (from, stops) => {
        const walk = new Walk(from);
        let [x, y] = from;
        for (const [toX, toY] of stops) {
          const far = Math.hypot(toX - x, toY - y) > CROSSING_POLICY.speedMax / 10;
          walk.to(toX, toY);
          if (far) expect(walk.track.region).toBe(walk.map.regionAt(toX, toY, 0)?.id);
          [x, y] = [toX, toY];
        }
      }),
    );
  });

  it('does not wait for the interval, nor does who is two bands beyond', () => {
    const walk = new Walk([-30, -500]).to(-10, -500).to(20, -500).to(51, -500);
    expect(walk.crossed).toEqual(['crossed se']);
    walk.to(15, -500).to(-20, -500).to(-51, -500);
    expect(walk.crossed).toEqual(['crossed se', 'crossed sw']);
  });
});

describe('a border', () => {
  const wobble = fc.record({
    size: fc.constantFrom(4, 10, 100, 1000),
    amplitude: fc.double({ min: 0.01, max: 1, noNaN: true }),
    periodMs: fc.double({ min: 30, max: 20_000, noNaN: true }),
    stepMs: fc.constantFrom(1, 8, 16, 33, 50, 100, 250),
    noise: fc.boolean(),
    seed: fc.nat(),
  });

  it('is crossed at most once by who wobbles over it for a minute by one unit', () => {
    fc.assert(
      fc.property(wobble, ({ size, amplitude, periodMs, stepMs, noise, seed }) => {
        const rng = new Prng(seed);
        const walk = new Walk([-0.5, -size / 2], quarters(size));
        for (let ms = 0; ms < 60_000; ms += stepMs) {
          const x = noise ? rng.between(-1, 1) : amplitude * Math.sin((2 * Math.PI * ms) / periodMs);
          walk.to(x, -size / 2, 0, stepMs);
        }
        expect(walk.crossed.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 20 },
    );
  });

  it('is crossed no more than once an interval by who runs to and fro, each time beyond the band for longer than the dwell', () => {
    const walk = new Walk([-45, -500]);
    const start = walk.nowMs;
    for (let i = 0; i < 20; i++) walk.walk(45, -500, 100).walk(-45, -500, 100);
    expect(walk.crossed.length).toBeGreaterThan(2);
    expect(walk.crossed.length).toBeLessThanOrEqual((walk.nowMs - start) / CROSSING_POLICY.intervalMs);
  });

  it('has a band that is a part of the smaller region, so that small ones can be entered', () => {
    const strip = { ...(QUARTERS[1] as Place), maxX: 40 };
    const walk = new Walk([-10, -500], [QUARTERS[0] as Place, strip]).walk(2.1, -500, 10).stand(3000);
    expect(walk.crossed).toEqual(['crossed se']);
  });

  it('where four regions meet is crossed in eight directions no more often than a path truly changes region', () => {
    const direction = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7);
    const offset = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(direction, offset, offset, fc.double({ min: 2, max: 200, noNaN: true }), (eighth, ox, oy, speed) => {
        const [dx, dy] = [Math.cos((eighth * Math.PI) / 4), Math.sin((eighth * Math.PI) / 4)];
        const walk = new Walk([ox - dx * 200, oy - dy * 200]);
        let real = 0;
        let region = walk.track.region;
        for (let s = -200; s <= 200; s += 0.05) {
          const now = walk.map.regionAt(ox + dx * s, oy + dy * s, 0)?.id ?? '';
          if (now !== region) real++;
          region = now;
        }
        walk.walk(ox + dx * 200, oy + dy * 200, speed).stand(3000);
        expect(walk.crossed.length).toBeLessThanOrEqual(real);
        // Who ends in a band may still be with either.
        const [endX, endY] = [ox + dx * 200, oy + dy * 200];
        if (Math.min(Math.abs(endX), Math.abs(endY)) > 2 * CROSSING_POLICY.bandMax) expect(walk.track.region).toBe(region);
      }),
      { numRuns: 100 },
    );
  });

  it('is crossed by nobody on foot who was not announced there', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 10, max: 300, noNaN: true }), (seed, speed) => {
        const rng = new Prng(seed);
        const walk = new Walk([rng.between(-200, 200), rng.between(-200, 200)]);
        for (let i = 0; i < 12; i++) walk.walk(rng.between(-200, 200), rng.between(-200, 200), speed);
        const announced = new Set<string>();
        for (const line of walk.log) {
          const [what, target] = line.split(' ') as [string, string];
          if (what === 'approach') announced.add(target);
          else if (what === 'retreat') expect(announced.delete(target)).toBe(true);
          else {
            expect(what).toBe('crossed');
            expect(announced.has(target)).toBe(true);
            announced.clear();
          }
          expect(announced.size).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('ahead of a walker in a straight line is announced at least a lead before it is reached', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 150, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }), (speed, slope) => {
        const walk = new Walk([-990, -500]);
        let announcedMs = 0;
        let x = -Math.min(990, speed * 7);
        let y = -500;
        walk.to(x, y).stand(10_000);
        walk.log.length = 0;
        for (; x < 0; x += speed / 10) {
          y += (slope * speed) / 10 / 2;
          walk.to(x, y);
          if (announcedMs === 0 && walk.log.length > 0) announcedMs = walk.nowMs;
        }
        if (y > -950 && y < -50) expect(walk.nowMs - announcedMs).toBeGreaterThanOrEqual(CROSSING_POLICY.leadMs - 2 * STEP_MS);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a new region map', () => {
  it('that gives the place to another crosses without a step; one of an old version changes nothing', () => {
    const walk = new Walk([-100, -500]);
    const cut = QUARTERS.flatMap((each) => {
      if (each.region !== 'sw') return [each];
      return [
        { ...each, maxX: -500 },
        { ...each, region: 'sw2', minX: -500 },
      ];
    });
    walk.crossings.setMap(new RegionMap(cut, 1));
    expect(walk.stand(1000).crossed).toEqual([]);
    walk.crossings.setMap(new RegionMap(cut, 2));
    expect(walk.stand(1000).crossed).toEqual(['crossed sw2']);
    expect(walk.track.region).toBe('sw2');
  });

  it('without the owner’s region crosses to whoever has the place', () => {
    const walk = new Walk([-100, -500]);
    const without = QUARTERS.filter((each) => each.region !== 'sw').map((each) =>
      each.region === 'se' ? { ...each, minX: -1000 } : each,
    );
    walk.crossings.setMap(new RegionMap(without, 2));
    expect(walk.stand(200).crossed).toEqual(['crossed se']);
  });

  it('takes back what was announced by the old one', () => {
    const walk = new Walk([-100, -500]).walk(-20, -500, 10);
    walk.crossings.setMap(new RegionMap(QUARTERS, 2));
    expect(walk.story).toEqual(['approach se', 'retreat se']);
    walk.walk(-10, -500, 10);
    expect(walk.story).toEqual(['approach se', 'retreat se', 'approach se']);
  });
});
