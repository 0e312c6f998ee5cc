/** Whether what was answered still stands after a kill -9, by what Atlas says through its API. */
import type { Allocation, GameServer } from '@horizon-atlas/sdk-admin';
import { openAsker } from './asker.ts';
import { authorization } from './pool.ts';

export interface Findings {
  /** Answered, and now nobody's or somebody else's. */
  readonly lost: number;
  /** Servers that two requests have, or that are ready for the next. */
  readonly doubled: number;
  /** On record, though the answer was lost with its sender. */
  readonly unheard: number;
}

/**
 * @param granted by request id, the server that was answered
 * @param unanswered whose answer never came: asked again, each gets a server that nobody else has
 */
export async function audit(
  url: string,
  granted: readonly (readonly [string, string])[],
  unanswered: readonly string[],
): Promise<Findings> {
  const before = await allocations(url);
  const unheard = unanswered.filter((id) => before.has(id)).length;
  const again = [...unanswered, ...granted.slice(-100).map(([id]) => id)];
  const answered = new Map(granted);
  const told = await asked(url, again);
  const stands = await allocations(url);
  let lost = 0;
  for (const [id, server] of answered) if (before.get(id) !== server || stands.get(id) !== server) lost++;
  // The same request is the same answer, and a lost one is an answer late.
  for (const [id, server] of told) if (server !== (answered.get(id) ?? before.get(id) ?? server)) lost++;
  const owners = new Map<string, Set<string>>();
  for (const [id, server] of [...answered, ...told, ...stands]) owners.set(server, (owners.get(server) ?? new Set()).add(id));
  const ready = new Set((await all<GameServer>(url, '/api/v1/gameservers?state=Ready')).map(({ id }) => id));
  const doubled = [...owners].filter(([server, ids]) => ids.size > 1 || ready.has(server)).length;
  return { lost, doubled, unheard };
}

async function asked(url: string, ids: readonly string[]): Promise<[string, string][]> {
  const line = await openAsker(url);
  const told: [string, string][] = [];
  for (const id of ids) {
    const { body } = await line.ask(id);
    told.push([id, (JSON.parse(body) as { gameServerName?: string }).gameServerName ?? `none: ${body}`]);
  }
  line.close();
  return told;
}

async function allocations(url: string): Promise<Map<string, string>> {
  return new Map((await all<Allocation>(url, '/api/v1/allocations?')).map(({ requestId, server }) => [requestId, server]));
}

async function all<T>(url: string, path: string): Promise<T[]> {
  const found: T[] = [];
  for (let cursor = ''; ; ) {
    const answer = await fetch(`${url}${path}&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`, {
      headers: { authorization },
    });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as { items: T[]; next: string | null };
    found.push(...page.items);
    if (page.next === null) return found;
    cursor = page.next;
  }
}
