/** Who asks, and what they may. */
import type { Scope } from '../resources/access.ts';

export interface Caller {
  /** `local`, `token`, `key:<name>`, `oidc:<subject>`, `player:<id>`, or empty: nobody known. */
  readonly actor: string;
  /** With those that a higher one contains. */
  readonly scopes: readonly Scope[];
  readonly address: string;
  /** Of a cookie's session: changes have to show it. Empty otherwise. */
  readonly csrf: string;
  /** Names the cookie's session; empty without one. */
  readonly login: string;
  /** Whose own token it is: a player's, who has no scopes and may call what is open to players. Empty otherwise. */
  readonly player: string;
}

const order: readonly Scope[] = ['read', 'operate', 'admin'];

/** `admin` contains `operate`, and that `read`. */
export function withContained(scopes: readonly Scope[]): readonly Scope[] {
  const highest = Math.max(-1, ...scopes.map((scope) => order.indexOf(scope)));
  return order.slice(0, highest + 1);
}

export const allScopes: readonly Scope[] = order;
