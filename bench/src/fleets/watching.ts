/** Looks at game servers through the API until something is so. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, GameServer } from '@horizon-atlas/sdk-admin';

const LOOK_MS = 8;

/** ms from `fromMs`, of performance.now(), until it is so. Rejects after `withinMs`. */
export async function msUntil(what: string, is: () => Promise<boolean>, fromMs: number, withinMs = 20_000): Promise<number> {
  for (;;) {
    // Between the death of Atlas and its return nobody answers.
    if (await is().catch(() => false)) return performance.now() - fromMs;
    if (performance.now() - fromMs > withinMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    await sleep(LOOK_MS);
  }
}

/** To so many servers, `step` at a time: a machine that starts all of them at once is busy with nothing else. */
export async function grow(admin: Admin, fleet: string, to: number, step: number, withinMs: number): Promise<void> {
  for (let size = 0; size < to; ) {
    size = Math.min(to, size + step);
    const wanted = size;
    await admin.scaleFleet(fleet, wanted);
    const ready = async () => (await admin.fleet(fleet)).states.Ready === wanted;
    await msUntil(`${wanted} servers of ${fleet} to be ready`, ready, performance.now(), withinMs);
  }
}

export async function serversOf(admin: Admin, query: { readonly fleet?: string; readonly state?: GameServer['state'] } = {}) {
  const found: GameServer[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await admin.gameServers({ ...query, limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    if (page.next === null) return found;
    cursor = page.next;
  }
}
