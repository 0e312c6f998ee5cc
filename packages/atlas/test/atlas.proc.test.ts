/**
 * A small world with real processes: started, played, its control plane killed, resumed, stopped, and nothing left.
 * The game below is written to a temporary folder, because this package may not know the SDK that games are built with.
 */
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@horizon-atlas/port-contracts';
import { CLIENT_PROTOCOL, ClientFrame, GatewayFrame } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { AtlasConfig, AtlasConfigInput } from '../src/config.ts';
import { ReadyControl, startControlProcess } from '../src/control-process.ts';
import { dataDirAt, holderOf, isAlive } from '../src/data-dir.ts';
import { loadConfig } from '../src/load-config.ts';
import type { ControlReport } from '../src/reports.ts';
import { type Supervisor, type SupervisorReport, supervise } from '../src/supervisor.ts';

const deadlineMs = 60_000;
const sdk = new URL('../../sdk-server/src/index.ts', import.meta.url).href;
const protocol = new URL('../../protocol/src/index.ts', import.meta.url).href;

const game = `
const { serveRegion } = await import(${JSON.stringify(sdk)});
const { defineGame } = await import(${JSON.stringify(protocol)});
serveRegion({
  schema: defineGame({ client: {}, server: {} }),
  spawn: (_player, world) => ({ position: { x: (world.bounds.minX + world.bounds.maxX) / 2, y: 50, z: 0 }, entity: {}, data: {} }),
});
`;

let home: string;
let running: Supervisor[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atlas-proc-'));
  writeFileSync(join(home, 'region.ts'), game);
});
afterEach(async () => {
  for (const supervisor of running) {
    supervisor.stop();
    await supervisor.ended;
  }
  running = [];
  rmSync(home, { recursive: true, force: true });
});

async function world(more: AtlasConfigInput = {}): Promise<AtlasConfig> {
  const box = (minX: number) => ({ minX, maxX: minX + 100, minY: 0, maxY: 100 });
  const file = join(home, 'atlas.config.json');
  const config = {
    world: {
      regions: [
        { id: 'west', bounds: box(0) },
        { id: 'east', bounds: box(100) },
      ],
    },
    regionServer: { entry: './region.ts' },
    api: { port: 0 },
    gateway: { port: await freePort() },
    ...more,
  };
  writeFileSync(file, JSON.stringify(config));
  return loadConfig(file);
}

/** An Atlas as `atlas up` runs it, with everything it has said. */
class Installation {
  readonly config: AtlasConfig;
  readonly reports: (ControlReport | SupervisorReport)[] = [];
  readonly supervisor: Supervisor;
  #waiting: (() => void)[] = [];

  constructor(config: AtlasConfig, start = () => startControlProcess(config)) {
    this.config = config;
    this.supervisor = supervise({
      clock: systemClock(),
      start,
      onReport: (report) => {
        this.reports.push(report);
        for (const look of this.#waiting) look();
      },
    });
    running.push(this.supervisor);
  }

  /** The first report from `from` on that is as asked for. */
  async until<T>(what: string, find: (report: ControlReport | SupervisorReport) => T | undefined, from = 0): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what}; ${this.#told()}`)), deadlineMs);
      const look = () => {
        const refused = this.reports.find((report) => report.kind === 'refused');
        const found = this.reports
          .slice(from)
          .map(find)
          .find((each) => each !== undefined);
        if (found === undefined && !refused) return;
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((each) => each !== look);
        if (found !== undefined) resolve(found);
        else reject(new Error(this.#told()));
      };
      this.#waiting.push(look);
      look();
    });
  }

  /** It runs, and players can come. */
  async up(from = 0) {
    const running = await this.until('running', (report) => (report.kind === 'running' ? report : undefined), from);
    await this.until(
      'open gateways',
      (report) => (report.kind === 'status' && report.status.gateways.every(({ state }) => state === 'ready') ? true : undefined),
      this.reports.indexOf(running),
    );
    return running;
  }

  #told(): string {
    const said = this.reports.filter(({ kind }) => kind !== 'status').map((report) => JSON.stringify(report));
    const logs = dataDirAt(this.config.dataDir).logs;
    const files = existsSync(logs)
      ? readdirSync(logs).map((name) => `--- ${name}\n${readFileSync(join(logs, name), 'utf8').slice(-3000)}`)
      : [];
    return [...said, ...files].join('\n');
  }

  /** All processes that Atlas has told of. */
  pids(): number[] {
    const last = this.reports.findLast((report) => report.kind === 'status');
    const processes = last ? [...last.status.servers, ...last.status.gateways] : [];
    return processes.map(({ pid }) => pid).filter((pid) => pid > 0);
  }
}

/** A client with no SDK: what is on the wire is the contract. */
async function join_(
  url: string,
  config: AtlasConfig,
): Promise<{ socket: WebSocket; welcome: Extract<GatewayFrame, { kind: 'welcome' }> }> {
  const dir = dataDirAt(config.dataDir);
  const socket = new WebSocket(url, 'atlas.v1', { ca: readFileSync(join(dir.tls, 'dev-cert.pem')) });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no welcome')), deadlineMs);
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`closed: ${code} ${reason}`)));
    socket.on('open', () => {
      const token = jwt(readFileSync(dir.devSecret, 'utf8').trim());
      socket.send(ClientFrame.encode({ kind: 'hello', version: CLIENT_PROTOCOL, token, resume: '', received: 0, schema: 0 }));
    });
    socket.on('message', (data: Buffer) => {
      const frame = GatewayFrame.decode(new Uint8Array(data));
      if (frame?.kind !== 'welcome') return;
      clearTimeout(timer);
      resolve({ socket, welcome: frame });
    });
  });
}

function jwt(secret: string): string {
  const nowS = Math.floor(Date.now() / 1000);
  const text = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: 'player-1', name: 'One', iat: nowS, exp: nowS + 60 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe('an installation', () => {
  it('lets a player in, tells its status, and leaves nothing behind', { timeout: 3 * deadlineMs }, async () => {
    const atlas = new Installation(await world());
    const { api, gateways } = await atlas.up();
    const { welcome, socket } = await join_(gateways[0] ?? '', atlas.config);
    expect(welcome).toMatchObject({ player: 'player-1', region: 'west' });

    const status = (await (await fetch(`${api}/api/v1/status`)).json()) as object;
    expect(Object.keys(status)).toEqual([
      'version',
      'uptimeS',
      'regions',
      'servers',
      'gateways',
      'players',
      'handoffs',
      'warnings',
    ]);
    expect((await fetch(`${api}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${api}/metrics`)).text()).toContain('atlas_regions{state="active"}');

    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    const pids = atlas.pids();
    expect(pids.length).toBeGreaterThanOrEqual(2);
    atlas.supervisor.stop();
    await expect(atlas.supervisor.ended).resolves.toEqual({ ok: true });
    expect(await closed).toBe(1012);
    const dir = dataDirAt(atlas.config.dataDir);
    expect(pids.filter((pid) => isAlive({ pid, bornAt: '' }))).toEqual([]);
    expect(existsSync(dir.run)).toBe(false);
    expect(existsSync(dir.database)).toBe(true);
  });

  it('leaves no process when it is stopped before all of it has started', { timeout: 3 * deadlineMs }, async () => {
    // The parts behind it wait for its first player, who never comes.
    const companions = [{ name: 'nobody', command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] }];
    const atlas = new Installation(await world({ companions }));
    await atlas.until('companion', (report) => (report.kind === 'event' && report.name === 'companion_started') || undefined);
    await atlas.until('status', (report) => report.kind === 'status' || undefined, atlas.reports.length);
    const pids = atlas.pids();
    expect(pids.length).toBeGreaterThanOrEqual(2);
    atlas.supervisor.stop();
    await expect(atlas.supervisor.ended).resolves.toEqual({ ok: true });
    expect(pids.filter((pid) => isAlive({ pid, bornAt: '' }))).toEqual([]);
    expect(existsSync(dataDirAt(atlas.config.dataDir).run)).toBe(false);
  });

  it('begins with the control plane that has waited for its configuration', { timeout: 3 * deadlineMs }, async () => {
    const config = await world();
    expect(new ReadyControl(config.dataDir).pid).toBeUndefined();
    mkdirSync(dataDirAt(config.dataDir).logs, { recursive: true });
    const refused = new ReadyControl(config.dataDir);
    const refusedPid = refused.pid ?? 0;
    refused.drop();
    const ready = new ReadyControl(config.dataDir);
    const { pid } = ready;
    const atlas = new Installation(config, () => ready.start(config));
    await atlas.up();
    expect(holderOf(dataDirAt(config.dataDir))?.pid).toBe(pid);
    expect(isAlive({ pid: refusedPid, bornAt: '' })).toBe(false);
  });

  it('refuses a second one on the same data', { timeout: 3 * deadlineMs }, async () => {
    const first = new Installation(await world());
    await first.up();
    const second = new Installation(first.config);
    await expect(second.supervisor.ended).resolves.toMatchObject({ ok: false, code: 'ALREADY_RUNNING' });
  });

  it('replaces a killed game server under its players', { timeout: 3 * deadlineMs }, async () => {
    const atlas = new Installation(await world());
    const { gateways } = await atlas.up();
    const { socket, welcome } = await join_(gateways[0] ?? '', atlas.config);
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    const west = (report: ControlReport | SupervisorReport) => {
      if (report.kind !== 'status') return undefined;
      const region = report.status.regions.find(({ id }) => id === 'west');
      const server = report.status.servers.find(({ id }) => id === region?.server);
      return region?.state === 'active' && server?.players === 1 ? { epoch: region.epoch, pid: server.pid } : undefined;
    };
    const before = await atlas.until('player in the west', west);
    const heard = atlas.reports.length;
    process.kill(before.pid, 'SIGKILL');
    const after = await atlas.until(
      'player on a new server',
      (report) => {
        const found = west(report);
        return found && found.pid !== before.pid ? found : undefined;
      },
      heard,
    );
    expect(after.epoch).toBeGreaterThan(welcome.epoch);
    expect(closed).toBe(false);
    socket.close();
  });

  it('goes on under a player when its control plane is killed, and is found again', { timeout: 3 * deadlineMs }, async () => {
    const atlas = new Installation(await world());
    const { gateways } = await atlas.up();
    const { socket } = await join_(gateways[0] ?? '', atlas.config);
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    const before = atlas.pids();
    const heard = atlas.reports.length;
    process.kill(holderOf(dataDirAt(atlas.config.dataDir))?.pid ?? 0, 'SIGKILL');
    const again = await atlas.up(heard);
    expect(again.resumed).toBe(true);
    const online = await atlas.until(
      'status with the player',
      (report) => (report.kind === 'status' && report.status.players.online === 1 ? report.status : undefined),
      heard,
    );
    expect(before).toEqual(expect.arrayContaining(online.gateways.map(({ pid }) => pid)));
    expect(closed).toBe(false);
    socket.close();
  });
});
