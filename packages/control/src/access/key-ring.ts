/** The API's keys: records in the Store, whose only writer this is, and a table of their hashes in memory. */
import type { Clock, Store } from '@horizon-atlas/ports';
import { ApiKeyRecord, AtlasError, decodeRecord, encodeRecord, keys } from '@horizon-atlas/protocol';
import { Refused } from '../problems.ts';
import type { Key, NewKey, Scope } from '../resources/access.ts';
import { hashOf, makeSecret } from './secrets.ts';

export const limits = { keys: 200 } as const;

interface Known {
  readonly record: ApiKeyRecord;
  lastUsedAtMs: number | null;
}

export class KeyRing {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byHash = new Map<string, Known>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async open(): Promise<void> {
    const { records } = await this.#store.list(keys.apiKeys);
    for (const { key, value } of records) {
      const record = decodeRecord(ApiKeyRecord, value);
      if (!record) throw new AtlasError('STORE_CORRUPT', `the record ${key} cannot be read`);
      this.#remember(record);
    }
  }

  list(): readonly Key[] {
    return [...this.#byHash.values()].map(keyOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param hash of the secret that was shown. undefined: no key has it. */
  use(hash: Uint8Array): { readonly name: string; readonly scopes: readonly Scope[] } | undefined {
    // A table of hashes tells nothing by its timing: who does not know the secret cannot choose the hash.
    const known = this.#byHash.get(textOf(hash));
    if (known) known.lastUsedAtMs = this.#clock.wall();
    return known?.record;
  }

  async create(name: string, scopes: readonly Scope[], createdBy: string): Promise<NewKey> {
    if (this.list().some((key) => key.name === name)) throw existing(name);
    if (this.#byHash.size >= limits.keys) throw new Refused('KEYS_FULL', `there are ${limits.keys} API keys; delete one first`);
    const secret = makeSecret('atlas_');
    const record = {
      name,
      hash: hashOf(secret),
      scopes: [...new Set(scopes)],
      createdAtMs: Math.floor(this.#clock.wall()),
      createdBy,
    };
    const result = await this.#store.transact(
      [{ op: 'put', key: keys.apiKey(name), value: encodeRecord(ApiKeyRecord, record) }],
      [{ key: keys.apiKey(name), version: 0 }],
    );
    if (!result.ok) throw result.code === 'STORE_CONFLICT' ? existing(name) : new Refused(result.code);
    return { ...keyOf(this.#remember(record)), secret };
  }

  /** False: there is none. */
  async delete(name: string): Promise<boolean> {
    const found = [...this.#byHash].find(([, { record }]) => record.name === name);
    if (!found) return false;
    // At once, whatever becomes of the record: who deletes a key wants it dead now.
    this.#byHash.delete(found[0]);
    const result = await this.#store.transact([{ op: 'delete', key: keys.apiKey(name) }]);
    if (result.ok) return true;
    this.#byHash.set(found[0], found[1]);
    throw new Refused(result.code, `the key ${name} could not be deleted and still works`);
  }

  #remember(record: ApiKeyRecord): Known {
    const known: Known = { record, lastUsedAtMs: null };
    this.#byHash.set(textOf(record.hash), known);
    return known;
  }
}

function existing(name: string): Refused {
  return new Refused('KEY_EXISTS', `there is a key called ${name}; choose another name, or delete it first`);
}

function keyOf({ record: { name, scopes, createdAtMs, createdBy }, lastUsedAtMs }: Known): Key {
  return { name, scopes: [...scopes], createdAtMs, createdBy, lastUsedAtMs };
}

function textOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64url');
}
