/** Which players match what somebody typed and chose. */
import type { Player } from '@horizon-atlas/sdk-admin';

export interface PlayerFilter {
  /** A part of the name or id, whatever its case. */
  readonly text: string;
  readonly region: string;
  readonly state: string;
}

export function matches(player: Player, { text, region, state }: PlayerFilter): boolean {
  if (region !== '' && player.region !== region) return false;
  if (state !== '' && player.state !== state) return false;
  const wanted = text.trim().toLocaleLowerCase();
  return wanted === '' || player.name.toLocaleLowerCase().includes(wanted) || player.id.toLocaleLowerCase().includes(wanted);
}

export function matchPlayers(players: Iterable<Player>, filter: PlayerFilter, most = Number.POSITIVE_INFINITY): Player[] {
  const out: Player[] = [];
  for (const player of players) {
    if (out.length >= most) break;
    if (matches(player, filter)) out.push(player);
  }
  return out;
}

export type PlayerOrder = 'joined' | 'name' | 'ping' | 'handoffs' | 'region';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function sortPlayers(list: readonly Player[], order: PlayerOrder): readonly Player[] {
  const by: Readonly<Record<PlayerOrder, ((a: Player, b: Player) => number) | undefined>> = {
    joined: undefined,
    name: (a, b) => collator.compare(a.name, b.name),
    ping: (a, b) => (b.pingMs ?? -1) - (a.pingMs ?? -1),
    handoffs: (a, b) => b.handoffs - a.handoffs,
    region: (a, b) => collator.compare(a.region, b.region),
  };
  const compare = by[order];
  return compare ? [...list].sort(compare) : list;
}
