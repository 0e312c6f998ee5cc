import type { AuthorityRecord, CheckpointRecord, Group } from '@horizon-atlas/protocol';
import { describe, expect, test } from 'vitest';
import { mergeRegion } from './merge-region.ts';

/** `epoch:state`; a leading `!` says that the group never had a record. */
type Saved = Record<number, string>;
/** `region epoch:state`, and `/stateEpoch` where it is another. */
type Recorded = Record<number, string>;

function group(id: number, epoch: number, state: string, claimed = true): Group {
  const player = claimed ? `p${id}` : '';
  return {
    group: id,
    epoch,
    claimed,
    player,
    name: player,
    session: claimed ? `s${id}` : '',
    state: new TextEncoder().encode(state),
  };
}

function check(name: string, saved: Saved | undefined, recorded: Recorded, expected: string[]): void {
  test(name, () => {
    const groups = Object.entries(saved ?? {}).map(([id, text]) => {
      const [epoch = '', state = ''] = text.replace('!', '').split(':');
      return group(Number(id), Number(epoch), state, !text.startsWith('!'));
    });
    const checkpoint: CheckpointRecord | undefined = saved && {
      region: 'a',
      epoch: 20,
      tick: 1,
      world: new Uint8Array(0),
      groups,
    };
    const authorities = Object.entries(recorded).map(([id, text]): AuthorityRecord => {
      const [, region = '', epoch = '', stateEpoch = epoch, state = ''] = /^(\w+) (\d+)(?:\/(\d+))?:(\w*)$/.exec(text) ?? [];
      const place = { x: undefined, y: undefined, z: undefined };
      return { region, group: group(Number(id), Number(epoch), state), stateEpoch: Number(stateEpoch ?? epoch), ...place };
    });
    const merged = mergeRegion('a', 30, checkpoint, authorities);
    const text = merged.map((each) => `${each.group}@${each.epoch}:${new TextDecoder().decode(each.state)}`);
    expect(text.sort()).toEqual(expected.sort());
  });
}

describe('what a region consists of after the death of its server', () => {
  check('nothing', undefined, {}, []);
  check('a checkpoint newer than the record', { 1: '10:new' }, { 1: 'a 10:old' }, ['1@30:new']);
  check('a record newer than the checkpoint', { 1: '10:old' }, { 1: 'a 12:new' }, ['1@30:new']);
  check('came by a handoff after the checkpoint', {}, { 1: 'a 12:new' }, ['1@30:new']);
  check('came, and there is no checkpoint at all', undefined, { 1: 'a 12:new' }, ['1@30:new']);
  check('went to a neighbour', { 1: '10:old' }, { 1: 'b 12:new' }, []);
  check('went and came back', { 1: '10:old' }, { 1: 'a 14:new' }, ['1@30:new']);
  check('has left the world', { 1: '10:old' }, {}, []);
  check('never had a record', { 1: '!20:npc' }, {}, ['1@30:npc']);
  check('got its record by crossing away', { 1: '!20:npc' }, { 1: 'b 25:npc' }, []);
  check('got its record, and came back', { 1: '!20:old' }, { 1: 'a 27:new' }, ['1@30:new']);
  check(
    'another session took it over after the checkpoint: its state is no older for it',
    { 1: '10:new' },
    { 1: 'a 15/10:old' },
    ['1@30:new'],
  );
  check('an epoch above the region’s is kept', { 1: '10:x' }, { 1: 'a 40/10:x' }, ['1@40:x']);
  check('others’ groups are others’', { 1: '10:x' }, { 1: 'a 10:x', 2: 'b 11:y' }, ['1@30:x']);
  test('the record says who plays it', () => {
    const checkpoint = {
      region: 'a',
      epoch: 20,
      tick: 1,
      world: new Uint8Array(0),
      groups: [{ ...group(1, 10, 'x'), session: 'old' }],
    };
    const place = { x: undefined, y: undefined, z: undefined };
    const record = { region: 'a', group: { ...group(1, 15, 'y'), session: 'new' }, stateEpoch: 10, ...place };
    expect(mergeRegion('a', 30, checkpoint, [record])[0]).toMatchObject({ session: 'new', claimed: true });
  });
});
