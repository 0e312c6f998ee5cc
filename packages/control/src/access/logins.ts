/**
 * Who has logged in to the dashboard: a cookie that scripts cannot read, and a record in the Store, whose only writer this is, so that a login
 * outlives a restart of the control plane.
 */
import type { Clock, Store } from '@horizon-atlas/ports';
import { AtlasError, decodeRecord, encodeRecord, keys, LoginRecord } from '@horizon-atlas/protocol';
import { Refused } from '../problems.ts';
import type { Scope } from '../resources/access.ts';
import { hashOf, makeSecret } from './secrets.ts';

export const policy = {
  loginMs: 12 * 60 * 60 * 1000,
  /** Beyond, the oldest one ends. */
  loginsMax: 1000,
} as const;

export const cookieName = 'atlas-login';

export class Logins {
  readonly #store: Store;
  readonly #clock: Clock;
  /** By the hash of the cookie's value; oldest first. */
  readonly #logins = new Map<string, LoginRecord>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async open(): Promise<void> {
    const { records } = await this.#store.list(keys.logins);
    const found: [string, LoginRecord][] = [];
    for (const { key, value } of records) {
      const record = decodeRecord(LoginRecord, value);
      if (!record) throw new AtlasError('STORE_CORRUPT', `the record ${key} cannot be read`);
      found.push([key.slice(keys.logins.length), record]);
    }
    for (const [hash, record] of found.sort(([, a], [, b]) => a.createdAtMs - b.createdAtMs)) this.#logins.set(hash, record);
    await this.#forget([...this.#logins].filter(([, login]) => this.#isOver(login)).map(([hash]) => hash));
  }

  has(hash: string): boolean {
    const login = this.#logins.get(hash);
    return login !== undefined && !this.#isOver(login);
  }

  /** By the Cookie header of a request. */
  find(cookies: string | undefined): { readonly hash: string; readonly login: LoginRecord } | undefined {
    const value = cookieIn(cookies, cookieName);
    if (value === undefined) return undefined;
    const hash = nameOf(value);
    const login = this.#logins.get(hash);
    return login && !this.#isOver(login) ? { hash, login } : undefined;
  }

  /** Answers the value of Set-Cookie, too. */
  async begin(
    actor: string,
    scopes: readonly Scope[],
    secure: boolean,
  ): Promise<{ readonly login: LoginRecord; readonly hash: string; readonly cookie: string }> {
    const value = makeSecret('');
    const createdAtMs = Math.floor(this.#clock.wall());
    const login = { actor, scopes: [...scopes], csrf: makeSecret(''), createdAtMs, expiresAtMs: createdAtMs + policy.loginMs };
    const hash = nameOf(value);
    const result = await this.#store.transact([{ op: 'put', key: keys.login(hash), value: encodeRecord(LoginRecord, login) }]);
    if (!result.ok) throw new Refused(result.code, 'the login could not be written down; try again');
    this.#logins.set(hash, login);
    if (this.#logins.size > policy.loginsMax) await this.#forget([this.#logins.keys().next().value ?? '']);
    return { login, hash, cookie: cookieText(value, policy.loginMs / 1000, secure) };
  }

  /** Ends those for which `which` holds; answers their hashes. */
  async end(which: (hash: string, login: LoginRecord) => boolean): Promise<readonly string[]> {
    const hashes = [...this.#logins].filter(([hash, login]) => which(hash, login)).map(([hash]) => hash);
    await this.#forget(hashes);
    return hashes;
  }

  readonly endCookie = cookieText('', 0, false);

  async #forget(hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    for (const hash of hashes) this.#logins.delete(hash);
    await this.#store.transact(hashes.slice(0, 1000).map((hash) => ({ op: 'delete', key: keys.login(hash) }) as const));
  }

  #isOver({ expiresAtMs }: LoginRecord): boolean {
    return expiresAtMs <= this.#clock.wall();
  }
}

function nameOf(value: string): string {
  return Buffer.from(hashOf(value)).toString('base64url');
}

export function cookieIn(cookies: string | undefined, name: string): string | undefined {
  const pair = cookies?.split(';').find((each) => each.trimStart().startsWith(`${name}=`));
  return pair?.slice(pair.indexOf('=') + 1).trim();
}

function cookieText(value: string, maxAgeS: number, secure: boolean): string {
  return `${cookieName}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
