/**
 * What the page knows of Atlas, as signals. Lists come whole and are swapped; what comes by the thousand (players, events, handoffs) is kept in plain
 * maps and rings, and a version signal tells at most four times a second that they have changed.
 */
import type { Event, Gateway, Handoff, Player, PlayersChange, Region, Server, Status } from '@horizon-atlas/sdk-admin';
import { computed, signal } from '@preact/signals';
import { EventRing } from './event-ring.ts';
import { FigureRing } from './figure-ring.ts';
import { RegionPast } from './region-past.ts';

export const limits = {
  /** Events kept in the page; older ones are in Atlas. */
  events: 5000,
  news: 500,
  handoffs: 2000,
  /** One a second. */
  figures: 300,
  tellMs: 250,
} as const;

export const status = signal<Status | undefined>(undefined);
export const regions = signal<readonly Region[] | undefined>(undefined);
export const servers = signal<readonly Server[] | undefined>(undefined);
export const gateways = signal<readonly Gateway[] | undefined>(undefined);

export const playersVersion = signal(0);
export const eventsVersion = signal(0);
export const handoffsVersion = signal(0);
/** Whether the first whole list of players has come. */
export const playersKnown = signal(false);

export const players = new Map<string, Player>();
/** By the entity that moves on the map. */
export const playerOf = new Map<number, Player>();
export const handoffs = new Map<string, Handoff>();
export const events = new EventRing(limits.events);
/** Good and bad news apart from the daily run of things, which would push them out. */
export const news = new EventRing(limits.news);
/** The last minutes of a process's figures, as they came. */
export const figures = new FigureRing(limits.figures);
export const regionPast = new RegionPast();

export const regionName = computed(() => new Map((regions.value ?? []).map((region) => [region.id, region.name])));
export const regionIndex = computed(() => new Map((regions.value ?? []).map((region, index) => [region.id, index])));

/** Latest first. */
export const handoffList = computed(() => {
  handoffsVersion.value;
  // Nearly in order already, so that sorting is a walk.
  return [...handoffs.values()].reverse().sort((a, b) => b.startedAtMs - a.startedAtMs);
});

const dirty = new Set<typeof playersVersion>();
let isTelling = false;

export function tell(version: typeof playersVersion): void {
  dirty.add(version);
  if (isTelling) return;
  isTelling = true;
  setTimeout(() => {
    isTelling = false;
    for (const each of dirty) each.value++;
    dirty.clear();
  }, limits.tellMs);
}

export function takePlayers({ whole, upsert, gone }: PlayersChange): void {
  if (whole) {
    players.clear();
    playerOf.clear();
  }
  for (const player of upsert) {
    const before = players.get(player.id);
    if (before && before.entity !== player.entity && playerOf.get(before.entity)?.id === player.id)
      playerOf.delete(before.entity);
    players.set(player.id, player);
    if (player.state !== 'gone') playerOf.set(player.entity, player);
    else if (playerOf.get(player.entity)?.id === player.id) playerOf.delete(player.entity);
  }
  for (const id of gone) {
    const before = players.get(id);
    if (before && playerOf.get(before.entity)?.id === id) playerOf.delete(before.entity);
    players.delete(id);
  }
  playersKnown.value = true;
  tell(playersVersion);
}

export function takeHandoff(handoff: Handoff): void {
  if (!handoffs.has(handoff.id)) {
    for (const oldest of handoffs.keys()) {
      if (handoffs.size < limits.handoffs) break;
      handoffs.delete(oldest);
    }
  }
  handoffs.set(handoff.id, handoff);
  tell(handoffsVersion);
}

export function takeEvent(event: Event): void {
  if (!events.push(event)) return;
  if (event.tone !== 'plain' && !event.type.startsWith('handoff.')) news.push(event);
  tell(eventsVersion);
}

export function takeRegions(list: readonly Region[], atMs: number): void {
  regions.value = list;
  regionPast.push(list, atMs);
}

export function takeServers(list: readonly Server[], atMs: number): void {
  servers.value = list;
  for (const each of list)
    figures.push(each.id, { atMs, cpu: each.cpu, memoryBytes: each.memoryBytes, players: each.players, workMs: each.workMs });
}

export function takeGateways(list: readonly Gateway[], atMs: number): void {
  gateways.value = list;
  for (const each of list)
    figures.push(each.id, {
      atMs,
      cpu: each.cpu,
      memoryBytes: each.memoryBytes,
      players: each.sessions,
      workMs: null,
      inPerS: each.messagesInPerS,
      outPerS: each.messagesOutPerS,
    });
}

/** After a logout: what one was allowed to see is not left behind. */
export function forgetAll(): void {
  for (const each of [status, regions, servers, gateways]) each.value = undefined;
  players.clear();
  playerOf.clear();
  handoffs.clear();
  events.clear();
  news.clear();
  figures.clear();
  playersKnown.value = false;
  for (const version of [playersVersion, eventsVersion, handoffsVersion]) version.value++;
}
