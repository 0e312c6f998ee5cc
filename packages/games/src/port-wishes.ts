/**
 * What a definition's ports are to a fleet that gives out numbers, and whether a number is free. Servers cannot be trusted with either: some take the next one
 * in silence, some share one with another.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { PortProtocol } from '@horizon-atlas/protocol';
import type { GameDefinition } from './core/definition-schema.ts';

/** A port that a server is to be given: a certain one, one that stands in a fixed distance to another, or any. */
export interface PortWish {
  readonly name: string;
  readonly protocol: PortProtocol;
  readonly port?: number;
  readonly above?: { readonly name: string; readonly by: number };
}

/** @param wanted numbers by name; what the definition calls the game's usual port is for people, and for the edge */
export function portWishes({ ports }: GameDefinition, wanted: Readonly<Record<string, number>>): PortWish[] {
  return Object.entries(ports).map(([name, { protocol, offset }]) => {
    const port = wanted[name];
    if (offset) return { name, protocol, above: { name: offset.of, by: offset.add } };
    return { name, protocol, ...(port === undefined ? {} : { port }) };
  });
}

/** Bound by nobody, as far as binding it shows. */
export async function isPortFree(host: string, port: number, protocol: PortProtocol): Promise<boolean> {
  const tcp = protocol === 'udp' || (await tcpBinds(host, port));
  return tcp && (protocol === 'tcp' || protocol === 'ws' || (await udpBinds(host, port)));
}

function tcpBinds(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function udpBinds(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
