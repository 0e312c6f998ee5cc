/** Gateways in a program of its own, for tests that run in another one: forked by rig.ts with the path of Bun. */
import { makeLinks } from '@horizon-atlas/adapter-link';
import { noProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { type Gateway, type GatewayConfig, makeGateway } from '../src/index.ts';

/** What is asked of the gateway of this number, the first time with what it is to be. */
export interface Ask {
  readonly gateway: number;
  readonly what: 'start' | 'reload' | 'stop';
  readonly config?: GatewayConfig;
  readonly drainMs?: number;
}
/** One for each `Ask`, when it is done. */
export interface Answer {
  readonly gateway: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly engine: string;
  readonly where: { readonly url: string; readonly plainUrl: string; readonly port: number };
}

const clock = systemClock();
const gateways = new Map<number, Gateway>();

process.on('message', (ask: Ask) => {
  const { gateway: number, what, config, drainMs } = ask;
  const gateway =
    gateways.get(number) ??
    makeGateway({ clock, entropy: systemEntropy(), links: makeLinks({ clock }), probe: noProbe }, config as GatewayConfig);
  gateways.set(number, gateway);
  const done = { start: () => gateway.start(), reload: () => gateway.reloadCertificate(), stop: () => gateway.stop(drainMs) };
  const answer = (error?: Answer['error']): void => {
    const { url, plainUrl, port } = gateway;
    const engine = process.versions.bun ? 'bun' : 'node';
    process.send?.({ gateway: number, engine, where: { url, plainUrl, port }, ...(error && { error }) } satisfies Answer);
  };
  done[what]().then(
    () => answer(),
    ({ code, message }: { code: string; message: string }) => answer({ code, message }),
  );
});
process.on('disconnect', () => process.exit(0));
