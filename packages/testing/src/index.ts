/** A game in a test. See README.md. */
export { TestPlayer } from './test-player.ts';
export { type TestOptions, type TestRegion, TestWorld, testWorld } from './test-world.ts';
