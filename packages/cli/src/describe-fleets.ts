/** A fleet, and a game server, with all that is known of them: lines for people, from what the API tells. */
import type { Fleet, GameServer, Rollout, Scaling } from '@horizon-atlas/sdk-admin';
import { rolloutLines, scalingLines } from './commands/rollout.ts';
import { age, bytes, dayTime, ms, percent } from './figures.ts';
import { gameServerColumns } from './fleet-columns.ts';
import { type TableSpace, table } from './table.ts';

type Pair = readonly [label: string, value: string];
type Section = readonly [title: string, lines: readonly string[]];

/** What belongs to a fleet. */
export interface FleetAround {
  readonly servers: readonly GameServer[];
  readonly rollout: Rollout | undefined;
  readonly scaling: Scaling | undefined;
}

export function fleetPairs(it: Fleet): Pair[] {
  const { states, startMs, mode, trouble } = it;
  const labels = Object.entries(it.labels).map(([key, value]) => `${key}=${value}`);
  return [
    ['fleet', it.name],
    ['version', it.version],
    [
      'servers',
      Object.entries(states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || 'none',
    ],
    ['in use', String(it.inUse)],
    [
      'wanted',
      `${it.replicas}${it.held !== null ? ', held by an operator' : it.warm === null ? '' : `, those in use and ${it.warm} warm`}`,
    ],
    ['limits', `${it.min} to ${it.max}`],
    ['policy', it.policy ?? 'none'],
    ...(mode
      ? [['mode', `for ${mode.expectedPlayers} players, more above ${mode.up}, fewer below ${mode.down} in use`] as const]
      : []),
    ['waiting', `${it.waiting} requests`],
    ['start', startMs ? `p50 ${ms(startMs.p50)} ms, p99 ${ms(startMs.p99)} ms, of ${startMs.count}` : 'none was seen'],
    ['sites', it.sites.join(' ')],
    ['labels', labels.join(' ')],
    ...(trouble ? [['trouble', `${trouble.code}: ${trouble.message}`] as const] : []),
  ];
}

export function fleetSections({ servers, rollout, scaling }: FleetAround, space: TableSpace, nowMs: number): Section[] {
  const inner = { ...space, indent: 2 };
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  return [
    ...(rollout ? [['Version', indented(rolloutLines(rollout))] as const] : []),
    ...(scaling ? [['Size', indented(scalingLines(scaling).slice(0, 8))] as const] : []),
    ...(servers.length > 0 ? [[`Servers (${servers.length})`, table(gameServerColumns(nowMs), servers, inner)] as const] : []),
  ];
}

export function gameServerPairs(it: GameServer, nowMs: number): Pair[] {
  const texts = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      // What a session was given is for its server.
      .filter(([key]) => key !== 'atlas.dev/session')
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
  const { players } = it;
  return [
    ['gameserver', it.id],
    ['fleet', `${it.fleet}, version ${it.version}`],
    ['state', `${it.state} for ${age(it.sinceMs, nowMs)}`],
    ...(it.why === '' ? [] : [['why', it.why] as const]),
    ['sessions', it.allocations.join(' ')],
    [
      'players',
      players
        ? `${players.count} of ${players.capacity}${players.names?.length ? `: ${players.names.join(', ')}` : ''}`
        : 'nobody counts them',
    ],
    ...it.ports.map(({ name, protocol, host, port }): Pair => [`port ${name}`, `${host}:${port} ${protocol}`]),
    ['pid', it.pid > 0 ? String(it.pid) : ''],
    ['started', it.startedAtMs > 0 ? `${dayTime(it.startedAtMs)} (${age(it.startedAtMs, nowMs)} ago)` : ''],
    [
      'cpu',
      [percent(it.cpu), it.cpuS === null ? null : `${it.cpuS.toFixed(1)} s in all`].filter((text) => text !== null).join(', '),
    ],
    ['memory', bytes(it.memoryBytes) ?? ''],
    ...it.limits.map(
      ({ resource, max, by, why }): Pair => [
        `limit ${resource === 'memoryBytes' ? 'memory' : resource}`,
        `${resource === 'memoryBytes' ? bytes(max) : max}, held by ${by === 'kernel' ? 'the kernel' : `nobody: ${why}`}`,
      ],
    ),
    ...Object.entries(it.counters).map(([key, { count, capacity }]): Pair => [`counter ${key}`, `${count} of ${capacity}`]),
    ...Object.entries(it.lists).map(
      ([key, { values, capacity }]): Pair => [
        `list ${key}`,
        `${values.length} of ${capacity}${values.length > 0 ? `: ${values.join(', ')}` : ''}`,
      ],
    ),
    ['labels', texts(it.labels)],
    ['annotations', texts(it.annotations)],
  ];
}
