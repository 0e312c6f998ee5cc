/**
 * Forked by the restart bench: takes game servers and gives them back, over and over, whatever becomes of Atlas. What it was not told it asks again under
 * the same id, so nothing is left behind. Tells how long nobody could take one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAdmin } from '@horizon-atlas/sdk-admin';

export interface ChurnSettings {
  readonly url: string;
  readonly fleets: readonly string[];
  readonly lanes: number;
}

/** Atlas was killed, at a moment of performance.timeOrigin + performance.now(). */
export type ChurnOrder = { readonly kind: 'killed'; readonly atMs: number } | { readonly kind: 'end' };
export type ChurnReport =
  | { readonly kind: 'again'; readonly afterMs: number }
  /** `doubled`: got a server that another of its lanes had. */
  | { readonly kind: 'ended'; readonly taken: number; readonly doubled: number };

/** Between two requests of a lane, and between two tries while Atlas is away. */
const PAUSE_MS = 15;

const { url, fleets, lanes } = JSON.parse(process.argv[2] ?? '') as ChurnSettings;
const admin = connectAdmin({ url });
const had = new Set<string>();
let [taken, doubled] = [0, 0];
let killedAtMs = Number.NaN;
let ended = false;

const nowMs = () => performance.timeOrigin + performance.now();

process.on('message', (order: ChurnOrder) => {
  if (order.kind === 'killed') killedAtMs = order.atMs;
  else ended = true;
});

/** Until it is answered. */
async function surely<T>(ask: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code = '' } = error as { code?: string };
      // Answers, and no mishaps on the way: it is over, or there is none now.
      if (code === 'ALLOCATION_ENDED' || code === 'ALLOCATION_NONE_READY') return undefined;
    }
    await sleep(PAUSE_MS);
  }
}

async function lane(fleet: string, name: string): Promise<void> {
  for (let i = 0; !ended; i++) {
    const requestId = `${name}-${i}`;
    const sentMs = nowMs();
    const given = await surely(() => admin.allocate({ fleet, requestId }));
    if (given) {
      const server = given.gameServerName;
      if (had.has(server)) doubled++;
      had.add(server);
      taken++;
      if (sentMs > killedAtMs) {
        process.send?.({ kind: 'again', afterMs: nowMs() - killedAtMs } satisfies ChurnReport);
        killedAtMs = Number.NaN;
      }
      // From here on it may be the next one's.
      had.delete(server);
      await surely(() => admin.releaseAllocation(requestId));
    }
    await sleep(PAUSE_MS);
  }
}

await Promise.all(Array.from({ length: lanes }, (_, i) => lane(fleets[i % fleets.length] ?? '', `churn-${i}`)));
process.send?.({ kind: 'ended', taken, doubled } satisfies ChurnReport, undefined, undefined, () => process.exit(0));
