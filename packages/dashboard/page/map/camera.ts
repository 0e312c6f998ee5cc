/**
 * Where one looks from: world units to CSS pixels and back. North (greater y) is up. A plain record, changed by pure functions, so that flights and
 * gestures are arithmetic.
 */

export interface Camera {
  /** World point in the middle of the view. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels a world unit. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Area {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
}

export interface Inset {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export const noInset: Inset = { top: 0, right: 0, bottom: 0, left: 0 };

export const screenX = (camera: Camera, size: Size, x: number): number => (x - camera.x) * camera.scale + size.width / 2;
export const screenY = (camera: Camera, size: Size, y: number): number => (camera.y - y) * camera.scale + size.height / 2;
export const worldX = (camera: Camera, size: Size, sx: number): number => (sx - size.width / 2) / camera.scale + camera.x;
export const worldY = (camera: Camera, size: Size, sy: number): number => camera.y - (sy - size.height / 2) / camera.scale;

/** The smallest area around all; undefined if there is none. */
export function hullOf(areas: readonly Area[]): Area | undefined {
  if (areas.length === 0) return undefined;
  return {
    minX: Math.min(...areas.map((each) => each.minX)),
    maxX: Math.max(...areas.map((each) => each.maxX)),
    minY: Math.min(...areas.map((each) => each.minY)),
    maxY: Math.max(...areas.map((each) => each.maxY)),
  };
}

/** Shows all of an area in what the inset leaves free. */
export function fit(area: Area, size: Size, inset: Inset = noInset): Camera {
  const free = {
    width: Math.max(size.width - inset.left - inset.right, 40),
    height: Math.max(size.height - inset.top - inset.bottom, 40),
  };
  const wide = Math.max(area.maxX - area.minX, 1e-6);
  const high = Math.max(area.maxY - area.minY, 1e-6);
  const scale = Math.min(free.width / wide, free.height / high);
  return {
    x: (area.minX + area.maxX) / 2 + (inset.right - inset.left) / 2 / scale,
    y: (area.minY + area.maxY) / 2 - (inset.bottom - inset.top) / 2 / scale,
    scale,
  };
}

/** Dragged by CSS pixels. */
export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale };
}

/** Zoomed so that the world point under (sx, sy) stays where it is. */
export function zoomed(camera: Camera, size: Size, factor: number, sx: number, sy: number, span: ScaleSpan): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, span.min), span.max);
  const [x, y] = [worldX(camera, size, sx), worldY(camera, size, sy)];
  return { x: x - (sx - size.width / 2) / scale, y: y + (sy - size.height / 2) / scale, scale };
}

export interface ScaleSpan {
  readonly min: number;
  readonly max: number;
}

/** From a third of what shows the whole world to a few units across. */
export function spanFor(area: Area, size: Size): ScaleSpan {
  const whole = fit(area, size).scale;
  return { min: whole / 3, max: Math.max(whole * 400, 20) };
}

/** Keeps at least a corner of the world in view. */
export function kept(camera: Camera, area: Area): Camera {
  return {
    ...camera,
    x: Math.min(Math.max(camera.x, area.minX), area.maxX),
    y: Math.min(Math.max(camera.y, area.minY), area.maxY),
  };
}

/** A part of the way from one camera to another. Scale goes by ratio, so that zooming feels even. */
export function between(from: Camera, to: Camera, part: number): Camera {
  return {
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
    scale: from.scale * (to.scale / from.scale) ** part,
  };
}
