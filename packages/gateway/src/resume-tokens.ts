/**
 * Resume tokens: `v1.<key id>.<claim>.<mac>`, claim and mac in base64url. The mac is HMAC-SHA-256, by the key's secret, over
 * everything before its dot. Any gateway can check one, because the control plane gives all of them the same keys; that each is
 * good once only is the game server's to say, by the generation in the claim.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Reader, Writer } from '@horizon-atlas/base';
import { ResumeClaim } from '@horizon-atlas/protocol';
import type { ResumeIdentity } from './core/out.ts';

/** A token outlives its welcome by this, so that it is still good when a connection is lost after a long evening. */
const VALID_MS = 7 * 24 * 60 * 60 * 1000;
const NONCE_BYTES = 16;

export interface SigningKey {
  readonly key: string;
  readonly secret: Uint8Array;
}

export class ResumeTokens {
  readonly #wall: () => number;
  #keys: readonly SigningKey[] = [];

  /** @param wall milliseconds since 1970 */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  get ready(): boolean {
    return this.#keys.length > 0;
  }

  /** The first signs, all of them verify. */
  useKeys(keys: readonly SigningKey[]): void {
    this.#keys = keys;
  }

  /** Without a key there is no session to resume either, so the empty token does no harm. */
  seal({ session, player, generation }: ResumeIdentity): string {
    const [signer] = this.#keys;
    if (signer === undefined) return '';
    const w = new Writer();
    const expiresAtMs = Math.floor(this.#wall()) + VALID_MS;
    ResumeClaim.write(w, { session, player, generation, expiresAtMs, nonce: new Uint8Array(randomBytes(NONCE_BYTES)) });
    const signed = `v1.${signer.key}.${Buffer.from(w.view()).toString('base64url')}`;
    return `${signed}.${macOf(signed, signer.secret).toString('base64url')}`;
  }

  /** undefined: malformed, expired, or signed by an unknown key. */
  unseal(token: string): ResumeIdentity | undefined {
    const [version, id, claimText, macText, more] = token.split('.');
    if (version !== 'v1' || claimText === undefined || macText === undefined || more !== undefined) return undefined;
    const signer = this.#keys.find(({ key }) => key === id);
    if (signer === undefined) return undefined;
    // Compared as text: base64 has several spellings of the same bytes, and a token has one.
    const expected = Buffer.from(macOf(`v1.${id}.${claimText}`, signer.secret).toString('base64url'));
    const mac = Buffer.from(macText);
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined;
    const r = new Reader(Buffer.from(claimText, 'base64url'));
    const { session, player, generation, expiresAtMs } = ResumeClaim.read(r);
    if (r.bad || r.left > 0 || expiresAtMs <= this.#wall()) return undefined;
    return { session, player, generation };
  }
}

function macOf(text: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
