/** All that one frame of the map is drawn from. */
import type { Region } from '@horizon-atlas/sdk-admin';
import type { Camera, Size } from './camera.ts';
import type { Crowd } from './crowd.ts';
import type { Palette } from './palette.ts';
import type { Look } from './plan.ts';
import type { Pulse } from './pulses.ts';

export interface RegionShape {
  readonly region: Region;
  readonly look: Look;
  readonly hue: string;
  /** Figures are those of the moment shown; not so for moments before the page was opened. */
  readonly figures: boolean;
}

export interface Picture {
  readonly context: CanvasRenderingContext2D;
  readonly camera: Camera;
  readonly size: Size;
  readonly palette: Palette;
  readonly regions: readonly RegionShape[];
  readonly crowd: Crowd;
  readonly pulses: readonly Pulse[];
  /** The moment shown. */
  readonly atMs: number;
  /** For what moves on the screen only. */
  readonly frameMs: number;
  /** Nothing moves that is not in the world. */
  readonly calm: boolean;
  readonly followed: number;
  readonly hovered: number;
  /** Places of the followed one, oldest first: x, y, x, y … */
  readonly trail: readonly number[];
  nameOf(entity: number): string | undefined;
  /** CSS pixels on each side that panels cover. */
  readonly covered: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };
}
