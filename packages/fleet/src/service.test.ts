import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Probe, Store } from '@horizon-atlas/ports';
import { decodeRecord, encodeRecord, keys, ServerRecord, WantRecord } from '@horizon-atlas/protocol';
import { seededEntropy } from '@horizon-atlas/runtime';
import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../test/manual-clock.ts';
import { ScriptedRunner } from '../test/scripted-runner.ts';
import { type Fleet, makeFleet } from './index.ts';

const silent: Probe = { count: () => {}, gauge: () => {}, observe: () => {}, event: () => {} };

/** One installation: store, processes and clock outlive its fleets. */
class House {
  readonly clock = new ManualClock();
  readonly store: Store = memoryStore();
  readonly runner = new ScriptedRunner();
  readonly gauges = new Map<string, number>();
  #entropy = 0;
  fleet: Fleet = this.open();

  open(gateways = 0): Fleet {
    const probe: Probe = { ...silent, gauge: (name, value, labels) => this.gauges.set(`${name} ${labels?.post}`, value) };
    this.fleet = makeFleet(
      { clock: this.clock, entropy: seededEntropy(++this.#entropy, this.clock), store: this.store, runner: this.runner, probe },
      {
        roles: [
          { role: 'server', prefix: 'gs', wanted: {}, command: (id) => ({ id, argv: ['server'], logFile: `${id}.log` }) },
          { role: 'gateway', prefix: 'gw', wanted: gateways, command: (id) => ({ id, argv: ['gateway'], logFile: `${id}.log` }) },
        ],
      },
    );
    return this.fleet;
  }

  async started(gateways = 0): Promise<this> {
    await this.open(gateways).start();
    await settled();
    return this;
  }

  async want(region: string, server = ''): Promise<void> {
    await this.store.transact([{ op: 'put', key: keys.want(region), value: encodeRecord(WantRecord, { region, server }) }]);
    await settled();
  }

  async unwant(region: string): Promise<void> {
    await this.store.transact([{ op: 'delete', key: keys.want(region) }]);
    await settled();
  }

  /** All processes that start say hello. */
  async hello(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const each of this.fleet.status().servers) {
        if (each.state === 'starting' && this.runner.processes.has(each.server)) {
          this.fleet.onServerUp(each.server, { pid: 1, address: `unix:/${each.server}` });
        }
      }
      await settled();
    }
  }

  server(post: string): string {
    return this.fleet.status().servers.find((each) => each.post === post)?.server ?? '';
  }

  states(): Record<string, string> {
    return Object.fromEntries(this.fleet.status().servers.map((each) => [each.post, each.state]));
  }

  /** The server records by region, as others read them; of a spare under "spare". */
  async records(): Promise<Record<string, ServerRecord>> {
    const { records } = await this.store.list(keys.server(''));
    const read = records.map(({ value }) => decodeRecord(ServerRecord, value) as ServerRecord);
    return Object.fromEntries(
      read.map((each) => [each.region || (each.server.startsWith('gw_') ? each.server.slice(0, 4) : 'spare'), each]),
    );
  }
}

async function house(...regions: string[]): Promise<House> {
  const made = await new House().started();
  for (const region of regions) await made.want(region);
  await made.hello();
  return made;
}

describe('the fleet', () => {
  it('keeps one spare ready before anybody wants it', async () => {
    const h = await house();
    expect(h.states()).toEqual({ 'spare/0': 'ready' });
    expect((await h.records()).spare).toMatchObject({ region: '', state: 'ready' });
  });

  it('answers a want by a record with region, address and pid', async () => {
    const h = await house();
    const spare = h.server('spare/0');
    await h.want('alpha');
    expect((await h.records()).alpha).toMatchObject({
      server: spare,
      state: 'ready',
      address: `unix:/${spare}`,
      pid: 1000,
      code: '',
    });
    await h.hello();
    expect(h.states()).toEqual({ 'region/alpha': 'ready', 'spare/0': 'ready' });
    expect((await h.records()).spare?.server).toBe(h.server('spare/0'));
    expect(h.runner.processes.size).toBe(2);
  });

  it('fills the place of a crashed server at once from the spare, and forgets the dead one', async () => {
    const h = await house('alpha');
    const [dead, spare] = [h.server('region/alpha'), h.server('spare/0')];
    await h.runner.exit(dead);
    await settled();
    expect((await h.records()).alpha).toMatchObject({ server: spare, state: 'ready', restarts: 1 });
    expect(h.fleet.knows(dead)).toBe(false);
    expect(Object.values(await h.records()).map((each) => each.server)).not.toContain(dead);
  });

  it('kills a server that falls silent, and replaces it by another id within its time', async () => {
    const h = await house('alpha');
    const [hung, spare] = [h.server('region/alpha'), h.server('spare/0')];
    h.fleet.onServerDown(hung);
    await settled();
    expect((await h.records()).alpha?.state).toBe('unhealthy');
    await h.clock.advance(400);
    expect(h.server('region/alpha')).toBe(spare);
    expect(h.runner.processes.has(hung)).toBe(false);
    expect(h.fleet.knows(hung)).toBe(false);
  });

  it('lets a server redial after a lost link', async () => {
    const h = await house('alpha');
    const server = h.server('region/alpha');
    h.fleet.onServerDown(server);
    await h.clock.advance(300);
    h.fleet.onServerUp(server, { pid: 1, address: 'unix:/new' });
    await h.clock.advance(5_000);
    expect((await h.records()).alpha).toMatchObject({ server, state: 'ready', address: 'unix:/new', restarts: 0 });
  });

  it('blames nobody for a pause of its own', async () => {
    const h = await house('alpha');
    const server = h.server('region/alpha');
    h.fleet.onServerDown(server);
    await h.clock.pause(60_000);
    h.fleet.onServerUp(server, { pid: 1, address: 'unix:/new' });
    await h.clock.advance(5_000);
    expect(h.server('region/alpha')).toBe(server);
  });

  it('stops the server of a region that sleeps, and speaks with it until it is gone', async () => {
    const h = await house('alpha');
    const server = h.server('region/alpha');
    const process = h.runner.processes.get(server);
    if (process) process.deaf = true;
    await h.unwant('alpha');
    expect([process?.asked, h.fleet.knows(server), (await h.records()).alpha?.state]).toEqual(['stop', true, 'stopping']);
    await h.runner.exit(server, { exitCode: 1 });
    await settled();
    expect([h.fleet.knows(server), (await h.records()).alpha]).toEqual([false, undefined]);
    expect(h.states()).toEqual({ 'spare/0': 'ready' });
  });

  it('gives a region that wakes while its server ends another one', async () => {
    const h = await house('alpha');
    const old = h.server('region/alpha');
    const process = h.runner.processes.get(old);
    if (process) process.deaf = true;
    await h.unwant('alpha');
    await h.want('alpha');
    expect(h.server('region/alpha')).not.toBe(old);
    expect(h.fleet.status().servers.map((each) => [each.server === old, each.state])).toContainEqual([true, 'stopping']);
    await h.runner.exit(old, { exitCode: 1 });
    await h.hello();
    expect(h.states()).toEqual({ 'region/alpha': 'ready', 'spare/0': 'ready' });
    expect((await h.records()).alpha).toMatchObject({ state: 'ready', restarts: 0 });
  });

  it('follows regions when it has chosen another spare', async () => {
    const h = await house('alpha', 'beta');
    const spare = h.server('spare/0');
    const own = h.server('region/alpha');
    await h.want('alpha', spare);
    expect([h.server('region/alpha'), h.server('spare/0')]).toEqual([spare, own]);
    expect((await h.records()).spare?.server).toBe(own);
  });

  it('says why a region has no server when it keeps crashing, and tries again after a longer pause', async () => {
    const h = await house('alpha');
    for (let crash = 0; crash < 5; crash++) {
      await h.runner.exit(h.server('region/alpha'));
      await h.clock.advance(crash === 0 ? 0 : 2_000);
      await h.hello();
    }
    expect((await h.records()).alpha).toMatchObject({ state: 'error', code: 'SERVER_CRASH_LOOP', restarts: 5 });
    const count = h.runner.started.length;
    await h.clock.advance(50_000);
    expect(h.runner.started.length).toBe(count);
    await h.clock.advance(15_000);
    await h.hello();
    expect((await h.records()).alpha).toMatchObject({ state: 'ready', code: '' });
  });

  it('says why a server cannot be started', async () => {
    const h = new House();
    h.runner.options.failStarts = 'spawn ENOENT';
    await h.started();
    await h.want('alpha');
    await h.clock.advance(100);
    const alpha = h.fleet.status().servers.find((each) => each.post === 'region/alpha');
    expect(alpha).toMatchObject({ state: 'backoff', code: 'SERVER_START_FAILED', message: 'spawn ENOENT' });
  });

  it('tells CPU time and memory of each server', async () => {
    const h = await house('alpha');
    await h.clock.advance(1_000);
    expect(h.fleet.status().servers[0]).toMatchObject({ cpuS: 1.5, memoryBytes: 1024 });
    expect(h.gauges.get('atlas_server_memory_bytes region/alpha')).toBe(1024);
  });

  it('does not take in a server that it did not start', async () => {
    const h = await house();
    expect(h.fleet.knows('gs_forged')).toBe(false);
    h.fleet.onServerUp('gs_forged', { pid: 6, address: 'unix:/forged' });
    expect(h.fleet.knows('gs_forged')).toBe(false);
  });

  it('goes on when the store refuses its records, and writes them when it can', async () => {
    const h = await house('alpha');
    const transact = h.store.transact;
    h.store.transact = async () => ({ ok: false, code: 'STORE_FULL', message: 'the disk is full' });
    const dead = h.server('region/alpha');
    await h.runner.exit(dead);
    await settled();
    expect(h.states()['region/alpha']).toBe('ready');
    expect((await h.records()).alpha?.server).toBe(dead);
    h.store.transact = transact;
    await h.clock.advance(200);
    expect((await h.records()).alpha?.server).toBe(h.server('region/alpha'));
  });
});

describe('gateways', () => {
  it('are a fixed number, each with its place in its id', async () => {
    const h = await new House().started(2);
    await h.hello();
    expect(h.states()).toEqual({ 'gateway/0': 'ready', 'gateway/1': 'ready', 'spare/0': 'ready' });
    expect(h.server('gateway/1')).toMatch(/^gw_1_/);
    await h.runner.exit(h.server('gateway/1'));
    await h.hello();
    expect(h.server('gateway/1')).toMatch(/^gw_1_/);
    expect(h.states()['gateway/1']).toBe('ready');
  });
});

describe('records', () => {
  it('tell of a swapped server where it is now, also while the place that it left waits', async () => {
    const h = new House();
    await h.want('alpha');
    await h.started(1);
    await h.hello();
    // A gateway on its way up goes before a new spare.
    await h.runner.exit(h.server('gateway/0'));
    await settled();
    const spare = h.server('spare/0');
    await h.runner.exit(h.server('region/alpha'));
    await settled();
    expect(h.fleet.status().servers.find((each) => each.post === 'spare/0')?.server).toBe('');
    expect((await h.records()).alpha).toMatchObject({ server: spare, state: 'ready' });
  });
});

describe('after a restart of Atlas', () => {
  it('the same processes go on in the same places', async () => {
    const h = await house('alpha', 'beta');
    const before = ['region/alpha', 'region/beta', 'spare/0'].map((post) => h.server(post));
    const started = h.runner.started.length;
    await h.fleet.close();
    await h.started();
    expect(['region/alpha', 'region/beta', 'spare/0'].map((post) => h.server(post))).toEqual(before);
    expect((await h.records()).alpha?.state).toBe('ready');
    for (const server of before) h.fleet.onServerUp(server, { pid: 1, address: 'unix:/again' });
    await h.clock.advance(20_000);
    expect(h.runner.started.length).toBe(started);
    expect(h.states()).toEqual({ 'region/alpha': 'ready', 'region/beta': 'ready', 'spare/0': 'ready' });
  });

  it('those that do not present themselves are replaced', async () => {
    const h = await house('alpha');
    const old = h.server('region/alpha');
    await h.fleet.close();
    await h.started();
    await h.clock.advance(5_000);
    await h.hello();
    expect(h.runner.processes.has(old)).toBe(false);
    expect(h.states()).toEqual({ 'region/alpha': 'ready', 'spare/0': 'ready' });
  });

  it('those that died meanwhile are replaced at once', async () => {
    const h = await house('alpha');
    const old = h.server('region/alpha');
    await h.fleet.close();
    await h.runner.exit(old);
    await h.started();
    expect(h.fleet.knows(old)).toBe(false);
    h.fleet.onServerUp(h.server('spare/0'), { pid: 1, address: 'unix:/spare' });
    await h.hello();
    expect((await h.records()).alpha).toMatchObject({ state: 'ready', restarts: 1 });
  });

  it('those that are wanted no more, and those that no record names, are ended; processes of others are not', async () => {
    const h = await house('alpha');
    await h.fleet.close();
    await h.unwant('alpha');
    for (const id of ['gs_orphan', 'bots']) await h.runner.start({ id, argv: [], logFile: '' });
    await h.started();
    await settled();
    expect([...h.runner.processes.keys()].sort()).toEqual(['bots', h.server('spare/0')].sort());
    expect(Object.keys(await h.records())).toEqual(['spare']);
  });
});

describe('a gateway that no record names', () => {
  it('is gone before another takes its port', async () => {
    const h = await new House().started(1);
    await h.fleet.close();
    await h.runner.exit(h.server('gateway/0'));
    await h.runner.start({ id: 'gw_0_orphan', argv: [], logFile: '' });
    const orphan = h.runner.processes.get('gw_0_orphan');
    if (orphan) orphan.deaf = true;
    await h.started(1);
    const gateways = () => [...h.runner.processes.keys()].filter((id) => id.startsWith('gw_'));
    expect([orphan?.asked, gateways()]).toEqual(['stop', ['gw_0_orphan']]);
    await h.runner.exit('gw_0_orphan');
    await settled();
    expect(gateways()).toEqual([h.server('gateway/0')]);
  });
});

describe('stop', () => {
  it('ends every process gently, starts none again, and leaves no record', async () => {
    const h = await house('alpha', 'beta');
    await h.fleet.stop(1_000);
    expect(h.runner.processes.size).toBe(0);
    expect(h.runner.started.length).toBe(3);
    expect(await h.records()).toEqual({});
    await h.want('gamma');
    await h.clock.advance(10_000);
    expect(h.runner.processes.size).toBe(0);
  });

  it('of one role leaves the others', async () => {
    const h = await new House().started(1);
    await h.hello();
    await h.fleet.stop(1_000, 'gateway');
    expect([...h.runner.processes.keys()]).toEqual([h.server('spare/0')]);
    await h.fleet.close();
  });
});
