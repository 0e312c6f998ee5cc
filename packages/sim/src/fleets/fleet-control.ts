/** One life of the control plane: the real service of game servers and the real autoscaler, and who has a link to them. */
import { makeAutoscaler } from '@horizon-atlas/autoscaler';
import type { FleetProgram, FleetSettings, GameServersService } from '@horizon-atlas/fleet';
import { hearMatchServer, type MatchWire, makeGameServers, toMatchServer } from '@horizon-atlas/fleet';
import type { Runner } from '@horizon-atlas/ports';
import { ControlToMatchServer, MatchServerToControl } from '@horizon-atlas/protocol';
import { noProbe, seededEntropy } from '@horizon-atlas/runtime';
import type { FleetDisk } from './fleet-disk.ts';
import type { FleetKernel, Life } from './fleet-kernel.ts';
import type { LinkEnd } from './fleet-links.ts';

/** What a seed decides of the fleet. */
export interface FleetHabits {
  readonly min: number;
  readonly max: number;
  readonly warm: number;
  readonly downAfterMs: number;
  /** At the same time. */
  readonly sessionsPerServer: number;
  readonly policy: FleetSettings['policy'];
  readonly rollout: FleetSettings['rollout'];
}

export interface ControlHost {
  readonly kernel: FleetKernel;
  readonly disk: FleetDisk;
  readonly runner: (life: Life) => Runner;
  readonly habits: FleetHabits;
  /** Of this life. */
  readonly seed: number;
  /** A message of a match server that is lost though its link stands. */
  readonly loses: (message: MatchServerToControl, sinceHelloMs: number, links: number) => boolean;
}

const firstVersion = 'v1';

export class Control implements Life {
  over = false;
  readonly pausedUntilMs = 0;
  readonly service: GameServersService;
  /** Whether match servers are listened to. */
  isOpen = false;
  openedMs = Number.NaN;
  readonly #host: ControlHost;
  readonly #links = new Map<string, LinkEnd>();
  readonly #hellos = new Map<string, { atMs: number; count: number; pid: number }>();
  readonly #wire: MatchWire;

  constructor(host: ControlHost) {
    this.#host = host;
    const { kernel, disk, runner, seed } = host;
    const clock = kernel.clock(this);
    this.#wire = {
      keys: '{"keys":[]}',
      send: (server, message) => this.#links.get(server)?.send(ControlToMatchServer.encode(message)),
      drop: (server, code, message) => this.#links.get(server)?.close({ code, message }),
    };
    this.service = makeGameServers(
      {
        clock,
        entropy: seededEntropy(seed, clock),
        store: disk.store(this),
        runner: runner(this),
        probe: noProbe,
        tell: (server, message) => {
          const link = this.#links.get(server);
          link?.send(ControlToMatchServer.encode(toMatchServer(message)));
          return link !== undefined;
        },
      },
      { fleets: [this.#settings()], portRange: { first: 26_000, last: 26_999 } },
    );
  }

  /** Resolves once it listens; never, if it dies before. */
  async start(): Promise<void> {
    const { kernel, habits, seed } = this.#host;
    await this.service.start();
    const clock = kernel.clock(this);
    const autoscaler = makeAutoscaler({
      clock,
      entropy: seededEntropy(seed + 1, clock),
      probe: noProbe,
      fleets: this.service,
      servers: this.service,
    });
    const bufferSize = { of: 'number', number: habits.warm } as const;
    const buffer = { bufferSize, bufferSizeMin: 0, minReplicas: 0, maxReplicas: Number.POSITIVE_INFINITY };
    autoscaler.set('arena', { policy: { type: 'Buffer', buffer }, downAfterMs: habits.downAfterMs, downKeep: 0.2 });
    this.isOpen = true;
    this.openedMs = kernel.nowMs;
  }

  /** kill -9. */
  crash(): void {
    this.over = true;
    this.isOpen = false;
    for (const link of this.#links.values()) link.peer?.cut(1);
    this.#links.clear();
    this.#host.disk.crash();
  }

  /** When a server's newest link said hello; NaN: it has none. */
  linkedMs(server: string): number {
    return this.#links.has(server) ? (this.#hellos.get(server)?.atMs ?? Number.NaN) : Number.NaN;
  }

  /** It said hello to this life: a process of the same server before it, or after its sleep, is another. */
  hasMet({ id, pid }: { readonly id: string; readonly pid: number }): boolean {
    return this.#hellos.get(id)?.pid === pid;
  }

  accept(link: LinkEnd): void {
    let id = '';
    link.onFrame((frame) => {
      const message = MatchServerToControl.decode(frame);
      if (!message) throw new Error('a match server says what cannot be read');
      if (message.kind === 'hello') id = this.#welcome(message, link);
      if (this.#links.get(id) !== link) return;
      const { atMs = 0, count = 0 } = this.#hellos.get(id) ?? {};
      if (!this.#host.loses(message, this.#host.kernel.nowMs - atMs, count))
        hearMatchServer(this.service, this.#wire, id, message);
    });
    link.onClose(() => {
      if (this.#links.get(id) !== link) return;
      this.#links.delete(id);
      this.service.unlinked(id);
    });
  }

  #welcome({ server: id, pid }: { readonly server: string; readonly pid: number }, link: LinkEnd): string {
    const former = this.#links.get(id);
    this.#links.set(id, link);
    if (former && former !== link) former.close({ code: 'LINK_LOST', message: 'a newer link has taken over' });
    const count = (this.#hellos.get(id)?.count ?? 0) + 1;
    this.#hellos.set(id, { atMs: this.#host.kernel.nowMs, count, pid });
    return id;
  }

  #settings(): FleetSettings {
    const { min, max, policy, rollout, sessionsPerServer } = this.#host.habits;
    return {
      name: 'arena',
      version: firstVersion,
      program: programOf(firstVersion),
      revision: firstVersion,
      revive: programOf,
      ...(rollout ? { rollout } : {}),
      sites: ['here', 'there'],
      labels: {},
      annotations: {},
      counters: {},
      lists: {},
      scaling: { min, max },
      sessionsPerServer,
      policy,
    };
  }
}

function programOf(text: string): FleetProgram {
  return {
    host: '127.0.0.1',
    ports: [{ name: 'game', protocol: 'udp' }],
    launch: ({ id }) => ({ id, argv: [text], logFile: `${id}.log` }),
  };
}
