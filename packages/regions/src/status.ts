/** What the API shows of regions, players and handoffs. */
import type { GroupEntry } from './core/book.ts';
import type { Coordinator } from './core/coordinator.ts';
import { serverOf } from './core/region-life.ts';

export interface RegionsStatus {
  /** Whether this process leads and has read its records; the rest is empty if not. */
  readonly running: boolean;
  readonly regions: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: 'asleep' | 'starting' | 'active';
    readonly server: string;
    readonly epoch: number;
    readonly players: number;
  }[];
  readonly players: { readonly online: number; readonly joining: number };
  readonly handoffs: {
    /** Groups that changed owner by a handoff since the start. */
    readonly total: number;
    readonly failed: number;
    readonly rolledBack: number;
    readonly lost: number;
    /** Share of those whose copy was in place in time: 0 to 1, null before the first. */
    readonly warmRate: number | null;
    readonly underWay: number;
    /** From the freeze to the activation, ms; null before the first. */
    readonly frozenMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  };
  /** Of the crossings that each spoke of before: how many were right. */
  readonly predictors: readonly { readonly predictor: string; readonly made: number; readonly right: number }[];
  readonly recoveries: number;
  /** Words of servers that were out of date or not theirs to say. */
  readonly ignored: number;
}

/** A player on record, and where it was last seen. */
export interface PlayerPlace {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  readonly group: number;
  readonly region: string;
  /** Empty while its region has none. */
  readonly server: string;
  readonly epoch: number;
  /** NaN: not seen yet. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Everybody who is on record; nobody while the records are not read. */
export function* placesOf(coordinator: Coordinator | undefined): Iterable<PlayerPlace> {
  if (!coordinator?.running) return;
  for (const entry of coordinator.book.players.values()) yield placeOf(coordinator, entry);
}

export function placeOf({ book }: Coordinator, entry: GroupEntry): PlayerPlace {
  const { player, name, session, group, region, x, y, z } = entry;
  const server = book.playing(region)?.server ?? '';
  return { player, name, session, group, region: region.id, server, epoch: book.effective(entry), x, y, z };
}

export function statusOf(coordinator: Coordinator | undefined): RegionsStatus {
  const figures = coordinator?.figures;
  const handoffs = figures?.handoffs;
  return {
    running: coordinator?.running === true,
    regions: coordinator ? regionsOf(coordinator) : [],
    players: { online: coordinator?.book.players.size ?? 0, joining: coordinator?.joining ?? 0 },
    handoffs: {
      total: handoffs?.done ?? 0,
      failed: handoffs?.failed ?? 0,
      rolledBack: handoffs?.rolledBack ?? 0,
      lost: handoffs?.lost ?? 0,
      warmRate: handoffs && handoffs.total > 0 ? handoffs.warm / handoffs.total : null,
      underWay: coordinator?.crossing ?? 0,
      frozenMs: {
        p50: known(figures?.frozenMs.percentile(0.5)),
        p99: known(figures?.frozenMs.percentile(0.99)),
        max: figures && figures.frozenMs.count > 0 ? figures.frozenMs.max : null,
      },
    },
    predictors: (['kinematic', 'markov'] as const).map((predictor) => {
      const { made, right } = figures?.predictors.of(predictor) ?? { made: 0, right: 0 };
      return { predictor, made, right };
    }),
    recoveries: figures?.recoveries ?? 0,
    ignored: figures?.ignored ?? 0,
  };
}

function regionsOf(coordinator: Coordinator): RegionsStatus['regions'] {
  return [...coordinator.book.regions.values()].map(({ id, spec, life, epoch, players }) => {
    const awake = life.phase === 'active' || life.phase === 'draining' ? 'active' : 'starting';
    const state = life.phase === 'asleep' || life.phase === 'closing' ? 'asleep' : awake;
    return { id, name: spec.name, state, server: serverOf(life), epoch, players };
  });
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
