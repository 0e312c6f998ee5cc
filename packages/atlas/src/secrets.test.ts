import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@horizon-atlas/adapter-memory';
import { keys } from '@horizon-atlas/protocol';
import { seededEntropy } from '@horizon-atlas/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { devSecret, policy, signingKeys } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'atlas-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('signing keys', () => {
  const entropy = seededEntropy(1, { wall: () => 0 });

  it('are made once and then found', async () => {
    const store = memoryStore();
    const made = await signingKeys(store, entropy, 1000.5);
    expect(made).toHaveLength(1);
    expect(made[0]?.secret.length).toBe(policy.secretBytes);
    expect(await signingKeys(store, entropy, 2000)).toEqual(made);
  });

  it('are replaced when they are old, and the one before still verifies', async () => {
    const store = memoryStore();
    const [first] = await signingKeys(store, entropy, 0);
    const second = await signingKeys(store, entropy, policy.keyMs);
    expect(second).toHaveLength(2);
    expect(second[1]).toEqual(first);
    const third = await signingKeys(store, entropy, policy.keyMs * 2);
    expect(third.map(({ key }) => key)).toEqual([third[0]?.key, second[0]?.key]);
  });

  it('that cannot be read are not replaced in silence', async () => {
    const store = memoryStore();
    await store.transact([{ op: 'put', key: keys.signingKeys, value: new Uint8Array([99]) }]);
    await expect(signingKeys(store, entropy, 0)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('the development secret', () => {
  it('stays, and is its owner’s alone', () => {
    const file = join(folder, 'dev-secret');
    const secret = devSecret(file);
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(devSecret(file)).toBe(secret);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('is made anew when the file is cut off', () => {
    const file = join(folder, 'cut');
    writeFileSync(file, 'x');
    expect(devSecret(file).length).toBeGreaterThanOrEqual(32);
  });
});
