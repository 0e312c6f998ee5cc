/** One installation with a fleet of game servers, for tests: store, processes and clock outlive its services. */
import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Probe, Store } from '@horizon-atlas/ports';
import type { FleetView, GameServerView, GameServerWord, SessionResult } from '@horizon-atlas/protocol';
import { seededEntropy } from '@horizon-atlas/runtime';
import { type FleetSettings, type GameServersService, type GameServerTold, makeGameServers } from '../src/index.ts';
import { ManualClock, settled } from './manual-clock.ts';
import { ScriptedRunner } from './scripted-runner.ts';

const silent: Probe = { count: () => {}, gauge: () => {}, observe: () => {}, event: () => {} };

/** A fleet, and how many are kept ready beside those in use by the arcade, in place of an autoscaler. */
export type ScaledFleet = FleetSettings & { readonly scaling: { readonly warm: number } };
export type FleetBut = Partial<Omit<FleetSettings, 'scaling'>> & { readonly scaling?: ScaledFleet['scaling'] };

export function fleetOf(but: FleetBut = {}): ScaledFleet {
  return {
    name: 'arena',
    version: '1',
    program: {
      host: '127.0.0.1',
      ports: [{ name: 'game', protocol: 'udp' }],
      launch: ({ id, spare }) => ({ id, argv: ['arena'], logFile: `${id}.log`, background: spare }),
    },
    sites: ['here'],
    labels: { mode: 'duel' },
    annotations: {},
    counters: {},
    lists: {},
    scaling: { min: 0, max: 10, warm: 2 },
    sessionsPerServer: 1,
    policy: {},
    ...but,
  };
}

export class Arcade {
  readonly clock = new ManualClock();
  readonly runner = new ScriptedRunner();
  readonly store: Store;
  /** What servers were told by their links: `id session r1`. */
  readonly told: { readonly server: string; readonly message: GameServerTold }[] = [];
  readonly linked = new Set<string>();
  readonly results: SessionResult[] = [];
  /** Each change: `id from its view`. */
  readonly changes: GameServerView[] = [];
  usedPorts = new Set<number>();
  /** Whoever scales: follows at once. */
  sizeOf = ({ inUse }: FleetView, warm: number): number => inUse + warm;
  service!: GameServersService;
  #entropy = 0;
  #fleets: readonly ScaledFleet[];

  constructor(fleets: readonly ScaledFleet[] = [fleetOf()], store: Store = memoryStore()) {
    this.#fleets = fleets;
    this.store = store;
    this.open();
  }

  /** A new Atlas on the same store and processes; the one before has to be closed, or is dead. */
  open(fleets: readonly ScaledFleet[] = this.#fleets): this {
    this.#fleets = fleets;
    this.linked.clear();
    this.service = makeGameServers(
      {
        clock: this.clock,
        entropy: seededEntropy(++this.#entropy, this.clock),
        store: this.store,
        runner: this.runner,
        probe: silent,
        isPortFree: (_, port) => Promise.resolve(!this.usedPorts.has(port)),
        tell: (server, message) => {
          if (!this.linked.has(server)) return false;
          this.told.push({ server, message });
          return true;
        },
      },
      // Unless a test is about it, a spare is started at once.
      {
        fleets: fleets.map((fleet) => ({ ...fleet, policy: { spareWaitMs: 0, ...fleet.policy } })),
        portRange: { first: 26_000, last: 26_009 },
      },
    );
    this.service.watch((view) => this.changes.push(view));
    const { service } = this;
    service.watchFleets((view) => {
      const fleet = fleets.find((each) => each.name === view.name);
      if (fleet) service.scale(view.name, this.sizeOf(view, fleet.scaling.warm));
    });
    return this;
  }

  async start(): Promise<this> {
    await this.service.start();
    await settled();
    return this;
  }

  /** All that have a process say that they are ready. */
  async ready(): Promise<this> {
    for (let round = 0; round < 4; round++) {
      for (const { id, state } of this.service.list()) if (state === 'Starting') this.service.heard(id, { say: 'ready' });
      await settled();
    }
    return this;
  }

  link(id: string, sessions: readonly string[] = []): void {
    this.linked.add(id);
    this.service.linked(id, { pid: this.runner.processes.get(id)?.pid ?? 0, sessions });
  }

  async say(id: string, word: GameServerWord): Promise<boolean> {
    const taken = this.service.heard(id, word);
    await settled();
    return taken;
  }

  /** `Ready Ready Active`, sorted. */
  get states(): string {
    return this.service
      .list()
      .map(({ state }) => state)
      .sort()
      .join(' ');
  }

  ids(state?: string): string[] {
    return this.service
      .list()
      .filter((view) => state === undefined || view.state === state)
      .map(({ id }) => id);
  }

  /** The server, or the code of the refusal. */
  async ask(
    requestId: string,
    but: { readonly fleet?: string; readonly waitMs?: number; readonly leaseMs?: number } = {},
  ): Promise<string> {
    const answer = this.request(requestId, but);
    await settled();
    return answer;
  }

  async request(requestId: string, { fleet = 'arena', waitMs = 0, leaseMs = 0 } = {}): Promise<string> {
    const answer = await this.service.request({
      requestId,
      fleet,
      players: ['p1', 'p2'],
      session: { map: 'de_atlas' },
      waitMs,
      leaseMs,
    });
    return answer.ok ? answer.server : answer.code;
  }

  /** Atlas dies, as by kill -9: nothing is closed, nobody hears of it any more. */
  async crash(fleets: readonly ScaledFleet[] = this.#fleets): Promise<this> {
    await this.service.close();
    await this.runner.close();
    return this.open(fleets).start();
  }
}
