/**
 * A whole Atlas for a bench: a configuration and a data directory of its own in a temporary folder, free ports, and every process as
 * `atlas up` starts it. Nothing of it is left when the bench ends, however it ends.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AtlasConfigInput, type DataDir, dataDirAt, holderOf, type Status } from '@horizon-atlas/atlas';
import type { BenchContext } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';
import type { KeeperOrder, KeeperReport } from './keeper.ts';
import { killLeftovers } from './leftovers.ts';

/** What players need to come in. */
export interface Doors {
  readonly gateways: readonly string[];
  readonly caFile: string;
  readonly secretFile: string;
}

export interface Processes {
  readonly control: number;
  readonly gateways: readonly { readonly url: string; readonly pid: number }[];
  readonly servers: readonly { readonly region: string; readonly pid: number }[];
}

const UP_MS = 60_000;
const STOP_MS = 15_000;
const LOOK_MS = 25;

export const solRegion = fileURLToPath(import.meta.resolve('@horizon-atlas/example-sol/region.ts'));

export class Installation {
  readonly dir: DataDir;
  /** Supervises the control plane, as `atlas up` does. */
  readonly keeper: Helper;
  readonly #folder: string;
  readonly #killLeftovers: () => void;
  doors: Doors = { gateways: [], caFile: '', secretFile: '' };
  api = '';

  private constructor(folder: string, keeper: Helper) {
    this.#folder = folder;
    this.dir = dataDirAt(join(folder, '.atlas'));
    this.keeper = keeper;
    this.#killLeftovers = () => killLeftovers(this.dir);
    process.on('exit', this.#killLeftovers);
  }

  /** Resolves when players can join; without a world, when the API answers. `prepare`: what its data directory has before it starts. */
  static async start(
    ctx: BenchContext,
    config: AtlasConfigInput,
    prepare?: (dir: DataDir) => Promise<void>,
  ): Promise<Installation> {
    const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
    await prepare?.(dataDirAt(join(folder, '.atlas')));
    const file = join(folder, 'atlas.config.json');
    writeFileSync(file, JSON.stringify(config));
    const keeper = ctx.fork(new URL('./keeper.ts', import.meta.url), [file]);
    const atlas = new Installation(folder, keeper);
    await atlas.running();
    if (config.regionServer)
      await atlas.until('a region for players', ({ regions }) => regions.some(({ state }) => state === 'active'));
    return atlas;
  }

  /** The next report of a control plane that has come up. */
  async running(): Promise<void> {
    for (;;) {
      const report = await this.keeper.message<KeeperReport>(UP_MS);
      if (report.kind === 'ended') throw new Error(`Atlas has ended: ${report.message}`);
      if (report.kind !== 'running') continue;
      this.api = report.api;
      this.doors = {
        gateways: report.gateways,
        caFile: join(this.dir.tls, 'dev-cert.pem'),
        secretFile: this.dir.devSecret,
      };
      return;
    }
  }

  async status(): Promise<Status> {
    return (await (await fetch(`${this.api}/api/v1/status`)).json()) as Status;
  }

  /** A figure of /metrics; NaN if it is not there. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.api}/metrics`)).text();
    return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1] ?? Number.NaN);
  }

  /** Rejects if the status does not become so within `withinMs`. */
  async until(what: string, is: (status: Status) => boolean, withinMs = UP_MS): Promise<Status> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const status = await this.status().catch(() => undefined);
      if (status && is(status)) return status;
      if (performance.now() > deadline) throw new Error(`Atlas: waited for ${what}; it is ${JSON.stringify(status)}`);
      await sleep(LOOK_MS);
    }
  }

  async processes(): Promise<Processes> {
    const { gateways, servers } = await this.status();
    return {
      control: holderOf(this.dir)?.pid ?? 0,
      gateways: gateways.filter(({ state }) => state === 'ready').map(({ url, pid }) => ({ url, pid })),
      servers: servers
        .filter(({ state, region }) => state === 'ready' && region !== '')
        .map(({ region, pid }) => ({ region, pid })),
    };
  }

  /** As if half a minute had passed for whoever restarts the control plane: its next death does not count as one in a row. */
  calm(): void {
    this.keeper.send({ kind: 'calm' } satisfies KeeperOrder);
  }

  async stop(): Promise<void> {
    this.keeper.send({ kind: 'stop' } satisfies KeeperOrder);
    const late = setTimeout(() => this.keeper.kill(), STOP_MS);
    await this.keeper.exited;
    clearTimeout(late);
    this.#killLeftovers();
    process.off('exit', this.#killLeftovers);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The first of `count` ports in a row that nobody uses at the moment. Below the range that the system gives out by itself. */
export async function freePorts(count: number): Promise<number> {
  for (let turn = 0; turn < 100; turn++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

/** Physical memory of a process in MB: all that it uses, and what no other process uses with it. */
export function memoryOf(pid: number): { rssMb: number; privateMb: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string): number => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1] ?? Number.NaN) / 1024;
  return { rssMb: mb('Rss'), privateMb: mb('Private_Dirty') + mb('Private_Clean') };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
