/** How each kind of process is started: its program, and what it is told through its environment. */
import { join } from 'node:path';
import { withBundles } from '@horizon-atlas/bundles';
import type { FleetRole } from '@horizon-atlas/fleet';
import { bunEnvironment, DEV_CERTIFICATE_FILE } from '@horizon-atlas/gateway/configuration';
import type { Companion } from './companions.ts';
import type { AtlasConfig } from './config.ts';
import type { DataDir } from './data-dir.ts';
import type { GatewayProgram } from './gateway-engine.ts';

/** Sockets of the control plane. One each, so that who dials is clear before the first message. */
export const sockets = { servers: 'servers.sock', gateways: 'gateways.sock' } as const;

export function unixAddress(dir: Pick<DataDir, 'sockets'>, name: string): string {
  return `unix:${join(dir.sockets, name)}`;
}

const gatewayEntry = new URL('./gateway-main.ts', import.meta.url).pathname;

export interface ProcessSettings {
  readonly config: AtlasConfig;
  readonly dir: DataDir;
  readonly settingsFile: string;
  readonly gatewayProgram: GatewayProgram;
}

export function rolesOf({ config, dir, settingsFile, gatewayProgram }: ProcessSettings): FleetRole[] {
  const { regionServer, gateway, tickHz } = config;
  return [
    {
      role: 'gateway',
      prefix: 'gw',
      wanted: gateway.count,
      command: (id, { index }) => ({
        id,
        argv: withBundles([gatewayProgram(index), gatewayEntry]),
        logFile: join(dir.logs, `gateway-${index}.log`),
        env: {
          // Node.js does not look at it.
          ...bunEnvironment,
          ATLAS_SERVER_ID: id,
          ATLAS_CONTROL: unixAddress(dir, sockets.gateways),
          ATLAS_GATEWAY: settingsFile,
          ATLAS_GATEWAY_INDEX: String(index),
        },
      }),
    },
    {
      role: 'server',
      prefix: 'srv',
      wanted: { spares: regionServer.spares },
      command: (id, { region, index }) => ({
        id,
        argv: withBundles(regionServer.argv),
        cwd: regionServer.cwd,
        // By place, not by id: ids are new with every start, and nobody looks for a log by them.
        logFile: join(dir.logs, region === '' ? `spare-${index}.log` : `region-${region}.log`),
        env: {
          ...regionServer.env,
          ATLAS_SERVER_ID: id,
          ATLAS_CONTROL: unixAddress(dir, sockets.servers),
          ATLAS_LISTEN: unixAddress(dir, `${id}.sock`),
          ...(tickHz === undefined ? {} : { ATLAS_TICK_HZ: String(tickHz) }),
        },
      }),
    },
  ];
}

export interface CompanionSettings {
  readonly config: AtlasConfig;
  readonly dir: DataDir;
  readonly gateways: readonly string[];
  /** URL of the HTTP API. */
  readonly api: string;
}

export function companionsOf({ config, dir, gateways, api }: CompanionSettings): Companion[] {
  const { tls, auth } = config.gateway;
  const told: Record<string, string> = { ATLAS_GATEWAYS: gateways.join(','), ATLAS_API: api };
  if ('dev' in tls) told.ATLAS_CA = join(dir.tls, DEV_CERTIFICATE_FILE);
  // A companion may sign tokens for players of its own where we are the issuer; elsewhere it is a player like others.
  if ('dev' in auth) told.ATLAS_DEV_SECRET = dir.devSecret;
  return config.companions.map((companion) => ({
    ...companion,
    argv: withBundles(companion.argv),
    env: { ...companion.env, ...told },
    logFile: join(dir.logs, `${companion.name}.log`),
  }));
}
