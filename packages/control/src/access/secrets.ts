/** Secrets: made by chance, kept as hashes, compared in constant time. 256 bits of chance need no slow hash. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

export function makeSecret(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

export function hashOf(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', secret, 'buffer'));
}

/**
 * Hashes of secrets that were found to be good, because a backend shows the same one with each of its thousands of requests a second. Whether the secret
 * still opens anything is asked each time.
 */
export class KnownHashes {
  readonly #hashes = new Map<string, Uint8Array<ArrayBuffer>>();

  of(secret: string): Uint8Array<ArrayBuffer> {
    return this.#hashes.get(secret) ?? hashOf(secret);
  }

  /** It was good. */
  keep(secret: string, hash: Uint8Array<ArrayBuffer>): void {
    if (this.#hashes.has(secret)) return;
    if (this.#hashes.size >= knownMax) this.#hashes.clear();
    this.#hashes.set(secret, hash);
  }
}

/** More than there may be keys. */
const knownMax = 256;

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return timingSafeEqual(a, b);
}

/** By their hashes, so that neither content nor length can be timed. */
export function sameSecret(a: string, b: string): boolean {
  return sameHash(hashOf(a), hashOf(b));
}
