/**
 * Everything durable of game servers, through one door: allocations, whose writing is waited for, and records of servers, which follow.
 * All that comes in one turn is one transaction (group commit); transactions take effect in the order in which they were begun.
 *
 * What could not be written is tried again: of a server's record the latest; an allocation is refused to who asked, and its record,
 * which may have been written after all, is deleted.
 */
import type { Cancel, Clock, Probe, Store, StoreOp, StoreResult } from '@horizon-atlas/ports';
import { storeLimits } from '@horizon-atlas/ports';

/** Until a refused transaction is tried again, ms. */
const retryMs = 100;

interface Ticket {
  readonly op: StoreOp;
  /** Undefined: it is tried again until it is written. */
  readonly done: ((ok: boolean) => void) | undefined;
}

export class Journal {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #probe: Probe;
  #tickets: Ticket[] = [];
  /** Records that follow, by key: what makes their value when it is their turn; undefined: to be deleted. */
  readonly #dirty = new Map<string, () => Uint8Array | undefined>();
  /** The last word on each key that is waited for: an earlier one that was refused is not tried again behind it. */
  readonly #newest = new Map<string, Ticket>();
  #scheduled = false;
  #flying = new Set<Promise<void>>();
  #cancelRetry: Cancel = () => {};
  #closed = false;

  constructor(store: Store, clock: Clock, probe: Probe) {
    this.#store = store;
    this.#clock = clock;
    this.#probe = probe;
  }

  /** Something that is waited for. `done` says whether it is on the disk; without it, it is tried again until it is. */
  put(key: string, value: Uint8Array | undefined, done?: (ok: boolean) => void): void {
    const ticket: Ticket = { op: value ? { op: 'put', key, value } : { op: 'delete', key }, done };
    this.#tickets.push(ticket);
    this.#newest.set(key, ticket);
    this.#schedule();
  }

  /** A record that is to follow what it describes: `value` is asked when it is written. Called again before that, it is one write. */
  follow(key: string, value: () => Uint8Array | undefined): void {
    this.#dirty.set(key, value);
    this.#schedule();
  }

  /** Resolves when all that was given is written, or was refused once more. */
  async close(): Promise<void> {
    this.#flush();
    this.#closed = true;
    this.#cancelRetry();
    while (this.#flying.size > 0) await Promise.all(this.#flying);
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    // At the end of this turn.
    void Promise.resolve().then(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    while (this.#tickets.length > 0 || this.#dirty.size > 0) {
      const tickets = this.#tickets.splice(0, storeLimits.ops);
      const followers = this.#takeDirty(storeLimits.ops - tickets.length);
      const flight: Promise<void> = this.#write(tickets, followers).finally(() => this.#flying.delete(flight));
      this.#flying.add(flight);
    }
  }

  #takeDirty(most: number): [string, () => Uint8Array | undefined][] {
    const taken: [string, () => Uint8Array | undefined][] = [];
    for (const each of this.#dirty) {
      if (taken.length >= most) break;
      taken.push(each);
      this.#dirty.delete(each[0]);
    }
    return taken;
  }

  async #write(tickets: readonly Ticket[], followers: readonly [string, () => Uint8Array | undefined][]): Promise<void> {
    const ops: StoreOp[] = tickets.map(({ op }) => op);
    for (const [key, value] of followers) {
      const bytes = value();
      ops.push(bytes ? { op: 'put', key, value: bytes } : { op: 'delete', key });
    }
    let result: StoreResult;
    try {
      result = await this.#store.transact(ops);
    } catch (error) {
      result = { ok: false, code: 'STORE_UNAVAILABLE', message: String(error) };
    }
    if (!result.ok) this.#refused(tickets, followers, result.code);
    else for (const ticket of tickets) if (this.#newest.get(ticket.op.key) === ticket) this.#newest.delete(ticket.op.key);
    for (const { done } of tickets) done?.(result.ok);
  }

  #refused(tickets: readonly Ticket[], followers: readonly [string, () => Uint8Array | undefined][], code: string): void {
    this.#probe.count('atlas_game_server_store_refused_total', 1, { code });
    // A later word on the same record stands.
    for (const [key, value] of followers) if (!this.#dirty.has(key)) this.#dirty.set(key, value);
    const again: Ticket[] = [];
    for (const ticket of tickets) {
      const { op, done } = ticket;
      if (this.#newest.get(op.key) !== ticket) continue;
      const retried: Ticket =
        done && op.op === 'put' ? { op: { op: 'delete', key: op.key }, done: undefined } : { op, done: undefined };
      this.#newest.set(op.key, retried);
      again.push(retried);
    }
    this.#tickets = [...again, ...this.#tickets];
    this.#cancelRetry();
    this.#scheduled = true;
    this.#cancelRetry = this.#clock.at(this.#clock.now() + retryMs, () => this.#flush());
  }
}
