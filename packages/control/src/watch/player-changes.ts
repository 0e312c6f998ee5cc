/**
 * What has changed among players since the look before. Where somebody stands and their ping change all the time, and the scene tells of the
 * former: both alone are no news, and are brought up to date for a fifth of the players each look.
 */
import type { Player } from '../resources/world.ts';

const slots = 5;

interface Known {
  readonly news: string;
  readonly noise: string;
  readonly slot: number;
  player: Player;
}

export interface PlayersNews {
  readonly whole: boolean;
  readonly upsert: readonly Player[];
  readonly gone: readonly string[];
}

export class PlayerChanges {
  readonly #known = new Map<string, Known>();
  #look = 0;
  #next = 0;

  /** undefined: nothing has changed. */
  look(players: readonly Player[]): PlayersNews | undefined {
    const slot = this.#look++ % slots;
    const upsert: Player[] = [];
    const here = new Set<string>();
    for (const player of players) {
      here.add(player.id);
      const known = this.#known.get(player.id);
      const news = newsOf(player);
      const noise = `${player.position?.x} ${player.position?.y} ${player.position?.z} ${player.pingMs}`;
      if (known && known.news === news && (known.noise === noise || known.slot !== slot)) {
        known.player = player;
        continue;
      }
      this.#known.set(player.id, { news, noise, slot: known?.slot ?? this.#next++ % slots, player });
      upsert.push(player);
    }
    const gone = [...this.#known.keys()].filter((id) => !here.has(id));
    for (const id of gone) this.#known.delete(id);
    return upsert.length + gone.length === 0 ? undefined : { whole: false, upsert, gone };
  }

  /** Everybody, as of the last look. */
  whole(): PlayersNews {
    return { whole: true, upsert: [...this.#known.values()].map(({ player }) => player), gone: [] };
  }
}

function newsOf(player: Player): string {
  let text = '';
  for (const [name, value] of Object.entries(player)) {
    if (name !== 'position' && name !== 'pingMs') text += `${typeof value === 'object' ? JSON.stringify(value) : value}\0`;
  }
  return text;
}
