/**
 * Gives game servers away. The single writer of a fleet's allocations: told of servers, requests and time, it decides at once, and each decision
 * is written before it is told (`write`, answered by `written`). So no server is given to two, whatever is asked at the same time.
 *
 *   allocate ──▶ a server matches ────────────▶ writing ──written──▶ granted ──activate──▶ active ──release──▶ (gone)
 *      │                                           │ failed             │ lease over
 *      │ none, waitMs > 0                          ▼                    ▼
 *      └──▶ waiting (first come, first served, ─▶ (as before)        expired: the server is given back or recycled
 *           within a priority) ── waitMs over ──▶ refused with a reason
 *
 * A request with the id of an earlier one is that one: it gets the same answer, whatever became of the first answer on its way.
 */
import { Heap, must } from '@horizon-atlas/base';
import type { ErrorCode } from '@horizon-atlas/protocol';
import { type Change, changed, countsMatch, type GameServer, type Priority, type Selector } from './game-server.ts';
import { type Scheduling, Shelves } from './shelves.ts';
import { Waiting } from './waiting.ts';

export const limits = {
  /** Requests that wait for a server. */
  waiting: 10_000,
  /** Selectors of a request, tried in order. */
  selectors: 32,
  /** Servers that one selector looks at, where counters or lists have to be looked at one by one. */
  looked: 1_000,
  waitMsMax: 600_000,
  leaseMsMax: 3_600_000,
  /** Requests whose allocation has ended are remembered so many, for when they come again; those that stand always are. */
  remembered: 100_000,
} as const;

export interface AllocationRequest {
  /** Makes it the same request when it comes again. */
  readonly requestId: string;
  readonly selectors: readonly Selector[];
  readonly priorities: readonly Priority[];
  readonly scheduling: Scheduling;
  readonly change: Change;
  /** How long it may wait for a server, ms; 0: not at all. */
  readonly waitMs: number;
  /** The first player, or `activate`, must come within this, ms; 0: no lease. */
  readonly leaseMs: number;
  /** Higher ones are served first; equal ones in the order in which they came. */
  readonly priority: number;
  /** Goes into the allocation. */
  readonly note?: unknown;
}

export interface Allocation {
  readonly requestId: string;
  readonly server: string;
  readonly fleet: string;
  /** When the lease ends, ms; Infinity: never, or confirmed. */
  readonly leaseUntilMs: number;
  readonly change: Change;
  /** Whatever whoever asked wants to find again; of no meaning here. */
  readonly note?: unknown;
}

export type AllocationAnswer =
  | { readonly ok: true; readonly allocation: Allocation }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly etaMs: number | undefined };

export interface AllocatorOut {
  /** Makes it durable; then `written` is called with the same allocation. */
  write(allocation: Allocation, server: GameServer): void;
  /** To whoever asked: each request once. */
  answer(requestId: string, answer: AllocationAnswer): void;
  /** Nobody came in time. What becomes of the server is the fleet's policy. */
  expired(allocation: Allocation): void;
  /** When a server could come for somebody who waits, ms from now; undefined: not known. For the words of a refusal. */
  etaMs(selector: Selector): number | undefined;
}

interface Request {
  readonly wish: AllocationRequest;
  readonly requestId: string;
  /** Of its selectors, as far as they were looked at. */
  readonly signatures: string[];
}

/** What was decided of a request. */
interface Grant {
  allocation: Allocation;
  state: 'writing' | 'granted';
}

/** A server that somebody has, or is about to have. */
interface Held {
  readonly grants: Grant[];
  /** So many of them are being written. */
  writing: number;
  /** While some are: the server as it is without them. */
  certain: GameServer | undefined;
  /** What was laid on the shelf as it was reserved stands no more: something was heard of it, or a grant fell through. */
  moved: boolean;
}

export class Allocator {
  readonly #out: AllocatorOut;
  readonly #shelves = new Shelves();
  readonly #waiting = new Waiting<Request>();
  /** By request id; and the requests whose allocation has ended, the oldest first. */
  readonly #grants = new Map<string, Grant>();
  readonly #ended = new Set<string>();
  readonly #held = new Map<string, Held>();
  readonly #due = new Heap<{ readonly kind: 'wait' | 'lease'; readonly requestId: string }>();

  constructor(out: AllocatorOut) {
    this.#out = out;
  }

  get servers(): number {
    return this.#shelves.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get dueMs(): number {
    return this.#due.minKey;
  }

  server(id: string): GameServer | undefined {
    return this.#shelves.get(id);
  }

  /** What was granted before a restart, and requests whose allocation has ended already. Servers come by `heard`. */
  restore(allocations: readonly Allocation[], ended: readonly string[], nowMs: number): void {
    for (const allocation of allocations) {
      const grant: Grant = { allocation, state: 'granted' };
      this.#grants.set(allocation.requestId, grant);
      this.#hold(grant);
      this.#setLease(allocation, nowMs);
    }
    for (const requestId of ended) this.#remember(requestId);
  }

  /** This very grant is being written: nobody has been told of it. */
  isWriting(allocation: Allocation): boolean {
    const grant = this.#grants.get(allocation.requestId);
    return grant?.state === 'writing' && grant.allocation === allocation;
  }

  /** A grant of the server is being written: nobody has it yet, and somebody may in a moment. */
  isPromised(server: string): boolean {
    return (this.#held.get(server)?.writing ?? 0) > 0;
  }

  waits(requestId: string): boolean {
    return this.#waiting.has(requestId);
  }

  /**
   * A server is as told. Whether it is given away is known here and nowhere else: of one that somebody has, a word of being ready is old, or
   * the game server's mistake, and it stays allocated until it is released.
   */
  heard(told: GameServer, nowMs: number): void {
    const held = this.#held.get(told.id);
    const server = held && told.state === 'Ready' ? { ...told, state: 'Allocated' as const } : told;
    if (held?.certain) {
      held.certain = server;
      held.moved = true;
      this.#stack(held, nowMs);
    } else this.#shelves.put(server);
    if (server.state !== 'Other' && this.#waiting.size > 0) this.#serve(nowMs);
  }

  /**
   * The server is no more, and no grant of it either; records of them, written or on their way, are to be deleted. Answers the requests whose grants
   * are being written.
   */
  gone(server: string): readonly string[] {
    this.#shelves.remove(server);
    const held = this.#held.get(server);
    if (!held) return [];
    this.#held.delete(server);
    const unwritten: string[] = [];
    for (const grant of held.grants) {
      const { requestId } = grant.allocation;
      if (grant.state === 'granted') this.#end(grant);
      else {
        this.#grants.delete(requestId);
        unwritten.push(requestId);
        // Whoever asked is better told now than sent to a server that is not there.
        this.#out.answer(requestId, refuse('ALLOCATION_NONE_READY', 'the game server died as it was allocated'));
      }
    }
    return unwritten;
  }

  allocate(wish: AllocationRequest, nowMs: number): void {
    const { requestId, waitMs, priority } = wish;
    const known = this.#grants.get(requestId);
    if (known?.state === 'granted') return this.#out.answer(requestId, { ok: true, allocation: known.allocation });
    if (known || this.#waiting.has(requestId)) return;
    if (this.#ended.has(requestId)) return this.#out.answer(requestId, endedAnswer);
    const refusal = this.#refusal(wish);
    if (refusal) return this.#out.answer(requestId, refusal);
    const request: Request = { wish, requestId, signatures: [] };
    if (this.#try(request, nowMs)) return;
    if (waitMs === 0) return this.#out.answer(requestId, this.#none(wish));
    if (this.#waiting.size >= limits.waiting) {
      return this.#out.answer(requestId, refuse('ALLOCATION_QUEUE_FULL', `${limits.waiting} requests wait already`));
    }
    this.#waiting.add(request, priority);
    this.#due.push(nowMs + Math.min(waitMs, limits.waitMsMax), { kind: 'wait', requestId });
  }

  /** The grant is durable, or could not be made so: then nothing of it has happened. */
  written(requestId: string, ok: boolean, nowMs: number): void {
    const grant = this.#grants.get(requestId);
    if (grant?.state !== 'writing') return;
    const { allocation } = grant;
    const held = must(this.#held.get(allocation.server), 'a grant that is written holds its server');
    held.writing--;
    if (ok) grant.state = 'granted';
    else {
      this.#grants.delete(requestId);
      held.moved = true;
      this.#letGo(grant);
    }
    if (ok && held.certain && (held.writing > 0 || held.moved))
      held.certain = changed(held.certain, allocation.change, nowMs) ?? held.certain;
    // Mostly it lies there already as it was reserved.
    if (held.writing > 0 || held.moved) this.#stack(held, nowMs);
    if (held.writing === 0) {
      held.certain = undefined;
      held.moved = false;
    }
    if (!ok) return this.#out.answer(requestId, refuse('STORE_UNAVAILABLE', 'the grant could not be written'));
    this.#setLease(allocation, nowMs);
    this.#out.answer(requestId, { ok: true, allocation });
  }

  /** Its players have come: the lease is fulfilled. False: there is no such grant any more. */
  activate(requestId: string): boolean {
    const grant = this.#standing(requestId);
    if (grant) grant.allocation = { ...grant.allocation, leaseUntilMs: Number.POSITIVE_INFINITY };
    return grant !== undefined;
  }

  /** The session is over. */
  release(requestId: string): Allocation | undefined {
    const grant = this.#standing(requestId);
    if (!grant) return undefined;
    this.#letGo(grant);
    this.#end(grant);
    return grant.allocation;
  }

  /** False: it did not wait any more. */
  cancel(requestId: string): boolean {
    const waited = this.#waiting.remove(requestId) !== undefined;
    if (waited) this.#out.answer(requestId, refuse('ALLOCATION_CANCELLED', 'whoever asked has taken it back'));
    return waited;
  }

  tick(nowMs: number): void {
    while (this.#due.minKey <= nowMs) {
      const due = this.#due.pop();
      if (due?.kind === 'wait') {
        const request = this.#waiting.remove(due.requestId);
        if (request) this.#out.answer(due.requestId, this.#none(request.wish));
        continue;
      }
      const grant = due && this.#standing(due.requestId);
      if (!grant || grant.allocation.leaseUntilMs > nowMs) continue;
      this.#letGo(grant);
      this.#end(grant);
      this.#out.expired(grant.allocation);
    }
  }

  #serve(nowMs: number): void {
    // In order; who finds nothing waits on, and so does everybody after him with the same wishes.
    const hopeless = new Set<string>();
    for (const request of this.#waiting) {
      const wishes = request.signatures.join();
      if (hopeless.has(wishes)) continue;
      if (this.#try(request, nowMs)) this.#waiting.remove(request.requestId);
      else hopeless.add(wishes);
    }
  }

  #try({ wish, signatures }: Request, nowMs: number): boolean {
    const { selectors, priorities, scheduling, change } = wish;
    for (let i = 0; i < selectors.length; i++) {
      const selector = selectors[i] as Selector;
      let looked = 0;
      signatures[i] ??= JSON.stringify(selector);
      for (const server of this.#shelves.candidates(selector, signatures[i] as string, priorities, scheduling)) {
        if (looked++ >= limits.looked) break;
        if (!countsMatch(selector, server)) continue;
        const next = changed(server, change, nowMs);
        if (!next) continue;
        this.#reserve(wish, server, next, nowMs);
        return true;
      }
    }
    return false;
  }

  #reserve({ requestId, leaseMs, change, note }: AllocationRequest, before: GameServer, next: GameServer, nowMs: number): void {
    const leaseUntilMs = leaseMs === 0 ? Number.POSITIVE_INFINITY : nowMs + Math.min(leaseMs, limits.leaseMsMax);
    const allocation: Allocation = { requestId, server: before.id, fleet: before.fleet, leaseUntilMs, change, note };
    const grant: Grant = { allocation, state: 'writing' };
    this.#grants.set(requestId, grant);
    const held = this.#hold(grant);
    held.writing++;
    held.certain ??= before;
    this.#shelves.put(next);
    this.#out.write(allocation, next);
  }

  /** The server as it is, and on top of it the grants that are being written. */
  #stack({ grants, certain }: Held, nowMs: number): void {
    let server = certain;
    if (!server) return;
    for (const { state, allocation } of grants) {
      if (state === 'writing') server = changed(server, allocation.change, nowMs) ?? server;
    }
    this.#shelves.put(server);
  }

  #hold(grant: Grant): Held {
    const { server } = grant.allocation;
    const known = this.#held.get(server);
    if (known) {
      known.grants.push(grant);
      return known;
    }
    // Most are held once: a list made with its only entry has no room for more.
    const held: Held = { grants: [grant], writing: 0, certain: undefined, moved: false };
    this.#held.set(server, held);
    return held;
  }

  #standing(requestId: string): Grant | undefined {
    const grant = this.#grants.get(requestId);
    return grant?.state === 'granted' ? grant : undefined;
  }

  #setLease({ requestId, leaseUntilMs }: Allocation, nowMs: number): void {
    if (leaseUntilMs < Number.POSITIVE_INFINITY) this.#due.push(Math.max(leaseUntilMs, nowMs), { kind: 'lease', requestId });
  }

  /** Its server is not its any more. */
  #letGo(grant: Grant): void {
    const held = this.#held.get(grant.allocation.server);
    if (!held) return;
    held.grants.splice(held.grants.indexOf(grant), 1);
    if (held.grants.length === 0) this.#held.delete(grant.allocation.server);
  }

  /** Whoever asks again after its end is told so, and not sent to a server that is somebody else's by now. */
  #end({ allocation: { requestId } }: Grant): void {
    this.#grants.delete(requestId);
    this.#remember(requestId);
  }

  #remember(ended: string): void {
    if (this.#ended.size >= limits.remembered) this.#ended.delete(this.#ended.keys().next().value ?? '');
    this.#ended.add(ended);
  }

  #refusal({ selectors, priorities }: AllocationRequest): AllocationAnswer | undefined {
    if (selectors.length === 0 || selectors.length > limits.selectors) {
      return refuse('REQUEST_INVALID', `a request has 1 to ${limits.selectors} selectors, not ${selectors.length}`);
    }
    return this.#shelves.learn(selectors, priorities)
      ? undefined
      : refuse('REQUEST_INVALID', 'requests have asked for too many different labels, counters or lists');
  }

  #none({ selectors }: AllocationRequest): AllocationAnswer {
    const etaMs = selectors.map((selector) => this.#out.etaMs(selector)).filter((ms) => ms !== undefined);
    return {
      ok: false,
      code: 'ALLOCATION_NONE_READY',
      message: 'no game server that matches is ready',
      etaMs: etaMs.length === 0 ? undefined : Math.min(...etaMs),
    };
  }
}

const endedAnswer = refuse('ALLOCATION_ENDED', 'this allocation has ended');

function refuse(code: ErrorCode, message: string): AllocationAnswer {
  return { ok: false, code, message, etaMs: undefined };
}
