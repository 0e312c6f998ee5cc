/**
 * What people see and do, with real processes behind it: a player is seen joining, is moved over a border, keeps its socket while its server
 * is drained and while another is killed, and is sent away.
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '@horizon-atlas/base';
import type { Event, Player, Sources } from '@horizon-atlas/control';
import { freePort } from '@horizon-atlas/port-contracts';
import { CLIENT_PROTOCOL, ClientFrame, decodeScene, GatewayFrame } from '@horizon-atlas/protocol';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { AtlasConfig } from '../src/config.ts';
import { type ControlPlane, makeControlPlane } from '../src/control-plane.ts';
import { dataDirAt } from '../src/data-dir.ts';
import { loadConfig } from '../src/load-config.ts';

const deadlineMs = 60_000;
const sdk = new URL('../../sdk-server/src/index.ts', import.meta.url).href;
const protocol = new URL('../../protocol/src/index.ts', import.meta.url).href;
const game = `
const { serveRegion } = await import(${JSON.stringify(sdk)});
const { defineGame } = await import(${JSON.stringify(protocol)});
console.log('a line of the game');
serveRegion({
  schema: defineGame({ client: {}, server: {} }),
  spawn: (_player, world) => ({ position: { x: (world.bounds.minX + world.bounds.maxX) / 2, y: 50, z: 0 }, entity: {}, data: {} }),
});
`;

let home: string;
let config: AtlasConfig;
let plane: ControlPlane;
let player: { socket: WebSocket; closed: number | undefined };
const events: Event[] = [];

/** Looks again with every event and every tenth of a second: figures change without one. */
async function until<T>(what: string, find: () => T | undefined | false): Promise<T> {
  const clock = systemClock();
  const untilMs = clock.now() + deadlineMs;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    if (clock.now() > untilMs) {
      throw new Error(`no ${what}; ${JSON.stringify({ status: plane.status(), players: sources().world.players(), events })}`);
    }
    await new Promise<void>((resolve) => void clock.at(clock.now() + 100, resolve));
  }
}

function sources(): Sources {
  return plane.sources as Sources;
}

const ada = (): Player | undefined =>
  sources()
    .world.players()
    .find(({ id }) => id === 'ada');
const region = (id: string) =>
  must(
    sources()
      .world.regions()
      .find((each) => each.id === id),
    'the region is in the world',
  );
const typesOf = () => events.map(({ type }) => type);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atlas-live-'));
  writeFileSync(join(home, 'region.ts'), game);
  const box = (minX: number) => ({ minX, maxX: minX + 100, minY: 0, maxY: 100 });
  const regions = [
    { id: 'west', name: 'The West', bounds: box(0) },
    { id: 'east', name: 'The East', bounds: box(100) },
  ];
  const file = join(home, 'atlas.config.json');
  const settings = {
    world: { regions },
    regionServer: { entry: './region.ts', spares: 1, startTimeoutMs: 60_000 },
    api: { port: 0 },
  };
  writeFileSync(file, JSON.stringify({ ...settings, gateway: { port: await freePort(), plain: false } }));
  config = await loadConfig(file);
  plane = makeControlPlane(config, { clock: systemClock(), entropy: systemEntropy(), probe: memoryProbe() });
  await plane.start();
  for (const event of sources().events.since(0).events) events.push(event);
  sources().events.onEvent((event) => events.push(event));
  await until('a gateway and a region', () => plane.status().gateways[0]?.state === 'ready' && region('west').state === 'active');
  player = await enter();
}, 120_000);

afterAll(async () => {
  player?.socket.close();
  await plane?.stop();
  rmSync(home, { recursive: true, force: true });
}, 30_000);

describe('what people see', () => {
  it('is who plays, where and how far away, and where everybody is', { timeout: 120_000 }, async () => {
    const seen = await until('ada online, with a ping', () => {
      const found = ada();
      return found?.state === 'online' && found.pingMs !== null && found.position ? found : undefined;
    });
    expect(seen).toMatchObject({
      name: 'Ada <b>',
      region: 'west',
      position: { x: 50, y: 50, z: 0 },
      format: 'atlas',
      handoffs: 0,
    });
    expect(seen.pingMs).toBeLessThan(10_000);
    expect(typesOf()).toContain('player.joined');
    const found = await until('ada in the scene', () => {
      const scene = decodeScene(sources().scenes.now());
      const at = scene?.entity.indexOf(seen.entity) ?? -1;
      return scene && at >= 0 ? { x: scene.x[at], region: scene.region[at], kind: scene.kind[at], full: scene.full } : undefined;
    });
    expect(found).toEqual({ x: 50, region: 0, kind: 0, full: true });
    const watched: Uint8Array[] = [];
    const cancel = sources().scenes.onScene((scene) => watched.push(scene));
    await until('five scenes', () => watched.length >= 5);
    cancel();
    expect(sources().scenes.recorded(0, Number.MAX_SAFE_INTEGER, 1000).length).toBeGreaterThan(0);
    expect(region('west')).toMatchObject({ players: 1, entities: 1, tickHz: 30 });
    const [gateway] = sources().world.gateways();
    expect(gateway).toMatchObject({ connections: 1, sessions: 1, state: 'ready' });
    const tail = await sources().logs.tail(region('west').server, 100);
    expect(tail.ok && tail.lines.map(({ text }) => text)).toContain('a line of the game');
  });

  it('is told of acts before they are done, and refuses what is not there', async () => {
    const { actions, logs } = sources();
    expect(await actions.kill('srv_nobody', false)).toMatchObject({ ok: false, code: 'PROCESS_UNKNOWN' });
    expect(await actions.drain('', true)).toMatchObject({ ok: false, code: 'PROCESS_UNKNOWN' });
    expect(await actions.move('nobody', { x: 1, y: 1, z: 0 }, false)).toMatchObject({ ok: false, code: 'PLAYER_UNKNOWN' });
    expect(await actions.move('ada', { x: 1e7, y: 1, z: 0 }, false)).toMatchObject({ ok: false, code: 'POSITION_INVALID' });
    expect(await logs.tail('../../etc/passwd', 5)).toMatchObject({ ok: false, code: 'PROCESS_UNKNOWN' });
    const { server } = region('west');
    const told = await actions.kill(server, true);
    expect(told).toMatchObject({ ok: true, result: { action: 'kill', subject: server, done: false, playersAffected: 1 } });
    expect(told.ok && told.result.effects[0]).toContain('1 player of The West waits');
    expect(region('west').server).toBe(server);
  });
});

describe('what operators do', () => {
  it('moves a player over a border, by a handoff that is seen with all its phases', { timeout: 120_000 }, async () => {
    const before = must(ada(), 'ada is here');
    const placed = await sources().actions.move('ada', { x: 150, y: 40, z: 0 }, false);
    expect(placed).toMatchObject({
      ok: true,
      result: { done: true },
    });
    const handoff = await until('the handoff', () =>
      sources()
        .world.handoffs()
        .find(({ outcome }) => outcome === 'done'),
    );
    expect(handoff).toMatchObject({ player: 'ada', name: 'Ada <b>', source: 'west', target: 'east', epoch: before.epoch });
    expect(handoff.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['freezing', 'committing', 'activating']));
    expect(handoff.frozenMs).toBeGreaterThan(0);
    const after = await until('ada in the east', () => {
      const found = ada();
      return found?.region === 'east' && found.position?.x === 150 ? found : undefined;
    });
    expect(after).toMatchObject({ handoffs: 1, state: 'online', position: { x: 150, y: 40 } });
    expect(typesOf()).toEqual(expect.arrayContaining(['action.move', 'handoff.done']));
    expect(player.closed).toBeUndefined();
  });

  it('drains a server: its region moves, its process ends, and no socket closes', { timeout: 120_000 }, async () => {
    const { server } = region('east');
    // One is ready to take over, so that players wait for a moment only.
    await until('a spare', () =>
      sources()
        .world.servers()
        .some((each) => each.region === '' && each.state === 'ready'),
    );
    const heard = events.length;
    const [first, same] = await Promise.all([sources().actions.drain(server, false), sources().actions.restart(server, false)]);
    expect(first).toMatchObject({ ok: true, result: { done: true, playersAffected: 1 } });
    expect(same).toBe(first);
    await until('the east elsewhere', () => region('east').state === 'active' && region('east').server !== server);
    await until(
      'its process gone',
      () =>
        !sources()
          .world.servers()
          .some(({ id }) => id === server),
    );
    expect(ada()).toMatchObject({ state: 'online', region: 'east' });
    const types = events.slice(heard).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['action.drain', 'region.moving', 'region.recovered']));
    expect(types).not.toContain('region.lost');
    expect(types).not.toContain('server.failed');
    expect(player.closed).toBeUndefined();
  });

  it('kills a server, and it is recovered under its player', { timeout: 120_000 }, async () => {
    const { server, epoch } = region('east');
    const heard = events.length;
    expect(await sources().actions.kill(server, false)).toMatchObject({ ok: true, result: { done: true } });
    await until('the east back', () => region('east').state === 'active' && region('east').server !== server);
    expect(region('east').epoch).toBeGreaterThan(epoch);
    await until('ada in it', () => ada()?.state === 'online' && ada()?.server === region('east').server);
    const types = events.slice(heard).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['action.kill', 'server.failed', 'region.lost', 'region.recovered']));
    expect(player.closed).toBeUndefined();
  });

  it('sends a player away, with a word', { timeout: 120_000 }, async () => {
    expect(await sources().actions.kick('ada', 'enough', false)).toMatchObject({ ok: true, result: { done: true } });
    await until('the socket closed', () => player.closed !== undefined);
    expect(player.closed).toBe(4443);
    const gone = await until('ada gone', () => (ada()?.state === 'gone' ? ada() : undefined));
    expect(gone).toMatchObject({ closeCode: 4443, closeReason: 'SESSION_KICKED' });
    expect(typesOf()).toEqual(expect.arrayContaining(['action.kick', 'player.left']));
    const ids = events.map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, i) => (ids[0] as number) + i));
  });
});

/** A client with no SDK, which this package may not know. It answers pings, as every WebSocket does. */
async function enter(): Promise<{ socket: WebSocket; closed: number | undefined }> {
  const dir = dataDirAt(config.dataDir);
  const socket = new WebSocket(plane.gateways[0] ?? '', 'atlas.v1', { ca: readFileSync(join(dir.tls, 'dev-cert.pem')) });
  const made: { socket: WebSocket; closed: number | undefined } = { socket, closed: undefined };
  socket.on('close', (code) => {
    made.closed = code;
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      const token = jwt(readFileSync(dir.devSecret, 'utf8').trim());
      socket.send(ClientFrame.encode({ kind: 'hello', version: CLIENT_PROTOCOL, token, resume: '', received: 0, schema: 0 }));
    });
    socket.on('message', (data: Buffer) => {
      if (GatewayFrame.decode(new Uint8Array(data))?.kind === 'welcome') resolve();
    });
  });
  return made;
}

function jwt(secret: string): string {
  const nowS = Math.floor(systemClock().wall() / 1000);
  const text = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: 'ada', name: 'Ada <b>', iat: nowS, exp: nowS + 600 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
