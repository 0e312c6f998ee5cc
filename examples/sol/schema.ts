/** What Sol's players and region servers say to each other, and how big its world is. Imported by both sides. */
import { bool, choice, defineGame, f32, str, u16, u32, u53 } from '@horizon-atlas/protocol';

/** Three regions in a row, each 2,000 units wide; ships cross the borders at x = 1000 and x = 3000. */
export const world = { minX: -1000, maxX: 5000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 } as const;

const place = (minX: number) => ({
  minX,
  maxX: minX + 2000,
  minY: world.minY,
  maxY: world.maxY,
  minZ: world.minZ,
  maxZ: world.maxZ,
});

/** Whoever plays need not know of them: the configuration makes servers of them, and the web client draws where they meet. */
export const regions = [
  { id: 'alpha', name: 'Solar System Alpha', bounds: place(-1000) },
  { id: 'beta', name: 'Solar System Beta', bounds: place(1000) },
  { id: 'hub', name: 'Trading Hub', bounds: place(3000) },
];

/** Units a second. */
export const SPEED_MAX = 120;

export const schema = defineGame({
  client: {
    /** Where the player wants to be. Only the newest counts. */
    'movement/steer': { x: f32, y: f32, z: f32 },
    'chat/say': { text: str(200) },
    /** Gives credits to another player's ship. `id` tells two gifts of one run apart, so that none is made twice. */
    'trade/give': { run: u32, id: u32, to: u53, credits: u16 },
    /** The n-th command of a run: the region counts how often and in which order they take effect. */
    'probe/count': { run: u32, n: u32 },
  },
  server: {
    'chat/said': { from: str(64), text: str(200) },
    'trade/given': { id: u32, ok: bool, code: str(64) },
    /** `seen`: commands of this run that took effect so far. `ordered`: this one followed the one before it. */
    'probe/counted': { run: u32, n: u32, seen: u32, ordered: bool },
  },
  entity: { name: str(64), role: choice('pilot', 'trader'), hull: u16 },
});
