/**
 * What has to happen so that what runs is what is wanted: a plan over all posts, made anew after every input and empty at the goal.
 *
 *   wants + roles ──▶ posts that should be ──▶ open, close
 *   scheduled posts ──▶ the server that regions chose, else a ready spare, else a start      (spares start last)
 *   processes in no post, and not on their way out ──▶ end      (orphans: what a former Atlas left, or a record that was lost)
 */

import { fleetLimits } from './policy.ts';
import { aliveOf, runOf, type ServerLife } from './server-life.ts';

/** A place for one server. `key` is its name: `region/<id>`, `spare/<n>`, `<role>/<n>`. */
export interface Post {
  readonly key: string;
  readonly role: string;
  /** Counts the posts of a role with a fixed number, and the spares; 0 for a region's. */
  readonly index: number;
  /** Empty for spares and for roles with a fixed number. */
  readonly region: string;
}

export interface RoleWish {
  readonly role: string;
  /** How many, or: one for each want record, and `spares` more without a region. */
  readonly wanted: number | { readonly spares: number };
  /** Two processes of one post cannot run side by side (they listen on the same port): the next waits for the end of the last. */
  readonly exclusive: boolean;
}

export interface Place {
  readonly post: Post;
  readonly life: ServerLife;
}

export interface FleetSnapshot {
  readonly roles: readonly RoleWish[];
  /** Regions with a want record, and the server that `regions` has already chosen for each, or empty. */
  readonly wants: ReadonlyMap<string, string>;
  readonly posts: ReadonlyMap<string, Place>;
  /** Ids of all processes of ours that the runner knows. */
  readonly running: ReadonlySet<string>;
  /** Of those, the ones that were asked to end, and the post that each was in (empty: none). */
  readonly leaving: ReadonlyMap<string, string>;
  readonly startsAtOnce: number;
}

export interface FleetPlan {
  /** Posts to make, or to want again. */
  readonly open: readonly Post[];
  /** Keys of posts that nobody wants any more. */
  readonly close: readonly string[];
  /** Keys of posts that swap what fills them: the first, a region's, gets the server that it needs. */
  readonly swap: readonly (readonly [string, string])[];
  /** Keys of posts to start a process for. */
  readonly start: readonly string[];
  /** Ids of processes to end. */
  readonly end: readonly string[];
}

export function reconcile(snapshot: FleetSnapshot): FleetPlan {
  const wanted = postsWanted(snapshot.roles, snapshot.wants);
  const swap = swaps(snapshot, wanted);
  return {
    open: [...wanted.values()].filter(({ key }) => isAbsent(snapshot.posts.get(key)?.life)),
    close: [...snapshot.posts].filter(([key, { life }]) => !wanted.has(key) && !isLeaving(life)).map(([key]) => key),
    swap,
    start: starts(snapshot, wanted, new Set(swap.flat())),
    end: orphans(snapshot),
  };
}

/** Nothing to do. */
export function isEmpty({ open, close, swap, start, end }: FleetPlan): boolean {
  return open.length + close.length + swap.length + start.length + end.length === 0;
}

function postsWanted(roles: readonly RoleWish[], wants: FleetSnapshot['wants']): Map<string, Post> {
  const posts: Post[] = [];
  for (const { role, wanted } of roles) {
    if (typeof wanted === 'number') {
      for (let index = 0; index < wanted; index++) posts.push({ key: `${role}/${index}`, role, index, region: '' });
      continue;
    }
    for (const region of wants.keys()) posts.push({ key: `region/${region}`, role, index: 0, region });
    for (let index = 0; index < wanted.spares; index++) posts.push({ key: `spare/${index}`, role, index, region: '' });
  }
  return new Map(posts.slice(0, fleetLimits.posts).map((post) => [post.key, post]));
}

function isAbsent(life: ServerLife | undefined): boolean {
  return life === undefined || isLeaving(life);
}

function isLeaving(life: ServerLife): boolean {
  return life.phase === 'stopped' || life.phase === 'stopping';
}

function swaps({ posts, wants }: FleetSnapshot, wanted: ReadonlyMap<string, Post>): [string, string][] {
  const swapped: [string, string][] = [];
  const busy = new Set<string>();
  const add = (region: string, other: string) => {
    swapped.push([region, other]);
    busy.add(region).add(other);
  };
  const all = [...posts.values()].filter(({ post, life }) => wanted.has(post.key) && !isLeaving(life));
  // What regions has chosen stands, whatever was meant here.
  const holders = new Map(all.map(({ post, life }) => [aliveOf(life)?.run.server, post]));
  for (const { post } of all) {
    const choice = wants.get(post.region);
    const holder = choice ? holders.get(choice) : undefined;
    if (!holder || holder === post || busy.has(holder.key) || busy.has(post.key) || wants.get(holder.region) === choice) continue;
    add(post.key, holder.key);
  }
  // Then ready spares for the regions that wait: first those without any process, then those whose own is still starting.
  const chosen = new Set(wants.values());
  const isFree = ({ post, life }: Place) => {
    const run = runOf(life);
    return !busy.has(post.key) && !(run && chosen.has(run.server));
  };
  const spares = all.filter((each) => isSpare(each.post) && each.life.phase === 'ready' && isFree(each));
  for (const phase of ['scheduled', 'starting']) {
    for (const each of all) {
      if (each.post.region === '' || each.life.phase !== phase || !isFree(each)) continue;
      const spare = spares.pop();
      if (spare) add(each.post.key, spare.post.key);
    }
  }
  return swapped;
}

function isSpare(post: Post): boolean {
  return post.key.startsWith('spare/');
}

function starts(snapshot: FleetSnapshot, wanted: ReadonlyMap<string, Post>, served: ReadonlySet<string>): string[] {
  const all = [...snapshot.posts.values()];
  const starting = all.filter(({ life }) => life.phase === 'starting').length;
  const due = all.filter(({ post, life }) => life.phase === 'scheduled' && wanted.has(post.key) && !served.has(post.key));
  const wantWaits = all.some(({ post, life }) => !isSpare(post) && (life.phase === 'scheduled' || life.phase === 'starting'));
  const exclusive = new Set(snapshot.roles.filter((each) => each.exclusive).map((each) => each.role));
  const occupied = new Set(snapshot.leaving.values());
  return due
    .filter(({ post }) => !(isSpare(post) && wantWaits) && !(exclusive.has(post.role) && occupied.has(post.key)))
    .slice(0, Math.max(0, snapshot.startsAtOnce - starting))
    .map(({ post }) => post.key);
}

function orphans({ posts, running, leaving }: FleetSnapshot): string[] {
  const held = new Set([...posts.values()].map(({ life }) => runOf(life)?.server));
  return [...running].filter((server) => !held.has(server) && !leaving.has(server));
}
