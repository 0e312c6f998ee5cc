/**
 * Everything durable of game servers, through one door: allocations, whose writing is waited for, and records of servers, which follow.
 * All that comes in one turn is one transaction (group commit). Transactions may overlap, and each may be refused alone; so what is about one game
 * server is never under way twice, and nothing overtakes: a grant stands on the end, or the deletion, of what its server was given to before, and is not
 * written before that is.
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
  /** The game server that it is about. */
  readonly server: string;
  /** Undefined: it is tried again until it is written. */
  readonly done: ((ok: boolean) => void) | undefined;
}

/** A record by its key, and what makes its value. */
type Follower = readonly [string, () => Uint8Array | undefined];

const none: readonly never[] = [];

export class Journal {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #probe: Probe;
  #tickets: Ticket[] = [];
  /** Records that follow, by key: what makes their value when it is their turn; undefined: to be deleted. */
  readonly #dirty = new Map<string, () => Uint8Array | undefined>();
  /** Keys and servers of tickets that are under way: the next one of them keeps until then, and goes behind what has to be tried again. */
  readonly #busy = new Set<string>();
  #scheduled = false;
  #flying = 0;
  /** Called when nothing is under way any more. */
  #landed: () => void = () => {};
  #cancelRetry: Cancel = () => {};
  #closed = false;
  /** It was refused though there is no time to try again. */
  #gaveUp = false;

  constructor(store: Store, clock: Clock, probe: Probe) {
    this.#store = store;
    this.#clock = clock;
    this.#probe = probe;
  }

  /** Something that is waited for. `done` says whether it is on the disk; without it, it is tried again until it is. */
  put(key: string, value: Uint8Array | undefined, server: string, done?: (ok: boolean) => void): void {
    this.#tickets.push({ op: value ? { op: 'put', key, value } : { op: 'delete', key }, server, done });
    this.#schedule();
  }

  /** A record that is to follow what it describes: `value` is asked when it is written. Called again before that, it is one write. */
  follow(key: string, value: () => Uint8Array | undefined): void {
    this.#dirty.set(key, value);
    this.#schedule();
  }

  /** Resolves when all that was given is written, or was refused once more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    do {
      this.#flush();
      if (this.#flying === 0) continue;
      await new Promise<void>((resolve) => {
        this.#landed = resolve;
      });
    } while (this.#flying > 0 || (this.#tickets.length > 0 && !this.#gaveUp));
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    // At the end of this turn.
    void Promise.resolve().then(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    for (;;) {
      const tickets = this.#takeTickets();
      const followers = this.#takeDirty(storeLimits.ops - tickets.length);
      if (tickets.length + followers.length === 0) return;
      this.#write(tickets, followers);
    }
  }

  /** In order, up to one of whose key or server something is under way. */
  #takeTickets(): readonly Ticket[] {
    if (this.#tickets.length === 0) return none;
    const most = Math.min(this.#tickets.length, storeLimits.ops);
    let count = 0;
    while (count < most && this.#isFree(this.#tickets[count] as Ticket)) count++;
    let taken = this.#tickets;
    if (count === taken.length) this.#tickets = [];
    else taken = taken.splice(0, count);
    for (const { op, server } of taken) this.#busy.add(op.key).add(server);
    return taken;
  }

  #isFree({ op, server }: Ticket): boolean {
    return this.#busy.size === 0 || !(this.#busy.has(op.key) || this.#busy.has(server));
  }

  #takeDirty(most: number): readonly Follower[] {
    if (this.#dirty.size === 0) return none;
    const taken: Follower[] = [];
    for (const each of this.#dirty) {
      if (taken.length >= most) break;
      taken.push(each);
      this.#dirty.delete(each[0]);
    }
    return taken;
  }

  #write(tickets: readonly Ticket[], followers: readonly Follower[]): void {
    const ops: StoreOp[] = tickets.map(({ op }) => op);
    for (const [key, value] of followers) {
      const bytes = value();
      ops.push(bytes ? { op: 'put', key, value: bytes } : { op: 'delete', key });
    }
    this.#flying++;
    this.#store.transact(ops).then(
      (result) => this.#written(tickets, followers, result),
      (error) => this.#written(tickets, followers, { ok: false, code: 'STORE_UNAVAILABLE', message: String(error) }),
    );
  }

  #written(tickets: readonly Ticket[], followers: readonly Follower[], result: StoreResult): void {
    for (const { op, server } of tickets) {
      this.#busy.delete(op.key);
      this.#busy.delete(server);
    }
    if (!result.ok) this.#refused(tickets, followers, result.code);
    for (const { done } of tickets) done?.(result.ok);
    if (this.#tickets.length > 0) this.#schedule();
    if (--this.#flying === 0) this.#landed();
  }

  #refused(tickets: readonly Ticket[], followers: readonly Follower[], code: string): void {
    this.#probe.count('atlas_game_server_store_refused_total', 1, { code });
    // A later word on the same record stands.
    for (const [key, value] of followers) if (!this.#dirty.has(key)) this.#dirty.set(key, value);
    const again = tickets.map(({ op, server, done }): Ticket => {
      const retried: StoreOp = done && op.op === 'put' ? { op: 'delete', key: op.key } : op;
      return { op: retried, server, done: undefined };
    });
    this.#tickets = [...again, ...this.#tickets];
    this.#cancelRetry();
    if (this.#closed) {
      this.#gaveUp = true;
      return;
    }
    this.#scheduled = true;
    this.#cancelRetry = this.#clock.at(this.#clock.now() + retryMs, () => {
      this.#tickets = withoutRepeats(this.#tickets);
      this.#flush();
    });
  }
}

/** Of words of one kind on one key, one after the other, the last, in the place of the first: who asks again and again of a full disk fills no memory. */
function withoutRepeats(tickets: readonly Ticket[]): Ticket[] {
  const kept: Ticket[] = [];
  const places = new Map<string, number>();
  for (const ticket of tickets) {
    const place = places.get(ticket.op.key) ?? kept.length;
    const before = kept[place];
    const repeats = before?.op.op === ticket.op.op && before.server === ticket.server && !before.done && !ticket.done;
    if (repeats) kept[place] = ticket;
    else places.set(ticket.op.key, kept.push(ticket) - 1);
  }
  return kept;
}
