/**
 * What a new Atlas makes of the records and processes of the one before it: the lives of its posts, and what is over.
 * Processes without a record are not mentioned here: `reconcile` finds them in no post and ends them.
 */
import type { ServerRecord } from '@horizon-atlas/protocol';
import type { FleetPolicy } from './policy.ts';
import type { Place, Post } from './reconcile.ts';
import { adopted, type ServerLife, step, unborn } from './server-life.ts';

export interface Adoption {
  readonly posts: readonly Place[];
  /** Records of processes that run but were on their way out: they are to be ended. */
  readonly leaving: readonly ServerRecord[];
}

/** @param roleOf the role and the index that a server's id tells; undefined: not of this fleet's roles any more. */
export function planAdoption(
  records: readonly ServerRecord[],
  running: ReadonlySet<string>,
  roleOf: (server: string) => { readonly role: string; readonly index: number | undefined } | undefined,
  nowMs: number,
  policy: FleetPolicy,
): Adoption {
  const posts = new Map<string, Place>();
  const leaving: ServerRecord[] = [];
  let spares = 0;
  // Those that run go first: a post with a process does not care for the record of an earlier one.
  const order = [...records].sort((a, b) => Number(running.has(b.server)) - Number(running.has(a.server)));
  for (const record of order) {
    const { server, region, state } = record;
    const role = roleOf(server);
    const runs = running.has(server);
    if (!role || state === 'stopping' || state === 'stopped') {
      if (runs) leaving.push(record);
      continue;
    }
    const post = postOf(role, region, spares);
    if (posts.has(post.key)) {
      if (runs) leaving.push(record);
      continue;
    }
    if (post.key.startsWith('spare/')) spares++;
    posts.set(post.key, { post, life: runs ? lifeOf(record, nowMs, policy) : lifeOfDead(record, nowMs, policy) });
  }
  return { posts: [...posts.values()], leaving };
}

function postOf(
  { role, index }: { readonly role: string; readonly index: number | undefined },
  region: string,
  spares: number,
): Post {
  if (index !== undefined) return { key: `${role}/${index}`, role, index, region: '' };
  if (region !== '') return { key: `region/${region}`, role, index: 0, region };
  return { key: `spare/${spares}`, role, index: spares, region: '' };
}

function lifeOf(
  { server, pid, startedAtMs, address, state, restarts }: ServerRecord,
  nowMs: number,
  policy: FleetPolicy,
): ServerLife {
  const run = { server, pid, startedAtMs, address, drained: false };
  return adopted(run, state === 'ready' || state === 'unhealthy', restarts, nowMs, policy);
}

/** It ended while nobody watched, or was waiting for its next start: that start is now. */
function lifeOfDead(record: ServerRecord, nowMs: number, policy: FleetPolicy): ServerLife {
  const waited = record.state === 'backoff' || record.state === 'error';
  if (waited) return step(unborn, { kind: 'wanted' }, nowMs, policy).next;
  return step(lifeOf(record, nowMs, policy), { kind: 'exited' }, nowMs, policy).next;
}
