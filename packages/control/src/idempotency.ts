/**
 * Answers by Idempotency-Key, so that a repeat of a change whose answer was lost is no second change. Kept in memory: after a restart of the
 * control plane a key is new again.
 */
import { createHash } from 'node:crypto';
import { Refused } from './problems.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export const limits = {
  /** Beyond, the oldest is forgotten. */
  answers: 2000,
  /** Characters of all their bodies. Beyond, the oldest is forgotten, too. */
  characters: 32 * 1024 * 1024,
  keptMs: 24 * 60 * 60 * 1000,
} as const;

interface Entry {
  readonly fingerprint: string;
  readonly atMs: number;
  readonly answer: Promise<KeptAnswer>;
  /** Of its body, once it is known. */
  characters: number;
}

export class Idempotency {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  /**
   * The answer to the first request with this key of this caller; a repeat while that is under way waits for it. Throws IDEMPOTENCY_CONFLICT
   * where the request is another one. An answer after which trying again may succeed is not kept.
   */
  async answer(
    who: string,
    key: string,
    request: string,
    nowMs: number,
    run: () => Promise<KeptAnswer>,
  ): Promise<{ readonly answer: KeptAnswer; readonly repeated: boolean }> {
    const name = `${who}\0${key}`;
    const fingerprint = createHash('sha256').update(request).digest('base64');
    this.#forget(nowMs);
    const known = this.#entries.get(name);
    if (known) {
      if (known.fingerprint === fingerprint) return { answer: await known.answer, repeated: true };
      throw new Refused(
        'IDEMPOTENCY_CONFLICT',
        'this Idempotency-Key came with another request before; each act has its own key',
      );
    }
    const answer = run();
    const entry: Entry = { fingerprint, atMs: nowMs, answer, characters: 0 };
    this.#entries.set(name, entry);
    const drop = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    };
    answer.then(({ status, body }) => {
      if (status >= 500 || status === 429) drop();
      if (this.#entries.get(name) !== entry) return;
      entry.characters = body.length;
      this.#characters += body.length;
    }, drop);
    return { answer: await answer, repeated: false };
  }

  #forget(nowMs: number): void {
    for (const [name, { atMs, characters }] of this.#entries) {
      const few = this.#entries.size < limits.answers && this.#characters < limits.characters;
      if (few && nowMs - atMs < limits.keptMs) return;
      this.#entries.delete(name);
      this.#characters -= characters;
    }
  }
}

/** undefined: none was given. Throws REQUEST_INVALID. */
export function keyIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw new Refused('REQUEST_INVALID', 'Idempotency-Key: expected 1 to 200 visible characters', {
    errors: [
      { in: 'header', field: 'Idempotency-Key', expected: '1 to 200 visible characters', found: String(header).slice(0, 60) },
    ],
  });
}
