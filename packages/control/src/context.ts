/** What endpoints work with: the sources of answers, who is known, and the streams that are open. */

import type { Guard } from './access/guard.ts';
import type { KeyRing } from './access/key-ring.ts';
import type { Logins } from './access/logins.ts';
import type { OidcLogin } from './access/oidc-login.ts';
import type { ControlDeps, ControlPolicy } from './http-api.ts';
import { Refused } from './problems.ts';
import type { Outcome, Sources } from './sources.ts';
import type { WatchHub } from './watch/hub.ts';
import type { Streams } from './watch/streams.ts';

export interface ApiContext {
  readonly deps: ControlDeps;
  readonly policy: ControlPolicy;
  readonly guard: Guard;
  readonly keyRing: KeyRing;
  readonly logins: Logins;
  /** Where an identity provider is configured. */
  readonly oidc: OidcLogin | undefined;
  readonly streams: Streams;
  /** Pushes of matchmaking: as many as players wait, so they have a limit of their own. */
  readonly tickets: Streams;
  readonly hub: WatchHub;
}

/** Throws NOT_READY where it is not there yet. */
export function need<K extends keyof Sources>(context: ApiContext, name: K): NonNullable<Sources[K]> {
  const source = context.deps.sources[name];
  if (!source) throw new Refused('NOT_READY', `this Atlas has no ${name} to tell of yet`);
  return source;
}

/** Throws what a source refused. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Refused(outcome.code, outcome.message);
  return outcome;
}

export function found<T>(value: T | undefined, what: string, id: string): T {
  if (value === undefined) throw new Refused('NOT_FOUND', `there is no ${what} ${JSON.stringify(id)}`);
  return value;
}
