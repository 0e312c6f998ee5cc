/** Takes back a timer. Calling it again, or after the timer ran, does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since an arbitrary start, monotonic, with fractions where the host has them. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC. May jump; for people and for expiry dates only. */
  wall(): number;
  /** Runs `fn` once, when `now()` has reached `ms` and never before. A cancelled timer never runs. */
  at(ms: number, fn: () => void): Cancel;
}
