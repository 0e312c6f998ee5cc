/**
 * I1: at any instant at most one server's writes for an entity are accepted.
 *
 * Seen from three sides: an epoch of a group is only ever simulated by one process; a client never sees an older owner after a newer
 * one; and a checkpoint is only accepted at the epoch at which its region is owned.
 */
import { CheckpointRecord, decodeRecord, RegionRecord } from '@horizon-atlas/protocol';
import { type Checker, Violation } from './checker.ts';

export function oneWriter(): Checker {
  const name = 'one-writer';
  const ownerOf = new Map<string, string>();
  /** Of each group, who had it last: nearly always who has it now. */
  const lastOf = new Map<number, { server: string; life: number; epoch: number }>();
  const seen = new Map<number, number>();
  const regionEpochs = new Map<string, number>();
  return {
    name,
    simulated(server, life, group, epoch) {
      const last = lastOf.get(group);
      if (last?.server === server && last.life === life && last.epoch === epoch) return;
      lastOf.set(group, { server, life, epoch });
      const key = `${group}@${epoch}`;
      const who = `${server}#${life}`;
      const other = ownerOf.get(key);
      if (other === undefined) ownerOf.set(key, who);
      else if (other !== who)
        throw new Violation(name, `group ${group} at epoch ${epoch} is simulated by ${who} and by ${other}`);
    },
    viewed(client, epoch) {
      const before = seen.get(client) ?? 0;
      if (epoch < before) throw new Violation(name, `client ${client} sees epoch ${epoch} after ${before}`);
      seen.set(client, epoch);
    },
    committed(changes) {
      for (const { key, value } of changes) {
        if (value === undefined) continue;
        if (key.startsWith('region/')) {
          const record = decodeRecord(RegionRecord, value);
          if (record) regionEpochs.set(record.region, record.epoch);
        } else if (key.startsWith('checkpoint/')) {
          const record = decodeRecord(CheckpointRecord, value);
          const owner = record && regionEpochs.get(record.region);
          if (record && owner !== undefined && record.epoch !== owner) {
            throw new Violation(
              name,
              `a checkpoint of ${record.region} at epoch ${record.epoch} is accepted, but it is owned at ${owner}`,
            );
          }
        }
      }
    },
  };
}
