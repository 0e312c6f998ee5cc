/**
 * Logins that are at the identity provider: each is for the browser that began it, once, and for ten minutes. In memory: who is on the way while the
 * control plane starts again begins again.
 */
import type { Clock } from '@horizon-atlas/ports';
import { Refused } from '../problems.ts';
import { hashOf, makeSecret, sameSecret } from './secrets.ts';

export interface PendingLogin {
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly redirectUrl: string;
  readonly returnPath: string;
}

export const limits = {
  pendingMs: 10 * 60 * 1000,
  /** Beyond, the oldest one has to begin again. */
  pending: 1000,
} as const;

interface Kept extends PendingLogin {
  /** What the browser's cookie says. */
  readonly browser: string;
  readonly untilMs: number;
}

export class PendingLogins {
  readonly #clock: Clock;
  /** By the hash of the state; oldest first. */
  readonly #byState = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `state` goes to the provider and comes back in the URL, `browser` stays with the browser. */
  begin(login: PendingLogin): { readonly state: string; readonly browser: string } {
    const state = makeSecret('');
    const browser = makeSecret('');
    this.#byState.set(nameOf(state), { ...login, browser, untilMs: this.#clock.now() + limits.pendingMs });
    if (this.#byState.size > limits.pending) this.#byState.delete(this.#byState.keys().next().value ?? '');
    return { state, browser };
  }

  /** It is taken by this: the same state does not do twice. Throws LOGIN_FAILED. */
  take(state: string, browser: string | undefined): PendingLogin {
    const kept = this.#byState.get(nameOf(state));
    if (!kept || kept.untilMs <= this.#clock.now())
      throw new Refused('LOGIN_FAILED', 'this login was used already, or took longer than ten minutes: log in again');
    // It stays for the browser that began it: somebody else's page shall not be able to end it.
    if (browser === undefined || !sameSecret(browser, kept.browser))
      throw new Refused(
        'LOGIN_FAILED',
        'this login was not begun in this browser, or its cookie is gone: log in again, with cookies allowed',
      );
    this.#byState.delete(nameOf(state));
    return kept;
  }
}

function nameOf(state: string): string {
  return Buffer.from(hashOf(state)).toString('base64url');
}
