export interface Entropy {
  /** A whole number in [0, 2^32); unpredictable in production, seeded in the simulator. */
  u32(): number;
  /** A new id `prefix_…` of 26 characters after the prefix; ids of one process sort by the time they were made. */
  id(prefix: string): string;
}
