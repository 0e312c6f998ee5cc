/** The floor: what the language lacks. No dependencies, no I/O, no clock. */
export { assert, must, unreachable } from './assert.ts';
export { ByteBlocks } from './byte-blocks.ts';
export { Reader, Writer } from './bytes.ts';
export { Heap } from './heap.ts';
export { nearest } from './nearest.ts';
export { Prng } from './prng.ts';
export { Ring } from './ring.ts';
export { type Histogram, histogram, percentile } from './stats.ts';
