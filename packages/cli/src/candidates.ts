/** What an id may mean in a running world. */
import { AtlasError } from '@horizon-atlas/protocol';
import type { Admin, Fleet, GameServer, Gateway, Match, Player, Region, Server } from '@horizon-atlas/sdk-admin';
import { AdminError } from '@horizon-atlas/sdk-admin';
import { listed } from './connection.ts';
import { type Candidate, findId } from './find-id.ts';

export type Found =
  | (Candidate & { readonly kind: 'region'; readonly it: Region })
  | (Candidate & { readonly kind: 'server'; readonly it: Server })
  | (Candidate & { readonly kind: 'gateway'; readonly it: Gateway })
  | (Candidate & { readonly kind: 'player'; readonly it: Player })
  | (Candidate & { readonly kind: 'fleet'; readonly it: Fleet })
  | (Candidate & { readonly kind: 'gameserver'; readonly it: GameServer })
  | (Candidate & { readonly kind: 'match'; readonly it: Match });
type FoundKind = Found['kind'];

export const kinds = [
  'region',
  'server',
  'gateway',
  'player',
  'fleet',
  'gameserver',
  'match',
] as const satisfies readonly FoundKind[];

/** Rejects with ID_UNKNOWN or ID_AMBIGUOUS. */
export async function find<K extends FoundKind>(
  admin: Admin,
  typed: string,
  among: readonly K[],
): Promise<Extract<Found, { kind: K }>> {
  const lists = await Promise.all(among.map((kind) => candidatesOf(admin, kind, typed)));
  return findId(typed, lists.flat() as Extract<Found, { kind: K }>[], words(among));
}

/** The process that is meant: a server, a gateway, or by a region whoever plays it. */
export async function findProcess(admin: Admin, typed: string): Promise<string> {
  const found = await find(admin, typed, ['server', 'gateway', 'region']);
  if (found.kind !== 'region') return found.id;
  return ownerOf(found.it);
}

function ownerOf(region: Region): string {
  if (region.server !== '') return region.server;
  throw new AtlasError('ID_UNKNOWN', `nobody plays ${region.id} now: it is ${region.state}`);
}

async function candidatesOf(admin: Admin, kind: FoundKind, typed: string): Promise<Found[]> {
  switch (kind) {
    case 'region':
      return (await listed(admin.regions, {})).items.map((it) => ({ kind, id: it.id, name: it.name, it }));
    case 'server':
      return (await listed(admin.servers, {})).items.map((it) => ({ kind, id: it.id, name: '', it }));
    case 'gateway':
      return (await listed(admin.gateways, {})).items.map((it) => ({ kind, id: it.id, name: '', it }));
    case 'fleet':
      return (await known(() => listed(admin.fleets, {}))).map((it) => ({ kind, id: it.name, name: '', it }));
    case 'gameserver':
      return (await known(() => listed(admin.gameServers, {}))).map((it) => ({ kind, id: it.id, name: '', it }));
    case 'match':
      return (await known(() => listed(admin.matchmaking.matches, {}))).map((it) => ({ kind, id: it.id, name: '', it }));
    case 'player':
      return (await playersLike(admin, typed)).map((it) => ({ kind, id: it.id, name: it.name, it }));
  }
}

/** An Atlas without fleets or queues has nothing of that kind. */
async function known<T>(list: () => Promise<{ readonly items: readonly T[] }>): Promise<readonly T[]> {
  try {
    return (await list()).items;
  } catch (error) {
    if (error instanceof AdminError && error.code === 'NOT_READY') return [];
    throw error;
  }
}

/** Of thousands only those with the text in them; if none has it, a page of all, for a suggestion. */
async function playersLike(admin: Admin, typed: string): Promise<readonly Player[]> {
  const page = 500;
  // What a table shortened is not in any id as it stands.
  const [part = ''] = typed.split('…');
  const query = part.slice(0, 64);
  const { items } = await listed(admin.players, query === '' ? {} : { q: query }, page);
  return items.length > 0 ? items : (await listed(admin.players, {}, page)).items;
}

/** `region, server or player`. */
function words(among: readonly string[]): string {
  return among.length < 2 ? among.join('') : `${among.slice(0, -1).join(', ')} or ${among.at(-1)}`;
}
