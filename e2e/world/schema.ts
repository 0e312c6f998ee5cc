/** What the players of the end-to-end world and its region servers say to each other. */
import { bool, defineGame, f32, str, u32, u53 } from '@horizon-atlas/protocol';

/** Three regions in a row, 100 units each; z as the configuration leaves it. */
export const regions = ['west', 'mid', 'east'].map((id, i) => ({
  id,
  bounds: { minX: 100 * i, maxX: 100 * i + 100, minY: 0, maxY: 100 },
}));

export const schema = defineGame({
  client: {
    'walk/to': { x: f32 },
    /** The n-th of its kind: the region counts how many took effect, and in which order. */
    'count/one': { n: u32 },
    'chat/say': { text: str(200) },
    /** Pays one credit into the player's account. */
    'bank/pay': { id: u32 },
    'bank/ask': {},
    /** Puts the own entity where no entity can be. */
    'cheat/jump': { where: str(16) },
  },
  server: {
    'count/counted': { n: u32, seen: u32, ordered: bool },
    'chat/said': { from: str(64), text: str(200) },
    'bank/paid': { id: u32, ok: bool },
    'bank/balance': { credits: u53 },
  },
  entity: { name: str(64) },
});
