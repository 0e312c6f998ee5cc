/** The words in which the Store's suite tells its stories. */

import type { Store, StoreOp, StoreResult } from '@horizon-atlas/ports';
import { expect } from 'vitest';
import { Inbox, turns, within } from './await.ts';

export function put(key: string, value: string): StoreOp {
  return { op: 'put', key, value: bytes(value) };
}

export function del(key: string): StoreOp {
  return { op: 'delete', key };
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array | undefined): string {
  return value === undefined ? '' : new TextDecoder().decode(value);
}

/** The revision of a transaction that must have gone through. */
export async function revisionOf(answer: Promise<StoreResult>): Promise<number> {
  const result = await answer;
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.revision : -1;
}

/** Everything below the prefix as text by key. */
export async function snapshot(store: Store, prefix = ''): Promise<Record<string, string>> {
  const { records } = await store.list(prefix);
  return Object.fromEntries(records.map((record) => [record.key, text(record.value)]));
}

/** Writes a record and resolves once a watch of it has been told: watches that are older have been told, too. */
export async function changed(store: Store, key: string): Promise<void> {
  const told = new Inbox<number>();
  const { revision } = await store.list(key);
  const stop = store.watch(key, revision, () => told.add(1));
  await store.transact([put(key, 'changed')]);
  await told.atLeast(1, `the change of ${key}`);
  await turns(2);
  stop();
}

/** What a careful reader keeps: the list, then the changes since, and the list again when it was told 'too-old'. */
export async function watching(store: Store, prefix: string): Promise<{ state: Record<string, string>; stop: () => void }> {
  const { records, revision } = await within(store.list(prefix), 'the list');
  const state: Record<string, string> = Object.fromEntries(records.map((record) => [record.key, text(record.value)]));
  let seen = revision;
  const stop = store.watch(prefix, revision, (event) => {
    if (event.kind === 'too-old') throw new Error('too old, though the history is long enough');
    for (const change of event.changes) {
      if (change.version < seen) throw new Error(`version ${change.version} after ${seen}`);
      seen = change.version;
      if (change.value === undefined) delete state[change.key];
      else state[change.key] = text(change.value);
    }
  });
  return { state, stop };
}
