/** The whole system on one thread from one seed. */
export { allCheckers } from './checkers/all.ts';
export { type Checker, Violation } from './checkers/checker.ts';
export { onePlace } from './checkers/one-place.ts';
export { oneWriter } from './checkers/one-writer.ts';
export { calm, drawFaults, type Faults } from './faults.ts';
export type { ClientLink, ToClient } from './gateway-node.ts';
export { drawHabits, type Habits, steady } from './habits.ts';
export { Process } from './kernel.ts';
export type { Taps } from './taps.ts';
export { type BankQuestion, World, type WorldOptions } from './world.ts';
