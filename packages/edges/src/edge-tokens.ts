/** Edge tokens with their macs: sealed by the control plane for who was given a place, checked by edges. The bytes are in core/edge-token.ts. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type EdgeClaim, MAC_BYTES, namesKey, readEdgeClaim, writeEdgeClaim } from './core/edge-token.ts';

export interface EdgeKey {
  readonly secret: Uint8Array;
}

interface Derived {
  readonly mac: Buffer;
  readonly hint: Uint8Array;
}

export class EdgeTokens {
  readonly #wall: () => number;
  #keys: readonly Derived[] = [];

  /** @param wall milliseconds since 1970 */
  constructor(wall: () => number, keys: readonly EdgeKey[] = []) {
    this.#wall = wall;
    this.useKeys(keys);
  }

  /** The first seals, all of them verify. */
  useKeys(keys: readonly EdgeKey[]): void {
    this.#keys = keys.map(({ secret }) => ({
      mac: createHmac('sha256', secret).update('atlas edge token v1').digest(),
      hint: createHmac('sha256', secret).update('atlas edge token hint v1').digest().subarray(0, 4),
    }));
  }

  /** A token for a player's way to a server. Throws without a key, and for ids longer than 64 bytes. */
  seal({ server, player, validS }: { readonly server: string; readonly player: string; readonly validS: number }): Uint8Array {
    const key = this.#keys[0];
    if (!key) throw new Error('there is no key to seal an edge token with');
    const expiresS = Math.ceil(this.#wall() / 1000) + validS;
    const signed = writeEdgeClaim(key.hint, { server, player, expiresS, nonce: new Uint8Array(randomBytes(8)) });
    return new Uint8Array(Buffer.concat([signed, macOf(key, signed)]));
  }

  verify(token: Uint8Array): EdgeClaim | 'TOKEN_INVALID' | 'TOKEN_EXPIRED' {
    for (const key of this.#keys) {
      if (!namesKey(token, key.hint)) continue;
      const at = token.length - MAC_BYTES;
      if (!timingSafeEqual(macOf(key, token.subarray(0, at)), token.subarray(at))) continue;
      const claim = readEdgeClaim(token);
      if (!claim) return 'TOKEN_INVALID';
      return claim.expiresS * 1000 > this.#wall() ? claim : 'TOKEN_EXPIRED';
    }
    return 'TOKEN_INVALID';
  }
}

/** As it stands in URLs and JSON. */
export function edgeTokenText(token: Uint8Array): string {
  return Buffer.from(token).toString('base64url');
}

/** undefined: no base64url of a possible length. */
export function edgeTokenBytes(text: string): Uint8Array | undefined {
  return /^[\w-]{40,400}$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64url')) : undefined;
}

function macOf({ mac }: Derived, signed: Uint8Array): Buffer {
  return createHmac('sha256', mac).update(signed).digest().subarray(0, MAC_BYTES);
}
