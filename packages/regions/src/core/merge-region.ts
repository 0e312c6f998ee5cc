/** What a region consists of after its server has died, or when it wakes: its last checkpoint, corrected by the authority records. */
import type { AuthorityRecord, CheckpointRecord, Group } from '@horizon-atlas/protocol';

/**
 * @param epoch of the region from now on.
 * @param authorities of every group that is in the checkpoint or belongs to the region; more do no harm.
 *
 * A group is in the result if its record names the region, or if it is in the checkpoint and never had a record. Its state is the
 * checkpoint's unless the record's was taken later. A claimed group without a record is over.
 */
export function mergeRegion(
  region: string,
  epoch: number,
  checkpoint: CheckpointRecord | undefined,
  authorities: readonly AuthorityRecord[],
): Group[] {
  const records = new Map(authorities.map((record) => [record.group.group, record]));
  const merged = new Map<number, Group>();
  for (const saved of checkpoint?.groups ?? []) {
    const record = records.get(saved.group);
    if (record) {
      if (record.region !== region) continue;
      const state = saved.epoch >= record.stateEpoch ? saved.state : record.group.state;
      merged.set(saved.group, { ...record.group, claimed: true, epoch: Math.max(record.group.epoch, epoch), state });
    } else if (!saved.claimed) {
      merged.set(saved.group, { ...saved, epoch: Math.max(saved.epoch, epoch) });
    }
  }
  for (const record of authorities) {
    const { group } = record;
    if (record.region !== region || merged.has(group.group)) continue;
    merged.set(group.group, { ...group, claimed: true, epoch: Math.max(group.epoch, epoch) });
  }
  return [...merged.values()];
}
