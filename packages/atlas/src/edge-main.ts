/**
 * Entry of an edge process, started by the fleet. Its log goes to its stdout, which the runner keeps. SIGTERM ends it; UDP sessions are taken up by its
 * successor, from the folder that it leaves.
 */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { must } from '@horizon-atlas/base';
import { type FrontMaker, makeEdge, runAheadOfOthers, udpSocketsHere } from '@horizon-atlas/edges';
import { devCertificate, readCertificate } from '@horizon-atlas/gateway';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { pino } from 'pino';
import { type EdgeSettings, readEdgeSettings } from './edges/edge-settings.ts';
import { orphanAware } from './orphan-aware.ts';

const { ATLAS_SERVER_ID, ATLAS_CONTROL, ATLAS_EDGE, ATLAS_EDGE_INDEX } = process.env;
const id = must(ATLAS_SERVER_ID, 'ATLAS_SERVER_ID is set: an edge is started by atlas up');
const control = must(ATLAS_CONTROL, 'ATLAS_CONTROL is set');
const settings = readEdgeSettings(must(ATLAS_EDGE, 'ATLAS_EDGE is set'));

const log = pino(
  { base: { process: id, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 1, sync: true }),
);
const clock = systemClock();
const probe = memoryProbe({ onEvent: ({ name, fields }) => log.info(fields, name) });
const certificate = await certificateOf(settings);
if (!runAheadOfOthers()) log.info('it has the priority of everybody else: for a higher one it needs root or CAP_SYS_NICE');
const { coalesceMs } = settings;
const edge = makeEdge(
  {
    clock,
    entropy: systemEntropy(),
    links: orphanAware(makeLinks({ clock, probe }), control, clock, () => void end('no control plane')),
    probe,
    sockets: await udpSocketsHere(),
    makeFront: await minecraftFront(settings),
  },
  {
    edge: id,
    folder: join(settings.folder, ATLAS_EDGE_INDEX ?? '0'),
    control,
    ...(certificate && { certificate }),
    ...(coalesceMs === undefined ? {} : { coalesceMs }),
  },
);

process.on('SIGTERM', () => void end('SIGTERM'));
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'a fault in the edge');
  process.exit(1);
});

edge.start().then(
  // Now, not at the exit: it may be killed, and its successor should be quick.
  () => flushCompileCache(),
  (error: unknown) => {
    log.error({ err: error }, 'the edge cannot start');
    process.exit(1);
  },
);

async function end(why: string): Promise<void> {
  log.info({ why }, 'the edge ends');
  await edge.stop();
  process.exit(0);
}

/** Loaded by those alone who have a front, and before there is anybody who would have to wait for it. */
async function minecraftFront({ minecraft }: EdgeSettings): Promise<FrontMaker> {
  if (!minecraft) return () => Promise.reject(new Error('this edge was started without the library of its front'));
  const { isMinecraftVersion, makeMinecraftFront, warmMinecraft } = await import('@horizon-atlas/adapter-minecraft');
  const { library, versions } = minecraft;
  await warmMinecraft(library, versions);
  return async ({ game, version, forwarding, secret, onlineMode, motd, playersMax }, fault) => {
    if (game !== 'minecraft' || !isMinecraftVersion(version)) throw new Error(`there is no front for ${game} ${version}`);
    return makeMinecraftFront({
      ...{ library, version, onlineMode, motd, playersMax },
      forwarding: forwarding === 'velocity' ? { kind: forwarding, secret } : { kind: forwarding },
      fault(error) {
        probe.event('edge_front_fault', { message: error.message.slice(0, 200) });
        fault(error);
      },
    });
  };
}

async function certificateOf({ tls, host }: EdgeSettings): Promise<{ cert: string; key: string } | undefined> {
  if (!tls) return undefined;
  if ('devFolder' in tls) return await devCertificate(tls.devFolder, host === '0.0.0.0' || host === '::' ? [] : [host]);
  return readCertificate(tls);
}
