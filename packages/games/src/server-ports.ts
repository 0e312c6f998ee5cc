/**
 * Which numbers a server's ports get: what was asked for, else what the game's clients assume, else any that is free. Ports are given out here because
 * servers cannot be trusted with it: some take the next one in silence, some share one with another.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { AtlasError, type GameServerPort, type PortProtocol } from '@horizon-atlas/protocol';
import type { GameDefinition } from './core/definition-schema.ts';

export interface PortWishes {
  readonly host: string;
  /** By name; these and no others. */
  readonly wanted: Readonly<Record<string, number>>;
  /** Given out to others that may not have bound them yet. */
  readonly taken: ReadonlySet<number>;
}

/** Rejects with PORT_IN_USE where a wanted number is not free. */
export async function assignPorts({ ports }: GameDefinition, { host, wanted, taken }: PortWishes): Promise<GameServerPort[]> {
  const given = new Map<string, number>();
  const bases = Object.entries(ports).filter(([, { offset }]) => !offset);
  for (const [name, { port, protocol }] of bases) {
    const followers = Object.values(ports).filter(({ offset }) => offset?.of === name);
    const all = (base: number): [number, PortProtocol][] => [
      [base, protocol],
      ...followers.map((each): [number, PortProtocol] => [base + (each.offset?.add ?? 0), each.protocol]),
    ];
    const others = new Set([...taken, ...given.values()]);
    const isFree = async (base: number): Promise<boolean> => {
      for (const [number, kind] of all(base)) {
        if (number < 1 || number > 65_535 || others.has(number) || !(await isPortFree(host, number, kind))) return false;
      }
      return true;
    };
    given.set(name, await choose(name, wanted[name], port, host, isFree));
  }
  return Object.entries(ports).map(([name, { offset, protocol }]) => ({
    name,
    protocol,
    host,
    port: offset ? (given.get(offset.of) ?? 0) + offset.add : (given.get(name) ?? 0),
  }));
}

/** Bound by nobody, as far as binding it shows. */
export async function isPortFree(host: string, port: number, protocol: PortProtocol): Promise<boolean> {
  const tcp = protocol === 'udp' || (await tcpBinds(host, port)) !== undefined;
  return tcp && (protocol === 'tcp' || protocol === 'ws' || (await udpBinds(host, port)));
}

async function choose(
  name: string,
  wanted: number | undefined,
  usual: number | undefined,
  host: string,
  isFree: (base: number) => Promise<boolean>,
): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted;
    throw new AtlasError(
      'PORT_IN_USE',
      `another program uses ${host}:${wanted}, which is to be the port ${name}, or one that goes with it`,
    );
  }
  if (usual !== undefined && (await isFree(usual))) return usual;
  for (let tries = 0; tries < 64; tries++) {
    const picked = await tcpBinds(host, 0);
    if (picked !== undefined && (await isFree(picked))) return picked;
  }
  throw new AtlasError('PORT_IN_USE', `no free port was found at ${host} for ${name}`);
}

/** The port that was bound; undefined: it is not to be had. */
function tcpBinds(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

function udpBinds(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
