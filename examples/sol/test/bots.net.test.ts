import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Reader, Writer } from '@horizon-atlas/base';
import { ClientFrame, events, GatewayFrame, View } from '@horizon-atlas/protocol';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { BotsReport } from '../bots.ts';
import { schema } from '../schema.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

test('bots join, count their commands, notice a crossing, and leave when asked', async () => {
  const stub = await gatewayStub();
  const child = spawn(process.execPath, [new URL('../bots.ts', import.meta.url).pathname, '6'], {
    env: { ...process.env, ATLAS_GATEWAYS: stub.url },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  open.push(() => child.kill('SIGKILL'));
  const busy = await reported(child, (it) => it.players.online === 6 && it.commands.covered >= 12 && it.crossings === 6);
  expect(busy).toMatchObject({ players: { wanted: 6, online: 6 }, reconnects: 0, closedSockets: 0, refusals: 0 });
  expect(busy.commands).toMatchObject({ lost: 0, doubled: 0, reordered: 0, dropped: 0 });
  expect(busy.gapMs.max).toBeGreaterThan(0);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(stub.byes()).toBe(6);
});

function reported(child: ChildProcess, enough: (report: BotsReport) => boolean): Promise<BotsReport> {
  return new Promise((resolve, reject) => {
    child.on('message', (report: BotsReport) => enough(report) && resolve(report));
    child.on('exit', (code, signal) => reject(new Error(`the bots ended with ${code ?? signal}`)));
  });
}

/** A gateway, a region and a border, as far as a bot can tell: each player crosses after its second command. */
async function gatewayStub(): Promise<{ url: string; byes: () => number }> {
  let byes = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  open.push(() => {
    for (const each of server.clients) each.terminate();
    server.close();
  });
  server.on('connection', (ws) => {
    const tell = (frame: GatewayFrame): void => ws.send(GatewayFrame.encode(frame));
    let region = 'alpha';
    let epoch = 1;
    let messages = 0;
    ws.on('message', (data: Buffer) => {
      const frame = ClientFrame.decode(data);
      if (frame?.kind === 'bye') {
        byes++;
        ws.close(4441, 'SESSION_ENDED');
      } else if (frame?.kind === 'hello') {
        const welcome = { version: 1, session: 's', resume: 'r', resumeMs: 120_000, resumed: false, applied: 0, covered: 0 };
        tell({ kind: 'welcome', ...welcome, player: 'p', entity: 1, region, epoch, tickHz: 30, heartbeatMs: 5000, gateways: [] });
      } else if (frame?.kind === 'latest') {
        tell({ kind: 'latest', key: 0, event: events.view, payload: viewOf(epoch) });
      } else if (frame?.kind === 'command') {
        tell({ kind: 'acks', applied: frame.seq, covered: frame.seq });
        const counted = countedOf(frame.event, frame.payload);
        if (counted !== undefined) tell({ kind: 'message', seq: ++messages, ...counted });
        if (frame.seq !== 2) return;
        region = 'beta';
        epoch = 2;
        tell({ kind: 'notice', notice: 'region', region, epoch, message: '' });
      }
    });
  });
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, byes: () => byes };
}

function countedOf(event: number, payload: Uint8Array): { event: number; payload: Uint8Array } | undefined {
  if (schema.client.name(event) !== 'probe/count') return undefined;
  const { run, n } = schema.client.codec('probe/count').read(new Reader(payload));
  const w = new Writer();
  schema.server.codec('probe/counted').write(w, { run, n, seen: n, ordered: true });
  return { event: schema.server.id('probe/counted'), payload: w.copy() };
}

function viewOf(epoch: number): Uint8Array {
  const w = new Writer();
  View.write(w, { tick: 1, epoch, entities: [{ entity: 1, x: 0, y: 0, z: 0, vx: 0, vy: 0, vz: 0 }] });
  return w.copy();
}
