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
import { Heap } from '@horizon-atlas/base';
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
  /** Answers that are remembered for requests that come again. */
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

interface Request extends AllocationRequest {
  /** Of its selectors, as far as they were looked at. */
  readonly signatures: string[];
}

export class Allocator {
  readonly #out: AllocatorOut;
  readonly #shelves = new Shelves();
  readonly #waiting = new Waiting<Request>();
  /** Grants that are being written, in order, and the servers as they are without them. */
  readonly #pending = new Map<string, Allocation>();
  readonly #certain = new Map<string, GameServer>();
  readonly #granted = new Map<string, Allocation>();
  /** Whose a server is: grants, written or not. */
  readonly #byServer = new Map<string, Set<string>>();
  readonly #answers = new Map<string, AllocationAnswer>();
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
      this.#remember(allocation.requestId, { ok: true, allocation });
      this.#grant(allocation, nowMs);
    }
    for (const requestId of ended) this.#remember(requestId, endedAnswer);
  }

  waits(requestId: string): boolean {
    return this.#waiting.has(requestId);
  }

  /**
   * A server is as told. Whether it is given away is known here and nowhere else: of one that somebody has, a word of being ready is old, or
   * the game server's mistake, and it stays allocated until it is released.
   */
  heard(told: GameServer, nowMs: number): void {
    const server = this.#byServer.has(told.id) && told.state === 'Ready' ? { ...told, state: 'Allocated' as const } : told;
    if (this.#certain.has(server.id)) {
      this.#certain.set(server.id, server);
      this.#stack(server.id, nowMs);
    } else this.#shelves.put(server);
    if (server.state !== 'Other' && this.#waiting.size > 0) this.#serve(nowMs);
  }

  /** The server is no more, and no grant of it either; records of them, written or on their way, are to be deleted. */
  gone(server: string): void {
    this.#shelves.remove(server);
    this.#certain.delete(server);
    for (const requestId of this.#byServer.get(server) ?? []) {
      this.#granted.delete(requestId);
      this.#over(requestId);
      // Whoever asked is better told now than sent to a server that is not there.
      if (this.#pending.delete(requestId)) {
        this.#out.answer(requestId, refuse('ALLOCATION_NONE_READY', 'the game server died as it was allocated'));
      }
    }
    this.#byServer.delete(server);
  }

  allocate(wish: AllocationRequest, nowMs: number): void {
    const known = this.#answers.get(wish.requestId);
    if (known) return this.#out.answer(wish.requestId, known);
    if (this.#pending.has(wish.requestId) || this.#waiting.has(wish.requestId)) return;
    const request: Request = { ...wish, signatures: [] };
    const refusal = this.#refusal(request);
    if (refusal) return this.#out.answer(wish.requestId, refusal);
    if (this.#try(request, nowMs)) return;
    if (request.waitMs === 0) return this.#out.answer(request.requestId, this.#none(request));
    if (this.#waiting.size >= limits.waiting) {
      return this.#out.answer(request.requestId, refuse('ALLOCATION_QUEUE_FULL', `${limits.waiting} requests wait already`));
    }
    this.#waiting.add(request, request.priority);
    this.#due.push(nowMs + Math.min(request.waitMs, limits.waitMsMax), { kind: 'wait', requestId: request.requestId });
  }

  /** The grant is durable, or could not be made so: then nothing of it has happened. */
  written(requestId: string, ok: boolean, nowMs: number): void {
    const allocation = this.#pending.get(requestId);
    if (!allocation) return;
    this.#pending.delete(requestId);
    const certain = this.#certain.get(allocation.server);
    if (ok && certain) this.#certain.set(allocation.server, changed(certain, allocation.change, nowMs) ?? certain);
    if (!ok) this.#forget(allocation);
    if (certain) this.#stack(allocation.server, nowMs);
    if (!ok) return this.#out.answer(requestId, refuse('STORE_UNAVAILABLE', 'the grant could not be written'));
    this.#grant(allocation, nowMs);
    const answer: AllocationAnswer = { ok: true, allocation };
    this.#remember(requestId, answer);
    this.#out.answer(requestId, answer);
  }

  /** Its players have come: the lease is fulfilled. False: there is no such grant any more. */
  activate(requestId: string): boolean {
    const allocation = this.#granted.get(requestId);
    if (!allocation) return false;
    this.#granted.set(requestId, { ...allocation, leaseUntilMs: Number.POSITIVE_INFINITY });
    return true;
  }

  /** The session is over. */
  release(requestId: string): Allocation | undefined {
    const allocation = this.#granted.get(requestId);
    if (allocation) this.#forget(allocation);
    return allocation;
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
        if (request) this.#out.answer(due.requestId, this.#none(request));
        continue;
      }
      const allocation = due && this.#granted.get(due.requestId);
      if (!allocation || allocation.leaseUntilMs > nowMs) continue;
      this.#forget(allocation);
      this.#out.expired(allocation);
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

  #try(request: Request, nowMs: number): boolean {
    for (let i = 0; i < request.selectors.length; i++) {
      const selector = request.selectors[i] as Selector;
      let looked = 0;
      request.signatures[i] ??= JSON.stringify(selector);
      const signature = request.signatures[i] as string;
      for (const server of this.#shelves.candidates(selector, signature, request.priorities, request.scheduling)) {
        if (looked++ >= limits.looked) break;
        if (!countsMatch(selector, server)) continue;
        const next = changed(server, request.change, nowMs);
        if (!next) continue;
        this.#reserve(request, server, next, nowMs);
        return true;
      }
    }
    return false;
  }

  #reserve(request: Request, before: GameServer, next: GameServer, nowMs: number): void {
    const { requestId, leaseMs, change } = request;
    const leaseUntilMs = leaseMs === 0 ? Number.POSITIVE_INFINITY : nowMs + Math.min(leaseMs, limits.leaseMsMax);
    const allocation: Allocation = {
      requestId,
      server: before.id,
      fleet: before.fleet,
      leaseUntilMs,
      change,
      note: request.note,
    };
    this.#pending.set(requestId, allocation);
    if (!this.#certain.has(before.id)) this.#certain.set(before.id, before);
    this.#hold(allocation);
    this.#shelves.put(next);
    this.#out.write(allocation, next);
  }

  /** The server as it is, and on top of it the grants that are being written. */
  #stack(id: string, nowMs: number): void {
    let server = this.#certain.get(id);
    if (!server) return;
    let writing = false;
    for (const requestId of this.#byServer.get(id) ?? []) {
      const pending = this.#pending.get(requestId);
      if (!pending) continue;
      writing = true;
      server = changed(server, pending.change, nowMs) ?? server;
    }
    if (!writing) this.#certain.delete(id);
    this.#shelves.put(server);
  }

  #grant(allocation: Allocation, nowMs: number): void {
    this.#granted.set(allocation.requestId, allocation);
    this.#hold(allocation);
    const { requestId, leaseUntilMs } = allocation;
    if (leaseUntilMs < Number.POSITIVE_INFINITY) this.#due.push(Math.max(leaseUntilMs, nowMs), { kind: 'lease', requestId });
  }

  #hold({ server, requestId }: Allocation): void {
    const holders = this.#byServer.get(server);
    if (holders) {
      holders.add(requestId);
      return;
    }
    // Empty first: from a list it would be made by walking that, for each allocation.
    const first = new Set<string>();
    this.#byServer.set(server, first.add(requestId));
  }

  #forget({ server, requestId }: Allocation): void {
    this.#granted.delete(requestId);
    this.#over(requestId);
    const holders = this.#byServer.get(server);
    holders?.delete(requestId);
    if (holders?.size === 0) this.#byServer.delete(server);
  }

  /** Whoever asks again after its end is told so, and not sent to a server that is somebody else's by now. */
  #over(requestId: string): void {
    if (this.#answers.has(requestId)) this.#answers.set(requestId, endedAnswer);
  }

  #remember(requestId: string, answer: AllocationAnswer): void {
    if (this.#answers.size >= limits.remembered) this.#answers.delete(this.#answers.keys().next().value ?? '');
    this.#answers.set(requestId, answer);
  }

  #refusal({ selectors, priorities }: Request): AllocationAnswer | undefined {
    if (selectors.length === 0 || selectors.length > limits.selectors) {
      return refuse('REQUEST_INVALID', `a request has 1 to ${limits.selectors} selectors, not ${selectors.length}`);
    }
    return this.#shelves.learn(selectors, priorities)
      ? undefined
      : refuse('REQUEST_INVALID', 'requests have asked for too many different labels, counters or lists');
  }

  #none({ selectors }: Request): AllocationAnswer {
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
