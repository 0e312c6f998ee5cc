/** Secrets that an installation makes for itself: keys of resume tokens (in the Store) and the development token secret (a file). */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Entropy, Store } from '@horizon-atlas/ports';
import { AtlasError, decodeRecord, encodeRecord, keys, SigningKeysRecord } from '@horizon-atlas/protocol';

export type SigningKey = SigningKeysRecord['keys'][0];

export const policy = {
  /** At a start the newest key is replaced when it is older than this; the one before still verifies. */
  keyMs: 7 * 24 * 60 * 60 * 1000,
  keysKept: 2,
  secretBytes: 32,
} as const;

/** Newest first: it signs, all of them verify. Rejects with STORE_CORRUPT or STORE_UNAVAILABLE. */
export async function signingKeys(store: Store, entropy: Entropy, wallMs: number): Promise<readonly SigningKey[]> {
  const found = await store.get(keys.signingKeys);
  const record = found && decodeRecord(SigningKeysRecord, found.value);
  if (found && !record) throw new AtlasError('STORE_CORRUPT', 'the record of signing keys cannot be read');
  const known = record?.keys ?? [];
  const [newest] = known;
  if (newest && wallMs - newest.createdAtMs < policy.keyMs) return known;
  const fresh = {
    key: entropy.id('key'),
    secret: new Uint8Array(randomBytes(policy.secretBytes)),
    createdAtMs: Math.max(0, Math.floor(wallMs)),
  };
  const next = [fresh, ...known].slice(0, policy.keysKept);
  const value = encodeRecord(SigningKeysRecord, { keys: next });
  const result = await store.transact(
    [{ op: 'put', key: keys.signingKeys, value }],
    [{ key: keys.signingKeys, version: found?.version ?? 0 }],
  );
  if (!result.ok) throw new AtlasError(result.code, 'the signing keys cannot be written');
  return next;
}

/** The secret of tokens for development, kept so that they survive a restart. Readable by its owner only. */
export function devSecret(file: string): string {
  if (existsSync(file)) {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret.length >= policy.secretBytes) return secret;
  }
  const secret = randomBytes(policy.secretBytes).toString('base64url');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
