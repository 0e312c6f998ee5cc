/** What lies behind everything: a tint that changes from region to region, suns, and stars in layers that move the less the farther they are. */
import { regions } from '../schema.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Layer {
  readonly tile: HTMLCanvasElement;
  /** 1 would move with the ships, 0 not at all. */
  readonly depth: number;
}

const TILE = 640;
/** A sun of each region, and the tint around it. */
const suns = [
  { core: '#fff3d0', halo: '255 190 110', tint: '62 38 20', radius: 62 },
  { core: '#dff0ff', halo: '120 170 255', tint: '16 34 74', radius: 50 },
  { core: '#ffe0f2', halo: '230 120 210', tint: '54 18 60', radius: 40 },
] as const;

export class Sky {
  readonly #layers: readonly Layer[] = [
    { tile: starTile(260, 0.7, 1.3, 7), depth: 0.06 },
    { tile: starTile(100, 0.9, 1.9, 21), depth: 0.16 },
    { tile: starTile(26, 1.4, 2.8, 77), depth: 0.34 },
  ];

  draw(c: CanvasRenderingContext2D, { width, height }: Size, center: { x: number; y: number }, scale: number): void {
    c.fillStyle = '#05070d';
    c.fillRect(0, 0, width, height);
    const place = (x: number, y: number, depth: number) =>
      [width / 2 + (x - center.x) * scale * depth, height / 2 + (y - center.y) * scale * depth] as const;
    for (const [i, { bounds }] of regions.entries()) {
      const { tint } = suns[i % suns.length] as (typeof suns)[number];
      const [x, y] = place((bounds.minX + bounds.maxX) / 2, 0, 0.5);
      glow(c, x, y, Math.max(width, height) * 0.95, `rgb(${tint} / 85%)`, `rgb(${tint} / 0%)`);
    }
    for (const { tile, depth } of this.#layers)
      tiled(c, tile, -center.x * scale * depth, -center.y * scale * depth, width, height);
    for (const [i, { bounds }] of regions.entries()) {
      const { core, halo, radius } = suns[i % suns.length] as (typeof suns)[number];
      const [x, y] = place((bounds.minX + bounds.maxX) / 2, -150, 0.8);
      const r = radius * scale * 0.8;
      if (x < -6 * r || x > width + 6 * r) continue;
      glow(c, x, y, r * 6, `rgb(${halo} / 30%)`, `rgb(${halo} / 0%)`);
      glow(c, x, y, r * 1.5, `rgb(${halo} / 90%)`, `rgb(${halo} / 0%)`);
      c.fillStyle = core;
      c.beginPath();
      c.arc(x, y, r * 0.62, 0, 2 * Math.PI);
      c.fill();
    }
  }
}

function glow(c: CanvasRenderingContext2D, x: number, y: number, radius: number, inner: string, outer: string): void {
  const light = c.createRadialGradient(x, y, radius * 0.08, x, y, radius);
  light.addColorStop(0, inner);
  light.addColorStop(1, outer);
  c.fillStyle = light;
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fill();
}

function tiled(
  c: CanvasRenderingContext2D,
  tile: HTMLCanvasElement,
  dx: number,
  dy: number,
  width: number,
  height: number,
): void {
  const first = (offset: number) => (((offset % TILE) + TILE) % TILE) - TILE;
  for (let x = first(dx); x < width; x += TILE) for (let y = first(dy); y < height; y += TILE) c.drawImage(tile, x, y);
}

/** The same stars in every window: they come of the seed alone. */
function starTile(count: number, small: number, large: number, seed: number): HTMLCanvasElement {
  const tile = document.createElement('canvas');
  tile.width = TILE;
  tile.height = TILE;
  const c = tile.getContext('2d') as CanvasRenderingContext2D;
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < count; i++) {
    const size = small + (large - small) * next() ** 3;
    c.fillStyle = `hsl(${next() < 0.3 ? 30 : 215} 70% 88% / ${Math.round(25 + 65 * next())}%)`;
    c.beginPath();
    c.arc(next() * TILE, next() * TILE, size / 1.6, 0, 2 * Math.PI);
    c.fill();
  }
  return tile;
}
