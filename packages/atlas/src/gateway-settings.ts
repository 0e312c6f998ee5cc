/**
 * What a gateway process is told: a file that only its owner may read, because it may hold the secret that signs tokens. Written by the
 * control plane, read by gateway-main.ts.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { defaultGatewayPolicy, type GatewayPolicy } from '@horizon-atlas/gateway/configuration';
import { AtlasError } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';
import { pageOrigins, plainListenerOf, plainUrls } from './plain-listener.ts';

export interface GatewaySettings {
  readonly host: string;
  /** Of the first of several gateways; the others' follow. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | { readonly devFolder: string } | { readonly off: true };
  readonly auth: AtlasConfig['gateway']['auth'] extends infer A ? Exclude<A, { dev: true }> : never;
  /** undefined: pages of any origin may connect. */
  readonly origins?: readonly string[];
  readonly coalesceMs?: number;
  /** A listener without TLS for pages of this machine; `port` is the first gateway's, `gateways` are all of them. */
  readonly plain?: { readonly port: number; readonly origins: readonly string[]; readonly gateways: readonly string[] };
  /** Client events that are listened to, as `namespace/event`. */
  readonly listen: readonly string[];
  readonly limits: AtlasConfig['gateway']['limits'];
  /** Share of joins and resumes that are traced. */
  readonly traceRatio: number;
}

export function settingsOf(
  { gateway, api }: AtlasConfig,
  devSecret: string,
  tlsFolder: string,
  listen: readonly string[],
  traceRatio = 0,
): GatewaySettings {
  const { tls, auth } = gateway;
  const plain = plainListenerOf(gateway);
  return {
    host: gateway.listen,
    port: gateway.port,
    tls: 'dev' in tls ? { devFolder: tlsFolder } : tls,
    auth: 'dev' in auth ? { hs256Secret: devSecret } : auth,
    ...(gateway.origins ? { origins: gateway.origins } : {}),
    ...(gateway.coalesceMs !== undefined ? { coalesceMs: gateway.coalesceMs } : {}),
    ...(plain && {
      plain: { port: plain.port, origins: [...pageOrigins(api.port), ...plain.origins], gateways: plainUrls(gateway) },
    }),
    listen: [...listen],
    limits: gateway.limits,
    traceRatio,
  };
}

export function writeSettings(file: string, settings: GatewaySettings): void {
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(settings), { mode: 0o600 });
  renameSync(next, file);
}

/**
 * Checked for being what `writeSettings` makes, not for each value: those were checked with the configuration. So a gateway needs no
 * library for it, which would be a third of its memory. Throws CONFIG_INVALID.
 */
export function readSettings(file: string): GatewaySettings {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<GatewaySettings> | null;
  const { host, port, tls, auth, listen, limits } = read ?? {};
  const whole = [tls, auth, limits].every((part) => typeof part === 'object' && part !== null) && Array.isArray(listen);
  if (typeof host !== 'string' || !Number.isInteger(port) || !whole) {
    throw new AtlasError('CONFIG_INVALID', `${file} is not what a control plane of this version writes`);
  }
  return read as GatewaySettings;
}

/** Clients that one gateway takes; without a configuration, by default. */
export function gatewayConnectionsOf(config: Pick<AtlasConfig, 'gateway'> | undefined): number {
  return config?.gateway.limits.connections ?? defaultGatewayPolicy.connectionsMax;
}

/** The configuration's few limits as departures from the gateway's policy. */
export function gatewayPolicyOf({ limits, listen }: GatewaySettings): GatewayPolicy {
  const { messagesPerSecond, connectsPerSecondPerAddress } = limits;
  const d = defaultGatewayPolicy;
  return {
    ...d,
    listen,
    connectionsMax: limits.connections ?? d.connectionsMax,
    connectionsPerAddress: limits.connectionsPerAddress ?? d.connectionsPerAddress,
    messageBytesMax: limits.messageBytes ?? d.messageBytesMax,
    connectsPerAddress:
      connectsPerSecondPerAddress === undefined
        ? d.connectsPerAddress
        : { perS: connectsPerSecondPerAddress, burst: connectsPerSecondPerAddress * burstS.connects },
    // The burst stays at least what a client may have to send again at once after a resume.
    messagesPerConnection:
      messagesPerSecond === undefined
        ? d.messagesPerConnection
        : { perS: messagesPerSecond, burst: Math.max(d.heldCommandsMax, messagesPerSecond * burstS.messages) },
  };
}

/** Seconds of the configured rate that may come at once. */
const burstS = { connects: 5, messages: 10 } as const;
