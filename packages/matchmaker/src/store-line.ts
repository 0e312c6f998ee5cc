/**
 * What the desk wants kept, in the order in which it says so: one transaction at a time, with all that has gathered. What must come about is tried
 * until it does, and what was said later waits behind it; the rest is told that it failed.
 */
import type { Cancel, Clock, Store, StoreOp } from '@horizon-atlas/ports';
import { storeLimits } from '@horizon-atlas/ports';
import { type ErrorCode, encodeRecord, keys, MatchRecord, RatingRecord, TicketRecord } from '@horizon-atlas/protocol';
import type { Change } from './core/desk-io.ts';

interface Entry {
  readonly ops: readonly StoreOp[];
  readonly must: boolean;
  readonly then: (code: ErrorCode | '') => void;
}

export const againMs = 250;

export class StoreLine {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onTrouble: (code: ErrorCode, message: string) => void;
  #waiting: Entry[] = [];
  #busy = false;
  #closed = false;
  /** After a failure so many entries are written one by one: a large one must not take others down with it. */
  #alone = 0;
  #cancel: Cancel = () => {};
  #onIdle: (() => void)[] = [];

  constructor(store: Store, clock: Clock, onTrouble: (code: ErrorCode, message: string) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  add(ops: readonly StoreOp[], must: boolean, then: (code: ErrorCode | '') => void): void {
    this.#waiting.push({ ops, must, then });
    void this.#pump();
  }

  /** Resolves when everything that was said is written, or can no longer be. */
  async close(): Promise<void> {
    if (this.#busy || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle.push(resolve);
        // A store that does not answer does not hold a stop up.
        this.#clock.at(this.#clock.now() + 2_000, resolve);
      });
    }
    this.#closed = true;
    this.#cancel();
  }

  async #pump(): Promise<void> {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#batch();
      const result = await this.#store.transact(batch.flatMap(({ ops }) => ops));
      if (result.ok) {
        for (const { then } of batch) then('');
        continue;
      }
      const code: ErrorCode = result.code;
      this.#onTrouble(code, 'message' in result ? result.message : result.key);
      if (batch.length > 1) {
        this.#alone = batch.length;
        this.#waiting = [...batch, ...this.#waiting];
        continue;
      }
      const [entry] = batch;
      if (!entry?.must) entry?.then(code);
      else {
        this.#waiting = [entry, ...this.#waiting];
        await new Promise<void>((resolve) => {
          this.#cancel = this.#clock.at(this.#clock.now() + againMs, resolve);
        });
        if (this.#closed) return;
      }
    }
    this.#busy = false;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #batch(): Entry[] {
    const batch: Entry[] = [];
    let ops = 0;
    while (batch.length < this.#waiting.length && (this.#alone === 0 || batch.length === 0)) {
      const next = this.#waiting[batch.length] as Entry;
      if (batch.length > 0 && ops + next.ops.length > storeLimits.ops) break;
      ops += next.ops.length;
      batch.push(next);
    }
    if (this.#alone > 0) this.#alone--;
    this.#waiting = this.#waiting.slice(batch.length);
    return batch;
  }
}

export function opsOf(changes: readonly Change[]): StoreOp[] {
  return changes.map(opOf);
}

function opOf(change: Change): StoreOp {
  switch (change.kind) {
    case 'ticket': {
      const { id: ticket, queue } = change.ticket;
      return { op: 'put', key: keys.ticket(ticket), value: encodeRecord(TicketRecord, { ticket, queue, body: change.ticket }) };
    }
    case 'ticket-gone':
      return { op: 'delete', key: keys.ticket(change.ticket) };
    case 'match': {
      const { id: match, queue } = change.match;
      return { op: 'put', key: keys.match(match), value: encodeRecord(MatchRecord, { match, queue, body: change.match }) };
    }
    case 'match-gone':
      return { op: 'delete', key: keys.match(change.match) };
    case 'rating': {
      const { rating } = change;
      return { op: 'put', key: keys.rating(rating.pool, rating.player), value: encodeRecord(RatingRecord, rating) };
    }
  }
}
