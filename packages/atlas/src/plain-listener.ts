/**
 * The gateways' second door, for development: `ws:` on loopback, because a browser refuses the certificate that Atlas makes for itself, and
 * lets a page of this machine speak `ws:` to this machine. It opens only to pages of Atlas's own API, and of origins that are configured.
 */
import { isLoopback } from '@horizon-atlas/gateway/configuration';
import type { ParsedConfig } from './config-schema.ts';

/** The first gateway's plain port is this much above its usual one, and below it where there is no room above. */
export const PLAIN_PORT_OFFSET = 1000;

export interface PlainListener {
  /** Of the first of several gateways; the others' follow. */
  readonly port: number;
  /** Configured page origins, beside the API's own. */
  readonly origins: readonly string[];
}

type GatewaySection = Pick<ParsedConfig['gateway'], 'listen' | 'port' | 'tls' | 'plain'>;

/** undefined: there is none, because it is turned off or this is no development on loopback. */
export function plainListenerOf(gateway: GatewaySection): PlainListener | undefined {
  const { port, plain } = gateway;
  if (plain === false || plainRefusal(gateway) !== undefined) return undefined;
  const usual = port > 65_535 - PLAIN_PORT_OFFSET - 64 ? port - PLAIN_PORT_OFFSET : port + PLAIN_PORT_OFFSET;
  const chosen = plain?.port ?? (port === 0 ? undefined : usual);
  return chosen === undefined ? undefined : { port: chosen, origins: plain?.origins ?? [] };
}

/** Why there may be none, or undefined. */
export function plainRefusal({ listen, tls }: Pick<GatewaySection, 'listen' | 'tls'>): string | undefined {
  if (!isLoopback(listen)) return `gateway.listen is ${listen}, and plain connections stay on this machine`;
  if ('off' in tls) return 'gateway.tls is off, so the gateway itself is plain';
  if (!('dev' in tls)) return 'gateway.tls names a certificate of your own, which browsers trust or not by themselves';
  return undefined;
}

/** `ws://` of every gateway, in their order; empty where there is no plain listener. */
export function plainUrls(gateway: GatewaySection & { readonly count: number }): string[] {
  const plain = plainListenerOf(gateway);
  if (!plain || plain.port === 0) return [];
  return Array.from({ length: gateway.count }, (_, i) => `ws://${hostName(gateway.listen)}:${plain.port + i}`);
}

/** Of the gateway that says `wss://` of itself; empty if it has none. */
export function plainUrlOf(gateway: GatewaySection & { readonly count: number }, url: string): string {
  if (!URL.canParse(url)) return '';
  return plainUrls(gateway)[Number(new URL(url).port) - gateway.port] ?? '';
}

/** The origins of pages that the API serves, however its address is written in the browser. */
export function pageOrigins(apiPort: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${apiPort}`);
}

function hostName(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
