/** Edges in this Atlas: the desk that they are linked to, and how their process is started. Nothing of it where no port of a fleet is public. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { withBundles } from '@horizon-atlas/bundles';
import type { EdgeSource, MetricsSample } from '@horizon-atlas/control';
import type { Fleet, FleetRole } from '@horizon-atlas/fleet';
import type { Games } from '@horizon-atlas/games';
import { bunEnvironment, findBun } from '@horizon-atlas/gateway/configuration';
import type { Clock, Links, Probe } from '@horizon-atlas/ports';
import { AtlasError, type Doorkeeper, type GameServers } from '@horizon-atlas/protocol';
import type { AtlasConfig } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { unixAddress } from '../processes.ts';
import type { SigningKey } from '../secrets.ts';
import type { EdgeDesk } from './edge-desk.ts';
import { type EdgePlan, edgePlan } from './edge-plan.ts';
import { edgePlayers } from './edge-players.ts';
import { writeEdgeSettings } from './edge-settings.ts';
import { edgeMetrics, edgeSource } from './edge-source.ts';

/** The socket that edges dial. */
const edgeSocket = 'edges.sock';
const entry = new URL('../edge-main.ts', import.meta.url).pathname;

export interface EdgesHost {
  readonly dir: DataDir;
  readonly clock: Clock;
  readonly links: Links;
  readonly probe: Probe;
  readonly keys: readonly SigningKey[];
  readonly servers: GameServers & Doorkeeper;
  readonly processes: () => Fleet | undefined;
  /** Who speaks for servers that nobody here wrote, and counts their players by several sources. */
  readonly games: Pick<Games, 'launched' | 'edged'>;
  /** How long a server of a fleet may take to start. */
  readonly startTimeoutMsOf: (fleet: string) => number | undefined;
}

/** What understands Minecraft's protocol. It brings half a gigabyte of data, so it is installed by those alone who want a front for it. */
const minecraftLibrary = { name: 'minecraft-protocol', version: '1.68.0' } as const;

/** As an edge's link takes it. */
const SECRET_BYTES_MAX = 256;

export class EdgesPart {
  readonly #config: AtlasConfig;
  #plan: EdgePlan;
  #desk: EdgeDesk | undefined;
  /** Answers with nothing before it is open, and where there are no edges. */
  readonly source: EdgeSource;

  constructor(config: AtlasConfig) {
    this.#config = config;
    this.#plan = edgePlan(config.edge, config.fleets);
    this.source = edgeSource(() => this.#desk);
  }

  get wanted(): boolean {
    return this.#plan.fleets.size > 0;
  }

  get desk(): EdgeDesk | undefined {
    return this.#desk;
  }

  /** For who was given a place: `host:port`, or a URL where it is a WebSocket; with the token that has to be shown as `atlas_token`. undefined: no edge leads there. */
  addressOf(server: string, player: string): string | undefined {
    const way = this.#desk?.waysTo(server, player)[0];
    if (!way) return undefined;
    const scheme = way.protocol === 'ws' ? (way.tls ? 'wss://' : 'ws://') : '';
    const host = way.host.includes(':') ? `[${way.host}]` : way.host;
    return `${scheme}${host}:${way.port}${way.token === undefined ? '' : `${scheme === '' ? '' : '/'}?atlas_token=${way.token}`}`;
  }

  metrics(): readonly MetricsSample[] {
    return edgeMetrics(this.#desk?.edges ?? []);
  }

  /**
   * What the fleet of Atlas's own processes is to run, and the file that those processes read: they start before this part opens. Nothing where no port is
   * public. Throws CONFIG_INVALID.
   */
  roles(dir: DataDir, probe: Probe): FleetRole[] {
    if (!this.wanted) return [];
    const settingsFile = join(dir.run, 'edge.json');
    this.#writeSettings(settingsFile, dir);
    const program = this.#program(probe);
    return [
      {
        role: 'edge',
        prefix: 'edge',
        wanted: 1,
        command: (id, { index }) => ({
          id,
          argv: withBundles([program, entry]),
          logFile: join(dir.logs, `edge-${index}.log`),
          env: {
            // Node.js does not look at it.
            ...bunEnvironment,
            ATLAS_SERVER_ID: id,
            ATLAS_CONTROL: unixAddress(dir, edgeSocket),
            ATLAS_EDGE: settingsFile,
            ATLAS_EDGE_INDEX: String(index),
          },
        }),
      },
    ];
  }

  /** Rejects with LINK_ADDRESS_IN_USE, LINK_LISTEN_FAILED or CONFIG_INVALID. */
  async open({ dir, clock, links, probe, keys, servers, processes, games, startTimeoutMsOf }: EdgesHost): Promise<void> {
    if (!this.wanted) return;
    const { edge, fleets } = this.#config;
    // Games know better how long they take, and only now is known which they are.
    const timed = fleets.map((fleet) => ({ ...fleet, startTimeoutMs: startTimeoutMsOf(fleet.name) ?? fleet.startTimeoutMs }));
    this.#plan = edgePlan(edge, timed, (file) => this.#secretOf(file));
    // Loaded by those alone who have edges.
    const { EdgeDesk } = await import('./edge-desk.ts');
    const desk = new EdgeDesk(
      {
        clock,
        links,
        probe,
        keys,
        address: unixAddress(dir, edgeSocket),
        processes: {
          knows: (id) => processes()?.knows(id) ?? false,
          onServerUp: (id, hello) => processes()?.onServerUp(id, hello),
          onServerDown: (id) => processes()?.onServerDown(id),
        },
        played: edgePlayers(servers, games),
        knock: (fleet) => servers.knock(fleet),
      },
      this.#plan,
      servers,
    );
    await desk.open();
    this.#desk = desk;
  }

  async close(): Promise<void> {
    await this.#desk?.close();
  }

  #program(probe: Probe): string {
    const { engine } = this.#config.edge;
    if (this.#plan.fronts.size > 0 && engine === 'bun')
      throw new AtlasError(
        'CONFIG_INVALID',
        "edge.engine is 'bun', and a front needs Node.js: leave it at 'auto', or say 'node'",
      );
    if (engine === 'node' || this.#plan.fronts.size > 0) return process.execPath;
    const found = findBun();
    if ('program' in found) return found.program;
    if (engine === 'bun') throw new AtlasError('CONFIG_INVALID', `edge.engine is 'bun', but ${found.missing}`);
    probe.event('edge_engine', { engine: 'node', why: found.missing });
    return process.execPath;
  }

  /** Throws CONFIG_INVALID. */
  #secretOf(secretFile: string): string {
    const file = resolve(dirname(this.#config.file), secretFile);
    const invalid = (why: string): AtlasError =>
      new AtlasError(
        'CONFIG_INVALID',
        `edge.front.secretFile: ${file} ${why}: put Velocity's secret there, as the servers have it`,
      );
    let secret: string;
    try {
      secret = readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw invalid(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    const { length } = Buffer.from(secret);
    if (length === 0 || length > SECRET_BYTES_MAX)
      throw invalid(length === 0 ? 'is empty' : `has more than ${SECRET_BYTES_MAX} bytes`);
    return secret;
  }

  /** Throws CONFIG_INVALID. */
  #minecraftLibrary(): string {
    const { name, version } = minecraftLibrary;
    for (const base of [this.#config.file, import.meta.url]) {
      try {
        return createRequire(base).resolve(name);
      } catch {
        // Perhaps the other has it.
      }
    }
    throw new AtlasError('CONFIG_INVALID', `edge.front 'minecraft' needs the package ${name}: npm install ${name}@${version}`);
  }

  #writeSettings(file: string, dir: DataDir): void {
    const { listen, tls, coalesceMs } = this.#config.edge;
    writeEdgeSettings(file, {
      folder: join(dir.run, 'edges'),
      host: listen,
      ...(this.#plan.fronts.size > 0
        ? { minecraft: { library: this.#minecraftLibrary(), versions: this.#plan.frontVersions } }
        : {}),
      ...(this.#plan.tls ? { tls: 'dev' in tls ? { devFolder: dir.tls } : tls } : {}),
      ...(coalesceMs === undefined ? {} : { coalesceMs }),
    });
  }
}
