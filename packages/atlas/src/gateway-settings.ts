/**
 * What a gateway process is told: a file that only its owner may read, because it may hold the secret that signs tokens. Written by the
 * control plane, read by gateway-main.ts.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { defaultGatewayPolicy, type GatewayPolicy } from '@horizon-atlas/gateway';
import { AtlasError } from '@horizon-atlas/protocol';
import { z } from 'zod';
import type { AtlasConfig } from './config.ts';

const Settings = z.object({
  /** Which of several gateways it is: its port is `port` + `index`. */
  host: z.string(),
  port: z.int(),
  tls: z.union([
    z.object({ cert: z.string(), key: z.string() }),
    z.object({ devFolder: z.string() }),
    z.object({ off: z.literal(true) }),
  ]),
  auth: z.union([
    z.object({ hs256Secret: z.string(), issuer: z.string().optional(), audience: z.string().optional() }),
    z.object({ jwksUrl: z.string(), issuer: z.string().optional(), audience: z.string().optional() }),
  ]),
  /** undefined: pages of any origin may connect. */
  origins: z.array(z.string()).optional(),
  coalesceMs: z.number().optional(),
  /** Client events that are listened to, as `namespace/event`. */
  listen: z.array(z.string()),
  limits: z.object({
    connections: z.number().optional(),
    connectionsPerAddress: z.number().optional(),
    connectsPerSecondPerAddress: z.number().optional(),
    messagesPerSecond: z.number().optional(),
    messageBytes: z.number().optional(),
  }),
});
export type GatewaySettings = z.infer<typeof Settings>;

export function settingsOf(
  { gateway }: AtlasConfig,
  devSecret: string,
  tlsFolder: string,
  listen: readonly string[],
): GatewaySettings {
  const { tls, auth } = gateway;
  return {
    host: gateway.listen,
    port: gateway.port,
    tls: 'dev' in tls ? { devFolder: tlsFolder } : tls,
    auth: 'dev' in auth ? { hs256Secret: devSecret } : auth,
    ...(gateway.origins ? { origins: gateway.origins } : {}),
    ...(gateway.coalesceMs !== undefined ? { coalesceMs: gateway.coalesceMs } : {}),
    listen: [...listen],
    limits: gateway.limits,
  };
}

export function writeSettings(file: string, settings: GatewaySettings): void {
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(settings), { mode: 0o600 });
  renameSync(next, file);
}

/** Throws CONFIG_INVALID. */
export function readSettings(file: string): GatewaySettings {
  const read = Settings.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new AtlasError('CONFIG_INVALID', `${file}: ${z.prettifyError(read.error)}`);
  return read.data;
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
