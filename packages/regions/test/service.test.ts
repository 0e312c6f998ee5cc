/** The coordinator at work: lease, Store, timer and links. What it decides is not told here; see the other stories. */
import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Store } from '@horizon-atlas/ports';
import {
  AuthorityRecord,
  type Codec,
  type ControlToGateway,
  type ControlToServer,
  decodeRecord,
  encodeRecord,
  type GatewayToControl,
  keys,
  LeaseRecord,
  LINK_PROTOCOL,
  PlayerRecord,
  RegionRecord,
  ServerRecord,
  type ServerToControl,
  TermRecord,
} from '@horizon-atlas/protocol';
import { leasePolicy, type ManualClock, type MemoryProbe, manualClock, memoryProbe } from '@horizon-atlas/runtime';
import { describe, expect, test } from 'vitest';
import { makeRegions, type Regions } from '../src/index.ts';
import { threeInARow } from './rig.ts';

/** One control plane on one machine: clocks of machines do not stand still together. */
interface Node {
  readonly clock: ManualClock;
  readonly probe: MemoryProbe;
  readonly regions: Regions;
  readonly toGateway: ControlToGateway[];
  relinks: number;
}

function nodeOn(store: Store, holder: string, servers: ReadonlyMap<string, ScriptedServer> = new Map()): Node {
  const clock = manualClock();
  const probe = memoryProbe();
  const toGateway: ControlToGateway[] = [];
  const regions: Regions = makeRegions(
    {
      clock,
      store,
      probe,
      toServer: (server, message) => servers.get(server)?.hear(regions, message),
      toGateway: (_, message) => void toGateway.push(message),
      relink: () => {
        node.relinks++;
      },
    },
    { world: threeInARow, holder, policy: { warmNeighbours: false } },
  );
  const node: Node = { clock, probe, regions, toGateway, relinks: 0 };
  return node;
}

/** A server that does at once what it is told, on a later turn. */
class ScriptedServer {
  readonly id: string;
  readonly heard: ControlToServer[] = [];
  readonly #held = new Map<
    string,
    { region: string; epoch: number; groups: { group: number; epoch: number; phase: 'owned' }[] }
  >();

  constructor(id: string) {
    this.id = id;
  }

  dial(regions: Regions): void {
    const held = [...this.#held.values()];
    const hello = { server: this.id, version: LINK_PROTOCOL, pid: 1, address: `tcp:${this.id}`, schema: 1, regions: held };
    regions.fromServer(this.id, { kind: 'hello', ...hello });
  }

  hear(regions: Regions, message: ControlToServer): void {
    this.heard.push(message);
    const answer = this.#answer(message);
    if (answer) queueMicrotask(() => regions.fromServer(this.id, answer));
  }

  #answer(message: ControlToServer): ServerToControl | undefined {
    if (message.kind === 'assign') {
      const { region, epoch } = message;
      const groups = message.groups.map((each) => ({ group: each.group, epoch: each.epoch, phase: 'owned' as const }));
      this.#held.set(region, { region, epoch, groups });
      return { kind: 'regionUp', region, epoch };
    }
    if (message.kind === 'admit') {
      const { group, epoch, session } = message.group;
      this.#held.get(message.region)?.groups.push({ group, epoch, phase: 'owned' });
      return { kind: 'admitted', group, epoch, session, ok: true, code: '' };
    }
    return undefined;
  }
}

/** Turns the nodes' clocks by steps until it holds, and tells how far. */
async function until(nodes: readonly Node[], what: string, holds: () => boolean | Promise<boolean>, limitMs = 5_000) {
  for (let ms = 0; ms <= limitMs; ms += 10) {
    if (await holds()) return ms;
    await turn(nodes, 10);
  }
  throw new Error(`not within ${limitMs} ms: ${what}`);
}

async function turn(nodes: readonly Node[], ms: number): Promise<void> {
  await Promise.all(nodes.map((each) => each.clock.advanceSettled(ms)));
}

async function find<T>(store: Store, key: string, codec: Codec<T>): Promise<T | undefined> {
  const record = await store.get(key);
  return record && decodeRecord(codec, record.value);
}

async function putServer(store: Store, server: string, region: string, state: ServerRecord['state'] = 'ready'): Promise<void> {
  const process = { pid: 1, address: `tcp:${server}`, restarts: 0, startedAtMs: 0, bootStamp: '', code: '', message: '' };
  const value = encodeRecord(ServerRecord, { server, region, state, ...process });
  expect(await store.transact([{ op: 'put', key: keys.server(server), value }])).toMatchObject({ ok: true });
}

function login(player: string, request = 1): GatewayToControl {
  return { kind: 'join', request, session: `s-${player}`, player, name: player, remoteAddress: '', format: 'atlas' };
}

function said<K extends ControlToGateway['kind']>(node: Node, kind: K): (ControlToGateway & { kind: K })[] {
  return node.toGateway.filter((each): each is ControlToGateway & { kind: K } => each.kind === kind);
}

/** A node that leads, with the spawn region played by a server. */
async function inPlay() {
  const store = memoryStore();
  const server = new ScriptedServer('alpha');
  const servers = new Map([[server.id, server]]);
  const node = nodeOn(store, 'atlas-1', servers);
  await putServer(store, server.id, 'a');
  await node.regions.start();
  await until([node], 'it leads', () => node.regions.running);
  server.dial(node.regions);
  await until([node], 'the spawn region plays', () => said(node, 'regionRoute').some((each) => each.server === server.id));
  return { store, server, servers, node };
}

async function joins(node: Node, player: string): Promise<ControlToGateway & { kind: 'joined' }> {
  node.regions.fromGateway('g1', login(player));
  const answer = () => said(node, 'joined').find((each) => each.session === `s-${player}`);
  await until([node], `${player} is in`, () => answer() !== undefined);
  const joined = answer();
  if (!joined) throw new Error('unreachable');
  return joined;
}

describe('a coordinator that starts', () => {
  test('takes the lease, then the term, and begins with nobody linked', async () => {
    const store = memoryStore();
    const node = nodeOn(store, 'atlas-1');
    expect(node.regions.running).toBe(false);
    expect(node.regions.status()).toMatchObject({ running: false, regions: [] });
    await node.regions.start();
    await until([node], 'it leads', () => node.regions.running);
    expect(await find(store, keys.lease('regions'), LeaseRecord)).toMatchObject({ holder: 'atlas-1', fence: 1 });
    expect((await find(store, keys.term, TermRecord))?.term).toBeGreaterThan(0);
    expect(node.relinks).toBe(1);
    expect(node.probe.events().map((each) => each.name)).toContain('regions.leading');
    expect(node.regions.status().regions.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'starting'],
      ['b', 'asleep'],
      ['c', 'asleep'],
    ]);
  });

  test('asks fleet for a server, and assigns the region to the one whose record appears', async () => {
    const store = memoryStore();
    const server = new ScriptedServer('alpha');
    const node = nodeOn(store, 'atlas-1', new Map([['alpha', server]]));
    await node.regions.start();
    await until([node], 'the region wants a server', async () => (await store.get(keys.want('a'))) !== undefined);
    server.dial(node.regions);
    await turn([node], 500);
    expect(server.heard.map((each) => each.kind)).not.toContain('assign');

    await putServer(store, 'alpha', 'a');
    await until([node], 'the region plays', () => node.regions.status().regions[0]?.state === 'active');
    expect(await find(store, keys.region('a'), RegionRecord)).toMatchObject({ server: 'alpha', state: 'active' });
  });

  test('waits for a store that does not answer yet', async () => {
    const inner = memoryStore();
    let down = true;
    const refuse = () => Promise.reject(new Error('the store is away'));
    const store: Store = {
      ...inner,
      get: (key) => (down ? refuse() : inner.get(key)),
      list: (prefix) => (down ? refuse() : inner.list(prefix)),
      transact: (ops, conditions) =>
        down
          ? Promise.resolve({ ok: false, code: 'STORE_UNAVAILABLE', message: 'the store is away' })
          : inner.transact(ops, conditions),
    };
    const node = nodeOn(store, 'atlas-1');
    await node.regions.start();
    await turn([node], 3_000);
    expect(node.regions.running).toBe(false);
    down = false;
    await until([node], 'it leads', () => node.regions.running, 1_000);
  });
});

describe('a coordinator that leads', () => {
  test('lets a player in: written, admitted, and only then told', async () => {
    const { store, server, node } = await inPlay();
    const joined = await joins(node, 'ann');
    expect(joined).toMatchObject({ request: 1, region: 'a', server: 'alpha' });
    const record = await find(store, keys.authority(joined.entity), AuthorityRecord);
    expect(record).toMatchObject({ region: 'a', group: { player: 'ann', session: 's-ann', epoch: joined.epoch } });
    const admits = server.heard.filter((each) => each.kind === 'admit');
    expect(admits.map((each) => each.group.group)).toEqual([joined.entity]);
    expect(node.regions.status().players).toEqual({ online: 1, joining: 0 });
  });

  test('keeps a player who leaves, with the time of day', async () => {
    const { store, server, node } = await inPlay();
    const { entity: group, epoch } = await joins(node, 'ann');
    const state = new Uint8Array([1, 2, 3]);
    const place = { region: 'a', x: 1, y: 2, z: 3 };
    const ended = { kind: 'ended', session: 's-ann', player: 'ann', group, epoch, ...place, state, code: '' } as const;
    node.regions.fromServer(server.id, ended);
    const lastSeenMs = node.clock.wall();
    await until([node], 'she is gone', () => said(node, 'gone').length > 0);
    expect(server.heard).toContainEqual({ kind: 'endedAck', session: 's-ann', group });
    expect(await store.get(keys.authority(group))).toBeUndefined();
    expect(await find(store, keys.player('ann'), PlayerRecord)).toEqual({
      player: 'ann',
      name: 'ann',
      ...place,
      state,
      lastSeenMs,
    });
  });

  test.each<[string, (store: Store) => Promise<unknown>]>([
    ['has ended', (store) => putServer(store, 'alpha', 'a', 'backoff')],
    ['is no more', (store) => store.transact([{ op: 'delete', key: keys.server('alpha') }])],
  ])('recovers the region of a server that by its record %s', async (_, change) => {
    const { store, node } = await inPlay();
    const before = await find(store, keys.region('a'), RegionRecord);
    await change(store);
    await until([node], 'the region is looked after', () => node.regions.status().recoveries === 1, 500);
    await until([node], 'it is without a server', async () => (await find(store, keys.region('a'), RegionRecord))?.server === '');
    expect((await find(store, keys.region('a'), RegionRecord))?.epoch).toBeGreaterThan(before?.epoch ?? 0);
  });

  test('stops: the lease is given back, and nothing is said or written any more', async () => {
    const { store, server, node } = await inPlay();
    await joins(node, 'ann');
    await node.regions.stop();
    expect(node.regions.running).toBe(false);
    expect((await find(store, keys.lease('regions'), LeaseRecord))?.holder).toBe('');

    const { revision } = await store.list('');
    const words = node.toGateway.length + server.heard.length;
    node.regions.fromGateway('g1', login('bob', 2));
    server.dial(node.regions);
    await putServer(store, 'beta', 'b');
    await turn([node], 10_000);
    expect(node.toGateway.length + server.heard.length).toBe(words);
    // One revision: fleet's record of beta.
    expect((await store.list('')).revision).toBe(revision + 1);
  });
});

describe('two coordinators on one store', () => {
  test('lead one after the other: the second follows until the first stops, and finds everything as it was', async () => {
    const { store, server, servers, node: first } = await inPlay();
    const joined = await joins(first, 'ann');
    const region = await find(store, keys.region('a'), RegionRecord);
    const second = nodeOn(store, 'atlas-2', servers);
    await second.regions.start();
    await turn([first, second], 3 * leasePolicy.durationMs);
    expect([first.regions.running, second.regions.running]).toEqual([true, false]);
    expect(second.relinks).toBe(0);

    await first.regions.stop();
    const afterMs = await until([second], 'the second leads', () => second.regions.running);
    expect(afterMs).toBeLessThanOrEqual(leasePolicy.retryMs + 100);
    server.dial(second.regions);
    // Asked again, because the first one's answer might have been lost with it.
    expect(await joins(second, 'ann')).toEqual(joined);
    expect(await find(store, keys.region('a'), RegionRecord)).toEqual(region);
    expect(second.regions.status()).toMatchObject({ recoveries: 0, players: { online: 1 } });
  });

  test('that both believe they lead: the one whose term is over writes nothing and says nothing', async () => {
    const { store, server, servers, node: first } = await inPlay();
    const term = await find(store, keys.term, TermRecord);
    const second = nodeOn(store, 'atlas-2', servers);
    await second.regions.start();
    // The first one's machine stands still; the lease runs out on the other's clock.
    await until([second], 'the second leads', () => second.regions.running, 2 * leasePolicy.durationMs);
    expect((await find(store, keys.term, TermRecord))?.term).toBeGreaterThan(term?.term ?? 0);
    server.dial(second.regions);
    await turn([second], 100);
    expect([first.regions.running, second.regions.running]).toEqual([true, true]);

    const words = first.toGateway.length + server.heard.length;
    const { records } = await store.list('authority/');
    first.regions.fromGateway('g1', login('bob'));
    await until([], 'it learns of its successor', async () => {
      await turn([first], 0);
      return !first.regions.running;
    });
    expect(first.toGateway.length + server.heard.length).toBe(words);
    expect((await store.list('authority/')).records).toEqual(records);
    expect(first.probe.events().map((each) => each.name)).toContain('coordinator.deposed');

    // It follows from then on, and leads again when its successor has gone.
    await turn([first, second], 2 * leasePolicy.durationMs);
    expect([first.regions.running, second.regions.running]).toEqual([false, true]);
    await second.regions.stop();
    await until([first], 'the first leads again', () => first.regions.running);
    expect(first.relinks).toBe(2);
    server.dial(first.regions);
    expect(await joins(first, 'bob')).toMatchObject({ region: 'a', server: 'alpha' });
  });
});

test('a leader whose term was taken by one without the lease leads again', async () => {
  const { store, server, node } = await inPlay();
  const record = await store.get(keys.term);
  const term = (record && decodeRecord(TermRecord, record.value)?.term) ?? 0;
  // One that was paused between taking the lease and taking the term, and has lost the lease meanwhile.
  await store.transact([{ op: 'put', key: keys.term, value: encodeRecord(TermRecord, { term: term + 1 }) }]);
  node.regions.fromGateway('g1', login('bob'));
  await until([node], 'it learns that its term is over', () => !node.regions.running, 500);
  await until([node], 'it leads again', () => node.regions.running, 3 * leasePolicy.durationMs);
  server.dial(node.regions);
  expect(await joins(node, 'ann')).toMatchObject({ server: 'alpha' });
});
