/** What differs from mode to mode: how large the arena is, who wins, and how often one may come back. */

export interface Mode {
  /** Of the arena, in metres; the middle is at 0, 0. */
  readonly width: number;
  readonly height: number;
  /** A match ends after so long, or when a team has so many points. */
  readonly seconds: number;
  readonly points: number;
  /** How often each fighter may fall; with one life the last team that stands wins. */
  readonly lives: number;
  /** What one cannot walk through or shoot through. */
  readonly walls: readonly Wall[];
}

/** Its middle, and half its sides. */
export interface Wall {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

const wall = (x: number, y: number, halfWidth: number, halfHeight: number): Wall => ({ x, y, halfWidth, halfHeight });
/** The same for both sides, so that none has it easier. */
const mirrored = (...walls: Wall[]): Wall[] =>
  walls.flatMap((each) => (each.x === 0 && each.y === 0 ? [each] : [each, { ...each, x: -each.x, y: -each.y }]));

const arena: Mode = {
  width: 48,
  height: 28,
  seconds: 60,
  points: 15,
  lives: Number.POSITIVE_INFINITY,
  walls: mirrored(wall(0, 0, 2.2, 2.2), wall(11, 6, 1, 3.4), wall(11, -7, 2.6, 1), wall(0, 10.2, 4, 0.8)),
};

export const modes = {
  /** Two teams of five. */
  arena,
  /** Three teams of four. */
  skirmish: { ...arena, width: 60, height: 40, seconds: 90, points: 20 },
  /** A hundred in squads of four; who falls is out. */
  royale: {
    width: 160,
    height: 100,
    seconds: 240,
    points: Number.POSITIVE_INFINITY,
    lives: 1,
    walls: mirrored(
      ...Array.from({ length: 14 }, (_, i) => wall(-70 + i * 10, ((i * 37) % 80) - 40, 1.5 + (i % 3), 3 - (i % 3))),
    ),
  },
} satisfies Record<string, Mode>;

export type ModeName = keyof typeof modes;

/** Throws where there is no such mode. */
export function modeOf(name: string): Mode {
  const mode = (modes as Record<string, Mode>)[name];
  if (!mode) throw new Error(`there is no mode ${name}: one of ${Object.keys(modes).join(', ')}`);
  return mode;
}
