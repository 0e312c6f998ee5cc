/**
 * Draws everybody. Movers are sorted into buckets of one colour each, so that ten thousand of them are a dozen changes of the pen; a crowd is drawn
 * as squares, few as discs with the tail of where they come from.
 */
import { clipped, shown } from '../format.ts';
import { tinted } from './paint-regions.ts';
import { hueOf } from './palette.ts';
import type { Picture } from './picture.ts';

export const limits = {
  /** Up to so many in view are drawn as discs. */
  discs: 2500,
  /** Up to so many players in view have their names written. */
  names: 40,
  nameCharacters: 24,
} as const;

const buckets = { hues: 16, other: 16, shadow: 17, all: 18 } as const;
const counts = new Uint32Array(buckets.all + 1);
let order = new Uint32Array(0);
let bucketOf = new Uint8Array(0);

export function paintMovers(picture: Picture): void {
  const inView = sort(picture);
  const { context, palette, camera } = picture;
  const few = inView <= limits.discs;
  const radius = radiusFor(camera.scale, picture);
  context.fillStyle = palette.other;
  // In a crowd a frame around the square, which is a part of what a ring costs: thousands of arcs in one path take a second to stroke.
  if (few) paintShadows(picture, radius);
  else squares(picture, buckets.shadow, radius * 1.7 + 2);
  squares(picture, buckets.other, Math.max(1.5, radius * 0.9));
  if (few) {
    for (let hue = 0; hue < palette.hues.length; hue++) tails(picture, hue, radius);
    // A rim in the colour of space keeps neighbours apart.
    context.fillStyle = palette.space;
    for (let hue = 0; hue < palette.hues.length; hue++) discs(picture, hue, radius + 1.2);
  }
  for (let hue = 0; hue < palette.hues.length; hue++) {
    context.fillStyle = palette.hues[hue] as string;
    if (few) discs(picture, hue, radius);
    else squares(picture, hue, radius * 1.7);
  }
  if (few) paintNames(picture, radius);
}

function radiusFor(scale: number, { crowd, regions }: Picture): number {
  const wide = regions[0] ? regions[0].region.bounds.maxX - regions[0].region.bounds.minX : 1000;
  const close = Math.log2(Math.max((scale * wide) / 400, 0.25));
  const crowded = crowd.movers > 3000 ? 1.4 : crowd.movers > 600 ? 2.1 : 3.1;
  return Math.min(Math.max(crowded + close * 0.55, 1), 7);
}

/** Fills `order` bucket by bucket with the slots in view; `counts[b]` is where bucket b begins. Answers how many are in view. */
function sort({ crowd, camera, size, palette }: Picture): number {
  if (bucketOf.length < crowd.capacity) {
    bucketOf = new Uint8Array(crowd.capacity);
    order = new Uint32Array(crowd.capacity);
  }
  const margin = 8 / camera.scale;
  const [halfX, halfY] = [size.width / 2 / camera.scale + margin, size.height / 2 / camera.scale + margin];
  counts.fill(0);
  for (let i = 0; i < crowd.count; i++) {
    bucketOf[i] = 255;
    if (crowd.alive[i] === 0) continue;
    if (Math.abs((crowd.x[i] as number) - camera.x) > halfX || Math.abs((crowd.y[i] as number) - camera.y) > halfY) continue;
    const kind = crowd.kind[i] as number;
    const bucket = kind === 2 ? buckets.shadow : kind === 1 ? buckets.other : (crowd.region[i] as number) % palette.hues.length;
    bucketOf[i] = bucket;
    counts[bucket + 1] = (counts[bucket + 1] as number) + 1;
  }
  for (let b = 0; b < buckets.all; b++) counts[b + 1] = (counts[b + 1] as number) + (counts[b] as number);
  const next = counts.slice();
  for (let i = 0; i < crowd.count; i++) {
    const bucket = bucketOf[i] as number;
    if (bucket === 255) continue;
    order[next[bucket] as number] = i;
    next[bucket] = (next[bucket] as number) + 1;
  }
  return counts[buckets.all] as number;
}

/** On whole pixels, which are filled as they are; a square between two of them is blended at its rims, at many times the cost. */
function squares({ context, crowd, camera, size }: Picture, bucket: number, wanted: number): void {
  const side = Math.max(1, Math.round(wanted));
  const [dx, dy] = [size.width / 2 - camera.x * camera.scale - side / 2, size.height / 2 + camera.y * camera.scale - side / 2];
  const scale = camera.scale;
  for (let k = counts[bucket] as number; k < (counts[bucket + 1] as number); k++) {
    const i = order[k] as number;
    context.fillRect(
      Math.round((crowd.x[i] as number) * scale + dx),
      Math.round(dy - (crowd.y[i] as number) * scale),
      side,
      side,
    );
  }
}

function discs({ context, crowd, camera, size }: Picture, bucket: number, radius: number): void {
  const [dx, dy] = [size.width / 2 - camera.x * camera.scale, size.height / 2 + camera.y * camera.scale];
  context.beginPath();
  for (let k = counts[bucket] as number; k < (counts[bucket + 1] as number); k++) {
    const i = order[k] as number;
    const [sx, sy] = [(crowd.x[i] as number) * camera.scale + dx, dy - (crowd.y[i] as number) * camera.scale];
    context.moveTo(sx + radius, sy);
    context.arc(sx, sy, radius, 0, Math.PI * 2);
  }
  context.fill();
}

function tails({ context, crowd, camera, size, palette }: Picture, bucket: number, radius: number): void {
  const [dx, dy] = [size.width / 2 - camera.x * camera.scale, size.height / 2 + camera.y * camera.scale];
  context.beginPath();
  for (let k = counts[bucket] as number; k < (counts[bucket + 1] as number); k++) {
    const i = order[k] as number;
    const [sx, sy] = [(crowd.x[i] as number) * camera.scale + dx, dy - (crowd.y[i] as number) * camera.scale];
    const [tx, ty] = [crowd.tailX(i) * camera.scale + dx, dy - crowd.tailY(i) * camera.scale];
    const long = Math.hypot(tx - sx, ty - sy);
    // Two scenes of walking, three times over, and never across the screen when somebody was moved.
    if (long < 0.5 || long > 80) continue;
    const grow = Math.min(3, 26 / long);
    context.moveTo(sx, sy);
    context.lineTo(sx + (tx - sx) * grow, sy + (ty - sy) * grow);
  }
  context.strokeStyle = tinted(hueOf(palette, bucket), 0.38);
  context.lineWidth = Math.max(1, radius * 0.7);
  context.lineCap = 'round';
  context.stroke();
}

function paintShadows({ context, crowd, camera, size, palette }: Picture, radius: number): void {
  const [dx, dy] = [size.width / 2 - camera.x * camera.scale, size.height / 2 + camera.y * camera.scale];
  const end = counts[buckets.shadow + 1] as number;
  context.beginPath();
  // Around the original, which is at the same place: a little larger, so that both are seen.
  const wide = radius + 2.4;
  for (let k = counts[buckets.shadow] as number; k < end; k++) {
    const i = order[k] as number;
    const [sx, sy] = [(crowd.x[i] as number) * camera.scale + dx, dy - (crowd.y[i] as number) * camera.scale];
    context.moveTo(sx + wide, sy);
    context.arc(sx, sy, wide, 0, Math.PI * 2);
  }
  context.strokeStyle = palette.other;
  context.lineWidth = 1;
  context.stroke();
}

function paintNames(picture: Picture, radius: number): void {
  const { context, crowd, camera, size, palette, followed, hovered } = picture;
  const players = counts[palette.hues.length] as number;
  const all = players <= limits.names && camera.scale * 1000 > 900;
  context.font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  for (let k = 0; k < players; k++) {
    const i = order[k] as number;
    if (!all && i !== followed && i !== hovered) continue;
    const name = picture.nameOf(crowd.entity[i] as number);
    if (name === undefined) continue;
    const [sx, sy] = [
      ((crowd.x[i] as number) - camera.x) * camera.scale + size.width / 2,
      (camera.y - (crowd.y[i] as number)) * camera.scale + size.height / 2,
    ];
    const text = clipped(shown(name), limits.nameCharacters);
    context.strokeStyle = palette.space;
    context.lineWidth = 3;
    context.strokeText(text, sx, sy - radius - 6);
    context.fillStyle = i === followed || i === hovered ? palette.text : palette.muted;
    context.fillText(text, sx, sy - radius - 6);
  }
}
