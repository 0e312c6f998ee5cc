/** The real clients of the four games, as processes without a window that join an address and stay until they are told to go. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const squid = join(import.meta.dirname, '../minecraft');

export interface RealGame {
  /** As `atlas server add` knows it. */
  readonly id: string;
  readonly install: string;
  readonly needs: readonly string[];
  /** What players speak. */
  readonly protocol: 'udp' | 'tcp' | 'tcp+udp';
  /** Of the folder of the server, once it was stopped; none where the game keeps nothing. */
  readonly saved: readonly string[];
  readonly join: (port: number, home: string) => { readonly argv: readonly string[]; readonly env?: Record<string, string> };
  /** How a player leaves. */
  readonly leave: (client: ChildProcess) => void;
}

export const realGames: readonly RealGame[] = [
  {
    id: 'bzflag',
    install: 'apt-get install bzflag-server bzflag-client',
    needs: ['/usr/games/bzfs', '/usr/games/bzadmin'],
    protocol: 'tcp+udp',
    saved: [],
    join: (port) => ({ argv: ['/usr/games/bzadmin', '-ui', 'stdboth', `pilot@127.0.0.1:${port}`] }),
    leave: (client) => client.stdin?.write('/quit\n'),
  },
  {
    id: 'openttd',
    install: 'apt-get install openttd openttd-opengfx',
    needs: ['/usr/games/openttd', '/usr/share/games/openttd/baseset/opengfx'],
    protocol: 'tcp',
    saved: ['save/atlas.sav'],
    join(port, home) {
      // Without a name it would ask for one.
      writeFileSync(join(home, 'client.cfg'), '[network]\nclient_name = pilot\n');
      const quiet = ['-v', 'null:ticks=2000000000', '-s', 'null', '-m', 'null', '-c', join(home, 'client.cfg')];
      return { argv: ['/usr/games/openttd', ...quiet, '-n', `127.0.0.1:${port}`], env: { HOME: home } };
    },
    leave: (client) => client.kill('SIGKILL'),
  },
  {
    id: 'minetest',
    install: 'apt-get install minetest-server minetest',
    needs: ['/usr/games/minetestserver', '/usr/games/minetest'],
    protocol: 'udp',
    saved: ['world/world.mt', 'world/map.sqlite'],
    join(port, home) {
      writeFileSync(join(home, 'client.conf'), 'video_driver = null\nenable_sound = false\nenable_shaders = false\n');
      const where = ['--go', '--address', '127.0.0.1', '--port', String(port), '--name', 'pilot', '--password', 'x'];
      return { argv: ['/usr/games/minetest', '--config', join(home, 'client.conf'), ...where], env: { HOME: home } };
    },
    leave: (client) => client.kill('SIGINT'),
  },
  {
    id: 'minecraft',
    install: 'npm ci --prefix e2e/minecraft --ignore-scripts',
    needs: [join(squid, 'node_modules/flying-squid'), join(squid, 'node_modules/mineflayer')],
    protocol: 'tcp',
    saved: ['world/level.dat'],
    join: (port) => ({ argv: [process.execPath, join(squid, 'bot.mjs'), '127.0.0.1', String(port), 'pilot'] }),
    leave: (client) => client.kill('SIGTERM'),
  },
];

/** Where the modules of flying-squid are. */
export const squidModules = join(squid, 'node_modules');

/** In CI nothing may be missing. */
export function missingOf({ id, install, needs }: RealGame): boolean {
  const missing = needs.filter((path) => !existsSync(path));
  if (missing.length === 0 || process.env.CI) return false;
  console.warn(`SKIPPED ${id}: ${missing.join(' and ')} missing; ${install}`);
  return true;
}

export class RealClient {
  readonly #game: RealGame;
  readonly #home: string;
  readonly #child: ChildProcess;
  #said = '';

  constructor(game: RealGame, port: number) {
    this.#game = game;
    this.#home = mkdtempSync(join(tmpdir(), 'atlas-player-'));
    const { argv, env = {} } = game.join(port, this.#home);
    const [program = '', ...args] = argv;
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk).slice(-4000);
      });
    // It may have gone by itself.
    this.#child.stdin?.on('error', () => {});
  }

  /** The end of what it has printed, for who wonders why it does not play. */
  get said(): string {
    return this.#said;
  }

  get plays(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** In the game, where it can be typed. */
  say(text: string): void {
    this.#child.stdin?.write(`${text}\n`);
  }

  leave(): void {
    if (this.plays) this.#game.leave(this.#child);
  }

  end(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#home, { recursive: true, force: true });
  }
}
