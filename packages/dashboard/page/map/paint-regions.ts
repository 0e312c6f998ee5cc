/** Draws the ground: grid, regions with their states, and what they are called. */
import { ms, percent, plural, shortId, shown } from '../format.ts';
import { screenX, screenY, worldX, worldY } from './camera.ts';
import { floorOf, type Palette } from './palette.ts';
import type { Picture, RegionShape } from './picture.ts';
import { lookWords } from './plan.ts';

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function paintGround(picture: Picture): void {
  const { context, size, palette } = picture;
  context.fillStyle = palette.space;
  context.fillRect(0, 0, size.width, size.height);
  for (const shape of picture.regions) paintFloor(picture, shape);
  paintGrid(picture);
  for (const shape of picture.regions) {
    paintEdge(picture, shape);
    paintLabel(picture, shape);
  }
}

export function boxOf({ camera, size }: Picture, { region: { bounds } }: RegionShape): Box {
  const left = screenX(camera, size, bounds.minX);
  const top = screenY(camera, size, bounds.maxY);
  return { left, top, width: (bounds.maxX - bounds.minX) * camera.scale, height: (bounds.maxY - bounds.minY) * camera.scale };
}

/** The part of a box on the screen; undefined: none of it. */
function seen(box: Box, width: number, height: number): Box | undefined {
  const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
  const [right, bottom] = [Math.min(box.left + box.width, width), Math.min(box.top + box.height, height)];
  return right <= left || bottom <= top ? undefined : { left, top, width: right - left, height: bottom - top };
}

function paintFloor(picture: Picture, shape: RegionShape): void {
  const { context, palette, size } = picture;
  const box = seen(boxOf(picture, shape), size.width, size.height);
  if (!box) return;
  const alive = shape.look === 'active' || shape.look === 'draining';
  context.fillStyle = alive ? floorOf(palette, (shape.figures ? shape.region.load : 0) ?? 0) : palette.asleep;
  context.fillRect(box.left, box.top, box.width, box.height);
  if (shape.look === 'asleep') paintHatch(picture, box, palette.hatch, 0);
  if (shape.look === 'starting') paintHatch(picture, box, tinted(palette.warn, 0.16), drift(picture));
  if (shape.look === 'draining') paintHatch(picture, box, tinted(palette.warn, 0.1), 0);
  if (shape.look === 'recovering') {
    context.fillStyle = tinted(palette.bad, picture.calm ? 0.1 : 0.07 + 0.06 * Math.sin(picture.frameMs / 260));
    context.fillRect(box.left, box.top, box.width, box.height);
    paintHatch(picture, box, tinted(palette.bad, 0.16), drift(picture));
  }
}

const drift = ({ calm, frameMs }: Picture): number => (calm ? 0 : (frameMs / 40) % hatchStep);
const hatchStep = 14;

/** Lines at 45°, clipped to a box. */
function paintHatch({ context }: Picture, { left, top, width, height }: Box, colour: string, shift: number): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  // Anchored to the screen's corner and not to the box, so that the pattern stands still while one pans less than it would swim.
  for (let x = left - height - ((left - height) % hatchStep) + shift; x < left + width; x += hatchStep) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

function paintGrid({ context, camera, size, palette }: Picture): void {
  const step = gridStep(camera.scale);
  context.beginPath();
  for (let x = Math.ceil(worldX(camera, size, 0) / step) * step; screenX(camera, size, x) < size.width; x += step) {
    const sx = Math.round(screenX(camera, size, x)) + 0.5;
    context.moveTo(sx, 0);
    context.lineTo(sx, size.height);
  }
  for (let y = Math.ceil(worldY(camera, size, size.height) / step) * step; screenY(camera, size, y) > 0; y += step) {
    const sy = Math.round(screenY(camera, size, y)) + 0.5;
    context.moveTo(0, sy);
    context.lineTo(size.width, sy);
  }
  context.strokeStyle = palette.grid;
  context.lineWidth = 1;
  context.stroke();
}

/** 1, 2 or 5 times a power of ten world units: 60 to 150 CSS pixels. */
export function gridStep(scale: number): number {
  const least = 60 / scale;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((each) => each * power >= least) ?? 10);
}

function paintEdge(picture: Picture, shape: RegionShape): void {
  const { context, palette, frameMs, calm } = picture;
  const { left, top, width, height } = boxOf(picture, shape);
  context.lineWidth = 1;
  context.strokeStyle = palette.border;
  if (shape.look === 'recovering') {
    context.strokeStyle = palette.bad;
    context.lineWidth = calm ? 2 : 1.5 + Math.abs(Math.sin(frameMs / 260));
  } else if (shape.look === 'starting') {
    context.strokeStyle = palette.warn;
    context.setLineDash([6, 5]);
    context.lineDashOffset = calm ? 0 : -(frameMs / 50) % 11;
  } else if (shape.look === 'asleep') context.setLineDash([3, 4]);
  const inset = context.lineWidth > 1 ? 1 : 0;
  context.strokeRect(
    Math.round(left) + 0.5 + inset,
    Math.round(top) + 0.5 + inset,
    Math.round(width) - 2 * inset,
    Math.round(height) - 2 * inset,
  );
  context.setLineDash([]);
  paintLoad(picture, shape, { left, top, width, height });
}

const label = { pad: 12, line: 16, least: 70, full: 150, fullHigh: 96 } as const;
const face = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const fonts = { name: `600 13px ${face}`, small: `11px ${face}` } as const;

/** Stands in the visible corner of its region, below everybody in it, and says as much as there is room for. */
function paintLabel(picture: Picture, shape: RegionShape): void {
  const { context, palette, size, covered } = picture;
  const box = boxOf(picture, shape);
  const free = { left: covered.left, top: covered.top, right: size.width - covered.right, bottom: size.height - covered.bottom };
  const left = Math.max(box.left, free.left) + label.pad;
  const top = Math.max(box.top, free.top) + label.pad;
  const room = Math.min(box.left + box.width, free.right) - label.pad - left;
  const high = Math.min(box.top + box.height, free.bottom) - label.pad - top;
  if (room < label.least || high < 18) return;
  context.fillStyle = dotColour(shape, palette);
  context.beginPath();
  context.arc(left + 4, top + 6, 4, 0, Math.PI * 2);
  context.fill();
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.font = fonts.name;
  context.fillStyle = shape.look === 'asleep' ? palette.muted : palette.text;
  context.fillText(fitted(context, shown(shape.region.name || shape.region.id), room - 14), left + 14, top + 6.5);
  context.font = fonts.small;
  const lines =
    room >= label.full && high >= label.fullHigh
      ? linesOf(shape)
      : high > 40 && room >= label.full
        ? linesOf(shape).slice(0, 1)
        : [];
  lines.forEach((line, i) => {
    context.fillStyle = i === 0 && shape.look !== 'active' && shape.look !== 'asleep' ? dotColour(shape, palette) : palette.muted;
    context.fillText(fitted(context, line, room), left, top + 25 + i * label.line);
  });
}

/** Along the upper edge of its region: how much of a tick's time is used. */
function paintLoad({ context, palette }: Picture, shape: RegionShape, box: Box): void {
  if (!isRunning(shape) || box.width < 24) return;
  const load = shape.region.load ?? 0;
  const [left, top, width] = [Math.round(box.left) + 1, Math.round(box.top) + 1, Math.round(box.width) - 2];
  context.fillStyle = palette.groove;
  context.fillRect(left, top, width, 3);
  context.fillStyle = load < 0.6 ? palette.good : load < 0.9 ? palette.warn : palette.bad;
  context.fillRect(left, top, Math.max(2, width * Math.min(load, 1)), 3);
}

const isRunning = (shape: RegionShape): boolean => shape.figures && shape.region.load !== null && shape.look !== 'asleep';

function dotColour({ look, hue }: RegionShape, palette: Palette): string {
  if (look === 'asleep') return palette.muted;
  if (look === 'recovering') return palette.bad;
  return look === 'active' ? hue : palette.warn;
}

function linesOf({ region, look, figures }: RegionShape): string[] {
  if (!figures) return [];
  const state = look === 'recovering' ? 'recovering · players wait' : lookWords[look];
  // The epoch first: names of servers are long, and the end is cut.
  const owner = `epoch ${region.epoch} · ${shortId(region.server) || 'no owner'}`;
  if (look === 'asleep' || (look !== 'active' && region.server === '')) return [state, owner];
  const first = look === 'active' ? [] : [state];
  return [
    ...first,
    owner,
    `${plural(region.players, 'player')} · ${plural(region.shadows, 'shadow')}`,
    `load ${percent(region.load)} · tick ${ms(region.workMs?.p90)}`,
  ];
}

/** Cut to a width by characters; kept, because measuring is dear. */
const cuts = new Map<string, string>();
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${context.font}|${Math.floor(width / 4)}|${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  if (cuts.size > 2000) cuts.clear();
  const characters = [...text];
  let cut = text;
  while (characters.length > 1 && context.measureText(cut).width > width) {
    characters.pop();
    cut = `${characters.join('').trimEnd()}…`;
  }
  cuts.set(key, cut);
  return cut;
}

/** `#rrggbb` with an alpha. */
export function tinted(colour: string, alpha: number): string {
  return `${colour}${Math.round(Math.min(Math.max(alpha, 0), 1) * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
