/** Regions, servers and gateways as the API shows them: put together from what fleet and regions answer and what each process said last. */
import type { Gateway, Region, Server } from '@horizon-atlas/control';
import type { FleetServer } from '@horizon-atlas/fleet';
import type { GatewayToControl, ServerToControl } from '@horizon-atlas/protocol';
import type { RegionsStatus } from '@horizon-atlas/regions';
import type { AtlasConfig } from '../config.ts';
import type { Rates } from './rates.ts';

export type Heartbeat = Extract<ServerToControl, { kind: 'heartbeat' }>;
export type GatewayStats = Extract<GatewayToControl, { kind: 'stats' }>;

type Place = AtlasConfig['world']['regions'][0];
type Life = RegionsStatus['regions'][0];

/** @param life undefined while nobody coordinates. */
export function regionOf({ id, name, bounds }: Place, life: Life | undefined, heard: Heartbeat | undefined): Region {
  const plays = life?.state === 'active' ? heard : undefined;
  return {
    id,
    name,
    state: life?.state ?? 'asleep',
    bounds,
    server: life?.server ?? '',
    epoch: life?.epoch ?? 0,
    players: life?.players ?? 0,
    entities: plays?.entities ?? 0,
    shadows: plays?.shadows ?? 0,
    tickHz: plays ? known(plays.tickHz) : null,
    workMs: workOf(plays),
    load: plays ? known((plays.workMsP90 * plays.tickHz) / 1000) : null,
  };
}

export function serverOf(process: FleetServer, heard: Heartbeat | undefined, rates: Rates): Server {
  const { server, region, state, pid, restarts, startedAtMs, code, message } = process;
  return {
    id: server,
    region,
    state,
    pid,
    restarts,
    startedAtMs,
    players: heard?.players ?? 0,
    entities: heard?.entities ?? 0,
    shadows: heard?.shadows ?? 0,
    tickHz: heard ? known(heard.tickHz) : null,
    workMs: workOf(heard),
    ...usageOf(process, rates),
    code,
    message,
  };
}

export function gatewayOf(process: FleetServer, heard: GatewayStats | undefined, rates: Rates, plainUrl: string): Gateway {
  const { server, address, state, pid, restarts, startedAtMs, code, message } = process;
  return {
    id: server,
    url: address,
    plainUrl,
    state,
    pid,
    restarts,
    startedAtMs,
    connections: heard?.connections ?? 0,
    sessions: heard?.sessions ?? 0,
    messagesIn: heard?.messagesIn ?? 0,
    messagesOut: heard?.messagesOut ?? 0,
    messagesInPerS: known(rates.perS(server, 'messagesIn')),
    messagesOutPerS: known(rates.perS(server, 'messagesOut')),
    bytesIn: heard?.bytesIn ?? 0,
    bytesOut: heard?.bytesOut ?? 0,
    fenced: heard?.fenced ?? 0,
    refused: heard?.refused ?? [],
    ...usageOf(process, rates),
    code,
    message,
  };
}

function usageOf({ server, cpuS, memoryBytes }: FleetServer, rates: Rates) {
  return { cpuS: known(cpuS), cpu: known(rates.perS(server, 'cpuS'), 1000), memoryBytes: known(memoryBytes) };
}

function workOf(heard: Heartbeat | undefined): Region['workMs'] {
  return heard ? { p50: hundredths(heard.workMsP50), p90: hundredths(heard.workMsP90), max: hundredths(heard.workMsMax) } : null;
}

/** JSON has no NaN, and neither has a person. Hundredths are more than anybody reads. */
export function known(value: number | null, parts = 100): number | null {
  return value !== null && Number.isFinite(value) ? Math.round(value * parts) / parts : null;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
