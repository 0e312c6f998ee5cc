/** A session is over: its player leaves the world into the player record, in one transaction. */
import { encodeRecord, keys, PlayerRecord, type ServerToControl } from '@horizon-atlas/protocol';
import type { GroupEntry } from './book.ts';
import type { Desk } from './desk.ts';
import { settleWrite } from './settle-write.ts';
import type { Write } from './writes.ts';

type Ended = ServerToControl & { kind: 'ended' };

export class Endings {
  readonly #desk: Desk;
  readonly #wallOffsetMs: number;

  /** @param wallOffsetMs what to add to `nowMs` to get milliseconds since 1970, for people only. */
  constructor(desk: Desk, wallOffsetMs: number) {
    this.#desk = desk;
    this.#wallOffsetMs = wallOffsetMs;
  }

  heard(server: string, message: Ended): void {
    const { book, out, crossings, players } = this.#desk;
    const { group, epoch, session } = message;
    const entry = book.groups.get(group);
    if (!entry) {
      out.toServer(server, { kind: 'endedAck', session, group });
      return;
    }
    if (entry.session !== session) {
      // Another session has taken the group over. With the `admit` that tells so it lives on where this one left it.
      if (book.playing(entry.region)?.server === server) players.remind(entry);
      else out.toServer(server, { kind: 'endedAck', session, group });
      return;
    }
    crossings.heardOf(server, group, epoch);
    const known = epoch === book.effective(entry) || (entry.formerEpoch > 0 && epoch === entry.formerEpoch);
    if (book.playing(entry.region)?.server !== server || !known) {
      this.#desk.ignore(server, 'NOT_OWNER', { message: 'ended', group, epoch });
      crossings.resync(server, group, epoch);
      return;
    }
    crossings.over(group);
    // The server says it again.
    if (entry.rewriting || crossings.isExclusive(group)) return;
    entry.rewriting = true;
    settleWrite(this.#desk, entry.region, this.#write(entry, message), (outcome) => {
      entry.rewriting = false;
      if (outcome.kind !== 'written') return;
      book.drop(entry);
      this.#desk.lives.populationChanged(entry.region);
      if (book.servers.get(server)?.linked) out.toServer(server, { kind: 'endedAck', session, group });
      if (session !== '') out.toGateway('*', { kind: 'gone', session, code: message.code || 'SESSION_ENDED' });
    });
  }

  #write(entry: GroupEntry, message: Ended): Write {
    const authority = keys.authority(entry.group);
    const conditions = [{ key: authority, version: entry.version }];
    const gone = { op: 'delete', key: authority } as const;
    if (entry.player === '') return { ops: [gone], conditions };
    const { player, name, region } = entry;
    const { spec } = region;
    const finite = Number.isFinite(message.x) && Number.isFinite(message.y) && Number.isFinite(message.z);
    const { x, y, z } = finite
      ? message
      : { x: (spec.minX + spec.maxX) / 2, y: (spec.minY + spec.maxY) / 2, z: (spec.minZ + spec.maxZ) / 2 };
    const lastSeenMs = Math.max(0, Math.floor(this.#desk.nowMs + this.#wallOffsetMs));
    const record: PlayerRecord = { player, name, region: region.id, x, y, z, state: message.state, lastSeenMs };
    const key = keys.player(player);
    return { ops: [gone, { op: 'put', key, value: encodeRecord(PlayerRecord, record) }], conditions };
  }
}
