/**
 * Which of two sessions of one player stands.
 *
 * A `join` may have lain in a paused process or on a slow link since before the login that it would now replace; then its client is long
 * gone, and the one in play would be sent away for nobody. So its gateway is asked first, and only an answer to this very question counts.
 * And whoever has been replaced does not come back by repeating itself: it is told why it went.
 */
import type { Join } from './admission.ts';
import type { Desk } from './desk.ts';
import { regionsLimits } from './policy.ts';

interface Challenge {
  readonly gateway: string;
  readonly join: Join;
  readonly nonce: number;
}

export class Challenges {
  readonly #desk: Desk;
  /** By session, oldest first. */
  readonly #asked = new Map<string, Challenge>();
  readonly #replaced = new Set<string>();
  #nonce = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** The gateway repeats a join until it is answered, so a lost question is asked again. */
  ask(gateway: string, join: Join): void {
    const { request, session } = join;
    const nonce = this.#asked.get(session)?.nonce ?? ++this.#nonce;
    this.#asked.delete(session);
    this.#asked.set(session, { gateway, join, nonce });
    if (this.#asked.size > regionsLimits.joins) {
      for (const oldest of this.#asked.keys()) {
        this.#asked.delete(oldest);
        break;
      }
    }
    this.#desk.out.toGateway(gateway, { kind: 'confirm', request, session, nonce });
  }

  /** The session has given way to another one of its player. */
  replaced(session: string): void {
    this.#replaced.add(session);
    if (this.#replaced.size <= regionsLimits.tombstones) return;
    for (const oldest of this.#replaced) {
      this.#replaced.delete(oldest);
      break;
    }
  }

  isReplaced(session: string): boolean {
    return this.#replaced.has(session);
  }

  /** The join that was asked about; undefined: this answers nothing that was asked, or was answered before. */
  answered(session: string, nonce: number): Challenge | undefined {
    const challenge = this.#asked.get(session);
    if (challenge?.nonce !== nonce) return undefined;
    this.#asked.delete(session);
    return challenge;
  }
}
