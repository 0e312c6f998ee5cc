import type { Cancel } from './clock.ts';

/**
 * Notices between capabilities that may be lost: what must not be lost goes through the Store.
 * Subjects are dot-separated words; a pattern may end in `.>` for everything below it.
 */
export interface Bus {
  /** Delivered at most once to each subscriber of now, on a later turn, in order per publisher and subject. The bytes are copied. */
  publish(subject: string, payload: Uint8Array): void;
  /** `fn` must not throw; if it does, the error is reported and other subscribers are unharmed. */
  subscribe(pattern: string, fn: (payload: Uint8Array, subject: string) => Uint8Array | undefined | void): Cancel;
  /** The first answer that a subscriber of the subject returns, or undefined after `timeoutMs`. */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined>;
}
