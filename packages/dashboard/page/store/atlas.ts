/**
 * The one connection of the page to Atlas: who am I, the watch stream, and what state both are in. Everything that the page shows comes through
 * here, and everything that it asks goes through `admin`.
 */
import type { Scene } from '@horizon-atlas/protocol';
import {
  type AdminError,
  connectAdmin,
  type Session,
  type Topic,
  type Watch,
  type WatchHandlers,
} from '@horizon-atlas/sdk-admin';
import { signal } from '@preact/signals';
import * as edges from './edges.ts';
import * as fleets from './fleets.ts';
import * as gameServers from './game-servers.ts';
import * as play from './play.ts';
import * as world from './world.ts';

export const admin = connectAdmin({ url: '' });

/**
 * `starting` until the first answer; `login`: Atlas wants to know who this is; `live`; `lost`: trying again; `refused`: Atlas answers, but not with
 * what a page can show.
 */
export type Link = 'starting' | 'login' | 'live' | 'lost' | 'refused';
export const link = signal<Link>('starting');
export const trouble = signal<AdminError | undefined>(undefined);
export const session = signal<Session | undefined>(undefined);
/** When the last scene came, by this machine's clock: the map is at most as old as that. */
export let heardMs = 0;
/** Scenes do not go through signals: the map takes them as they come. */
export const sceneListeners = new Set<(scene: Scene, nowMs: number) => void>();

const topics: readonly Topic[] = [
  'status',
  'regions',
  'servers',
  'gateways',
  'players',
  'handoffs',
  'events',
  'scene',
  'fleets',
  'gameservers',
  'edges',
  'queues',
  'matches',
];
/** Pages of a list that are fetched to fill a gap. */
const fill = { pages: 10, items: 500 } as const;

let watch: Watch | undefined;

export async function start(): Promise<void> {
  try {
    session.value = await admin.session();
  } catch (error) {
    return failed(error as AdminError);
  }
  if (!session.value.actor || session.value.scopes.length === 0) {
    link.value = 'login';
    return;
  }
  open();
}

export async function login(token: string): Promise<void> {
  session.value = await admin.login(token);
  open();
}

export async function logout(): Promise<void> {
  await admin.logout();
  watch?.close();
  watch = undefined;
  world.forgetAll();
  fleets.forgetFleets();
  gameServers.forgetGameServers();
  edges.forgetEdges();
  play.forgetPlay();
  session.value = undefined;
  await start();
}

/** Now, instead of when the back-off is over. */
export function retry(): void {
  watch?.close();
  watch = undefined;
  void start();
}

function failed(error: AdminError): void {
  trouble.value = error;
  if (error.status === 401) link.value = 'login';
  else if (error.status >= 400 && error.status < 500 && error.status !== 429) link.value = 'refused';
  else {
    link.value = 'lost';
    setTimeout(() => watch === undefined && link.value === 'lost' && void start(), 2000);
  }
}

function open(): void {
  watch?.close();
  void listHandoffs().catch(() => {});
  const handlers: WatchHandlers = {
    status: (status) => {
      world.status.value = status;
    },
    regions: (list) => world.takeRegions(list, Date.now()),
    servers: (list) => world.takeServers(list, Date.now()),
    gateways: (list) => world.takeGateways(list, Date.now()),
    players: world.takePlayers,
    fleets: (list) => fleets.takeFleets(list, Date.now()),
    gameservers: (change) => gameServers.takeGameServers(change, Date.now()),
    edges: (list) => edges.takeEdges(list, Date.now()),
    queues: (list) => play.takeQueues(list, Date.now()),
    matches: (list) => {
      play.matches.value = list;
    },
    handoffs: world.takeHandoff,
    events: world.takeEvent,
    scene: (scene) => {
      const nowMs = Date.now();
      heardMs = nowMs;
      for (const listener of sceneListeners) listener(scene, nowMs);
    },
    lost: () => void listMissed().catch(() => {}),
    state(state, error) {
      if (state === 'open') {
        link.value = 'live';
        trouble.value = undefined;
      } else if (state === 'waiting') {
        trouble.value = error;
        link.value = 'lost';
      } else if (state === 'closed' && error) failed(error);
    },
  };
  // From the first event that Atlas remembers, or from the last that this page saw: so no event falls between a list and the stream.
  watch = admin.watch(topics, handlers, { after: world.events.lastId });
}

/** The stream had to leave events out. Those that Atlas still remembers are listed; before the first event there is nothing to miss. */
async function listMissed(): Promise<void> {
  let after = world.events.lastId;
  if (after === 0) return;
  for (let page = 0; page < fill.pages; page++) {
    const { items } = await admin.events({ after, limit: fill.items });
    world.events.merge(items);
    after = items.at(-1)?.id ?? after;
    if (items.length < fill.items) break;
  }
  world.tell(world.eventsVersion);
}

async function listHandoffs(): Promise<void> {
  const { items } = await admin.handoffs({ limit: fill.items });
  for (const handoff of [...items].reverse()) if (!world.handoffs.has(handoff.id)) world.takeHandoff(handoff);
}
