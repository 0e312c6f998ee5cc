/** The configuration's public ports as edges are told of them. */
import type { EdgeFront, EdgeListener, PortProtocol } from '@horizon-atlas/protocol';
import type { FrontWishes } from './config-edge-schema.ts';
import type { PortRange } from './public-ports.ts';

/** The `edge` block of a configuration. */
export interface EdgeWishes {
  readonly listen: string;
  /** What players are told; `listen` when absent. */
  readonly publicHost?: string | undefined;
  readonly ports: PortRange;
}

/** The `edge` block of a fleet's port. */
export interface EdgePortWishes {
  readonly port?: number | undefined;
  readonly route?: 'token' | 'any' | 'own' | undefined;
  readonly source?: 'loopback' | 'proxy-v2' | 'edge' | undefined;
  readonly tls: boolean;
  readonly wake: boolean;
  readonly accept: readonly string[];
  readonly amplification: number;
  readonly idleMs: number;
  readonly datagramsPerSecond: number;
  readonly holdMs?: number | undefined;
  readonly front?: FrontWishes | undefined;
}

export interface EdgeFleet {
  readonly name: string;
  /** Where its servers listen. */
  readonly host: string;
  readonly scaling: { readonly max: number };
  /** How long a server may take to start. */
  readonly startTimeoutMs: number;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: PortProtocol;
    readonly edge?: EdgePortWishes | undefined;
  }[];
}

export interface EdgePlan {
  readonly publicHost: string;
  readonly range: PortRange;
  /** Some port has TLS. */
  readonly tls: boolean;
  /** Fleets with public ports: listeners that all of their servers share, and patterns of those that each has for itself. */
  readonly fleets: ReadonlyMap<string, { readonly shared: readonly EdgeListener[]; readonly own: readonly EdgeListener[] }>;
  /** Fleets of which edges are told: those, and all that players can be moved to. */
  readonly told: ReadonlySet<string>;
  /** Listeners with a front, and the versions of its game that they speak. */
  readonly fronts: ReadonlySet<string>;
  readonly frontVersions: readonly string[];
}

/** Who comes while a server starts waits at least so long. */
const HOLD_MS = 30_000;

/** @param secretOf what stands in a file with a secret */
export function edgePlan(
  edge: EdgeWishes,
  fleets: readonly EdgeFleet[],
  secretOf: (file: string) => string = () => '',
): EdgePlan {
  const planned = fleets.flatMap((fleet) => {
    const listeners = fleet.ports.flatMap(({ name, protocol, edge: wishes }) => {
      if (!wishes) return [];
      const route = wishes.route ?? (fleet.scaling.max === 1 || wishes.front ? 'any' : 'token');
      const listener = listenerOf(edge, fleet, name, protocol, { ...wishes, route });
      return [{ own: route === 'own', listener: { ...listener, front: wishes.front && frontOf(wishes.front, secretOf) } }];
    });
    if (listeners.length === 0) return [];
    const of = (own: boolean) => listeners.filter((each) => each.own === own).map(({ listener }) => listener);
    return [[fleet.name, { shared: of(false), own: of(true) }] as const];
  });
  const everyone = planned.flatMap(([, { shared, own }]) => [...shared, ...own]);
  const fronts = new Set(everyone.filter(({ front }) => front).map(({ listener }) => listener));
  const moved = fleets.filter(({ ports }) => fronts.size > 0 && ports.some(({ protocol }) => protocol === 'tcp'));
  return {
    publicHost: edge.publicHost ?? reachable(edge.listen),
    range: edge.ports,
    tls: everyone.some(({ tls }) => tls),
    fleets: new Map(planned),
    told: new Set([...planned.map(([name]) => name), ...moved.map(({ name }) => name)]),
    fronts,
    frontVersions: [...new Set(everyone.flatMap(({ front }) => front?.version ?? []))],
  };
}

function listenerOf(
  { listen }: EdgeWishes,
  { name: fleet, host, startTimeoutMs }: EdgeFleet,
  name: string,
  protocol: PortProtocol,
  wishes: EdgePortWishes,
): EdgeListener {
  const { port, route, source, tls, wake, accept, amplification, idleMs, datagramsPerSecond, holdMs } = wishes;
  const local = /^127\.|^localhost$/.test(host);
  return {
    listener: `${fleet}/${name}`,
    fleet,
    port: name,
    protocol,
    listenHost: listen,
    listenPort: port ?? 0,
    route: route === 'token' ? 'token' : 'server',
    server: '',
    source: source ?? (local ? 'loopback' : 'edge'),
    tls,
    wake,
    accept: accept.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
    amplification,
    idleMs,
    datagramsPerS: datagramsPerSecond,
    holdMs: holdMs ?? Math.max(HOLD_MS, startTimeoutMs),
    front: undefined,
  };
}

function frontOf({ secretFile, ...front }: FrontWishes, secretOf: (file: string) => string): EdgeFront {
  return { ...front, secret: front.forwarding === 'velocity' && secretFile !== undefined ? secretOf(secretFile) : '' };
}

function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
