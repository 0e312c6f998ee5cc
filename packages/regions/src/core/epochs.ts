/**
 * The world's one counter. Numbers are reserved in the Store in blocks before they are used, so that no later coordinator draws one of
 * them again; what was reserved and not used is lost, which costs nothing.
 */
import { assert } from '@horizon-atlas/base';
import { EpochsRecord, encodeRecord, keys } from '@horizon-atlas/protocol';
import { regionsLimits } from './policy.ts';
import type { Writes } from './writes.ts';

export class Epochs {
  readonly #writes: Writes;
  #next = 0;
  #reservedTo = 0;
  #version = 0;
  #asking = false;

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  /** Every number that was drawn is below this. */
  get next(): number {
    return this.#next;
  }

  /** The next number, or 0 while none is reserved: whoever wanted it tries again later. */
  draw(): number {
    if (this.#reservedTo - this.#next < regionsLimits.epochBlock / 2) this.#reserve();
    if (this.#next >= this.#reservedTo) return 0;
    return this.#next++;
  }

  /** Numbers in [from, to) are reserved by the record of this version. */
  begin(from: number, to: number, version: number): void {
    this.#next = from;
    this.#reservedTo = to;
    this.#version = version;
  }

  #reserve(): void {
    if (this.#asking) return;
    this.#asking = true;
    const to = this.#reservedTo + regionsLimits.epochBlock;
    const value = encodeRecord(EpochsRecord, { reservedTo: to });
    const conditions = [{ key: keys.epochs, version: this.#version }];
    this.#writes.write({ ops: [{ op: 'put', key: keys.epochs, value }], conditions }, (outcome) => {
      this.#asking = false;
      assert(outcome.kind !== 'conflict', 'only the coordinator of this term reserves epochs');
      // Refused or unsettled: the next draw asks again, for the same block under the same condition.
      if (outcome.kind !== 'written') return;
      this.#version = outcome.version;
      this.#reservedTo = to;
    });
  }
}
