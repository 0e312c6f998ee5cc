/**
 * How Node.js is to run simulated worlds. Nearly everything is garbage when its world ends: what survives a collection
 * is not worth the threads that could share in it, and 16 MB of young objects are fewer pages to fill for the first time than the default's 64.
 * Types are noted from the first call on: all code gets hot here, and what is compiled without having seen them is compiled again.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=16', '--single-threaded-gc', '--no-lazy-feedback-allocation'];
