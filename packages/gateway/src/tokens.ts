/**
 * Who a player is: JWTs, checked against a shared secret (HS256) or against the keys that an identity provider publishes (JWKS,
 * fetched once, kept, and fetched again when a token names a key that is not among them).
 *
 * `sub` becomes the player's id, `name` the displayed name; `exp` is required.
 */

import { limits } from '@horizon-atlas/protocol';
import { createRemoteJWKSet, type JWTPayload, errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import type { TokenVerdict } from './core/out.ts';

export interface TokenClaims {
  /** Required `iss` and `aud`; undefined: any. */
  readonly issuer?: string;
  readonly audience?: string;
  /** Players without a token are let in under an id of their own; for development and demonstrations. */
  readonly guests?: boolean;
}

export type TokenSettings = TokenClaims & ({ readonly hs256Secret: string } | { readonly jwksUrl: string });

/** Clocks of two machines differ by at most this. */
const CLOCK_TOLERANCE_S = 5;
/** Keys are fetched again for an unknown key id at most this often, and at the latest after the second. */
const JWKS_COOLDOWN_MS = 5_000;
const JWKS_AGE_MS = 10 * 60 * 1000;
const JWKS_TIMEOUT_MS = 3_000;
/** An HS256 secret is at least as long as its hash (RFC 7518, 3.2). */
export const SECRET_BYTES = 32;
/** Never HS256: a published key must not serve as a shared secret. */
const ASYMMETRIC = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

const encoder = new TextEncoder();
const invalid: TokenVerdict = { ok: false, code: 'TOKEN_INVALID' };

/** @param guestId a new id for a player without a token */
export function makeTokenVerifier(settings: TokenSettings, guestId: () => string): (token: string) => Promise<TokenVerdict> {
  const { issuer, audience, guests = false } = settings;
  const options = { issuer, audience, clockTolerance: CLOCK_TOLERANCE_S, requiredClaims: ['exp', 'sub'] };
  const verify = verifierOf(settings, options);
  return async (token) => {
    if (token === '') {
      if (!guests) return invalid;
      const id = guestId();
      return { ok: true, player: id, name: 'Guest' };
    }
    try {
      return playerOf(await verify(token));
    } catch (error) {
      // Not the player's fault, and trying again may help.
      if (error instanceof joseErrors.JWKSTimeout || !(error instanceof joseErrors.JOSEError))
        return { ok: false, code: 'GATEWAY_BUSY' };
      return invalid;
    }
  };
}

type VerifyOptions = {
  issuer?: string | undefined;
  audience?: string | undefined;
  clockTolerance: number;
  requiredClaims: string[];
};

function verifierOf(settings: TokenSettings, options: VerifyOptions): (token: string) => Promise<JWTPayload> {
  if ('hs256Secret' in settings) {
    const secret = encoder.encode(settings.hs256Secret);
    return async (token) => (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'] })).payload;
  }
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  return async (token) => (await jwtVerify(token, keys, { ...options, algorithms: ASYMMETRIC })).payload;
}

function playerOf({ sub, name }: JWTPayload): TokenVerdict {
  if (typeof sub !== 'string' || sub === '' || encoder.encode(sub).length > limits.idBytes) return invalid;
  return { ok: true, player: sub, name: cut(typeof name === 'string' && name !== '' ? name : sub, limits.nameBytes) };
}

/** The longest beginning that fits into `bytes` of UTF-8, at a whole character. */
function cut(text: string, bytes: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read);
}

export interface DevTokenWishes {
  /** Of the gateway's `hs256Secret`. */
  readonly secret: string;
  readonly player: string;
  readonly name?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Default one hour. */
  readonly validS?: number;
}

/** A token for development and tests: whoever knows the secret is the issuer. */
export function issueDevToken({ secret, player, name, issuer, audience, validS = 3600 }: DevTokenWishes): Promise<string> {
  const jwt = new SignJWT({ name: name ?? player }).setProtectedHeader({ alg: 'HS256' }).setSubject(player).setIssuedAt();
  if (issuer !== undefined) jwt.setIssuer(issuer);
  if (audience !== undefined) jwt.setAudience(audience);
  return jwt.setExpirationTime(Math.floor(Date.now() / 1000) + validS).sign(encoder.encode(secret));
}
