/**
 * A project as a person has it: made by the packed create-horizon-atlas, on the packed horizon-atlas, in a temporary folder. Its Atlas runs on
 * ports of its own, and its processes carry a mark, so that what is left of them is found.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirAt, type Status } from '@horizon-atlas/atlas';
import { freePorts } from '@horizon-atlas/port-contracts';
import { packAll } from '../scripts/pack.ts';
import { environmentOf, kill } from './installation.ts';
import { until } from './until.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export class PackedProject {
  /** The empty folder in which it begins. */
  readonly #base: string;
  readonly #tarballs: ReadonlyMap<string, string>;
  readonly #ports: readonly number[];
  #run: { readonly child: ChildProcess; readonly ended: Promise<Ran> } | undefined;

  private constructor(base: string, tarballs: ReadonlyMap<string, string>, ports: readonly number[]) {
    this.#base = base;
    this.#tarballs = tarballs;
    this.#ports = ports;
  }

  /** Packed, and the create package installed as `npm create` would do it; the project is not made yet. */
  static async make(): Promise<PackedProject> {
    const base = mkdtempSync(join(tmpdir(), 'atlas-first-world-'));
    const tarballs = new Map((await packAll(join(base, 'tarballs'))).map(({ name, file }) => [name, file]));
    const project = new PackedProject(base, tarballs, await freePorts(3));
    mkdirSync(join(base, 'npx'));
    const create = tarballs.get('create-horizon-atlas') ?? '';
    const { code, output } = await project.#spawn(
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', create],
      join(base, 'npx'),
    ).ended;
    if (code !== 0) throw new Error(`the create package cannot be installed:\n${output}`);
    return project;
  }

  get home(): string {
    return join(this.#base, 'my-world');
  }

  get gateway(): string {
    return `wss://127.0.0.1:${this.#ports[1]}`;
  }

  create(...args: string[]): Promise<Ran> {
    const command = join(this.#base, 'npx/node_modules/.bin/create-horizon-atlas');
    return this.#spawn(command, [...args, '--atlas', this.#tarballs.get('horizon-atlas') ?? ''], this.#base).ended;
  }

  npm(...args: string[]): Promise<Ran> {
    return this.#spawn('npm', args, this.home).ended;
  }

  /** `npm start`; resolves when players can join. */
  async start(): Promise<void> {
    const [api, gateway] = this.#ports.map(String) as [string, string];
    const run = this.#spawn('npm', ['start', '--', '--plain', '--api-port', api, '--gateway-port', gateway], this.home);
    this.#run = run;
    await until('players can join', async () => {
      if (run.child.exitCode !== null) throw new Error((await run.ended).output);
      return (await fetch(`http://127.0.0.1:${api}/readyz`)).ok;
    });
  }

  async status(): Promise<Status> {
    return (await (await fetch(`http://127.0.0.1:${this.#ports[0]}/api/v1/status`)).json()) as Status;
  }

  async pidOf(region: string): Promise<number | undefined> {
    const { regions, servers } = await this.status();
    const owner = regions.find(({ id, state }) => id === region && state === 'active')?.server;
    return servers.find(({ id, state }) => id === owner && state === 'ready')?.pid;
  }

  /** As Ctrl-C in the terminal, which all processes of the foreground hear, npm too, which ends by it. What `npm start` has printed. */
  async interrupt(): Promise<string> {
    const run = this.#run;
    if (!run?.child.pid) throw new Error('it does not run');
    process.kill(-run.child.pid, 'SIGINT');
    const { output } = await run.ended;
    this.#run = undefined;
    return output;
  }

  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(`ATLAS_E2E=${this.#base}`));
  }

  /** Whatever state it is in: nothing runs and nothing lies about afterwards. */
  async destroy(): Promise<void> {
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      for (const pid of left) kill(pid, 'SIGKILL');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#run?.ended;
    rmSync(dataDirAt(join(this.home, '.atlas')).sockets, { recursive: true, force: true });
    rmSync(this.#base, { recursive: true, force: true });
  }

  #spawn(command: string, args: readonly string[], cwd: string): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
    const child = spawn(command, args, {
      cwd,
      // Of a process group of its own, so that Ctrl-C can be played. Nothing of npm's that surrounds this test may reach the project.
      detached: true,
      env: { ...outsideOfNpm(), ATLAS_E2E: this.#base },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const hear = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const ended = new Promise<Ran>((resolve) => {
      child.on('error', (error) => resolve({ code: -1, output: `${output}${error}` }));
      child.on('close', (code) => resolve({ code: code ?? -1, output }));
    });
    return { child, ended };
  }
}

/** The environment of a person's shell: without what `npm test` adds, which is also the checkout's own Node in PATH. */
function outsideOfNpm(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|proxy|https_proxy|cafile|cache|userconfig))|INIT_CWD|NODE_COMPILE_CACHE|NODE_OPTIONS|VITEST|NODE_ENV)/i.test(
        name,
      ),
  );
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !/node_modules\/\.bin|node-gyp-bin/.test(folder));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}
