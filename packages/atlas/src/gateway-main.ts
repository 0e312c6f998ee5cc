/**
 * Entry of a gateway process, started by the fleet. Its log goes to its stdout, which the runner keeps. SIGHUP reads the certificate again;
 * SIGTERM ends it: players that are still here are told, and come back elsewhere or later.
 */
import { flushCompileCache } from 'node:module';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { must } from '@horizon-atlas/base';
import { makeGateway } from '@horizon-atlas/gateway';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { pino } from 'pino';
import { gatewayPolicyOf, readSettings } from './gateway-settings.ts';
import { orphanAware } from './orphan-aware.ts';

export const policy = {
  /** After SIGTERM; an ordered drain has come before it. */
  drainMs: 500,
} as const;

const { ATLAS_SERVER_ID, ATLAS_CONTROL, ATLAS_GATEWAY, ATLAS_GATEWAY_INDEX } = process.env;
const id = must(ATLAS_SERVER_ID, 'ATLAS_SERVER_ID is set: a gateway is started by atlas up');
const control = must(ATLAS_CONTROL, 'ATLAS_CONTROL is set');
const index = Number(ATLAS_GATEWAY_INDEX ?? 0);
const settings = readSettings(must(ATLAS_GATEWAY, 'ATLAS_GATEWAY is set'));

const log = pino(
  { base: { process: id, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 1, sync: true }),
);
const clock = systemClock();
const probe = memoryProbe({ onEvent: ({ name, fields }) => log.info(fields, name) });
const links = orphanAware(makeLinks({ clock, probe }), control, clock, () => void end('no control plane', 0));
const gateway = makeGateway(
  { clock, entropy: systemEntropy(), links, probe },
  {
    gateway: id,
    host: settings.host,
    port: settings.port === 0 ? 0 : settings.port + index,
    tls: settings.tls,
    auth: settings.auth,
    control,
    ...(settings.origins ? { origins: settings.origins } : {}),
    ...(settings.coalesceMs === undefined ? {} : { coalesceMs: settings.coalesceMs }),
    ...(settings.plain && {
      plain: { ...settings.plain, port: settings.plain.port === 0 ? 0 : settings.plain.port + index },
    }),
    traceRatio: settings.traceRatio,
    policy: gatewayPolicyOf(settings),
  },
);

process.on('SIGTERM', () => void end('SIGTERM', 0));
process.on('SIGHUP', () => {
  gateway.reloadCertificate().catch((error: unknown) => log.error({ err: error }, 'the old certificate stays'));
});
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'a fault in the gateway');
  process.exit(1);
});

gateway.start().then(
  // Now, not at the exit: it may be killed, and its successor should be quick.
  () => flushCompileCache(),
  (error: unknown) => {
    log.error({ err: error }, 'the gateway cannot start');
    process.exit(1);
  },
);

async function end(why: string, code: number): Promise<void> {
  log.info({ why }, 'the gateway ends');
  await gateway.stop(policy.drainMs);
  process.exit(code);
}
