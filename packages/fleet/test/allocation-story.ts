/** Servers and requests for tests of allocation, in few words; and a store that writes when it is told to. */

import type { Allocation } from '../src/core/allocation/allocator.ts';
import { type AllocationAnswer, type AllocationRequest, Allocator } from '../src/core/allocation/allocator.ts';
import type { Change, GameServer, Selector } from '../src/core/allocation/game-server.ts';

export function server(id: string, but: Partial<GameServer> = {}): GameServer {
  return { id, fleet: 'arena', state: 'Ready', labels: {}, counters: {}, lists: {}, node: 'here', sinceMs: 0, ...but };
}

export function selector(but: Partial<Selector> = {}): Selector {
  return { matchLabels: {}, matchExpressions: [], state: 'Ready', counters: {}, lists: {}, ...but };
}

export const nothing: Change = { counters: {}, lists: {}, labels: {}, annotations: {} };

export function request(requestId: string, but: Partial<AllocationRequest> = {}): AllocationRequest {
  return {
    requestId,
    selectors: [selector()],
    priorities: [],
    scheduling: 'Packed',
    change: nothing,
    waitMs: 0,
    leaseMs: 0,
    priority: 0,
    ...but,
  };
}

export class Desk {
  readonly answers: { readonly requestId: string; readonly answer: AllocationAnswer }[] = [];
  readonly expired: string[] = [];
  /** Grants that wait to be written; `settle` writes them. */
  readonly writing: Allocation[] = [];
  readonly allocator: Allocator;
  nowMs = 0;

  constructor(servers: readonly GameServer[] = []) {
    this.allocator = new Allocator({
      write: (allocation) => void this.writing.push(allocation),
      answer: (requestId, answer) => void this.answers.push({ requestId, answer }),
      expired: ({ requestId, server: id }) => void this.expired.push(`${requestId} ${id}`),
      etaMs: () => undefined,
    });
    for (const each of servers) this.allocator.heard(each, 0);
  }

  /** Asks, and lets all be written: `r1 on a`, or `r1 CODE`, of what was answered since the last time. */
  ask(...requests: readonly AllocationRequest[]): string[] {
    for (const each of requests) this.allocator.allocate(each, this.nowMs);
    return this.settle();
  }

  settle(ok = true): string[] {
    for (const { requestId } of this.writing.splice(0)) this.allocator.written(requestId, ok, this.nowMs);
    return this.answers
      .splice(0)
      .map(({ requestId, answer }) =>
        answer.ok ? `${requestId} on ${answer.allocation.server}` : `${requestId} ${answer.code}`,
      );
  }

  at(ms: number): string[] {
    this.nowMs = ms;
    this.allocator.tick(ms);
    return this.settle();
  }
}
