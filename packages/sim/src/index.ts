/** The whole system on one thread from one seed. */
export { allCheckers } from './checkers/all.ts';
export { type Checker, Violation } from './checkers/checker.ts';
export { calm, drawFaults, type Faults } from './faults.ts';
export { drawHabits, type Habits, steady } from './habits.ts';
export type { Taps } from './taps.ts';
export { World, type WorldOptions } from './world.ts';
