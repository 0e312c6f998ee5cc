/** Which scopes somebody has by what the identity provider says of them. */
import type { Scope } from '../resources/access.ts';

export interface AllowRule {
  /** Such as `groups`, or `realm_access.roles` for a claim within a claim. */
  readonly claim: string;
  /** The claim is this, or a list with this in it. */
  readonly value: string;
  readonly scopes: readonly Scope[];
}

export type Claims = Readonly<Record<string, unknown>>;

/** Of all rules that match. Empty: none does, and they may not in. */
export function scopesFor(claims: Claims, rules: readonly AllowRule[]): readonly Scope[] {
  return [...new Set(rules.filter((rule) => matches(claims, rule)).flatMap(({ scopes }) => scopes))];
}

/** Whether the claims say something about each rule; otherwise the provider's userinfo may know more. */
export function areDecided(claims: Claims, rules: readonly AllowRule[]): boolean {
  return rules.every(({ claim }) => claimAt(claims, claim) !== undefined);
}

function matches(claims: Claims, { claim, value }: AllowRule): boolean {
  // Anybody can write anybody's address into their profile; the provider says when it has not looked.
  if (claim === 'email' && claims.email_verified === false) return false;
  const found = claimAt(claims, claim);
  return (Array.isArray(found) ? found : [found]).some((each) => isPlain(each) && String(each) === value);
}

/** A name with dots in it may be one claim (`https://example.com/roles`) or a way into one. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((at, key) => {
    const isInside = typeof at === 'object' && at !== null && Object.hasOwn(at, key);
    return isInside ? (at as Claims)[key] : undefined;
  }, claims);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
