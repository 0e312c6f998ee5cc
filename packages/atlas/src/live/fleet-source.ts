/** Fleets as the API shows them, and what it does to them. */

import type { Autoscaler } from '@horizon-atlas/autoscaler';
import type { ScalingTerms } from '@horizon-atlas/autoscaler/configuration';
import type {
  Allocation,
  AllocationAnswered,
  AllocationAsk,
  Fleet,
  FleetSource,
  GameServer,
  ModeDeployment,
  ModeWishes,
  Outcome,
} from '@horizon-atlas/control';
import { type GameServersService, labelNames } from '@horizon-atlas/fleet';
import type { Entropy, Runner } from '@horizon-atlas/ports';
import type { AllocationRecord, FleetView, GameServerOrder, GameServerView, JoinTokens } from '@horizon-atlas/protocol';
import type { FleetConfig } from '../config.ts';
import { modeOf, modePolicy, termsOf, warmOf } from '../fleet-scaling.ts';
import type { GameServerUsage } from './game-server-usage.ts';

export interface FleetSourceDeps {
  readonly service: GameServersService;
  readonly tokens: JoinTokens;
  readonly entropy: Entropy;
  readonly runner: Runner;
  readonly usage: GameServerUsage;
  /** undefined: nothing has started yet. */
  readonly autoscaler: () => Autoscaler | undefined;
  readonly fleets: readonly FleetConfig[];
  /** Of the API. */
  readonly url: () => string;
}

export function fleetSource(deps: FleetSourceDeps): FleetSource {
  return new ServiceFleets(deps);
}

class ServiceFleets implements FleetSource {
  readonly #deps: FleetSourceDeps;

  constructor(deps: FleetSourceDeps) {
    this.#deps = deps;
  }

  fleets(): readonly Fleet[] {
    return this.#deps.service.fleets().map((view) => this.#shown(view));
  }

  fleet(name: string): Fleet | undefined {
    const view = this.#deps.service.fleet(name);
    return view && this.#shown(view);
  }

  scale(name: string, replicas: number | null): boolean {
    return this.#deps.service.hold(name, replicas ?? undefined);
  }

  async deployMode({ mode, expectedPlayers, sites }: ModeWishes): Promise<Outcome<{ readonly deployment: ModeDeployment }>> {
    const { service, fleets, autoscaler } = this.#deps;
    const config = fleets.find(({ name }) => name === mode);
    if (!config) {
      const names = fleets.map(({ name }) => name).join(', ') || 'none';
      return { ok: false, code: 'FLEET_UNKNOWN', message: `there is no fleet ${mode}; the configuration has ${names}` };
    }
    const stranger = sites.find((site) => !config.sites.includes(site));
    if (stranger !== undefined) {
      const message = `the fleet ${mode} has no site ${stranger}; it has ${config.sites.join(', ')}`;
      return { ok: false, code: 'REQUEST_INVALID', message };
    }
    const scaling = modeOf(expectedPlayers, sites);
    service.deploy(mode, scaling);
    autoscaler()?.set(mode, termsOf(config, scaling));
    // What it is to have is known at the end of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    return { ok: true, deployment: await this.#deployment(config, scaling.max) };
  }

  servers(fleet?: string): readonly GameServer[] {
    return this.#deps.service.list(fleet).map((view) => this.#gameServer(view));
  }

  server(id: string): GameServer | undefined {
    const view = this.#deps.service.get(id);
    return view && this.#gameServer(view);
  }

  onServer(fn: (server: GameServer, gone: boolean) => void): () => void {
    return this.#deps.service.watch((view, gone) => fn(this.#gameServer(view), gone));
  }

  order(id: string, order: GameServerOrder): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined {
    return this.#deps.service.order(id, order);
  }

  joinKeys(): ReturnType<JoinTokens['keys']> {
    return this.#deps.tokens.keys();
  }

  newRequestId(): string {
    return this.#deps.entropy.id('al');
  }

  async allocate(ask: AllocationAsk): Promise<AllocationAnswered> {
    const { requestId, selectors, priorities, scheduling, labels, annotations, counters, lists, waitMs, leaseMs, priority } = ask;
    const unknown = this.#unknownFleet(ask);
    if (unknown !== undefined) {
      return { ok: false, code: 'FLEET_UNKNOWN', message: `there is no fleet ${unknown}`, etaMs: undefined };
    }
    const change = { counters, lists, labels, annotations };
    const { players, session } = ask;
    const answer = await this.#deps.service.allocate(
      { requestId, selectors, priorities, scheduling, change, waitMs, leaseMs, priority },
      { players, session },
    );
    if (!answer.ok) return answer;
    const view = this.#deps.service.get(answer.allocation.server);
    if (!view) return { ok: false, code: 'ALLOCATION_ENDED', message: 'its game server is no more', etaMs: undefined };
    const [first] = view.ports;
    return {
      ok: true,
      given: {
        requestId,
        server: view.id,
        ports: view.ports,
        address: first?.host ?? '127.0.0.1',
        node: view.labels[labelNames.site] ?? '',
        labels: view.labels,
        annotations: view.annotations,
        counters: view.counters,
        lists: view.lists,
      },
    };
  }

  cancel(requestId: string): boolean {
    return this.#deps.service.cancel(requestId);
  }

  allocations(): readonly Allocation[] {
    return [...this.#deps.service.allocations()].map(allocationOf);
  }

  allocation(requestId: string): Allocation | undefined {
    const record = this.#deps.service.allocation(requestId);
    return record && allocationOf(record);
  }

  activate(requestId: string): boolean {
    return this.#deps.service.activate(requestId);
  }

  release(requestId: string): boolean {
    const record = this.#deps.service.allocation(requestId);
    if (!record || record.state === 'ended') return false;
    this.#deps.service.release(requestId);
    return true;
  }

  #gameServer(view: GameServerView): GameServer {
    const { usage, runner } = this.#deps;
    return gameServerOf(view, { ...usage.of(view.id), limits: runner.limits(view.id).map((limit) => ({ ...limit })) });
  }

  #shown(view: FleetView): Fleet {
    const config = this.#deps.fleets.find(({ name }) => name === view.name);
    return fleetOf(view, config && termsOf(config, view.mode));
  }

  /** A fleet that each selector names, and that is not there: waiting would be in vain. */
  #unknownFleet({ selectors }: AllocationAsk): string | undefined {
    for (const { matchLabels } of selectors) {
      const name = matchLabels[labelNames.fleet];
      if (name === undefined || this.#deps.service.hasFleet(name)) return undefined;
    }
    return selectors[0]?.matchLabels[labelNames.fleet];
  }

  async #deployment(config: FleetConfig, max: number): Promise<ModeDeployment> {
    const { service, url } = this.#deps;
    const { name } = config;
    const view = service.fleet(name);
    const servers = service
      .list(name)
      .flatMap(({ id, ports }) => ports.map((port) => ({ server: id, port: port.name, address: `${port.host}:${port.port}` })));
    return {
      mode: name,
      fleet: this.#shown(view as FleetView),
      endpoints: { allocate: `${url()}/gameserverallocation`, fleet: `${url()}/api/v1/fleets/${name}`, servers },
      dashboardUrl: `${url()}/#/fleets/${name}`,
      estimatedCost: await this.#cost(config, max),
    };
  }

  /** What servers of the fleet use now, times a price: an estimate, and no more than that. */
  async #cost({ name, price }: FleetConfig, max: number): Promise<ModeDeployment['estimatedCost']> {
    const ids = new Set(this.#deps.service.list(name).map(({ id }) => id));
    const nowMs = Date.now();
    const used = (await this.#deps.runner.list()).filter(
      ({ id, startedAtMs, memoryBytes, cpuS }) =>
        ids.has(id) && nowMs - startedAtMs > 1000 && Number.isFinite(memoryBytes) && Number.isFinite(cpuS),
    );
    const mean = (of: (process: (typeof used)[0]) => number) => used.reduce((sum, each) => sum + of(each), 0) / used.length;
    const measured =
      used.length === 0
        ? null
        : {
            servers: used.length,
            coresEach: round(mean(({ cpuS, startedAtMs }) => cpuS / ((nowMs - startedAtMs) / 1000))),
            gibEach: round(mean(({ memoryBytes }) => memoryBytes / 2 ** 30)),
          };
    const currency = price?.currency ?? '';
    if (!price || !measured) {
      const missing = price
        ? 'no server of it runs yet, so nothing is measured'
        : `no price is configured: fleets[].price of ${name}`;
      return { currency, perHourMin: null, perHourMax: null, madeOf: missing, measured };
    }
    const each = measured.coresEach * price.corePerHour + measured.gibEach * price.gibPerHour;
    return {
      currency,
      perHourMin: round(each * modePolicy.min),
      perHourMax: round(each * max),
      madeOf: `${modePolicy.min} to ${max} servers, each as the ${measured.servers} that run now: ${measured.coresEach} cores at ${price.corePerHour} and ${measured.gibEach} GiB at ${price.gibPerHour} ${currency} an hour`,
      measured,
    };
  }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function fleetOf(view: FleetView, terms: ScalingTerms | undefined): Fleet {
  const { name, version, replicas, held, min, max, states, inUse, waiting, startMs, labels, sites, mode, trouble } = view;
  return {
    name,
    version,
    replicas,
    held: held ?? null,
    warm: terms ? warmOf(view, terms) : null,
    policy: terms?.policy.type ?? null,
    min,
    max,
    states: { ...states },
    inUse,
    waiting,
    startMs: startMs ?? null,
    labels,
    sites: [...sites],
    mode: mode ? { ...mode, sites: [...mode.sites] } : null,
    trouble: trouble ?? null,
  };
}

function gameServerOf(
  { players, ports, counters, lists, allocations, ...rest }: GameServerView,
  usage: Pick<GameServer, 'cpuS' | 'cpu' | 'memoryBytes' | 'limits'>,
): GameServer {
  return {
    ...rest,
    ...usage,
    ports: [...ports],
    counters: { ...counters },
    lists: Object.fromEntries(
      Object.entries(lists).map(([name, { values, capacity }]) => [name, { values: [...values], capacity }]),
    ),
    players: players
      ? { count: players.count, capacity: players.capacity, ...(players.names ? { names: [...players.names] } : {}) }
      : null,
    allocations: [...allocations],
  };
}

function allocationOf({
  requestId,
  server,
  fleet,
  state,
  grantedAtMs,
  leaseUntilMs,
  players,
  end,
  endedAtMs,
  result,
}: AllocationRecord): Allocation {
  return {
    requestId,
    server,
    fleet,
    state,
    grantedAtMs,
    leaseUntilMs: leaseUntilMs === 0 ? null : leaseUntilMs,
    players,
    end: end === 'none' ? null : end,
    endedAtMs: endedAtMs === 0 ? null : endedAtMs,
    result: result === '' ? null : JSON.parse(result),
  };
}
