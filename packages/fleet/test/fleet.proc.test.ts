import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@horizon-atlas/adapter-memory';
import { makeProcessRunner } from '@horizon-atlas/adapter-process';
import { until, within } from '@horizon-atlas/port-contracts';
import type { Probe, Runner, Store } from '@horizon-atlas/ports';
import { encodeRecord, keys, WantRecord } from '@horizon-atlas/protocol';
import { systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fleet, type FleetPolicy, type FleetServer, makeFleet } from '../src/index.ts';
import { controlSocket } from './control-socket.ts';

const probe: Probe = { count: () => {}, gauge: () => {}, observe: () => {}, event: () => {} };

/** Real processes under a fleet, with a control socket that knows three missed heartbeats of 50 ms. */
class Ground {
  readonly dir = mkdtempSync(join(tmpdir(), 'atlas-fleet-'));
  readonly store: Store = memoryStore();
  readonly #clock = systemClock();
  readonly #sockets = new Map<string, Socket>();
  readonly #control: Server = controlSocket({
    up: (server, socket) => {
      if (!this.fleet.knows(server)) return void socket.destroy();
      this.#sockets.set(server, socket);
      this.fleet.onServerUp(server, { pid: 0, address: `unix:${this.dir}/${server}` });
    },
    down: (server, socket) => {
      if (this.#sockets.get(server) !== socket) return;
      this.#sockets.delete(server);
      this.fleet.onServerDown(server);
    },
  });
  runner: Runner = this.#makeRunner();
  fleet: Fleet = this.#makeFleet();
  doom = '';

  async open(policy: Partial<FleetPolicy> = {}): Promise<void> {
    if (!this.#control.listening)
      await new Promise<void>((resolve) => this.#control.listen(join(this.dir, 'control.sock'), resolve));
    this.fleet = this.#makeFleet(policy);
    await this.fleet.start();
  }

  /** A new Atlas on the same directory and store. */
  async restart(): Promise<void> {
    await this.fleet.close();
    await this.runner.close();
    this.runner = this.#makeRunner();
    await this.open();
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  async want(region: string): Promise<void> {
    await this.store.transact([{ op: 'put', key: keys.want(region), value: encodeRecord(WantRecord, { region, server: '' }) }]);
  }

  at(post: string): FleetServer | undefined {
    return this.fleet.status().servers.find((each) => each.post === post);
  }

  async ready(post: string, not = ''): Promise<FleetServer> {
    await until(() => this.at(post)?.state === 'ready' && this.at(post)?.server !== not, `${post} is ready`);
    return this.at(post) as FleetServer;
  }

  async close(): Promise<void> {
    await within(this.fleet.stop(2_000), 'the fleet stops');
    expect(await this.runner.list()).toEqual([]);
    await this.runner.close();
    this.#control.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #makeRunner(): Runner {
    return makeProcessRunner({ dir: join(this.dir, 'processes'), clock: this.#clock });
  }

  #makeFleet(policy: Partial<FleetPolicy> = {}): Fleet {
    const command = (id: string) => ({
      id,
      argv: [process.execPath, join(import.meta.dirname, 'game-server.ts'), id, join(this.dir, 'control.sock'), this.doom],
      logFile: join(this.dir, `${id}.log`),
    });
    return makeFleet(
      { clock: this.#clock, entropy: systemEntropy(), store: this.store, runner: this.runner, probe },
      { roles: [{ role: 'server', prefix: 'gs', wanted: { spares: 1 }, command }], policy },
    );
  }
}

describe('a fleet of real processes', () => {
  let ground: Ground;
  beforeEach(() => {
    ground = new Ground();
  });
  afterEach(() => ground.close());

  it('replaces a server that is killed', async () => {
    await ground.open();
    await ground.want('alpha');
    const first = await ground.ready('region/alpha');
    const spare = await ground.ready('spare/0');
    const killedMs = performance.now();
    process.kill(first.pid, 'SIGKILL');
    const next = await ground.ready('region/alpha', first.server);
    expect(performance.now() - killedMs).toBeLessThan(2_000);
    expect([next.server, next.pid, next.restarts]).toEqual([spare.server, spare.pid, 1]);
    await ground.ready('spare/0', spare.server);
  });

  it('ends a server that is stopped in its tracks, and replaces it within two seconds', async () => {
    await ground.open();
    await ground.want('alpha');
    const first = await ground.ready('region/alpha');
    await ground.ready('spare/0');
    const stoppedMs = performance.now();
    process.kill(first.pid, 'SIGSTOP');
    const next = await ground.ready('region/alpha', first.server);
    expect(performance.now() - stoppedMs).toBeLessThan(2_000);
    expect(next.server).not.toBe(first.server);
    expect(ground.fleet.knows(first.server)).toBe(false);
    await until(async () => (await ground.runner.list()).every(({ pid }) => pid !== first.pid), 'the hung process is gone');
  });

  it('stops starting what crashes at once', async () => {
    ground.doom = 'crash';
    await ground.open({ backoffMs: 10, crashes: 4 });
    await ground.want('alpha');
    await until(() => ground.at('region/alpha')?.state === 'error', 'the loop is broken');
    expect(ground.at('region/alpha')).toMatchObject({ code: 'SERVER_CRASH_LOOP', restarts: 4 });
    expect(ground.at('region/alpha')?.message).toContain('exit code 3');
  });

  it('finds its servers again after a restart of Atlas', async () => {
    await ground.open();
    await ground.want('alpha');
    const alpha = await ground.ready('region/alpha');
    const spare = await ground.ready('spare/0');
    await ground.restart();
    // Their links are lost, and they dial the new Atlas.
    await until(
      () => ground.fleet.status().servers.every((each) => each.address !== '' && each.state === 'ready'),
      'all are back',
    );
    expect([ground.at('region/alpha')?.pid, ground.at('spare/0')?.pid]).toEqual([alpha.pid, spare.pid]);
    process.kill(alpha.pid, 'SIGKILL');
    expect((await ground.ready('region/alpha', alpha.server)).server).toBe(spare.server);
  });
});
