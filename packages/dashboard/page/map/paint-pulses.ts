/** Draws what happens: crossings under way, flashes on borders where they ended, and who is followed. */
import { ms } from '../format.ts';
import { screenX, screenY } from './camera.ts';
import { tinted } from './paint-regions.ts';
import type { Picture, RegionShape } from './picture.ts';
import { borderOf, pieceNear } from './plan.ts';
import { type Pulse, limits as pulseLimits } from './pulses.ts';

/** Phases in which a group is still simulated as ever. */
const before = new Set(['predicted', 'preparing', 'syncing']);

/** Above so many at a time, one that has ended is a flash of the border and no ring around who crossed. */
const ringsMost = 60;

export function paintPulses(picture: Picture): void {
  const shapes = new Map(picture.regions.map((shape) => [shape.region.id, shape]));
  for (const pulse of picture.pulses) {
    if (pulse.sinceMs < 0) paintUnderWay(picture, pulse);
    else paintEnded(picture, pulse, shapes);
  }
}

export function paintFollowed(picture: Picture): void {
  const { context, crowd, camera, size, palette, followed, hovered, trail } = picture;
  if (followed >= 0 && trail.length >= 4) {
    context.beginPath();
    for (let i = 0; i + 1 < trail.length; i += 2) {
      const [sx, sy] = [screenX(camera, size, trail[i] as number), screenY(camera, size, trail[i + 1] as number)];
      if (i === 0) context.moveTo(sx, sy);
      else context.lineTo(sx, sy);
    }
    context.lineTo(screenX(camera, size, crowd.x[followed] as number), screenY(camera, size, crowd.y[followed] as number));
    context.strokeStyle = tinted(palette.accent, 0.55);
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.stroke();
  }
  for (const [slot, radius, width] of [
    [followed, 11, 2],
    [hovered, 9, 1.2],
  ] as const) {
    if (slot < 0) continue;
    context.beginPath();
    context.arc(
      screenX(camera, size, crowd.x[slot] as number),
      screenY(camera, size, crowd.y[slot] as number),
      radius,
      0,
      Math.PI * 2,
    );
    context.strokeStyle = slot === followed ? palette.accent : palette.text;
    context.lineWidth = width;
    context.stroke();
  }
}

function paintUnderWay({ context, camera, size, palette, frameMs, calm }: Picture, { x, y, handoff }: Pulse): void {
  const [sx, sy] = [screenX(camera, size, x), screenY(camera, size, y)];
  const turn = calm ? 0 : (frameMs / 400) % (Math.PI * 2);
  context.beginPath();
  context.arc(sx, sy, 8, turn, turn + Math.PI * 1.4);
  context.strokeStyle = before.has(handoff.phase) ? tinted(palette.warn, 0.7) : palette.flash;
  context.lineWidth = 1.6;
  context.stroke();
}

function paintEnded(picture: Picture, { x, y, sinceMs, handoff }: Pulse, shapes: ReadonlyMap<string, RegionShape>): void {
  const { context, camera, size, palette, calm } = picture;
  const part = Math.min(sinceMs / pulseLimits.afterMs, 1);
  const left = (1 - part) ** 1.5;
  const [sx, sy] = [screenX(camera, size, x), screenY(camera, size, y)];
  const good = handoff.outcome === 'done';
  const colour = good ? palette.flash : palette.bad;
  const [source, target] = [shapes.get(handoff.source), shapes.get(handoff.target)];
  const border = source && target && borderOf(source.region.bounds, target.region.bounds);
  if (border) {
    const piece = pieceNear(border, x, y, (26 + (calm ? 0 : 30 * part)) / camera.scale);
    context.beginPath();
    context.moveTo(screenX(camera, size, piece.x1), screenY(camera, size, piece.y1));
    context.lineTo(screenX(camera, size, piece.x2), screenY(camera, size, piece.y2));
    context.strokeStyle = tinted(good ? (target?.hue ?? palette.accent) : palette.bad, left);
    context.lineWidth = 1 + 4 * left;
    context.lineCap = picture.pulses.length > ringsMost ? 'butt' : 'round';
    context.stroke();
  }
  if (picture.pulses.length > ringsMost) return;
  context.beginPath();
  context.arc(sx, sy, calm ? 10 : 6 + 26 * (1 - (1 - part) ** 2), 0, Math.PI * 2);
  context.strokeStyle = tinted(colour, left * 0.85);
  context.lineWidth = 1 + 1.2 * left;
  context.stroke();
  // Where many cross at once the figures would be a smear; they are in the list beside.
  if (picture.pulses.length > 12) return;
  context.font = '600 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const text = good ? ms(handoff.gapMs) : handoff.outcome === 'rolled-back' ? 'rolled back' : 'failed';
  if (good && handoff.gapMs === null) return;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = tinted(palette.space.length === 7 ? palette.space : '#000000', Math.min(1, left * 1.4));
  context.strokeText(text, sx + 12, sy - 12);
  context.fillStyle = tinted(good ? palette.good : palette.bad, Math.min(1, left * 1.6));
  context.fillText(text, sx + 12, sy - 12);
}
