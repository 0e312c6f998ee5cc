/** Checks join tokens on the game server: signed by this Atlas, for this server, for a session that it has, and still good. */
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { JoinClaims } from '@horizon-atlas/protocol';

/** Clocks of two machines differ by at most this, s. */
const toleranceS = 5;
/** A token is shorter; longer texts are not looked at. */
const charsMax = 4096;

export type Admission =
  | { readonly ok: true; readonly player: string; readonly team: string; readonly session: string }
  /** `unheard`: all is well with it but that this server has no such match, or has it no longer. */
  | { readonly ok: false; readonly code: 'TOKEN_INVALID'; readonly message: string; readonly unheard: boolean };

export class JoinKeys {
  readonly #keys = new Map<string, KeyObject>();

  /** A JSON Web Key Set; what in it is no Ed25519 key is passed over. */
  set(json: string): void {
    let keys: readonly { readonly kid?: string }[];
    try {
      keys = (JSON.parse(json) as { keys?: { kid?: string }[] }).keys ?? [];
    } catch {
      return;
    }
    this.#keys.clear();
    for (const jwk of keys) {
      try {
        this.#keys.set(jwk.kid ?? '', createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }));
      } catch {
        // Of a kind that this release does not know.
      }
    }
  }

  /** @param nowS seconds since 1970 */
  admit(token: string, server: string, sessions: ReadonlySet<string>, nowS: number): Admission {
    const [head = '', body = '', signature = '', ...more] = token.length > charsMax ? [] : token.split('.');
    const { kid = '', alg } = parse<{ kid?: string; alg?: string }>(head) ?? {};
    const key = this.#keys.get(kid);
    if (alg !== 'EdDSA' || more.length > 0 || !key) return refuse('it is no join token, or signed by an unknown key');
    if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) {
      return refuse('its signature is wrong');
    }
    const { sub, srv, mat, team, exp } = parse<Partial<JoinClaims>>(body) ?? {};
    if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number') return refuse('it names no player, or no end');
    if (exp + toleranceS < nowS) return refuse('it has expired');
    if (srv !== server) return refuse('it is for another game server');
    const session = typeof mat === 'string' ? mat : '';
    if (session !== '' && !sessions.has(session)) return refuse('its match is not played here, or is over', true);
    return { ok: true, player: sub, team: typeof team === 'string' ? team : '', session };
  }
}

function refuse(message: string, unheard = false): Admission {
  return { ok: false, code: 'TOKEN_INVALID', message, unheard };
}

function parse<T>(part: string): T | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
