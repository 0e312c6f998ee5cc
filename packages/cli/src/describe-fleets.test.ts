import type { Fleet, GameServer } from '@horizon-atlas/sdk-admin';
import { expect, it } from 'vitest';
import { describeLines } from './describe.ts';

const space = { width: 140 };
const server: GameServer = {
  id: 'arena_1',
  fleet: 'arena',
  version: 'v2',
  state: 'Active',
  sinceMs: 60_000,
  startedAtMs: 1000,
  pid: 42,
  ports: [{ name: 'game', protocol: 'ws', host: '127.0.0.1', port: 7001 }],
  labels: { map: 'dust' },
  annotations: { 'atlas.dev/session': '{"secret":1}' },
  counters: { rooms: { count: 1, capacity: 4 } },
  lists: {},
  players: { count: 2, capacity: 10, names: ['ann', 'bob'] },
  cpuS: 1.5,
  cpu: 0.25,
  memoryBytes: 40e6,
  limits: [{ resource: 'memoryBytes', max: 2e9, by: 'nobody', why: 'no cgroup' }],
  allocations: ['match_1'],
  why: '',
};
const fleet: Fleet = {
  name: 'arena',
  version: 'v2',
  replicas: 2,
  held: null,
  warm: 1,
  min: 1,
  max: 6,
  states: { Active: 1, Ready: 1 },
  inUse: 1,
  waiting: 0,
  startMs: { p50: 90, p99: 120, max: 130, count: 7 },
  labels: {},
  sites: ['home'],
  policy: 'Buffer',
  mode: null,
  trouble: { code: 'PORT_IN_USE', message: 'port 7000 is used', againAtMs: 0 },
};
const none = { players: [], handoffs: [], events: [] };

it('a fleet is told with its version, its servers, and what goes wrong', () => {
  const around = { servers: [server], rollout: undefined, scaling: undefined };
  const text = describeLines(
    { ...none, found: { kind: 'fleet', id: 'arena', name: '', it: fleet }, around },
    space,
    120_000,
  ).join('\n');
  for (const part of [
    '1 Active, 1 Ready',
    '2, those in use and 1 warm',
    'Buffer',
    'PORT_IN_USE: port 7000 is used',
    'Servers (1)',
    'match_1',
  ])
    expect(text).toContain(part);
});

it('a game server is told with what it costs and whom it has, and without what its session was given', () => {
  const found = { kind: 'gameserver', id: server.id, name: '', it: server } as const;
  const text = describeLines({ ...none, found }, space, 120_000).join('\n');
  for (const part of ['2 of 10: ann, bob', '127.0.0.1:7001 ws', '25 %', '40', '1 of 4', 'map=dust', 'held by nobody: no cgroup'])
    expect(text).toContain(part);
  expect(text).not.toContain('secret');
});
