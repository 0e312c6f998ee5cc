/** What a region is to the eye, and where two of them meet. */
import type { Region, Server } from '@horizon-atlas/sdk-admin';
import type { Area } from './camera.ts';

/** `recovering`: it had an owner, lost it, and waits for the next. */
export type Look = 'active' | 'asleep' | 'starting' | 'recovering' | 'draining';

export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export function lookOf(region: Region, server: Server | undefined): Look {
  if (region.state === 'asleep') return 'asleep';
  if (region.state === 'active') {
    if (server?.state === 'stopping') return 'draining';
    return server?.state === 'unhealthy' || server?.state === 'error' || server?.state === 'stopped' ? 'recovering' : 'active';
  }
  // Players who wait in it, or a server that has been restarted: it was alive a moment ago.
  return region.players > 0 || server?.state === 'backoff' || (server?.restarts ?? 0) > 0 ? 'recovering' : 'starting';
}

export const lookWords: Readonly<Record<Look, string>> = {
  active: 'active',
  asleep: 'asleep',
  starting: 'starting',
  recovering: 'recovering',
  draining: 'draining',
};

/** The face that two areas share, seen from above; undefined if they do not touch. */
export function borderOf(a: Area, b: Area): Line | undefined {
  const near = 1e-6 * Math.max(1, Math.abs(a.maxX - a.minX), Math.abs(a.maxY - a.minY));
  const [lowY, highY] = [Math.max(a.minY, b.minY), Math.min(a.maxY, b.maxY)];
  const [lowX, highX] = [Math.max(a.minX, b.minX), Math.min(a.maxX, b.maxX)];
  for (const x of [meet(a.maxX, b.minX, near), meet(a.minX, b.maxX, near)]) {
    if (x !== undefined && highY - lowY > near) return { x1: x, y1: lowY, x2: x, y2: highY };
  }
  for (const y of [meet(a.maxY, b.minY, near), meet(a.minY, b.maxY, near)]) {
    if (y !== undefined && highX - lowX > near) return { x1: lowX, y1: y, x2: highX, y2: y };
  }
  return undefined;
}

function meet(a: number, b: number, near: number): number | undefined {
  return Math.abs(a - b) <= near ? a : undefined;
}

/** A piece of a line around the point of it that is nearest to a place. */
export function pieceNear(line: Line, x: number, y: number, half: number): Line {
  if (line.x1 === line.x2) {
    const at = Math.min(Math.max(y, line.y1), line.y2);
    return { x1: line.x1, x2: line.x2, y1: Math.max(line.y1, at - half), y2: Math.min(line.y2, at + half) };
  }
  const at = Math.min(Math.max(x, line.x1), line.x2);
  return { y1: line.y1, y2: line.y2, x1: Math.max(line.x1, at - half), x2: Math.min(line.x2, at + half) };
}
