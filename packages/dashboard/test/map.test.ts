import { decodeScene, encodeScene, type Scene } from '@horizon-atlas/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Area,
  between,
  type Camera,
  fit,
  hullOf,
  panned,
  screenX,
  screenY,
  spanFor,
  worldX,
  worldY,
  zoomed,
} from '../page/map/camera.ts';
import { Crowd } from '../page/map/crowd.ts';
import { dark, floorOf } from '../page/map/palette.ts';
import { widthsOf } from '../page/map/phases.tsx';
import { borderOf, pieceNear } from '../page/map/plan.ts';
import { Playhead, policy } from '../page/map/playhead.ts';
import { limits as pieceLimits, Recording } from '../page/map/recording.ts';

const size = { width: 800, height: 600 };
const world: Area = { minX: -1000, maxX: 5000, minY: -1000, maxY: 1000 };

interface Mover {
  readonly entity: number;
  readonly x: number;
  readonly y?: number;
  readonly region?: number;
  readonly kind?: number;
}

/** Over the wire and back, as the page gets it. */
function scene(atMs: number, full: boolean, movers: readonly Mover[], gone: readonly number[] = []): Scene {
  const made: Scene = {
    atMs,
    full,
    entity: Float64Array.from(movers, (each) => each.entity),
    x: Float32Array.from(movers, (each) => each.x),
    y: Float32Array.from(movers, (each) => each.y ?? 0),
    region: Uint16Array.from(movers, (each) => each.region ?? 0),
    kind: Uint8Array.from(movers, (each) => each.kind ?? 0),
    gone: Float64Array.from(gone),
  };
  const read = decodeScene(encodeScene(made));
  if (!read) throw new Error('the scene does not come back');
  return read;
}

function placeOf(crowd: Crowd, entity: number, atMs: number): number | undefined {
  crowd.sample(atMs);
  const slot = crowd.slotOf(entity);
  return slot < 0 ? undefined : crowd.x[slot];
}

describe('a camera', () => {
  const camera = fc.record({
    x: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    y: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    scale: fc.double({ min: 0.01, max: 50, noNaN: true }),
  });
  const pixel = fc.double({ min: 0, max: 800, noNaN: true });

  it('turns world into screen and back, north up', () => {
    fc.assert(
      fc.property(camera, pixel, pixel, (c, sx, sy) => {
        expect(screenX(c, size, worldX(c, size, sx))).toBeCloseTo(sx, 4);
        expect(screenY(c, size, worldY(c, size, sy))).toBeCloseTo(sy, 4);
      }),
    );
    expect(screenY({ x: 0, y: 0, scale: 1 }, size, 100)).toBeLessThan(screenY({ x: 0, y: 0, scale: 1 }, size, 0));
  });

  it('fits an area into what panels leave free', () => {
    const inset = { top: 50, right: 300, bottom: 60, left: 20 };
    const c = fit(world, size, inset);
    expect(screenX(c, size, world.minX)).toBeCloseTo(20, 6);
    expect(screenX(c, size, world.maxX)).toBeCloseTo(500, 6);
    expect(screenY(c, size, world.maxY)).toBeGreaterThanOrEqual(50);
    expect(screenY(c, size, world.minY)).toBeLessThanOrEqual(540);
  });

  it('zooms about the point under the pointer, within its span', () => {
    fc.assert(
      fc.property(pixel, pixel, fc.double({ min: 0.1, max: 10, noNaN: true }), (sx, sy, factor) => {
        const before = fit(world, size);
        const after = zoomed(before, size, factor, sx, sy, spanFor(world, size));
        expect(worldX(after, size, sx)).toBeCloseTo(worldX(before, size, sx), 6);
        expect(worldY(after, size, sy)).toBeCloseTo(worldY(before, size, sy), 6);
      }),
    );
    const far = zoomed(fit(world, size), size, 1e-9, 0, 0, spanFor(world, size));
    expect(far.scale).toBeCloseTo(fit(world, size).scale / 3, 9);
  });

  it('moves with the hand that drags it, and flies evenly between two places', () => {
    const c: Camera = { x: 10, y: 20, scale: 2 };
    expect(panned(c, 8, 6)).toEqual({ x: 6, y: 23, scale: 2 });
    expect(between(c, { x: 20, y: 20, scale: 8 }, 0.5)).toEqual({ x: 15, y: 20, scale: 4 });
    expect(hullOf([])).toBeUndefined();
  });
});

describe('a crowd', () => {
  it('is between two scenes where a straight line would be, and waits at the last known place', () => {
    const crowd = new Crowd();
    crowd.apply(scene(1000, true, [{ entity: 1, x: 0 }]));
    crowd.apply(scene(1200, false, [{ entity: 1, x: 100 }]));
    crowd.apply(scene(1400, false, [{ entity: 1, x: 300 }]));
    expect(placeOf(crowd, 1, 1100)).toBe(50);
    expect(placeOf(crowd, 1, 1300)).toBe(200);
    expect(placeOf(crowd, 1, 9999)).toBe(300);
    expect(placeOf(crowd, 1, 0)).toBe(0);
  });

  it('does not let whoever stood still for long creep to the next place', () => {
    const crowd = new Crowd();
    crowd.apply(
      scene(1000, true, [
        { entity: 1, x: 0 },
        { entity: 2, x: 0 },
      ]),
    );
    for (let at = 1200; at <= 5000; at += 200) crowd.apply(scene(at, false, [{ entity: 2, x: at }]));
    crowd.apply(scene(5200, false, [{ entity: 1, x: 100 }]));
    expect(placeOf(crowd, 1, 4900)).toBe(0);
    expect(placeOf(crowd, 1, 5100)).toBe(50);
  });

  it('forgets who is gone, and in a full scene whoever is not in it', () => {
    const crowd = new Crowd();
    crowd.apply(
      scene(1, true, [
        { entity: 1, x: 0 },
        { entity: 2, x: 0 },
        { entity: 3, x: 0 },
      ]),
    );
    crowd.apply(scene(2, false, [], [2]));
    expect([1, 2, 3].map((entity) => crowd.slotOf(entity) >= 0)).toEqual([true, false, true]);
    crowd.apply(
      scene(3, true, [
        { entity: 3, x: 0 },
        { entity: 4, x: 0 },
      ]),
    );
    expect([1, 3, 4].map((entity) => crowd.slotOf(entity) >= 0)).toEqual([false, true, true]);
    expect(crowd.movers).toBe(2);
    expect(crowd.count).toBeLessThanOrEqual(3);
  });

  it('keeps a shadow apart from its original', () => {
    const crowd = new Crowd();
    crowd.apply(
      scene(1, true, [
        { entity: 7, x: 10, region: 0 },
        { entity: -7, x: 10, region: 1, kind: 2 },
      ]),
    );
    expect(crowd.movers).toBe(2);
    crowd.sample(1);
    expect(crowd.kind[crowd.nearest(10, 0, 5)]).toBe(0);
    expect(crowd.nearest(100, 0, 5)).toBe(-1);
  });

  it('holds as many as come', () => {
    const crowd = new Crowd();
    const many = (x: number) => Array.from({ length: 5000 }, (_, i) => ({ entity: i + 1, x: x + i }));
    crowd.apply(scene(1, true, many(0)));
    crowd.apply(scene(2, true, many(10)));
    expect(crowd.movers).toBe(5000);
    expect(placeOf(crowd, 5000, 2)).toBe(5009);
    crowd.clear();
    expect([crowd.movers, crowd.slotOf(5)]).toEqual([0, -1]);
  });
});

describe('a playhead', () => {
  /** Atlas's clock is 5 s behind; scenes take 20 ms to come. */
  function watching(): Playhead {
    const head = new Playhead();
    for (let at = 1_100_000; at < 1_110_000; at += 200) head.heard(at, at + 5020);
    return head;
  }

  it('shows a moment a little before the newest scene, whatever the clocks say', () => {
    const head = watching();
    const shown = head.tick(1_115_000, 16);
    expect(shown).toBeLessThan(1_110_000);
    expect(shown).toBeGreaterThan(1_109_000);
    expect(head.onPage(1_100_000)).toBeCloseTo(1_105_020, 0);
  });

  it('stands while paused, runs on from there, and is live again when it has caught up', () => {
    const head = watching();
    head.tick(1_115_000, 16);
    head.pause();
    const at = head.atMs;
    expect(head.tick(1_118_000, 3000)).toBe(at);
    head.play();
    expect(head.mode).toBe('replay');
    expect(head.tick(1_119_000, 1000)).toBe(at + 1000);
    head.rate = 4;
    for (let now = 1_119_100; now < 1_121_000 && head.mode === 'replay'; now += 100) head.tick(now, 100);
    expect([head.mode, head.rate]).toEqual(['live', 1]);
  });

  it('goes back no further than the recording, and forward no further than now', () => {
    const head = watching();
    head.seek(0, 1_115_000);
    expect(head.mode).toBe('replay');
    expect(head.atMs).toBeCloseTo(head.liveMs(1_115_000) - policy.windowMs, 0);
    head.seek(999_999_999, 1_115_000);
    expect(head.mode).toBe('live');
  });
});

describe('a recording', () => {
  it('is fetched a piece at a time, once, and the next piece ahead of its time', async () => {
    const asked: number[] = [];
    let changed = 0;
    const fetchScenes = async ({ fromMs, toMs }: { fromMs: number; toMs: number }) => {
      asked.push(fromMs);
      return [scene(fromMs, true, [{ entity: 1, x: 0 }]), scene(toMs, true, [{ entity: 1, x: 1 }])];
    };
    const recording = new Recording(fetchScenes, () => changed++);
    const nowMs = 1_000_000;
    expect(recording.around(105_000, nowMs, 10)).toBeUndefined();
    expect(recording.around(105_000, nowMs, 10)).toBeUndefined();
    await Promise.resolve();
    await Promise.resolve();
    expect(recording.around(105_000, nowMs, 10)).toHaveLength(2);
    expect(asked).toEqual([100_000 - pieceLimits.overlapMs]);
    recording.around(115_000, nowMs, 10);
    expect(asked).toEqual([100_000, 120_000].map((from) => from - pieceLimits.overlapMs));
    expect(changed).toBe(1);
  });

  it('asks again, but not at once, for a piece that was still being recorded', async () => {
    let asked = 0;
    const recording = new Recording(
      async () => {
        asked++;
        return [scene(101_000, true, [])];
      },
      () => {},
    );
    recording.around(101_000, 102_000, 10);
    await Promise.resolve();
    await Promise.resolve();
    recording.around(101_500, 102_500, 10);
    expect(asked).toBe(1);
    recording.around(101_500, 104_000, 10);
    expect(asked).toBe(2);
  });
});

describe('the ground', () => {
  const box = (minX: number, minY: number, wide = 100, high = 100) => ({ minX, maxX: minX + wide, minY, maxY: minY + high });

  it('has a border where two regions share a face, and none at a mere corner', () => {
    expect(borderOf(box(0, 0), box(100, 50))).toEqual({ x1: 100, y1: 50, x2: 100, y2: 100 });
    expect(borderOf(box(0, 0), box(-20, -100))).toEqual({ x1: 0, y1: 0, x2: 80, y2: 0 });
    expect(borderOf(box(0, 0), box(100, 100))).toBeUndefined();
    expect(borderOf(box(0, 0), box(300, 0))).toBeUndefined();
  });

  it('flashes near where somebody crossed, and not beyond the border', () => {
    expect(pieceNear({ x1: 100, y1: 0, x2: 100, y2: 100 }, 104, 95, 10)).toEqual({ x1: 100, x2: 100, y1: 85, y2: 100 });
  });

  it('is calm up to a load, and red at 1 and above', () => {
    expect(floorOf(dark, 0.3)).toBe(floorOf(dark, 0));
    expect(floorOf(dark, 1)).toBe('rgb(88, 26, 30)');
    expect(floorOf(dark, 7)).toBe(floorOf(dark, 1));
  });
});

it('a bar of phases has room for those that took no time', () => {
  const widths = widthsOf([
    { phase: 'syncing', lastsMs: 900, felt: false },
    { phase: 'freezing', lastsMs: 0, felt: true },
    { phase: 'activating', lastsMs: 4, felt: true },
  ]);
  expect(widths.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  expect(Math.min(...widths)).toBeGreaterThan(0.01);
});
