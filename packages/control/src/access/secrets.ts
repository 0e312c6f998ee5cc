/** Secrets: made by chance, kept as hashes, compared in constant time. 256 bits of chance need no slow hash. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

export function makeSecret(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

export function hashOf(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', secret, 'buffer'));
}

/** By their hashes, so that neither content nor length can be timed. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}
