/**
 * An Atlas as a person runs it, by `atlas up`, in a temporary folder and on ports of its own. All its processes carry a mark in their
 * environment, so that what is left of it is found, and nothing of anybody else is ever touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AtlasConfigInput, dataDirAt, holderOf, type Status } from '@horizon-atlas/atlas';
import { freePorts } from '@horizon-atlas/port-contracts';
import { until } from './until.ts';
import { regions } from './world/schema.ts';

const command = fileURLToPath(new URL('../packages/cli/bin/atlas.mjs', import.meta.url));
const regionServer = fileURLToPath(new URL('./world/region.ts', import.meta.url));

/** ATLAS_E2E_ENGINE=bun runs all of these tests with the gateway in Bun. */
const engine = (process.env.ATLAS_E2E_ENGINE ?? 'auto') as 'auto' | 'node' | 'bun';

export class Installation {
  /** The usual region server. */
  static readonly region = regionServer;
  /** One that is a bad one when asked to. */
  static readonly mischief = fileURLToPath(new URL('./world/mischief.ts', import.meta.url));
  readonly home: string;
  readonly dir: ReturnType<typeof dataDirAt>;
  readonly config: AtlasConfigInput & { api: { port: number }; gateway: { port: number; plain: { port: number } } };
  /** What `atlas up` has printed, of all runs. */
  output = '';
  #run: { child: ChildProcess; ended: Promise<number> } | undefined;

  private constructor(home: string, config: Installation['config']) {
    this.home = home;
    this.dir = dataDirAt(join(home, '.atlas'));
    this.config = config;
    this.configure(config);
  }

  /** Not started yet. `changes` are laid over the usual configuration, one level deep. */
  static async make(changes: Partial<AtlasConfigInput> = {}): Promise<Installation> {
    const [api = 0, gateway = 0, plain = 0] = await freePorts(3);
    return new Installation(mkdtempSync(join(tmpdir(), 'atlas-e2e-')), {
      world: { regions, spawn: { region: 'west' } },
      regionServer: { entry: regionServer },
      tickHz: 30,
      ...changes,
      api: { ...changes.api, port: api },
      gateway: { engine, ...changes.gateway, port: gateway, plain: { port: plain } },
    });
  }

  configure(config: unknown): void {
    writeFileSync(join(this.home, 'atlas.config.json'), JSON.stringify(config));
  }

  get url(): string {
    return `wss://127.0.0.1:${this.config.gateway.port}`;
  }

  /** Resolves when players can join. */
  async start(): Promise<void> {
    const child = this.#spawn();
    const ended = this.#run?.ended;
    await until(`players can join; it says:\n${this.output}`, async () => {
      if (child.exitCode !== null) throw new Error(`atlas up ended with ${await ended}:\n${this.output}`);
      return (await fetch(this.#api('/readyz'))).ok;
    });
  }

  /** For a start that fails: the exit code. */
  refuse(): Promise<number> {
    this.#spawn();
    return (this.#run as { ended: Promise<number> }).ended;
  }

  #spawn(): ChildProcess {
    const { api, gateway } = this.config;
    const ports = ['--api-port', String(api.port), '--gateway-port', String(gateway.port)];
    const child = spawn(process.execPath, [command, 'up', ...ports], {
      cwd: this.home,
      env: { ...process.env, ATLAS_E2E: this.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => {
      this.output += chunk;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    this.#run = { child, ended: new Promise((resolve) => child.on('close', (code) => resolve(code ?? -1))) };
    return child;
  }

  /** As Ctrl-C: the exit code of `atlas up`. */
  async interrupt(): Promise<number> {
    const run = this.#run;
    if (!run) throw new Error('it does not run');
    run.child.kill('SIGINT');
    const code = await run.ended;
    this.#run = undefined;
    return code;
  }

  async status(): Promise<Status> {
    return (await (await fetch(this.#api('/api/v1/status'))).json()) as Status;
  }

  /** By the name that others see. */
  async player(name: string): Promise<{ session: string; state: string }> {
    return until(`there is a player ${name}`, async () => {
      const answer = await fetch(this.#api(`/api/v1/players?q=${encodeURIComponent(name)}`));
      return ((await answer.json()) as { items: { session: string; state: string }[] }).items[0];
    });
  }

  async metrics(): Promise<string> {
    return (await fetch(this.#api('/metrics'))).text();
  }

  /** The process that plays a region. */
  async serverOf(id: string): Promise<{ id: string; pid: number }> {
    return until(`somebody plays ${id}`, async () => {
      const { regions: all, servers } = await this.status();
      const owner = all.find((each) => each.id === id && each.state === 'active')?.server;
      const found = servers.find((each) => each.id === owner && each.state === 'ready');
      return found && { id: found.id, pid: found.pid };
    });
  }

  async gatewayPid(): Promise<number> {
    return until('a gateway', async () => (await this.status()).gateways.find(({ state }) => state === 'ready')?.pid);
  }

  /** The control plane that holds the data directory now. */
  async controlPid(): Promise<number> {
    return until('a control plane', () => holderOf(this.dir)?.pid);
  }

  get supervisorPid(): number {
    return this.#run?.child.pid ?? 0;
  }

  /** All processes that run because of this installation, whoever started them. */
  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(`ATLAS_E2E=${this.home}`));
  }

  /** Those of them whose environment says this, too. */
  processesWith(variable: string): number[] {
    return this.processes().filter((pid) => environmentOf(pid).includes(variable));
  }

  logs(): string {
    if (!existsSync(this.dir.logs)) return '';
    return readdirSync(this.dir.logs)
      .map((name) => `--- ${name}\n${readFileSync(join(this.dir.logs, name), 'utf8').slice(-6000)}`)
      .join('\n');
  }

  /** Whatever state it is in: nothing runs and nothing lies about afterwards. */
  async destroy(): Promise<void> {
    for (;;) {
      const left = this.processes();
      if (left.length === 0) break;
      // A supervisor that still lives might start another one between two looks.
      for (const pid of [this.supervisorPid, ...left]) kill(pid, 'SIGKILL');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#run?.ended;
    rmSync(this.home, { recursive: true, force: true });
    rmSync(this.dir.sockets, { recursive: true, force: true });
  }

  #api(path: string): string {
    return `http://127.0.0.1:${this.config.api.port}${path}`;
  }
}

/** False: there is no such process any more. */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}

export function environmentOf(pid: number): string[] {
  try {
    // Of a process that has ended and was not reaped yet it is empty.
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
