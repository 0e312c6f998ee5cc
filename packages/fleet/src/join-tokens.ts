/**
 * Join tokens: short-lived JWTs (RFC 7519) that a player shows to an edge or a game server, signed with Ed25519 (RFC 8037). The private keys lie in the
 * Store and nowhere else; whoever checks a token needs the public ones, which are published.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Entropy, Store } from '@horizon-atlas/ports';
import {
  AtlasError,
  decodeRecord,
  encodeRecord,
  type JoinClaims,
  JoinKeysRecord,
  type JoinTokens,
  keys,
} from '@horizon-atlas/protocol';

export const joinTokenPolicy = {
  /** At a start the newest key is replaced when it is older than this; the one before still checks. */
  keyMs: 7 * 24 * 60 * 60 * 1000,
  keysKept: 2,
} as const;

interface Key {
  readonly kid: string;
  readonly secret: KeyObject;
  readonly x: string;
}

/** Rejects with STORE_CORRUPT, STORE_CONFLICT, STORE_FULL or STORE_UNAVAILABLE. */
export async function openJoinTokens(store: Store, entropy: Entropy, wallMs: number): Promise<JoinTokens> {
  const found = await store.get(keys.joinKeys);
  const record = found && decodeRecord(JoinKeysRecord, found.value);
  if (found && !record) throw new AtlasError('STORE_CORRUPT', 'the record of the keys of join tokens cannot be read');
  const known = record?.keys ?? [];
  const [newest] = known;
  if (newest && wallMs - newest.createdAtMs < joinTokenPolicy.keyMs) return made(known);
  const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
  const fresh = { key: entropy.id('jk'), secret: new Uint8Array(secret), createdAtMs: Math.max(0, Math.floor(wallMs)) };
  const next = [fresh, ...known].slice(0, joinTokenPolicy.keysKept);
  const result = await store.transact(
    [{ op: 'put', key: keys.joinKeys, value: encodeRecord(JoinKeysRecord, { keys: next }) }],
    [{ key: keys.joinKeys, version: found?.version ?? 0 }],
  );
  if (!result.ok) throw new AtlasError(result.code, 'the keys of join tokens cannot be written');
  return made(next);
}

function made(records: JoinKeysRecord['keys']): JoinTokens {
  const known = records.map(keyOf);
  const [newest] = known as [Key];
  return {
    sign: (claims) => signed(newest, claims),
    keys: () => known.map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid, x })),
  };
}

function keyOf({ key, secret }: JoinKeysRecord['keys'][0]): Key {
  const privateKey = createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid: key, secret: privateKey, x };
}

function signed({ kid, secret }: Key, claims: JoinClaims): string {
  const head = base64({ alg: 'EdDSA', typ: 'JWT', kid });
  const body = `${head}.${base64(claims)}`;
  return `${body}.${sign(null, Buffer.from(body), secret).toString('base64url')}`;
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
