/** The configuration's public ports as edges are told of them. */
import type { EdgeListener, PortProtocol } from '@horizon-atlas/protocol';
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
}

export interface EdgeFleet {
  readonly name: string;
  /** Where its servers listen. */
  readonly host: string;
  readonly scaling: { readonly max: number };
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
}

export function edgePlan(edge: EdgeWishes, fleets: readonly EdgeFleet[]): EdgePlan {
  const planned = fleets.flatMap((fleet) => {
    const listeners = fleet.ports.flatMap(({ name, protocol, edge: wishes }) => {
      if (!wishes) return [];
      const route = wishes.route ?? (fleet.scaling.max === 1 ? 'any' : 'token');
      return [{ own: route === 'own', listener: listenerOf(edge, fleet, name, protocol, { ...wishes, route }) }];
    });
    if (listeners.length === 0) return [];
    const of = (own: boolean) => listeners.filter((each) => each.own === own).map(({ listener }) => listener);
    return [[fleet.name, { shared: of(false), own: of(true) }] as const];
  });
  return {
    publicHost: edge.publicHost ?? reachable(edge.listen),
    range: edge.ports,
    tls: planned.some(([, { shared, own }]) => [...shared, ...own].some(({ tls }) => tls)),
    fleets: new Map(planned),
  };
}

function listenerOf(
  { listen }: EdgeWishes,
  { name: fleet, host }: EdgeFleet,
  name: string,
  protocol: PortProtocol,
  wishes: EdgePortWishes,
): EdgeListener {
  const { port, route, source, tls, wake, accept, amplification, idleMs, datagramsPerSecond } = wishes;
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
  };
}

function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
