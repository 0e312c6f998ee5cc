import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingGame, playerAtBorder, prepareAndFreeze, Story } from '../../test/story.ts';
import { decodeGroup } from './group-state.ts';

const golden = new URL('../../golden/group-state.json', import.meta.url);

/** A player with a pet, a timer, messages that wait, and a session that has been resumed. */
function sample(): Uint8Array {
  const story = new Story();
  const { a, gateway } = playerAtBorder(story);
  gateway.say(1, 1, 'pet');
  gateway.say(1, 2, 'timer');
  gateway.add(1, 3, 42);
  story.run(50);
  gateway.attach(2, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
  return prepareAndFreeze(story, a).state;
}

describe('the state of a group', () => {
  it('reads back as what it was', () => {
    const cargo = decodeGroup(sample(), countingGame());
    expect(cargo?.entities).toMatchObject([
      { id: 1000, position: { x: -5, y: 0, z: 0 }, entity: { name: 'ann', sum: 42 }, data: { sum: 42, log: [42] } },
      { entity: { name: 'pet', sum: 7 }, data: undefined },
    ]);
    expect(cargo?.sessions).toMatchObject([
      { cursor: { session: 'ann-session', player: 'ann', applied: 3, generation: 2, confirmed: 1, remainingMs: 120_000 } },
    ]);
    expect(cargo?.sessions[0]?.messages.length).toBeGreaterThan(0);
    expect(cargo?.timers).toMatchObject([{ entity: 1000, name: 'ring', data: { loud: true } }]);
  });

  it('is the same bytes as ever: checkpoints of earlier versions are read', () => {
    const { hex } = JSON.parse(readFileSync(golden, 'utf8')) as { hex: string };
    expect(Buffer.from(sample()).toString('hex')).toBe(hex);
  });

  it('from strangers, or from disk after a bad day, is refused and never throws', () => {
    const state = sample();
    const game = countingGame();
    fc.assert(
      fc.property(fc.nat(state.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(state.length), (at, flip, cut) => {
        const bent = state.slice();
        bent[at] = (bent[at] as number) ^ flip;
        decodeGroup(bent, game);
        if (cut < state.length) expect(decodeGroup(state.subarray(0, cut), game)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodeGroup(bytes, game);
      }),
    );
  });
});
