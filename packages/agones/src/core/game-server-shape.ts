/** A game server as Agones tells of it to the process: `agones.dev.sdk.GameServer`, with the names of its .proto. */
import type { GameServerState, GameServerView } from '@horizon-atlas/protocol';

/** What the process is told of how its silence is taken. */
export interface HealthTerms {
  readonly disabled: boolean;
  readonly periodMs: number;
  /** So many periods in a row without a word are a hang. */
  readonly failureThreshold: number;
  readonly initialDelayMs: number;
}

/** Agones' own defaults, in the units of ours. */
export const healthTerms: HealthTerms = { disabled: false, periodMs: 5000, failureThreshold: 3, initialDelayMs: 5000 };

/**
 * Atlas has states that Agones lacks, and programs compare with Agones' words: what players play or may still play is `Allocated` to them, what is
 * kept from everybody `Reserved`. The exact word is the annotation `horizon-atlas/state`.
 */
const agonesStates: Readonly<Record<GameServerState, string>> = {
  Scheduled: 'Scheduled',
  Starting: 'Scheduled',
  Warming: 'Scheduled',
  Ready: 'Ready',
  Reserved: 'Reserved',
  Allocated: 'Allocated',
  Activating: 'Allocated',
  Active: 'Allocated',
  Draining: 'Allocated',
  Maintaining: 'Reserved',
  Sleeping: 'Reserved',
  Unhealthy: 'Unhealthy',
  Error: 'Error',
  Shutdown: 'Shutdown',
};

export function agonesStateOf(state: GameServerState): string {
  return agonesStates[state];
}

export function gameServerOf(view: GameServerView, health: HealthTerms): Record<string, unknown> {
  const host = view.ports[0]?.host ?? '127.0.0.1';
  return {
    object_meta: {
      name: view.id,
      namespace: 'default',
      uid: view.id,
      creation_timestamp: Math.floor(view.startedAtMs / 1000),
      annotations: { ...view.annotations, 'horizon-atlas/state': view.state },
      labels: { ...view.labels, 'agones.dev/fleet': view.fleet, 'horizon-atlas/version': view.version },
    },
    spec: {
      health: {
        disabled: health.disabled,
        period_seconds: Math.max(1, Math.round(health.periodMs / 1000)),
        failure_threshold: health.failureThreshold,
        initial_delay_seconds: Math.round(health.initialDelayMs / 1000),
      },
    },
    status: {
      state: agonesStateOf(view.state),
      address: host,
      addresses: [{ type: 'InternalIP', address: host }],
      ports: view.ports.map(({ name, port }) => ({ name, port })),
      ...(view.players && {
        players: { count: view.players.count, capacity: view.players.capacity, ids: [...(view.players.names ?? [])] },
      }),
      counters: { ...view.counters },
      lists: Object.fromEntries(
        Object.entries(view.lists).map(([name, { values, capacity }]) => [name, { capacity, values: [...values] }]),
      ),
    },
  };
}
