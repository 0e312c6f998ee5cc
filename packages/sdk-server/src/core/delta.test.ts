import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffStates, packSections, patchState, type Section, unpackSections } from './delta.ts';

const section: fc.Arbitrary<Section> = fc.record({
  kind: fc.integer({ min: 0, max: 8 }),
  id: fc.integer({ min: 0, max: 5 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
});
/** Keys are unique, as in a group's state. */
const state = fc
  .uniqueArray(section, { maxLength: 12, selector: ({ kind, id }) => `${kind}/${id}` })
  .map((sections) => packSections(sections));

describe('a delta', () => {
  it('leads from any state to any other', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const delta = diffStates(before, after);
        expect(delta && patchState(before, delta)).toEqual(after);
      }),
    );
  });

  it('goes through the comparison of the game where it has one', () => {
    const xor = {
      kind: 3,
      delta: (_before: Uint8Array, after: Uint8Array) => after.map((each) => each ^ 0xff),
      patch: (_before: Uint8Array, delta: Uint8Array) => delta.map((each) => each ^ 0xff),
    };
    fc.assert(
      fc.property(state, state, (before, after) => {
        const delta = diffStates(before, after, xor);
        expect(delta && patchState(before, delta, xor)).toEqual(after);
      }),
    );
  });

  it('is small for a small change, also when something is put in between', () => {
    const big = new Uint8Array(10_000).map((_, i) => i);
    const longer = new Uint8Array(10_001).map((_, i) => (i < 5000 ? i : i - 1));
    const before = packSections([
      { kind: 1, id: 1, bytes: big },
      { kind: 2, id: 1, bytes: big },
    ]);
    const after = packSections([
      { kind: 1, id: 0, bytes: new Uint8Array(3) },
      { kind: 1, id: 1, bytes: longer },
      { kind: 2, id: 1, bytes: big },
    ]);
    expect(diffStates(before, after)?.length).toBeLessThan(80);
  });

  it('that is not one, or not for this state, is refused and never throws', () => {
    const whole = packSections([{ kind: 1, id: 1, bytes: new Uint8Array([1, 2, 3]) }]);
    const later = packSections([{ kind: 1, id: 1, bytes: new Uint8Array([1, 2, 4]) }]);
    const delta = diffStates(whole, later) as Uint8Array;
    expect(patchState(packSections([]), delta)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        unpackSections(bytes);
        const out = patchState(whole, bytes);
        expect(out === undefined || unpackSections(out) !== undefined).toBe(true);
        expect(diffStates(bytes, whole) === undefined).toBe(unpackSections(bytes) === undefined);
      }),
    );
  });
});
