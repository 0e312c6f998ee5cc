/** Real processes that hang, under the service of game servers: what is seen of them decides, so that a busy machine does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@horizon-atlas/adapter-memory';
import { makeProcessRunner } from '@horizon-atlas/adapter-process';
import { until, within } from '@horizon-atlas/port-contracts';
import type { GameServerView } from '@horizon-atlas/protocol';
import { noProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeGameServers } from '../src/index.ts';
import { fleetOf } from './arcade.ts';
import { controlSocket } from './control-socket.ts';

/** Long enough for a machine with a load of ten, and more than the grace that it gives. */
const patienceMs = 60_000;

/** Two servers of a fleet, and the socket on which they are heard. */
class Hall {
  readonly dir = mkdtempSync(join(tmpdir(), 'atlas-hang-'));
  readonly #clock = systemClock();
  readonly #control: Server = controlSocket({
    up: (server) => {
      this.service.linked(server, { pid: 0, sessions: [] });
      this.service.heard(server, { say: 'ready' });
    },
    down: (server) => this.service.unlinked(server),
  });
  readonly runner = makeProcessRunner({ dir: join(this.dir, 'processes'), clock: this.#clock });
  readonly seen: GameServerView[] = [];
  readonly service = makeGameServers(
    { clock: this.#clock, entropy: systemEntropy(), store: memoryStore(), runner: this.runner, probe: noProbe },
    { fleets: [fleetOf({ program: this.#program() })], portRange: { first: 26_100, last: 26_119 } },
  );

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#control.listen(join(this.dir, 'control.sock'), resolve));
    this.service.watch((view) => this.seen.push(view));
    await this.service.start();
    this.service.hold('arena', 2);
    await this.ready();
    return this;
  }

  /** All that are ready, once there are two of them, none of which is `not`. */
  async ready(not = ''): Promise<readonly GameServerView[]> {
    const servers = () => this.service.list().filter(({ state, id }) => state === 'Ready' && id !== not);
    await until(() => servers().length === 2, 'two servers are ready', patienceMs);
    return servers();
  }

  /** What is said of it once it is given up on. */
  async hung(id: string): Promise<string> {
    const hung = () => this.seen.find((view) => view.id === id && view.state === 'Unhealthy');
    await until(() => hung() !== undefined, `${id} is found to hang`, patienceMs);
    return hung()?.why ?? '';
  }

  async close(): Promise<void> {
    await within(this.service.stop(2_000), 'the fleet stops', patienceMs);
    await this.runner.close();
    this.#control.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #program() {
    const { dir } = this;
    return {
      host: '127.0.0.1',
      ports: [],
      launch: ({ id }: { readonly id: string }) => ({
        id,
        argv: [process.execPath, join(import.meta.dirname, 'game-server.ts'), id, join(dir, 'control.sock')],
        logFile: join(dir, `${id}.log`),
      }),
    };
  }
}

let hall: Hall;
beforeEach(async () => {
  hall = await new Hall().open();
}, patienceMs);
afterEach(() => hall.close(), patienceMs);

it('a server that is stopped in its tracks is found by that, and replaced', { timeout: 2 * patienceMs }, async () => {
  const [victim] = await hall.ready();
  process.kill(victim?.pid ?? 0, 'SIGSTOP');
  expect(await hall.hung(victim?.id ?? '')).toBe('SERVER_HUNG: its link is lost, its process is stopped');
  await hall.ready(victim?.id);
  await until(async () => (await hall.runner.list()).every(({ pid }) => pid !== victim?.pid), 'it is gone', patienceMs);
});

it('a server in an endless loop is found, whatever the machine is busy with', { timeout: 2 * patienceMs }, async () => {
  const [victim, other] = await hall.ready();
  process.kill(victim?.pid ?? 0, 'SIGUSR2');
  expect(await hall.hung(victim?.id ?? '')).toMatch(/^SERVER_HUNG: its link is lost/);
  expect((await hall.ready(victim?.id)).map(({ id }) => id)).toContain(other?.id);
});
