/** What others are told of a post: its record in the Store, which says the same as its line in the status. */
import type { ServerRecord } from '@horizon-atlas/protocol';
import { fleetLimits } from './core/policy.ts';
import type { Post } from './core/reconcile.ts';
import type { Run, ServerLife } from './core/server-life.ts';

export function stateOf(life: ServerLife): ServerRecord['state'] {
  switch (life.phase) {
    case 'adopting':
      // What its former Atlas said still holds for whoever reads the record.
      return life.ready ? 'ready' : 'starting';
    case 'scheduled':
      return life.past.trouble ? 'backoff' : 'starting';
    default:
      return life.phase;
  }
}

export function recordOf(post: Post, run: Run, state: ServerRecord['state'], { past }: ServerLife): ServerRecord {
  const trouble = ['backoff', 'error'].includes(state) ? past.trouble : undefined;
  return {
    server: run.server,
    region: post.region,
    state,
    pid: run.pid,
    address: run.address,
    restarts: past.restarts,
    startedAtMs: run.startedAtMs,
    bootStamp: `${run.pid}@${run.startedAtMs}`,
    code: trouble?.code ?? '',
    message: cut(trouble?.message ?? ''),
  };
}

/** To what a record takes. A character of three bytes at most takes as many. */
function cut(text: string): string {
  return text.slice(0, Math.floor(fleetLimits.messageBytes / 3));
}
