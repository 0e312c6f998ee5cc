/** `atlas status` and `atlas down`: about an Atlas that runs elsewhere on this machine, or anywhere its API can be reached. */
import type { Status } from '@horizon-atlas/atlas';
import type { Clock } from '@horizon-atlas/ports';
import { AtlasError } from '@horizon-atlas/protocol';
import { frame, type Paint } from './frame.ts';
import { findRunning, type Where } from './installation.ts';

export const limits = {
  /** An API that has not answered in this time does not. */
  answerMs: 5000,
  /** The drain's own deadline is 10 s. */
  downMs: 20_000,
} as const;

const usualApi = 'http://127.0.0.1:7700';

export interface StatusOptions extends Where {
  readonly api?: string;
  readonly json?: boolean;
}

/** Rejects with NOT_RUNNING. */
export async function statusText(options: StatusOptions, columns: number, paint: Paint): Promise<string> {
  const api = options.api ?? (await apiOf(options));
  if (api === '') throw new AtlasError('NOT_RUNNING', 'this Atlas is still starting');
  const status = await askStatus(api);
  if (options.json) return JSON.stringify(status, null, 2);
  const gateways = status.gateways.map(({ url }) => url);
  return frame({ phase: 'running', name: '', version: status.version, api, gateways, status, happenings: [] }, columns, paint)
    .slice(1, -1)
    .join('\n');
}

/** Nothing was named and nothing lies here: the usual address is worth a try. */
async function apiOf(where: Where): Promise<string> {
  try {
    return (await findRunning(where)).holder.api;
  } catch (error) {
    if (where.config !== undefined || where.dataDir !== undefined) throw error;
    return usualApi;
  }
}

async function askStatus(api: string): Promise<Status> {
  const url = new URL('/api/v1/status', api);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limits.answerMs) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return (await answer.json()) as Status;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new AtlasError(
      'NOT_RUNNING',
      `no Atlas answers at ${url} (${cause?.code ?? message}): start one with atlas up, or name another with --api or --data-dir`,
    );
  }
}

/** Asks it to stop and waits until it is gone. Resolves to its data directory. */
export async function down(where: Where, clock: Clock): Promise<string> {
  const { root, holder } = await findRunning(where);
  process.kill(holder.pid, 'SIGTERM');
  const deadline = clock.now() + limits.downMs;
  while (clock.now() < deadline) {
    await new Promise<void>((resolve) => void clock.at(clock.now() + 50, resolve));
    const now = await findRunning({ dataDir: root }).catch(() => undefined);
    // Its supervisor would start it again if it died on the way; a clean stop it takes as its own.
    if (now?.holder.pid !== holder.pid) return root;
  }
  throw new AtlasError('INTERNAL', `pid ${holder.pid} did not stop within ${limits.downMs / 1000} s; its log is in ${root}/logs`);
}
