import type { FleetServer } from '@horizon-atlas/fleet';
import { describe, expect, it } from 'vitest';
import { StatusBoard } from './status-board.ts';
import { version } from './version.ts';

const fleetServer = (role: string, server: string): FleetServer => ({
  server,
  role,
  post: `${role}/0`,
  region: role === 'server' ? 'alpha' : '',
  state: 'ready',
  pid: 42,
  address: role === 'gateway' ? 'wss://127.0.0.1:7777' : 'unix:/s',
  restarts: 1,
  startedAtMs: 0,
  cpuS: 1.2345,
  memoryBytes: Number.NaN,
  code: '',
  message: '',
});

function board() {
  let now = 1000;
  const made = new StatusBoard({
    clock: { now: () => now, wall: () => 0, at: () => () => {} },
    regions: () => [{ id: 'alpha', name: 'Alpha', state: 'active', server: 'srv_1', epoch: 7, players: 3 }],
    handoffs: () => ({ total: 5, failed: 1, rolledBack: 0, lost: 0 }),
    fleet: () => [fleetServer('server', 'srv_1'), fleetServer('gateway', 'gw_0_1')],
    warnings: () => [{ code: 'DISK_LOW', message: 'make room' }],
    plainUrlOf: (url) => (url === 'wss://127.0.0.1:7777' ? 'ws://127.0.0.1:8777' : ''),
  });
  return {
    made,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const stats = (gapsMs: number[], sessions = 3) => ({
  kind: 'stats' as const,
  connections: 4,
  sessions,
  messagesIn: 10,
  messagesOut: 20,
  bytesIn: 1,
  bytesOut: 1,
  fenced: 2,
  heldNow: 0,
  refused: [],
  cpuS: 1,
  memoryBytes: 1,
  gaps: gapsMs.map((ms) => ({ session: 's', ms, recovery: false })),
});

describe('the status board', () => {
  it('says what is known and null for the rest', () => {
    const { made, pass } = board();
    pass(1234);
    expect(made.read()).toEqual({
      version,
      uptimeS: 1.2,
      regions: [{ id: 'alpha', name: 'Alpha', state: 'active', server: 'srv_1', epoch: 7, players: 3 }],
      servers: [
        {
          id: 'srv_1',
          region: 'alpha',
          state: 'ready',
          pid: 42,
          restarts: 1,
          players: 0,
          entities: 0,
          tickHz: null,
          workMs: null,
          cpuS: 1.23,
          memoryBytes: null,
          code: '',
        },
      ],
      gateways: [
        {
          id: 'gw_0_1',
          url: 'wss://127.0.0.1:7777',
          plainUrl: 'ws://127.0.0.1:8777',
          state: 'ready',
          pid: 42,
          connections: 0,
          sessions: 0,
          messagesIn: 0,
          messagesOut: 0,
          fenced: 0,
          cpuS: 1.23,
          memoryBytes: null,
        },
      ],
      players: { online: 0 },
      handoffs: { total: 5, failed: 1, rolledBack: 0, lost: 0, gapMs: { p50: null, p99: null, max: null } },
      warnings: [{ code: 'DISK_LOW', message: 'make room' }],
    });
  });

  it('hears servers and gateways, and forgets those that are lost', () => {
    const { made } = board();
    made.heard('srv_1', {
      kind: 'heartbeat',
      tick: 1,
      tickHz: 30,
      workMsP50: 1,
      workMsP90: 2,
      workMsMax: 3,
      entities: 9,
      players: 3,
      shadows: 0,
      fenced: 0,
    });
    made.heard('gw_0_1', stats([12, 30]));
    made.heard('gw_0_1', stats([14]));
    expect(made.read()).toMatchObject({
      servers: [{ players: 3, entities: 9, tickHz: 30, workMs: { p50: 1, p90: 2, max: 3 } }],
      gateways: [{ connections: 4, sessions: 3, fenced: 2 }],
      players: { online: 3 },
      handoffs: { gapMs: { p50: 14, p99: 30, max: 30 } },
    });
    made.lost('srv_1');
    made.lost('gw_0_1');
    expect(made.read()).toMatchObject({ servers: [{ workMs: null }], players: { online: 0 }, handoffs: { gapMs: { max: 30 } } });
  });

  it('is JSON without loss', () => {
    const { made } = board();
    expect(JSON.parse(JSON.stringify(made.read()))).toEqual(made.read());
  });
});
