/**
 * How Node.js is to run the control plane. What is new there lives on mostly (an allocation, a session, a record), so the collector of young objects copies
 * much of what it finds and stops everything while it does: by the 64 MB of this Node.js for up to 15 ms, by 16 MB for a quarter of that work at a time.
 */
export const controlFlags: readonly string[] = ['--max-semi-space-size=16'];
