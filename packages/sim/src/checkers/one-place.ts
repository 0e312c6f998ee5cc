/** I3: an entity is never durably in zero or two places. Judged at every commit by the records, at the end by the servers, too. */
import { AuthorityRecord, decodeRecord, PlayerRecord } from '@horizon-atlas/protocol';
import { type Checker, Violation } from './checker.ts';

export function onePlace(): Checker {
  const name = 'one-place';
  const groupOf = new Map<string, string>();
  const playerOf = new Map<string, string>();
  const away = new Set<string>();
  /** Who has played: a newcomer whom no region could take after all was never anywhere. */
  const played = new Set<string>();
  return {
    name,
    applied(player) {
      played.add(player);
    },
    committed(changes) {
      const touched = new Set<string>();
      for (const { key, value } of changes) {
        if (key.startsWith('authority/')) {
          const was = playerOf.get(key);
          if (was !== undefined && groupOf.get(was) === key) groupOf.delete(was);
          if (was !== undefined) touched.add(was);
          playerOf.delete(key);
          const player = value && decodeRecord(AuthorityRecord, value)?.group.player;
          if (!player) continue;
          const other = groupOf.get(player);
          if (other !== undefined && other !== key) throw new Violation(name, `${player} has two groups, ${other} and ${key}`);
          groupOf.set(player, key);
          playerOf.set(key, player);
          touched.add(player);
        } else if (key.startsWith('player/')) {
          const player = key.slice('player/'.length);
          touched.add(player);
          if (value && decodeRecord(PlayerRecord, value)) away.add(player);
          else away.delete(player);
        }
      }
      for (const player of touched) {
        if (groupOf.has(player) && away.has(player)) throw new Violation(name, `${player} is in the world and away at once`);
        if (played.has(player) && !groupOf.has(player) && !away.has(player)) throw new Violation(name, `${player} is nowhere`);
      }
    },
    ended({ live, recorded }) {
      for (const [group, servers] of live) {
        if (servers.length > 1) throw new Violation(name, `group ${group} is simulated by ${servers.join(' and ')}`);
      }
      for (const [group, player] of recorded) {
        if (!live.has(group)) throw new Violation(name, `group ${group} of ${player} is recorded, but simulated nowhere`);
      }
    },
  };
}
