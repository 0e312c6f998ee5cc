/** The engine's sort against a plain one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlotSort } from '../src/core/slot-sort.ts';

const value = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-320, -1e-320),
);

it('slots stand in the order of their values, equal ones in that of the slots', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 400 }), fc.boolean(), (written, shuffled) => {
      const values = Float64Array.from(written);
      const slots = Int32Array.from(values.keys());
      if (shuffled) slots.reverse();
      const expected = [...slots].sort((a, b) => {
        const [va, vb] = [values[a] as number, values[b] as number];
        return va < vb ? -1 : va > vb ? 1 : a - b;
      });
      new SlotSort(() => values).sort(slots, slots.length);
      expect([...slots]).toEqual(expected);
    }),
  );
});
