/**
 * Broken invariants end the process; they are never an answer to bad input.
 * What the outside may do wrong is a value with a code (see protocol/errors.ts), not an assertion.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** The value, where its absence would be a bug. */
export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new Error(`invariant broken: ${message}`);
  return value;
}

/** The end of a switch over a union: the compiler refuses it while a member is unhandled. */
export function unreachable(value: never): never {
  throw new Error(`invariant broken: unreachable ${JSON.stringify(value)}`);
}
