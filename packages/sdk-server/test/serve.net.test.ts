/** The process around the engine, over real sockets: a control plane and a gateway of the test's own, and two servers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import type { Clock, Link, LinkListener } from '@horizon-atlas/ports';
import {
  ControlToServer,
  GatewayToServer,
  gameLink,
  type RegionPlace,
  ServerToControl,
  ServerToGateway,
} from '@horizon-atlas/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RegionServer, serveRegion } from '../src/index.ts';
import { countingGame, groupOf, PLACES, type Said } from './story.ts';

const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  at(ms, fn) {
    const timer = setTimeout(fn, ms - performance.now());
    return () => clearTimeout(timer);
  },
};

const links = makeLinks({ clock });
const servers: RegionServer[] = [];
let ended: Inbox<string>;
let dir = '';
let control: ControlPlane;

/** Collects what comes, and wakes whoever waits for something. */
class Inbox<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();

  push(item: T): void {
    this.all.push(item);
    for (const wake of this.#waiting) wake();
  }

  async find<U extends T>(is: (item: T) => item is U): Promise<U>;
  async find(is: (item: T) => boolean): Promise<T>;
  async find(is: (item: T) => boolean): Promise<T> {
    const deadlineMs = performance.now() + 5000;
    while (true) {
      const found = this.all.find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('nothing of that kind came in time')), deadlineMs - performance.now());
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

class ControlPlane {
  readonly said = new Inbox<{ server: string; message: ServerToControl }>();
  readonly #links = new Map<string, Link>();
  #listener: LinkListener | undefined;

  get address(): string {
    return `unix:${join(dir, 'control.sock')}`;
  }

  async up(): Promise<void> {
    this.#listener = await links.listen(this.address, (link) => {
      let server = '';
      link.onFrame((frame) => {
        const message = ServerToControl.decode(frame);
        if (!message) throw new Error('a malformed message');
        if (message.kind === 'hello') {
          server = message.server;
          this.#links.set(server, link);
        }
        this.said.push({ server, message });
      });
    });
  }

  async down(): Promise<void> {
    for (const link of this.#links.values()) link.close({ code: 'LINK_LOST', message: 'the test says so' });
    this.#links.clear();
    await this.#listener?.close();
  }

  tell(server: string, message: ControlToServer): void {
    this.#links.get(server)?.send(ControlToServer.encode(message));
  }

  async hears<K extends ServerToControl['kind']>(server: string, kind: K, since = 0): Promise<Said<K>> {
    const { message } = await this.said.find(
      (each) => each.server === server && each.message.kind === kind && this.said.all.indexOf(each) >= since,
    );
    return message as Said<K>;
  }
}

async function start(id: string): Promise<RegionServer> {
  const server = await serveRegion(countingGame(), {
    env: { ATLAS_SERVER_ID: id, ATLAS_CONTROL: control.address, ATLAS_LISTEN: `unix:${join(dir, `${id}.sock`)}` },
    log: () => {},
    ended: (reason) => ended.push(`${id} ${reason}`),
  });
  servers.push(server);
  return server;
}

/** A gateway's link to a server. */
async function dial(server: RegionServer) {
  const link = await links.dial(server.address);
  const heard = new Inbox<ServerToGateway>();
  const views = new Inbox<number>();
  link.onFrame((frame) => {
    if (frame[0] === gameLink.latestDown) views.push(frame.length);
    const message = frame[0] === gameLink.control ? ServerToGateway.decode(frame, 1) : undefined;
    if (message) heard.push(message);
  });
  const tell = (message: GatewayToServer): void => {
    const body = GatewayToServer.encode(message);
    const frame = new Uint8Array(1 + body.length);
    frame.set(body, 1);
    link.send(frame);
  };
  tell({ kind: 'hello', gateway: 'g', version: 1 });
  return { link, heard, views, tell };
}

function attachTo(epoch: number, handle: number, reason: 'join' | 'switch'): GatewayToServer {
  const who = { session: 'ann-session', player: 'ann', name: 'ann', entity: 1000 };
  return { kind: 'attach', handle, ...who, epoch, format: 'atlas', reason, generation: 0, received: 0, schema: 0 };
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-sdk-'));
  ended = new Inbox();
  control = new ControlPlane();
  await control.up();
});

afterEach(async () => {
  for (const server of servers) server.stop(0);
  if (servers.length > 0) await ended.find(() => ended.all.length === servers.length);
  servers.length = 0;
  await control.down();
  rmSync(dir, { recursive: true, force: true });
});

it('a player crosses from one process to another', async () => {
  const a = await start('s-a');
  const b = await start('s-b');
  const regions: RegionPlace[] = PLACES.map((each) => ({ ...each, address: each.region === 'a' ? a.address : b.address }));
  for (const [server, region] of [
    ['s-a', 'a'],
    ['s-b', 'b'],
  ] as const) {
    await control.hears(server, 'hello');
    control.tell(server, { kind: 'map', version: 1, regions });
    control.tell(server, { kind: 'assign', region, epoch: 1, world: new Uint8Array(0), groups: [], tick: 0 });
    await control.hears(server, 'regionUp');
  }
  const gateway = await dial(a);
  control.tell('s-a', { kind: 'admit', region: 'a', group: groupOf(1000, 10, 'ann'), x: -5, y: 0, z: 0 });
  gateway.tell(attachTo(10, 1, 'join'));
  expect(await gateway.heard.find((each) => each.kind === 'attached')).toMatchObject({ handle: 1, tickHz: 30 });
  await gateway.views.find(() => true);

  control.tell('s-a', { kind: 'prepare', group: 1000, epoch: 10, region: 'a', target: 'b', server: 's-b', address: b.address });
  await control.hears('s-a', 'synced');
  control.tell('s-a', { kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
  const frozen = await control.hears('s-a', 'frozen');
  control.tell('s-b', { kind: 'activate', region: 'b', version: frozen.version, group: groupOf(1000, 20, 'ann') });
  expect(await control.hears('s-b', 'activated')).toMatchObject({ group: 1000, epoch: 20, warm: true });
  const other = await dial(b);
  other.tell(attachTo(20, 2, 'switch'));
  await other.heard.find((each) => each.kind === 'attached');
  await other.views.find(() => true);
  control.tell('s-a', { kind: 'release', group: 1000, epoch: 10, newEpoch: 20, target: 'b', server: 's-b', address: b.address });
  await control.hears('s-a', 'released');
});

it('plays on without a control plane, and presents itself to the next one', async () => {
  const a = await start('s-a');
  await control.hears('s-a', 'hello');
  control.tell('s-a', { kind: 'assign', region: 'a', epoch: 1, world: new Uint8Array(0), groups: [], tick: 0 });
  await control.hears('s-a', 'regionUp');
  const gateway = await dial(a);
  control.tell('s-a', { kind: 'admit', region: 'a', group: groupOf(1000, 10, 'ann'), x: undefined, y: undefined, z: undefined });
  gateway.tell(attachTo(10, 1, 'join'));
  await gateway.views.find(() => true);
  await control.down();
  const before = gateway.views.all.length;
  await gateway.views.find(() => gateway.views.all.length > before + 3);
  const since = control.said.all.length;
  await control.up();
  const { regions } = await control.hears('s-a', 'hello', since);
  expect(regions).toEqual([{ region: 'a', epoch: 1, groups: [{ group: 1000, epoch: 10, phase: 'owned' }] }]);
});

it('ends gently: the last checkpoint first', async () => {
  const a = await start('s-a');
  await control.hears('s-a', 'hello');
  control.tell('s-a', { kind: 'assign', region: 'a', epoch: 1, world: new Uint8Array(0), groups: [], tick: 0 });
  await control.hears('s-a', 'regionUp');
  const since = control.said.all.length;
  a.stop(4000);
  const { tick } = await control.hears('s-a', 'checkpoint', since);
  expect(ended.all).toEqual([]);
  control.tell('s-a', { kind: 'covered', region: 'a', epoch: 1, tick });
  await control.hears('s-a', 'drained');
  expect(ended.all).toEqual(['s-a drained']);
});

it('closes a link that begins with nonsense, and says what is missing from its environment', async () => {
  const a = await start('s-a');
  const link = await links.dial(a.address);
  const closed = new Promise((resolve) => link.onClose((reason) => resolve(reason.code)));
  link.send(new Uint8Array([0x77, 1, 2, 3]));
  expect(await closed).toBe('LINK_FRAME_INVALID');
  await expect(serveRegion(countingGame(), { env: {} })).rejects.toThrow('ATLAS_SERVER_ID is not set');
});
