/** Colours of the map. Canvas knows no CSS variables, so they stand here; those of the page are in style/tokens.css and match. */

export interface Palette {
  readonly space: string;
  readonly grid: string;
  readonly asleep: string;
  readonly hatch: string;
  readonly border: string;
  readonly text: string;
  readonly muted: string;
  readonly groove: string;
  readonly other: string;
  readonly flash: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly accent: string;
  /** Of regions and their players, in turn. */
  readonly hues: readonly string[];
  /** Red, green, blue of a region's floor at load 0, ½ and 1. */
  readonly load: readonly (readonly [number, number, number])[];
}

export const dark: Palette = {
  space: '#0a0c11',
  grid: 'rgba(140, 160, 200, 0.055)',
  asleep: '#0d1016',
  hatch: 'rgba(140, 160, 200, 0.10)',
  border: 'rgba(150, 170, 210, 0.28)',
  text: '#e8ebf1',
  muted: '#9aa5b8',
  groove: 'rgba(150, 170, 210, 0.18)',
  other: 'rgba(170, 184, 210, 0.42)',
  flash: '#ffffff',
  good: '#3ecf8e',
  warn: '#f2b33d',
  bad: '#ff6369',
  accent: '#7aa5ff',
  hues: ['#6ea8ff', '#ffb95e', '#4fd6be', '#ff86cb', '#b598ff', '#a9db62', '#ff9168', '#62cdf2', '#e6d256', '#d69bff'],
  load: [
    [17, 22, 32],
    [62, 50, 22],
    [88, 26, 30],
  ],
};

export const light: Palette = {
  space: '#eceff4',
  grid: 'rgba(40, 60, 100, 0.07)',
  asleep: '#e6e9ef',
  hatch: 'rgba(40, 60, 100, 0.11)',
  border: 'rgba(40, 60, 100, 0.30)',
  text: '#171b23',
  muted: '#525c6d',
  groove: 'rgba(40, 60, 100, 0.16)',
  other: 'rgba(60, 76, 108, 0.45)',
  flash: '#11151d',
  good: '#0f7f58',
  warn: '#9a6200',
  bad: '#cf2b34',
  accent: '#2f62e0',
  hues: ['#2b69e0', '#bf6f00', '#0b8a76', '#c2388f', '#7449d6', '#5a860f', '#c94c20', '#0f7cb5', '#8a7500', '#9a3fc4'],
  load: [
    [252, 253, 255],
    [255, 238, 205],
    [255, 212, 210],
  ],
};

/** Up to this load a region looks idle: colour is for what deserves a look. */
const calmLoad = 0.4;

/** The floor of a region with this load; of 1 and more it is the last. */
export function floorOf(palette: Palette, load: number): string {
  const at = Math.min(Math.max((load - calmLoad) / (1 - calmLoad), 0), 1) * (palette.load.length - 1);
  const low = Math.min(Math.floor(at), palette.load.length - 2);
  const [from, to] = [palette.load[low] ?? [0, 0, 0], palette.load[low + 1] ?? [0, 0, 0]];
  const mixed = from.map((value, i) => Math.round(value + ((to[i] ?? value) - value) * (at - low)));
  return `rgb(${mixed.join(', ')})`;
}

export const hueOf = (palette: Palette, region: number): string => palette.hues[region % palette.hues.length] ?? palette.other;
